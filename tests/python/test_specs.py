"""The specs under schemas/specs on a generated catalogue and on Icecat: every feature has values."""

from __future__ import annotations

import os
from datetime import datetime, timezone
from pathlib import Path

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw.datasets import Catalogue
from buzzsaw.specs import letor_text

ROOT = Path(__file__).resolve().parents[2]
SPECS = sorted((ROOT / "schemas" / "specs").glob("*.yaml"))
ICECAT = Path(os.environ.get("BUZZSAW_SHARED", ROOT.parent / "shared")) / "data" / "icecat"
NOW = datetime(2026, 11, 22, 3, 0, tzinfo=timezone.utc)

#: Features without a value in the generated catalogue, whose products have no such attribute.
GENERATED_MISSING = {"internal_memory"}
#: Features with one value in the generated catalogue: queries there never match so, no attributes hold two of a query's
#: terms, and products have one number each.
GENERATED_CONSTANT = {"title_prefix", "title_exact", "attributes_idf_variance", "query_names_facet", "ean_count"}
#: Features with one value on Icecat: its queries are no whole title, and every price is known.
ICECAT_CONSTANT = {"title_exact", "log_price_missing"}


def joined(folder: Path) -> tuple[pa.Table, pa.Table]:
    """Judgments with their products, a query's rows adjacent, and the products."""
    documents = pq.read_table(folder / "products.parquet")
    judged = pq.read_table(folder / "judgments.parquet").sort_by("query")
    at = {product: i for i, product in enumerate(documents["product_id"].to_pylist())}
    pairs = documents.take([at[product] for product in judged["product_id"].to_pylist()])
    queries = judged["query"]
    for name, column in {"query": queries, "qid": queries, "group_id": queries, "rating": judged["rating"]}.items():
        pairs = pairs.append_column(name, column)
    return pairs.append_column("now", pa.array([NOW] * len(judged), pa.timestamp("us", tz="UTC"))), documents


@pytest.fixture(scope="module", params=["generated", "icecat"])
def source(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> str:
    if request.param == "icecat" and not ICECAT.exists():
        pytest.skip("the shared Icecat tables are not here")
    return str(request.param)


@pytest.fixture(scope="module")
def tables(source: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[pa.Table, pa.Table]:
    if source == "icecat":
        return joined(ICECAT)
    folder = tmp_path_factory.mktemp("shop")
    Catalogue(seed=3, products=300, queries=30).write(folder)
    return joined(folder)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_every_feature_has_values(path: Path, source: str, tables: tuple[pa.Table, pa.Table]) -> None:
    pairs, documents = tables
    block = bz.fit(bz.Spec.load(path), pairs, documents).transform(pairs)
    given = {name: column[~np.isnan(column)] for name, column in zip(block.dense_names, block.dense.T, strict=True)}
    missing = {name for name, values in given.items() if not len(values)}
    constant = {name for name, values in given.items() if len(values) and values.min() == values.max()}
    allowed = (GENERATED_MISSING, GENERATED_CONSTANT) if source == "generated" else (set(), ICECAT_CONSTANT)
    assert missing <= allowed[0]
    assert constant <= allowed[1]
    assert not any(np.isinf(values).any() for values in given.values())


def test_letor_text_of_one_field_has_no_field_of_all() -> None:
    names = letor_text(["title"]).feature_names
    assert "title_bm25" in names
    assert not any(name.startswith("all_") for name in names)


def test_letor_text_has_the_statistics_of_the_letor_sets() -> None:
    """Sum, min, max, mean and variance of tf, normalised tf, idf and tf-idf in each field and in all."""
    names = letor_text(["title", "body"]).feature_names
    wanted = {
        f"{field}_{value}_{statistic}"
        for field in ("title", "body", "all")
        for value in ("tf", "tf_normalised", "idf", "tf_idf")
        for statistic in ("sum", "min", "max", "mean", "variance")
    }
    assert wanted <= set(names)
    assert len(names) == len(set(names))


def test_letor_text_makes_the_spec_of_the_schemas() -> None:
    fields = {"title": "string", "short_description": "string", "attributes": "map<string>"}
    made = letor_text(fields, map_prefix="t_")
    assert made == bz.Spec.load(ROOT / "schemas" / "specs" / "letor_text.yaml")


@pytest.mark.parametrize("fields", [[], {"title": "int64"}])
def test_letor_text_refuses(fields: dict[str, str] | list[str]) -> None:
    with pytest.raises(bz.InvalidSpecError):
        letor_text(fields)
