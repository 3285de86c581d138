"""Runs the classes of tests/oracles/jvm: what Lucene and the JDK make of text. Built on first use, by Maven."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Sequence
from functools import cache, lru_cache

from harness.paths import ROOT

_BUILT = ROOT / "build/oracles"


@cache
def build() -> None:
    """Builds the classes unless they are current."""
    subprocess.run(["bash", str(ROOT / "tools/build_oracles.sh")], check=True)


def run(name: str, arguments: Sequence[str], fed: str = "") -> str:
    """What a class writes when it is fed a text of ASCII."""
    build()
    command = ["java", "-cp", f"{_BUILT}/classes:{_BUILT}/lib/*", f"io.buzzsaw.oracles.{name}", *arguments]
    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    made = subprocess.run(command, input=fed, check=True, capture_output=True, encoding="ascii", env=environment)
    return made.stdout


def tokens(arguments: Sequence[str], texts: Sequence[str | None]) -> list[list[str] | None]:
    """The tokens that a tokenizer of `Tokenize` makes of each text; None stays."""
    return list(_tokens(tuple(arguments), tuple(texts)))


@lru_cache(maxsize=64)
def _tokens(arguments: tuple[str, ...], texts: tuple[str | None, ...]) -> list[list[str] | None]:
    """One run of the JVM for equal questions: a case asks the same of its oracle several times."""
    fed = "".join(base64.b64encode(text.encode()).decode() + "\n" for text in texts if text is not None)
    lines = iter(run("Tokenize", arguments, fed).split("\n"))
    return [
        None if text is None else [base64.b64decode(token).decode() for token in next(lines).split(" ")[1:]]
        for text in texts
    ]
