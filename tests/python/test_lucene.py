"""The tokenizers of others, asked now: all product text and hostile text through Lucene, the JDK and the library."""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path

import buzzsaw as bz
import pyarrow as pa
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/parity"))

from harness import jvm  # noqa: E402
from harness.bulk import catalogue_texts, hostile_texts  # noqa: E402
from harness.reference import repair  # noqa: E402
from harness.text import known  # noqa: E402

SOURCES = {"catalogue": catalogue_texts, "hostile": hostile_texts}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize(
    ("analyzer", "arguments"),
    [
        ({"tokenizer": "lucene", "fold": "none"}, ["lucene"]),
        ({"tokenizer": "spark"}, ["java_split"]),
        (
            {"tokenizer": "spark_regex", "pattern": {"gaps": r"[^\p{L}\p{N}]+"}},
            ["regex", "lower", "gaps", r"[^\p{L}\p{N}]+", "1"],
        ),
    ],
    ids=["lucene", "spark", "spark_regex"],
)
def test_tokens_equal_those_of_the_jvm(source: str, analyzer: dict, arguments: list[str]) -> None:
    texts = [repair(text) for text in map(known, SOURCES[source]()) if text is not None]
    if not texts:
        pytest.skip("the shared data is absent")
    spec = {
        "buzzsaw": 1,
        "name": "tokens",
        "inputs": {"text": {"type": "string", "side": "document"}},
        "steps": {
            "tokens": {"transform": "tokenize", "input": "text", "analyzer": analyzer},
            "hashed": {"transform": "hashed_terms", "input": "tokens", "bits": 30},
        },
        "features": ["hashed"],
    }
    given = jvm.tokens(arguments, texts)
    # The JVM's tokens go through the same hashing, so equal fingerprints mean equal tokens, but for their
    # order, which the vectors in buzzsaw_core/tests/vectors hold.
    said = {
        **spec,
        "inputs": {"tokens": {"type": "list<string>", "side": "document"}},
        "steps": {"hashed": {"transform": "hashed_terms", "input": "tokens", "bits": 30}},
    }
    made = _fingerprints(spec, {"text": pa.array(texts, pa.large_string())})
    expected = _fingerprints(said, {"tokens": pa.array(given, pa.list_(pa.string()))})
    wrong = [i for i, (a, b) in enumerate(zip(made, expected, strict=True)) if a != b]
    assert not wrong, [(texts[i], given[i]) for i in wrong[:3]]


def _fingerprints(spec: dict, columns: dict[str, pa.Array]) -> list[int]:
    table = pa.table(columns)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bz.FitWarning)
        pipeline = bz.fit(bz.Spec.parse(json.dumps(spec)), table)
    return pipeline.transform(table).fingerprints.tolist()
