"""Which values share the columns of steps that hash, in a sample of the rows.

Nothing is hashed here. `explain` gives the values that a step reads, and a small pipeline of the same transform with
the same parameters gives the column of each.
"""

from __future__ import annotations

import itertools
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from buzzsaw import _buzzsaw
from buzzsaw.nightly.report_contents import CollidingValue, Collisions, SharedColumn
from buzzsaw.nightly.samples import GROUP
from buzzsaw.pipeline import Pipeline
from buzzsaw.spec import Spec

if TYPE_CHECKING:
    from buzzsaw.block import FeatureBlock

#: What gives each value a column of its hash. `dense_projection` and `min_hash` do not: a token is in all their places.
HASHING = ("hashed_terms", "hash_bucket", "hashed_cross", "hashed_features")

#: Distinct values of a step at which no further row is looked at, so that the driver's memory is bounded.
_MOST_VALUES = 200_000

#: Values of a shared column that are kept.
_SHOWN_VALUES = 5

#: Characters of a part of a value that are kept.
_SHOWN = 80

#: A value that gets one column: the parts that are hashed together.
_Value = tuple[Any, ...]


@dataclass(frozen=True)
class _Source:
    """An input of a hashing step."""

    name: str
    #: The type of the spec's input; `None` for a step.
    type: str | None
    #: The analyzer and the input, of a step that tokenizes a column.
    analyzed: tuple[str, str] | None


@dataclass(frozen=True)
class _Mapped:
    """A step's values in the rows that were looked at."""

    rows: int
    cut_rows: int
    counts: Counter[_Value]
    column: dict[_Value, int]
    width: int


def collisions(
    pipeline: Pipeline, sample: pa.Table, top: int
) -> tuple[list[Collisions], dict[str, dict[int, list[str]]]]:
    """The collisions of every hashing step that a feature needs, and the values behind each feature's columns.

    Rows are read in the order of the sample until a step has 200,000 distinct values. A row is explained alone, so a
    value that comes from its group is that of a group of one.

    Args:
        pipeline: The pipeline.
        sample: Rows with its inputs.
        top: How many shared columns are kept of each step.

    Returns:
        A `Collisions` for each hashing step, and by feature and column the values that the column stands for, the most
        frequent ones.
    """
    document = pipeline.spec.to_dict()
    steps: dict[str, dict[str, Any]] = document.get("steps", {})
    feature_of = {entry["step"]: entry["name"] for entry in document["features"] if isinstance(entry, dict)}
    hashing = {name: step for name, step in steps.items() if step["transform"] in HASHING}
    needing = {name: _feature_that_needs(name, steps, feature_of) for name in hashing}
    wanted = {name: feature for name, feature in needing.items() if feature is not None}
    if not wanted:
        return [], {}
    types = {one.name: one.type for one in pipeline.spec.inputs}
    explained = _Explained(pipeline.select(sorted(set(wanted.values()))), sample)
    found, named = [], {}
    for name in wanted:
        step = hashing[name]
        sources = [_source(source, steps, types) for source in step["inputs"]]
        mapped = _map(step, sources, explained, sample)
        by_column: dict[int, list[_Value]] = defaultdict(list)
        for value in sorted(mapped.counts, key=lambda value: (-mapped.counts[value], list(map(_text, value)))):
            by_column[mapped.column[value]].append(value)
        found.append(_judged(name, step, mapped, by_column, top))
        if name in feature_of:
            named[feature_of[name]] = {
                column: [" ".join(_parts(step, value)) for value in values[:3]] for column, values in by_column.items()
            }
    return found, named


def _judged(
    name: str, step: Mapping[str, Any], mapped: _Mapped, by_column: Mapping[int, Sequence[_Value]], top: int
) -> Collisions:
    """The counts of a step; values of a column are in descending order of their rows."""
    shared = {column: values for column, values in by_column.items() if len(values) > 1}
    confused = {column: sum(mapped.counts[value] for value in values[1:]) for column, values in shared.items()}
    worst = sorted(shared, key=lambda column: (-confused[column], column))[:top]
    values = len(mapped.counts)
    return Collisions(
        step=name,
        transform=step["transform"],
        columns=mapped.width,
        rows=mapped.rows,
        cut_rows=mapped.cut_rows,
        values=values,
        sharing=sum(map(len, shared.values())),
        expected_sharing=_expected(values, mapped.width),
        shared_columns=len(shared),
        occurrences=sum(mapped.counts.values()),
        confused=sum(confused.values()),
        worst=[
            SharedColumn(
                column,
                len(shared[column]),
                confused[column],
                [CollidingValue(_parts(step, value), mapped.counts[value]) for value in shared[column][:_SHOWN_VALUES]],
            )
            for column in worst
        ],
    )


def _expected(values: int, width: int) -> float:
    """How many of so many values have a column that is not theirs alone, when each is as likely as the others."""
    if values < 2:
        return 0.0
    alone = math.exp((values - 1) * math.log1p(-1 / width)) if width > 1 else 0.0
    return float(f"{values * (1 - alone):.12g}")


def _feature_that_needs(
    wanted: str, steps: Mapping[str, Mapping[str, Any]], feature_of: Mapping[str, str]
) -> str | None:
    """The first feature whose value depends on a step."""

    def needs(step: str) -> bool:
        return step == wanted or any(needs(source) for source in steps.get(step, {}).get("inputs", ()))

    return next((feature for step, feature in feature_of.items() if needs(step)), None)


def _source(name: str, steps: Mapping[str, Mapping[str, Any]], types: Mapping[str, str]) -> _Source:
    step = steps.get(name)
    if step is None:
        return _Source(name, types[name], None)
    if step["transform"] == "tokenize" and types.get(step["inputs"][0]) == "string":
        return _Source(name, None, (json.dumps(step["analyzer"]), step["inputs"][0]))
    return _Source(name, None, None)


class _Explained:
    """The values of the steps in each row of a sample."""

    def __init__(self, pipeline: Pipeline, sample: pa.Table) -> None:
        groups = GROUP if pipeline.needs_groups else None
        self.steps = [
            {name: step["value"] for name, step in pipeline.explain(sample.slice(i, 1), groups=groups)["steps"].items()}
            for i in range(sample.num_rows)
        ]


def _map(step: Mapping[str, Any], sources: Sequence[_Source], explained: _Explained, sample: pa.Table) -> _Mapped:
    raw = {one.name: sample.column(one.name) for one in sources if one.type is not None}
    texts = {one.analyzed[1]: sample.column(one.analyzed[1]) for one in sources if one.analyzed is not None}
    counts: Counter[_Value] = Counter()
    rows = cut_rows = 0
    for i, values in enumerate(explained.steps):
        read, cut = [], False
        for one in sources:
            value = raw[one.name][i].as_py() if one.type is not None else values[one.name]
            if isinstance(value, dict) and "first" in value and one.type is None:
                if one.analyzed is not None:
                    analyzer, text = one.analyzed
                    value = _buzzsaw.analyze(analyzer, texts[text][i].as_py())[-1][1]
                else:
                    value, cut = value["first"], True
            read.append(value)
        found = set(itertools.islice(_values(step, read), _MOST_VALUES + 1))
        if (rows and len(counts.keys() | found) > _MOST_VALUES) or len(found) > _MOST_VALUES:
            break
        counts.update(found)
        rows, cut_rows = rows + 1, cut_rows + cut
    column, width = _columns(step, sources, list(counts))
    return _Mapped(rows, cut_rows, counts, column, width)


def _values(step: Mapping[str, Any], read: Sequence[Any]) -> Iterator[_Value]:
    """What gets a column in a row, each perhaps several times; missing inputs give nothing, as no such step imputes."""
    if any(value is None for value in read):
        return
    if step["transform"] == "hashed_terms":
        terms = [term for term in read[0] if term is not None]
        low, high = step["ngrams"]
        for n in range(low, high + 1):
            for i in range(len(terms) - n + 1):
                yield tuple(terms[i : i + n])
    elif step["transform"] == "hashed_features":
        # pyarrow gives a map as a list of pairs. Entries without a value, or of zero, have no column.
        for item in read[0] if isinstance(read[0], list) else [read[0]]:
            if not isinstance(item, tuple):
                if item is not None:
                    yield (item,)
            elif isinstance(item[1], str):
                yield item
            elif item[1] is not None and item[1] == item[1] and item[1] != 0:
                yield (item[0], 1.0)
    else:
        lists = [[one for one in value if one is not None] if isinstance(value, list) else [value] for value in read]
        yield from itertools.product(*lists)


def _columns(
    step: Mapping[str, Any], sources: Sequence[_Source], values: Sequence[_Value]
) -> tuple[dict[_Value, int], int]:
    """The column of each value, by the step's own transform, and how many columns there are."""
    if step["transform"] == "hashed_terms":
        mapped: dict[_Value, int] = {}
        low, high = step["ngrams"]
        width = 0
        for n in range(low, high + 1):
            chosen = [value for value in values if len(value) == n]
            derived = {**step, "ngrams": [n, n]}
            found, width = _transformed(derived, ["list<string>"], [[list(value) for value in chosen]])
            mapped.update(zip(chosen, found, strict=True))
        return mapped, width
    kinds = [_scalar(one.type) for one in sources]
    given: list[list[Any]]
    if kinds[0].startswith("map<"):
        kinds = ["map<string>" if kinds[0] == "map<string>" else "map<float64>"]
        given = [[[value] for value in values]]
    else:
        given = [list(part) for part in zip(*values, strict=True)] or [[] for _ in kinds]
    derived = {**step, "output": "one_hot"} if step["transform"] == "hash_bucket" else dict(step)
    found, width = _transformed(derived, kinds, given)
    return dict(zip(values, found, strict=True)), width


def _scalar(declared: str | None) -> str:
    """The type of one value of an input: texts and tokens of steps are strings."""
    if declared is None:
        return "string"
    return declared.removeprefix("list<").removesuffix(">") if declared.startswith("list<") else declared


#: How a column of each type is given.
_ARROW = {
    "string": pa.string(),
    "binary": pa.binary(),
    "bool": pa.bool_(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "date": pa.date32(),
    "list<string>": pa.list_(pa.string()),
    "map<string>": pa.map_(pa.string(), pa.string()),
    "map<float64>": pa.map_(pa.string(), pa.float64()),
}


def _transformed(
    step: Mapping[str, Any], kinds: Sequence[str], given: Sequence[Iterable[Any]]
) -> tuple[list[int], int]:
    """The only column of each row of a pipeline that is nothing but the step."""
    names = [f"input_{i}" for i in range(len(kinds))]
    document = {
        "buzzsaw": 1,
        "name": "columns",
        "inputs": {name: {"type": kind, "side": "pair"} for name, kind in zip(names, kinds, strict=True)},
        "steps": {"hashed": {**step, "inputs": names}},
        "features": ["hashed"],
    }
    pipeline = Pipeline.compile(Spec.parse(json.dumps(document)))
    arrays = [pa.array(values, _ARROW[kind]) for values, kind in zip(given, kinds, strict=True)]
    block: FeatureBlock = pipeline.transform(pa.table(arrays, names))
    indices = block.to_arrow().column("hashed").field("indices")
    return np.asarray(indices.values).tolist() if len(indices) else [], pipeline.sparse_columns["hashed"]


def _parts(step: Mapping[str, Any], value: _Value) -> list[str]:
    """A value for people."""
    shown = value[:1] if step["transform"] == "hashed_features" and not isinstance(value[-1], str) else value
    return [_text(part)[:_SHOWN] for part in shown]


def _text(part: Any) -> str:
    if isinstance(part, bool):
        return "true" if part else "false"
    return part.hex() if isinstance(part, bytes) else str(part)
