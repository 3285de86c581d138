"""The specs that run over hostile rows: `hostile_specs/NAME.yaml`, all over the inputs of `hostile_specs/inputs.yaml`.

A file has
- `steps`: steps that are no features, such as tokens;
- `features`: steps that are;
- `inputs`: inputs that are features as they are;
- `rows`: the share of the hostile rows that the spec is run on, so that heavy specs do not make the run long.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import buzzsaw as bz
import pyarrow as pa
import yaml

from harness.paths import PARITY

_FOLDER = PARITY / "hostile_specs"
_INPUTS = _FOLDER / "inputs.yaml"


@dataclass(frozen=True)
class HostileSpec:
    """One of the specs."""

    name: str
    text: str
    #: The inputs that its steps read, and those with a role.
    inputs: tuple[str, ...]
    #: The share of rows, above 0 and at most 1.
    share: float

    def rows(self, given: int) -> int:
        """How many of `given` rows the spec takes: the first of them, at least one."""
        return max(1, round(given * self.share)) if given else 0

    def transforms(self) -> set[str]:
        """The transforms of its steps."""
        return {step["transform"] for step in yaml.safe_load(self.text)["steps"].values()}

    def fit(self, columns: dict[str, pa.Array], tables: dict[str, dict[str, list[Any]]]) -> bz.Pipeline:
        """The spec fitted on rows, with those of the lookup tables that it reads."""
        read = {step.get("table") for step in yaml.safe_load(self.text)["steps"].values()}
        given = {name: table for name, table in tables.items() if name in read}
        table = pa.table({name: columns[name] for name in self.inputs})
        return bz.fit(bz.Spec.parse(self.text), table, tables=given)


@cache
def hostile_specs() -> dict[str, HostileSpec]:
    """Every spec by name; `mixed`, which runs on all rows, first."""
    inputs = yaml.safe_load(_INPUTS.read_text())
    made = [_read(path, inputs) for path in sorted(_FOLDER.glob("*.yaml")) if path != _INPUTS]
    return {spec.name: spec for spec in sorted(made, key=lambda spec: -spec.share)}


def _read(path: Path, inputs: dict[str, dict[str, str]]) -> HostileSpec:
    told = yaml.safe_load(path.read_text())
    plain = told.get("inputs", [])
    steps = {**told.get("steps", {}), **told["features"]}
    read = {*plain, *(name for step in steps.values() for name in step.get("inputs", [step.get("input")]))}
    used = {name: column for name, column in inputs.items() if name in read or "role" in column}
    spec = {
        "buzzsaw": 1,
        "name": f"hostile_{path.stem}",
        "inputs": used,
        "steps": steps,
        "features": [*plain, *told["features"]],
    }
    text = yaml.safe_dump(spec, sort_keys=False, allow_unicode=True)
    return HostileSpec(path.stem, text, tuple(used), float(told["rows"]))
