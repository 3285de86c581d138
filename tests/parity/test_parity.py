"""Cases against their oracles, hostile rows, bad data and planted faults, in every runtime."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import buzzsaw as bz
import fingerprints
import hostile
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import run
import xxhash
from buzzsaw import _buzzsaw
from harness import faults
from harness.cases import Case, all_cases
from harness.compare import Tally, compare
from harness.hostile_specs import hostile_specs
from harness.paths import PARITY
from harness.tables import GROUPS, array, read_batch, write_batch
from harness.task import Mode, Problems, Refused, Rows, Runner, Task
from runners import JarRunner, SparkRunner, every_runner

ROWS = int(os.environ.get("ROWS", "100000"))
SEED = 1
CASES = {case.name: case for case in all_cases()}

pytestmark = pytest.mark.filterwarnings("default")


@pytest.fixture(scope="session")
def runners() -> Iterator[list[Runner]]:
    yield every_runner()
    SparkRunner.stop()


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return run.fitted(tmp_path_factory.mktemp("fitted"), SEED)


def test_every_transform_has_a_whole_case() -> None:
    transforms = {row["name"] for row in _buzzsaw.transforms()}
    assert set(CASES) == transforms
    for case in CASES.values():
        for file in ("spec.yaml", "make.py", "oracle.py", "errors.yaml"):
            assert (case.folder / file).is_file(), f"{case.name} has no {file}"
        assert case.bad_specs(), case.name
        assert f"transform: {case.name}" in (case.folder / "spec.yaml").read_text()


@pytest.mark.parametrize("row", _buzzsaw.transforms(), ids=lambda row: f"{row['name']}-{row['version']}")
def test_every_parameter_has_a_value_that_is_refused(row: dict[str, Any]) -> None:
    places = [bad.place for bad in CASES[row["name"]].bad_specs()]
    for parameter in json.loads(row["schema"]).get("properties", {}):
        place = f"steps.x.{parameter}"
        assert any(found == place or found.startswith((f"{place}.", f"{place}[")) for found in places), parameter


def test_fitted_transforms_serve_what_was_not_fitted() -> None:
    """Unseen categories, terms and numbers are only in a case that is fitted on other rows than it serves."""
    fitted = {case for case in CASES.values() if any(bad.code == "BZ_NOT_FITTED" for bad in case.bad_specs())}
    assert len(fitted) > 20
    # The keys of `embedding` are those of its table.
    assert {case.name for case in fitted if not hasattr(case.make, "fit_rows")} == {"embedding"}


def test_no_oracle_asks_the_library() -> None:
    """Neither an oracle nor a module of the harness that it imports has a value from the library under test."""
    waiting = [case.folder / "oracle.py" for case in CASES.values()]
    seen: set[Path] = set()
    while waiting:
        path = waiting.pop()
        seen.add(path)
        text = path.read_text("utf-8")
        assert not re.search(r"^\s*(import|from) _?buzzsaw", text, re.MULTILINE), path
        modules = re.findall(r"^\s*from harness\.(\w+) import", text, re.MULTILINE)
        modules += re.findall(r"^\s*from harness import (\w+)$", text, re.MULTILINE)
        waiting += {PARITY / "harness" / f"{name}.py" for name in modules} - seen
    assert PARITY / "harness" / "reference.py" in seen


@pytest.mark.parametrize("mode", ["serve", "train"])
@pytest.mark.parametrize("name", CASES)
def test_case_equals_its_oracle_in_every_runtime(name: str, mode: Mode, runners: list[Runner], tmp_path: Path) -> None:
    case = CASES[name]
    task = case.prepare(tmp_path, mode)
    tally = Tally()
    made = compare(task, runners, tally)
    assert set(made) == {runner.name for runner in runners if mode in runner.modes}
    assert not tally.differing, tally.notes
    assert {rows.served is None for rows in made.values()} == {mode == "serve"}
    for runtime, rows in made.items():
        found = case.disagreements(task, rows)
        assert not found, f"{runtime}: {len(found)} values, such as {found[:3]}"


def test_an_oracle_that_disagrees_is_heard(tmp_path: Path, runners: list[Runner]) -> None:
    case = Case(CASES["log1p"].folder)
    task = case.prepare(tmp_path, "serve")
    rows = runners[0].run(task)
    changed = bytearray(rows.bits[2])
    changed[0] ^= 1
    rows.bits[2] = bytes(changed)
    assert len(case.disagreements(task, rows)) == 1


def test_bad_specs_are_refused_alike(runners: list[Runner]) -> None:
    tally = Tally()
    native = runners[:3]
    for runner in native:
        tally.of(runner)
    run.run_errors(native, tally)
    assert min(len(case.bad_specs()) for case in CASES.values()) >= 4
    assert tally.errors > 750
    assert not tally.differing, tally.notes


def test_every_transform_takes_part_in_hostile_rows() -> None:
    used = set().union(*(spec.transforms() for spec in hostile_specs().values()))
    assert used == {row["name"] for row in _buzzsaw.transforms()}
    assert hostile_specs()["mixed"].share == 1
    assert all(0.1 <= spec.share <= 1 for spec in hostile_specs().values())


def test_hostile_rows_are_alike(runners: list[Runner], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tally = Tally()
    run.run_hostile(ROWS, SEED, runners, tally, tmp_path)
    with capsys.disabled():
        print(f"\n{run.table(tally)}\n{tally.rows:,} rows, {tally.differing:,} differing")
    assert tally.differing == 0, tally.notes
    assert tally.rows == ROWS
    assert {name: ran.rows for name, ran in tally.runtimes.items()} == {
        name: dict.fromkeys(modes, run.planned(ROWS)) for name, modes in MODES.items()
    }
    explained = {name: ran.explained for name, ran in tally.runtimes.items()}
    assert explained["rust"] == explained["wheel"] == 2 * explained["jar"] == 2 * explained["jar (strings)"] > 0


#: What each runtime makes rows for.
MODES: dict[str, tuple[Mode, ...]] = {
    "rust": ("serve", "train"),
    "wheel": ("serve", "train"),
    "jar": ("serve",),
    "jar (strings)": ("serve",),
    "spark": ("serve", "train"),
    "spark (jvm)": ("serve", "train"),
}


class Planted:
    """A runtime that is given another artifact."""

    modes: tuple[Mode, ...] = ("serve",)
    explains = False
    name = "planted"

    def __init__(self, runner: Runner, artifact: Path) -> None:
        self.runner, self.artifact = runner, artifact

    def build(self) -> str:
        return self.runner.build()

    def run(self, task: Task) -> Rows:
        return self.runner.run(replace(task, artifact=self.artifact))

    def compile(self, specs: Sequence[str]) -> list[Problems]:
        return self.runner.compile(specs)


def test_fingerprints_alone_are_alike_and_tell_a_planted_bit(
    runners: list[Runner], fitted: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fingerprints, "CHUNK", 2 * hostile.BLOCK)
    asked = fingerprints.Range(5 * hostile.BLOCK, 2 * hostile.BLOCK + 1)
    found = fingerprints.compare_range(asked, runners, tmp_path)
    rows = 3 * hostile.BLOCK
    assert (found.rows, found.differing) == (rows, 0), found.notes
    (digest,) = {printed.digest.hexdigest() for printed in found.runtimes.values()}
    assert {printed.rows for printed in found.runtimes.values()} == {rows}
    # Those of the rows by way of their bytes, in parts of another size.
    blocks = [hostile.block(SEED, number) for number in asked.blocks()]
    prints = []
    for i, block in enumerate(blocks):
        (task,) = run.hostile_tasks(tmp_path, fitted["mixed"], block, ["serve"])
        made = runners[i].run(task)
        assert len(made.bits) == block.rows
        prints.append(made.fingerprints.astype("<i8").tobytes())
    assert xxhash.xxh3_128_hexdigest(b"".join(prints)) == digest
    assert fingerprints.record(found)["first"] == 25_000

    faults.flip(fitted["mixed"], tmp_path / "faulty.bzsw", "state/stock_std.moments.arrow", "mean", bit=40)
    planted = Planted(runners[1], tmp_path / "faulty.bzsw")
    found = fingerprints.compare_range(fingerprints.Range(0, 5_000), [runners[0], planted], tmp_path)
    assert 1_000 < found.differing <= 5_000
    (task,) = run.hostile_tasks(tmp_path, fitted["mixed"], hostile.block(SEED, 0), ["serve"])
    odd = runners[0].run(task).fingerprints != planted.run(task).fingerprints
    assert found.differing == odd.sum()
    assert found.notes == [f"row {odd.argmax()}: planted differs"]


def test_a_recorded_line_says_what_the_rows_were_made_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUZZSAW_SHARED", str(tmp_path))
    found = fingerprints.Compared(fingerprints.Range(10_000, 5_000))
    assert fingerprints.record(found)["mode"] == "serve"
    assert fingerprints.record(found)["real_titles"] is False
    (tmp_path / "data/icecat").mkdir(parents=True)
    (tmp_path / "data/icecat/products.parquet").touch()
    assert fingerprints.record(found)["real_titles"] is True


def test_a_runtime_that_lacks_rows_differs_in_all_of_them() -> None:
    found = fingerprints.Compared(fingerprints.Range(10_000, 5_000))
    one = np.arange(4, dtype=np.int64)
    found.take({"a": one, "b": one}, 4)
    found.take({"a": one, "b": np.array([0, 1, 7, 3])}, 4)
    assert (found.rows, found.differing, found.notes) == (8, 1, ["row 10006: b differs"])
    found.take({"a": np.zeros(0, np.int64), "b": one}, 4)
    assert (found.rows, found.differing) == (12, 5)


def test_the_jar_is_given_strings_and_unpaired_surrogates(fitted: dict[str, Path], tmp_path: Path) -> None:
    (task,) = run.hostile_tasks(tmp_path, fitted["text"], hostile.block(SEED, 0), ["serve"])
    as_strings, as_bytes = JarRunner(strings=True), JarRunner()
    for runner in (as_strings, as_bytes):
        runner.run(task)
    texts, strings, unpaired = as_strings.texts
    assert texts > hostile.BLOCK
    assert texts / 2 < strings < texts
    assert unpaired > 10
    assert not as_bytes.texts.any()


@pytest.mark.parametrize("at", range(6), ids=["rust", "wheel", "jar", "jar-strings", "spark", "spark-jvm"])
def test_a_planted_bit_is_caught(at: int, runners: list[Runner], fitted: dict[str, Path], tmp_path: Path) -> None:
    """One bit of one state value differs for one runtime: the harness names that runtime and no other."""
    faulty = tmp_path / "faulty.bzsw"
    faults.flip(fitted["mixed"], faulty, "state/stock_std.moments.arrow", "mean", bit=40)
    task = run.hostile_tasks(tmp_path, fitted["mixed"], next(hostile.chunks(SEED, 2_000, 5_000)), ["serve"])[0]
    guilty = runners[at].name
    tasks = {runner.name: replace(task, artifact=faulty) if runner.name == guilty else task for runner in runners}
    tally = Tally()
    compare(tasks, runners, tally)
    assert tally.differing > 1_000, tally.notes
    assert {name for name, ran in tally.runtimes.items() if ran.differing} == {guilty}


def test_hostile_rows_depend_on_seed_and_position_alone() -> None:
    whole = next(hostile.chunks(SEED, 15_000, 15_000))
    parts = list(hostile.chunks(SEED, 12_345, 5_000))
    assert [part.rows for part in parts] == [5_000, 5_000, 2_345]
    for name, column in whole.columns.items():
        assert len(column) == whole.rows, name
        joined = pa.concat_arrays([part.columns[name] for part in parts])
        # Bytes, since NaN equals nothing: both go through one encoding.
        assert _encoded(column.slice(0, 12_345)) == _encoded(joined), name
    assert np.array_equal(whole.groups[:12_345], np.concatenate([part.groups for part in parts]))
    other = hostile.block(SEED + 1, 0)
    assert _encoded(other.columns["title"]) != _encoded(whole.columns["title"].slice(0, hostile.BLOCK))


def _encoded(column: pa.Array) -> bytes:
    whole = column.take(pa.array(np.arange(len(column))))
    sink = pa.BufferOutputStream()
    batch = pa.record_batch([whole], names=["x"])
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def test_hostile_rows_are_hostile() -> None:
    made = hostile.block(SEED, 0)
    titles = [text for text in made.columns["title"].to_pylist() if text is not None]
    glued = b"".join(titles)
    for piece in (b"\0", b"\xed\xa0\x80", b"\xc0\x80", "\u200d".encode(), "\u0301".encode(), "\u05e9".encode()):
        assert piece in glued, piece
    planes = {ord(c) >> 16 for text in titles for c in text.decode("utf-8", "ignore")}
    assert planes == set(range(17))
    assert b"" in titles
    assert max(map(len, titles)) > 50_000
    assert all(made.columns[name].null_count for name in made.columns)
    scores = made.columns["score"].drop_null().to_numpy()
    payloads = np.unique(scores[np.isnan(scores)].view(np.uint64))
    assert len(payloads) > 1
    assert np.isinf(scores).any()
    assert np.signbit(scores[scores == 0]).any()
    assert ((scores != 0) & (np.abs(scores) < 2.2e-308)).any()
    assert {2**63 - 1, -(2**63)} <= set(pc.unique(made.columns["price"]).to_pylist())
    assert {2**31 - 1, -(2**31)} <= set(pc.unique(made.columns["stock"]).to_pylist())
    times = pc.unique(made.columns["released"].view(pa.int64())).to_pylist()
    # The first and the last microsecond of the years 1 to 9999, and what no calendar has.
    assert {-62_135_596_800_000_000, 253_402_300_799_999_999, 2**63 - 1, -(2**63)} <= set(times)
    days = pc.unique(made.columns["day"].view(pa.int32())).to_pylist()
    assert {-719_162, 2_932_896} <= set(days)
    for name, longest in (("tokens", 100_000), ("ids", 20), ("attributes", 3_000)):
        lengths = [len(items) for items in made.columns[name].to_pylist() if items is not None]
        assert min(lengths) == 0
        assert max(lengths) == longest, name
    sizes = np.unique(made.groups, return_counts=True)[1]
    assert sizes.min() == 1
    assert sizes.max() >= 1_000
    keys = [[key for key, _ in entries] for entries in made.columns["attributes"].to_pylist() if entries]
    assert any(len(set(row)) < len(row) for row in keys)


#: Features that have few values: flags, indicators of missing numbers, and counts of what few rows share.
_FEW = """active flag active_mean log_price_missing greater equal absent filled_missing average_rank_missing exact
phrase any ordered shared shared_part has_supplier has_size units units_lacking""".split()  # noqa: SIM905  read better in rows


@pytest.mark.parametrize("name", hostile_specs())
def test_hostile_features_have_values(name: str, fitted: dict[str, Path], tmp_path: Path) -> None:
    """A feature that is always missing would compare alike whatever the runtimes did."""
    pipeline = bz.load(fitted[name])
    task = run.hostile_tasks(tmp_path, fitted[name], hostile.block(SEED, 1), ["serve"])[0]
    block = pipeline.transform(read_batch(task.batch), groups=GROUPS)
    for i, feature in enumerate(block.dense_names):
        column = block.dense[:, i]
        known = np.unique(column[np.isfinite(column)])
        assert len(known) >= (2 if feature in _FEW else 5), feature
        assert np.isfinite(column).mean() > 0.2, feature
    for feature, part in block.sparse.items():
        assert part.nnz > hostile.BLOCK / 10, feature


BAD_DATA = """
buzzsaw: 1
name: bad_data
inputs:
  query: {type: string, side: query}
  now:   {type: date, side: document}
  then:  {type: timestamp, side: document}
  x:     {type: float64, side: document}
steps:
  x_z:   {transform: group_zscore, input: x}
  days:  {transform: age, inputs: [now, then]}
  cross: {transform: hashed_cross, inputs: [query, query], bits: 4}
features: [x_z, days, cross]
"""


@pytest.mark.parametrize(
    ("columns", "groups", "code", "place", "runtimes"),
    [
        ({}, False, "BZ_MISSING_INPUT", "groups", {"rust", "wheel", "jar", "spark", "spark (jvm)"}),
        (
            {"now": array([0, 2**31 - 1, 0], "date")},
            True,
            "BZ_INVALID_VALUE",
            None,
            {"rust", "wheel", "jar", "spark", "spark (jvm)"},
        ),
        (
            {"query": array(["a", "b", "a"], "string")},
            True,
            "BZ_INVALID_VALUE",
            "inputs.query[1]",
            {"rust", "wheel", "spark", "spark (jvm)"},
        ),
        (
            {"x": array(["1", "2", "3"], "string")},
            True,
            "BZ_TYPE_MISMATCH",
            "inputs.x",
            {"rust", "wheel", "spark", "spark (jvm)"},
        ),
        ({"x": None}, True, "BZ_MISSING_INPUT", "inputs.x", {"rust", "wheel", "spark", "spark (jvm)"}),
    ],
    ids=["no groups", "time out of range", "query changes in a group", "wrong type", "missing column"],
)
def test_bad_data_is_refused_alike(  # noqa: PLR0917  pytest passes by name
    columns: dict[str, pa.Array | None],
    groups: bool,
    code: str,
    place: str | None,
    runtimes: set[str],
    runners: list[Runner],
    tmp_path: Path,
) -> None:
    good = {
        "query": array(["a", "a", "a"], "string"),
        "now": array([1, 2, None], "date"),
        "then": array([0, 5, None], "timestamp"),
        "x": array([1.0, 2.0, None], "float64"),
    }
    bz.fit(bz.Spec.parse(BAD_DATA), {}).save(tmp_path / "bad_data.bzsw")
    batch = tmp_path / "rows.arrow"
    given = {name: column for name, column in {**good, **columns}.items() if column is not None}
    write_batch(batch, given, [7, 7, 7])
    task = Task(tmp_path / "bad_data.bzsw", batch, "serve", GROUPS if groups else None)
    found = {}
    for runner in runners:
        if runner.name in runtimes:
            with pytest.raises(Refused) as refused:
                runner.run(task)
            found[runner.name] = [(p["code"], p["place"]) for p in refused.value.problems]
    assert set(found) == runtimes
    assert len({str(problems) for problems in found.values()}) == 1, found
    first = found["rust"][0]
    assert first[0] == code
    assert place is None or first[1] == place
