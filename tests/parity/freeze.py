"""Writes every case with its oracle's values to a folder, for `buzzsaw_core/tests/cases.rs`.

`python tests/parity/freeze.py FOLDER [NAME ...]` writes all cases, or those: NAME.json holds the spec, the oracle's
outputs as bits of f32 and the bad specs; NAME.arrow the rows; NAME.fit.arrow those that it is fitted on, where they are
others. So the core's own tests hold every transform to its oracle, without Python.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from harness.cases import Case, all_cases, f32_bits
from harness.tables import array, write_batch


def frozen(case: Case) -> dict[str, Any]:
    """What the Rust test reads of a case."""
    modes = {}
    for mode in ("serve", "train"):
        expected = case.expected(mode)
        modes[mode] = {name: [_bits(value) for value in values] for name, values in expected.items()}
    return {
        "spec": (case.folder / "spec.yaml").read_text("utf-8"),
        "grouped": case.groups() is not None,
        "tables": sorted(case.tables().get("tables", {})),
        "modes": modes,
        "steps": case.steps(),
        "columns": case.oracle.columns(case.fit_rows) if hasattr(case.oracle, "columns") else {},
        "ulp": getattr(case.oracle, "ULP", {}),
        "bad": [{"name": b.name, "spec": b.text, "code": b.code, "place": b.place} for b in case.bad_specs()],
    }


def _bits(value: Any) -> Any:
    if isinstance(value, dict):
        entries = {column: int(f32_bits(entry)) for column, entry in sorted(value.items())}
        return [[column, bits] for column, bits in entries.items() if bits]
    return int(f32_bits(value))


def main(folder: Path, names: list[str]) -> None:
    """Writes the folder anew, or these cases in it."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if not names or old.name.partition(".")[0] in names:
            old.unlink()
    for case in all_cases():
        if names and case.name not in names:
            continue
        write_batch(folder / f"{case.name}.arrow", case.columns(case.rows), case.groups())
        if case.fit_rows is not case.rows:
            write_batch(folder / f"{case.name}.fit.arrow", case.columns(case.fit_rows), None)
        (folder / f"{case.name}.json").write_text(json.dumps(frozen(case), ensure_ascii=False), "utf-8")
        for name, table in case.tables().get("tables", {}).items():
            kinds = {"key": "string", "vector": "list<float64>"}
            vectors = {column: array(values, kinds[column]) for column, values in table.items()}
            write_batch(folder / f"{case.name}.{name}.arrow", vectors, None)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
