"""`python -m matrix [PYTHON-PYSPARK | java-VERSION ...]`: tests the wheel on each combination, the jar on each Java.

Exit status 1 when a combination fails or none ran, 2 for a combination that there is not.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from buzzsaw.spark import jar_path

from . import environment, suite
from .cells import IMPOSSIBLE, Cell, JavaCell, cells, interpreter, java_cells
from .suite import ROOT

BUILD = ROOT / "build" / "matrix"
PARTS = ("python", "spark")


@dataclass(frozen=True)
class Row:
    """A line of the table at the end."""

    cell: Cell | JavaCell
    outcome: str
    words: str
    seconds: float = 0.0

    def __str__(self) -> str:
        took = f"{self.seconds / 60:5.1f} min" if self.seconds else " " * 9
        first, _, second = str(self.cell).partition("-")
        return f"{first:<8}{second:<9}{self.outcome:<10}{took}  {self.words}"


def main() -> int:
    """Runs all combinations, or those that are named."""
    options = _options()
    every = [*java_cells(), *cells()]
    chosen = [cell for cell in every if not options.cells or str(cell) in options.cells]
    unknown = set(options.cells) - {str(cell) for cell in chosen}
    if unknown:
        print(f"there is no combination {', '.join(sorted(unknown))}; there are {', '.join(map(str, every))}")
        return 2
    wheels = list(options.dist.glob("buzzsaw-*.whl"))
    if len(wheels) != 1:
        print(f"{options.dist} has {len(wheels)} wheels: run `make dist`")
        return 1
    jar = (options.jar or jar_path()).resolve()
    rows = []
    for cell in chosen:
        rows.append(_judged(cell, wheels[0].resolve(), jar, options.parts))
        print(rows[-1], flush=True)
    print(f"\n{'Python':<8}{'PySpark':<9}{'outcome':<10}{'took':>9}")
    print(*rows, sep="\n")
    ran = [row for row in rows if row.outcome in ("passed", "failed")]
    return 0 if ran and all(row.outcome == "passed" for row in ran) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="matrix", description=__doc__)
    parser.add_argument("cells", nargs="*", metavar="COMBINATION", help="such as 3.11-3.5 or java-11; by default all")
    parser.add_argument("--dist", type=Path, default=ROOT / "build" / "dist", help="the folder of the wheel")
    parser.add_argument("--jar", type=Path, help="the jar for Spark; by default the one built here")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS, help="which tests; by default all")
    return parser.parse_args()


def _judged(cell: Cell | JavaCell, wheel: Path, jar: Path, parts: Sequence[str]) -> Row:
    """Tries a combination, if it can be and is here."""
    if isinstance(cell, JavaCell):
        return _tried(cell, partial(environment.install_java, cell.java), {"jar": suite.run_java})
    why = IMPOSSIBLE.get((cell.python, cell.spark))
    if why:
        return Row(cell, "left out", why)
    python = interpreter(cell.python)
    if python is None:
        return Row(cell, "skipped", f"CPython {cell.python} is not installed")
    install = partial(environment.install, cell, python, wheel, built=BUILD / "wheels")
    return _tried(cell, install, {part: partial(suite.run, cell, jar=jar, part=part) for part in parts})


def _tried(
    cell: Cell | JavaCell, install: Callable[[Path], Path], tests: Mapping[str, Callable[[Path, Path], suite.Outcome]]
) -> Row:
    """Installs, tests and, when all is well, removes a combination; each part gets the command and a folder of logs."""
    folder, logs = BUILD / str(cell), BUILD / "logs" / str(cell)
    logs.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    try:
        own = install(folder)
    except environment.InstallError as error:
        log = logs / "install.log"
        log.write_text(str(error), "utf-8")
        return Row(cell, "failed", f"cannot be installed, see {_named(log)}", time.monotonic() - started)
    told, well = [], True
    for part, run in tests.items():
        found = run(own, logs)
        well &= found.ok
        counts = f"{part}: {found.passed} passed" + (f", {found.skipped} skipped" if found.skipped else "")
        told.append(counts if found.ok else f"{counts}, {found.failed} failed, see {_named(logs / part)}.log")
    if well:
        # Up to a gigabyte and more; one that failed stays to be looked at.
        shutil.rmtree(folder)
    return Row(cell, "passed" if well else "failed", "; ".join(told), time.monotonic() - started)


def _named(path: Path) -> str:
    return str(path.relative_to(ROOT))


if __name__ == "__main__":
    raise SystemExit(main())
