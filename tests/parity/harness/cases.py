"""The cases: for each transform a spec, rows, an oracle and bad specs.

A case folder holds
- `spec.yaml`: the transform with its parameters in use;
- `make.py`: `rows()`, Python values by input name (text as str or bytes), and where needed `groups()`, one id a row;
  where rows hold what no fitted row has `fit_rows()`, the rows that the spec is fitted on instead of `rows()`;
- `oracle.py`: `expected(rows, mode)`, by feature name a list of f64 (None or NaN for missing) or of `{column: value}`;
  where a step shows no number `steps(rows)`, by step name the values that `explain` must give; where the number of
  columns is learnt or passed on `columns(rows)`, by sparse feature, of the fitted rows; and `ULP`, by feature
  the distance in f32 that is allowed (at most 4), for features that are not exact. A case with `fit_rows()` gives them
  to `expected` and `steps` as one more argument, from which these learn;
- in `make.py`, for transforms of text or numbers, `bulk(texts, numbers, rng)`: the columns of `rows()` made of many
  texts and numbers from elsewhere;
- `errors.yaml`: specs that must be refused, with the code and place of the first problem.
"""

from __future__ import annotations

import importlib.util
import json
import struct
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import yaml

from harness.paths import CASES
from harness.tables import GROUPS, array, write_batch
from harness.task import Mode, Rows, Task

_MOST_ULP = 4
_MISSING = np.uint32(0x7FC00000)


@dataclass(frozen=True)
class BadSpec:
    """A spec that must be refused."""

    name: str
    text: str
    code: str
    place: str


class Case:
    """One case folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = folder.name
        self.spec = bz.Spec.load(folder / "spec.yaml")

    @cached_property
    def rows(self) -> dict[str, list[Any]]:
        rows: dict[str, list[Any]] = self.make.rows()
        return rows

    @cached_property
    def fit_rows(self) -> dict[str, list[Any]]:
        """The rows that the spec is fitted on: those that are served, unless the case has others."""
        if not hasattr(self.make, "fit_rows"):
            return self.rows
        rows: dict[str, list[Any]] = self.make.fit_rows()
        return rows

    @cached_property
    def oracle(self) -> ModuleType:
        return _module(self.folder / "oracle.py")

    @cached_property
    def make(self) -> ModuleType:
        return _module(self.folder / "make.py")

    def over(self, rows: dict[str, list[Any]]) -> Case:
        """The case fitted on other rows and over them, in groups of seven where it has groups."""
        other = Case(self.folder)
        other.rows = other.fit_rows = rows
        return other

    def columns(self, rows: dict[str, list[Any]]) -> dict[str, pa.Array]:
        """Rows as the columns of a file."""
        declared = {column.name: column.type for column in self.spec.inputs}
        return {name: array(values, declared[name]) for name, values in rows.items()}

    def fit_table(self) -> pa.Table:
        """What the spec is fitted on, with group ids."""
        columns = self.columns(self.fit_rows)
        count = len(next(iter(columns.values())))
        return pa.table({**columns, GROUPS: pa.array(self.groups() or range(count))})

    def groups(self) -> list[int] | None:
        """One id a row, for transforms within a group."""
        if not hasattr(self.make, "groups"):
            return None
        made: list[int] = self.make.groups()
        count = len(next(iter(self.rows.values())))
        return made if len(made) == count else [row // 7 for row in range(count)]

    def expected(self, mode: Mode) -> dict[str, list[Any]]:
        """What the oracle says of the rows, by feature."""
        made: dict[str, list[Any]] = self.oracle.expected(self.rows, mode, *self._learnt())
        return made

    def steps(self) -> dict[str, list[Any]]:
        """What the oracle says that `explain` shows of the rows, by step."""
        return self.oracle.steps(self.rows, *self._learnt()) if hasattr(self.oracle, "steps") else {}

    def _learnt(self) -> list[dict[str, list[Any]]]:
        """What an oracle gets besides the rows."""
        return [] if self.fit_rows is self.rows else [self.fit_rows]

    def tables(self) -> dict[str, Any]:
        """Lookup tables by name, for transforms that read one."""
        return {"tables": self.make.tables()} if hasattr(self.make, "tables") else {}

    def prepare(self, folder: Path, mode: Mode, *, explained: bool = True) -> Task:
        """Fits the case and writes its file; every row is explained, or none."""
        columns = self.columns(self.rows)
        count = len(next(iter(columns.values())))
        groups = self.groups()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", bz.FitWarning)
            pipeline = bz.fit(self.spec, self.fit_table(), groups=GROUPS, **self.tables())
        artifact, batch = folder / f"{self.name}.bzsw", folder / f"{self.name}.arrow"
        pipeline.save(artifact)
        write_batch(batch, columns, groups)
        return Task(artifact, batch, mode, GROUPS if groups else None, tuple(range(count if explained else 0)))

    def disagreements(self, task: Task, made: Rows) -> list[str]:
        """How the output differs from the oracle's."""
        pipeline = bz.load(task.artifact)
        expected = self.expected(task.mode)
        allowed = getattr(self.oracle, "ULP", {})
        if set(expected) != set(pipeline.feature_names):
            return [f"the oracle has {sorted(expected)}, the spec {sorted(pipeline.feature_names)}"]
        if any(bound > _MOST_ULP for bound in allowed.values()):
            return [f"the oracle allows more than {_MOST_ULP} ULP"]
        found = []
        for i, bits in enumerate(made.bits):
            dense, sparse = _decoded(bits, pipeline.dense_names)
            for name, value in dense.items():
                want, ulp = f32_bits(expected[name][i]), allowed.get(name, 0)
                if _distance(value, want) > ulp:
                    found.append(f"{name}[{i}] is {_shown(value)}, the oracle says {_shown(want)} (allowed: {ulp} ULP)")
            for name, row in sparse.items():
                want_row = {c: f32_bits(v) for c, v in expected[name][i].items()}
                want_row = {c: v for c, v in want_row.items() if v != 0}
                ulp = allowed.get(name, 0)
                if list(row) != sorted(want_row) or any(_distance(row[c], want_row[c]) > ulp for c in row):
                    found.append(f"{name}[{i}] is {_row(row)}, the oracle says {_row(want_row)} (allowed: {ulp} ULP)")
        if made.explained:
            for step, values in self.steps().items():
                for i, (text, value) in enumerate(zip(made.explained, values, strict=True)):
                    shown = json.loads(text)["steps"][step]["value"]
                    if shown != value:
                        found.append(f"step {step}[{i}] is {shown!r}, the oracle says {value!r}")
        return found

    def bad_specs(self) -> list[BadSpec]:
        """Bad specs: a step `x` each, over the inputs and further steps that `errors.yaml` shares."""
        told = yaml.safe_load((self.folder / "errors.yaml").read_text())
        made = []
        for bad in told["bad"]:
            inputs = {**told["inputs"], **bad.get("inputs", {})}
            for name in bad.get("without", []):
                del inputs[name]
            steps = {**told.get("steps", {}), "x": bad["step"]}
            spec = {
                "buzzsaw": 1,
                "name": "bad",
                "inputs": inputs,
                "steps": steps,
                "features": bad.get("features", ["x"]),
            }
            made.append(BadSpec(f"{self.name}: {bad['name']}", json.dumps(spec), bad["code"], bad["place"]))
        return made


def all_cases() -> list[Case]:
    """Every case folder, by name."""
    return [Case(path) for path in sorted(CASES.iterdir()) if (path / "spec.yaml").exists()]


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"parity_case_{path.parent.name}_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise ImportError(path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _decoded(bits: bytes, names: list[str]) -> tuple[dict[str, np.uint32], dict[str, dict[int, np.uint32]]]:
    at = 4 * len(names)
    dense = dict(zip(names, np.frombuffer(bits[:at], "<u4"), strict=True))
    sparse = {}
    while at < len(bits):
        (length,) = struct.unpack_from("<I", bits, at)
        name = bits[at + 4 : at + 4 + length].decode()
        at += 4 + length
        (count,) = struct.unpack_from("<I", bits, at)
        words = np.frombuffer(bits, "<u4", 2 * count, at + 4)
        sparse[name] = dict(zip(words[:count].tolist(), words[count:], strict=True))
        at += 4 + 8 * count
    return dense, sparse


def f32_bits(value: float | None) -> np.uint32:
    """The output form of an f64: one rounding, one NaN, no negative zero."""
    if value is None or value != value:  # noqa: PLR0124  NaN differs from itself
        return _MISSING
    with np.errstate(over="ignore", under="ignore"):
        return (np.float32(value) + np.float32(0)).view(np.uint32)


def _distance(a: np.uint32, b: np.uint32) -> int:
    if a == b:
        return 0
    if _MISSING in (a, b):
        return 1 << 32
    return abs(_ordered(int(a)) - _ordered(int(b)))


def _ordered(bits: int) -> int:
    return bits if bits < 1 << 31 else (1 << 31) - bits


def _shown(bits: np.uint32) -> str:
    return f"{bits.view(np.float32)!s} (0x{int(bits):08x})"


def _row(row: dict[int, np.uint32]) -> str:
    return "{" + ", ".join(f"{c}: {_shown(v)}" for c, v in sorted(row.items())[:8]) + ("…}" if len(row) > 8 else "}")
