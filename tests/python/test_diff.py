"""`buzzsaw.diff` and `buzzsaw diff`, against loops over rows and groups."""

from __future__ import annotations

import json
import math
import random
import struct
import sys
from itertools import combinations
from pathlib import Path

import buzzsaw as bz
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw.cli import main
from buzzsaw.diff import Change, Reordered, compare

SPEC = """
buzzsaw: 1
name: shop
inputs:
  price: {{type: float64, side: document}}
  bid: {{type: float64, side: pair}}
  words: {{type: list<string>, side: document}}
  request: {{type: string, side: query, role: group}}
steps:
  scaled: {{transform: standardize, input: price}}
  kept: {{transform: log1p, input: bid}}
  filled: {{transform: log1p, input: price, missing: {{impute: {impute}}}}}
  weighed: {{transform: tfidf, input: words}}
  {extra}
features: [{features}]
"""
ROWS = 400


def table(seed: int) -> pa.Table:
    rng = random.Random(seed)
    return pa.table(
        {
            "price": pa.array([rng.choice([None, float(rng.randint(0, 9)), rng.random()]) for _ in range(ROWS)]),
            "bid": [float(rng.randint(0, 5)) for _ in range(ROWS)],
            "words": [[f"w{rng.randint(0, 20)}" for _ in range(rng.randint(0, 6))] for _ in range(ROWS)],
            "request": [f"r{i // 7}" for i in range(ROWS)],
        }
    )


def pipeline(
    seed: int, impute: str = "0", extra: str = "", features: str = "scaled, kept, filled, weighed"
) -> bz.Pipeline:
    spec = bz.Spec.parse(SPEC.format(impute=impute, extra=extra, features=features))
    data = table(seed)
    return bz.fit(spec, data, documents=data)


def bits(value: float) -> int:
    (number,) = struct.unpack("<I", struct.pack("<f", value))
    return number


def ulp(a: float, b: float) -> int:
    near = [-(bits(x) & 0x7FFFFFFF) if bits(x) >> 31 else bits(x) for x in (a, b)]
    return abs(near[0] - near[1])


def by_loops(name: str, before: bz.Pipeline, after: bz.Pipeline, data: pa.Table) -> Change:
    """A dense feature's change, row by row and pair by pair."""
    columns = []
    for each in (before, after):
        block = each.transform(data)
        columns.append([float(x) for x in block.dense[:, block.dense_names.index(name)]])
    change, far = Change(name), []
    for row, (a, b) in enumerate(zip(*columns, strict=True)):
        if bits(a) == bits(b):
            continue
        change.rows += 1
        change.first_row = row if change.first_row < 0 else change.first_row
        if math.isnan(a):
            change.appeared += 1
        elif math.isnan(b):
            change.vanished += 1
        else:
            far.append(abs(b - a))
            change.steps = max(change.steps, ulp(a, b))
    change.largest, change.total = max(far, default=0.0), sum(far)

    def order(a: float, b: float) -> int:
        a, b = (math.inf if math.isnan(x) else x for x in (a, b))
        return (a > b) - (a < b)

    requests = data["request"].to_pylist()
    for request in dict.fromkeys(requests):
        rows = [row for row, other in enumerate(requests) if other == request]
        pairs = list(combinations(rows, 2))
        orders = [[order(column[i], column[j]) for i, j in pairs] for column in columns]
        change.groups += orders[0] != orders[1]
        moves = [abs(place(columns[0], row, rows) - place(columns[1], row, rows)) for row in rows]
        moved = sum(move > 0 for move in moves)
        assert (moved > 0) == (orders[0] != orders[1])
        if moved:
            furthest = rows[moves.index(max(moves))]
            change.reordered.append(Reordered(request, rows[0], len(rows), moved, max(moves), furthest))
    change.reordered = sorted(change.reordered, key=lambda one: (-one.places, -one.moved, one.first_row))[:10]
    return change


def place(column: list[float], row: int, rows: list[int]) -> int:
    """How many distinct values of the rows come before that of the row, missing last."""
    values = {"missing" if math.isnan(column[one]) else column[one] for one in rows}
    if math.isnan(column[row]):
        return len(values) - 1
    return sum(value != "missing" and value < column[row] for value in values)


@pytest.mark.parametrize("batch_rows", [10, 10_000])
def test_dense_features_differ_as_loops_find(batch_rows: int) -> None:
    before, after, data = pipeline(1), pipeline(2, impute="mean"), table(3)
    found = compare(before, after, data, batch_rows=batch_rows)
    assert (found.rows, found.groups, found.same) == (ROWS, 58, ["kept"])
    shown = {change.name: change for change in found.changes}
    assert set(shown) == {"scaled", "filled", "weighed"}
    assert [change.rows for change in found.changes] == sorted((c.rows for c in found.changes), reverse=True)
    for name in ("scaled", "filled"):
        want = by_loops(name, before, after, data)
        assert shown[name].total == pytest.approx(want.total)
        shown[name].total = want.total
        assert shown[name] == want
    assert shown["filled"].groups > 10 == len(shown["filled"].reordered) and shown["scaled"].groups == 0


def test_missing_values_that_come_and_go() -> None:
    before = pipeline(1, extra="thin: {transform: clip, input: price, upper: 5}", features="thin")
    after = pipeline(1, extra="thin: {transform: clip, input: price, upper: 5, missing: {impute: 7}}", features="thin")
    missing = table(3)["price"].null_count
    (change,) = compare(before, after, table(3)).changes
    assert (change.rows, change.appeared, change.vanished) == (missing, missing, 0)
    assert (change.largest, change.mean, change.steps) == (0.0, 0.0, 0)
    (change,) = compare(after, before, table(3)).changes
    assert (change.appeared, change.vanished) == (0, missing)


def test_sparse_features_differ_as_dictionaries_do() -> None:
    before, after, data = pipeline(1), pipeline(2), table(3)
    matrices = [each.transform(data).sparse["weighed"].toarray().astype(float) for each in (before, after)]
    (change,) = (change for change in compare(before, after, data).changes if change.name == "weighed")
    far = [max(abs(b - a) for a, b in zip(*rows, strict=True)) for rows in zip(*matrices, strict=True)]
    assert change.rows == sum(x > 0 for x in far) > 0
    assert change.largest == max(far)
    assert change.mean == pytest.approx(sum(far) / change.rows)
    assert change.first_row == next(row for row, x in enumerate(far) if x > 0)


def test_infinite_entries_are_equal_to_themselves_and_need_no_scipy(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = """
buzzsaw: 1
name: facts
inputs:
  facts: {type: map<float64>, side: document}
steps:
  hashed: {transform: hashed_features, input: facts, bits: 20}
features: [hashed]
"""
    one = bz.fit(bz.Spec.parse(spec), {})
    kind = pa.map_(pa.string(), pa.float64())
    rows = [[("a", math.inf)], [("b", -math.inf), ("c", 2.0)], [], [("d", math.nan)], None]
    monkeypatch.setitem(sys.modules, "scipy.sparse", None)
    assert not compare(one, one, {"facts": pa.array(rows, kind)})
    other = bz.fit(bz.Spec.parse(spec.replace("bits: 20", "bits: 20, seed: 7")), {})
    (change,) = compare(one, other, {"facts": pa.array(rows[:2], kind)}).changes
    assert (change.rows, change.largest) == (2, math.inf)


def test_features_of_one_artifact_alone() -> None:
    before = pipeline(1, extra="x: {transform: hashed_terms, input: words, bits: 4}", features="kept, bid, x")
    after = pipeline(1, extra="x: {transform: hashed_terms, input: words, bits: 5}", features="x, price, kept")
    found = compare(before, after, table(1))
    assert (found.added, found.removed, found.retyped, found.same) == (["price"], ["bid"], ["x"], ["kept"])
    assert found and not found.changes and found.changed_rows == 0
    assert not compare(before, before, table(1))


def test_a_group_is_named_by_its_id_whatever_its_type() -> None:
    before = pipeline(1, extra="turned: {transform: clip, input: price, upper: 5}", features="turned")
    after = pipeline(1, extra="turned: {transform: clip, input: price, lower: 5}", features="turned")
    for ids, name in ((pa.array([b"b", b"\xff", b"\xff"]), "\ufffd"), (pa.array([7, 8, 8]), "8")):
        data = {"price": pa.array([1.0, 1.0, 6.0]), "session": ids}
        (change,) = compare(before, after, pa.table(data), groups="session").changes
        # 1 and 5 become 5 and 6: no row changes its place; both are 5 when the second is 5, too.
        assert (change.rows, change.groups) == (3, 0)
        data["price"] = pa.array([1.0, 1.0, 5.0])
        (change,) = compare(before, after, pa.table(data), groups="session").changes
        assert change.reordered == [Reordered(name, 1, 2, 1, 1, 2)]


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [str(tmp_path / name) for name in ("a.buzzsaw", "b.buzzsaw", "data.parquet")]
    pipeline(1).save(paths[0])
    pipeline(2).save(paths[1])
    pq.write_table(table(3), paths[2])
    command = ["diff", paths[0], paths[1], "--data", paths[2]]
    assert main(command) == 0
    text = capsys.readouterr().out
    assert text.startswith("400 rows, ") and "the same bits: 2 features" in text
    assert main([*command, "--exit-code", "--json"]) == 3
    document = json.loads(capsys.readouterr().out)
    assert document["before"] == pipeline(1).content_hash
    assert {change["name"] for change in document["changes"]} == {"scaled", "weighed"}
    assert all(change["mean"] <= change["largest"] for change in document["changes"])
    assert main([*command[:3], "--data", paths[2]]) == 0
    assert "another order in" not in capsys.readouterr().out
    pipeline(2, impute="mean").save(paths[1])
    assert main([*command, "--json"]) == 0
    (filled,) = (change for change in json.loads(capsys.readouterr().out)["changes"] if change["name"] == "filled")
    most = filled["reordered"][0]
    assert most["first_row"] < most["moved_row"] < most["first_row"] + most["rows"]
    assert main(command) == 0
    told = f"most in `{most['group']}` (row {most['moved_row']} by {most['places']} place"
    assert f"groups, {told}" in capsys.readouterr().out
    assert main(["explain", paths[1], paths[2], "--row", str(most["moved_row"]), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["row"] == most["moved_row"]
    assert main(["diff", paths[0], paths[0], "--data", paths[2], "--exit-code"]) == 0
    assert main(["diff", paths[0], paths[1], "--data", paths[2], "--groups", "requests"]) == 2
    assert "did you mean `request`?" in capsys.readouterr().err


def test_a_delta_table_is_no_folder_of_parquet_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipeline(1).save(tmp_path / "a.buzzsaw")
    part = tmp_path / "pairs" / "date=2026-11-29"
    for folder in (part, tmp_path / "pairs" / "_delta_log"):
        folder.mkdir(parents=True)
    pq.write_table(table(3), part / "part-0.parquet")
    artifact = str(tmp_path / "a.buzzsaw")
    (tmp_path / "link").symlink_to(part)
    pq.write_table(table(3), tmp_path / "apart.parquet")
    assert main(["diff", artifact, artifact, "--data", str(part / ".." / ".." / "apart.parquet")]) == 0
    for path in (tmp_path / "pairs", part, part / "part-0.parquet", tmp_path / "link"):
        assert main(["diff", artifact, artifact, "--data", str(path)]) == 2
        assert "this is a Delta table, or a part of one" in " ".join(capsys.readouterr().err.split())
