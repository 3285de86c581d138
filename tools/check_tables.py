"""Compares the text tables with what they were read from: each generator of `tools/` with `--check`.

A table whose source is not at hand (CPython 3.11, a JDK 17, Lucene's jars in `build/oracles`) is named and passed over.
`make test` has them all.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
LIB = TOOLS.parent / "build/oracles/lib"
ANALYSIS = "lucene-analysis-common-9.12.3.jar"


def jdk() -> str:
    """The first line of `java -version`, empty without Java."""
    java = shutil.which("java")
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr if java else ""
    return told.partition("\n")[0]


def checks() -> dict[str, tuple[bool, list[str]]]:
    """For each generator whether its source is here, and its further arguments."""
    python = sys.implementation.name == "cpython" and sys.version_info[:2] == (3, 11)
    lucene = (LIB.parent / ".built").exists()
    return {
        "python_tables.py": (python, []),
        "html_tables.py": (python, []),
        "java_tables.py": ('"17' in jdk(), []),
        "lucene_tables.py": (lucene, []),
        "stop_words.py": (lucene, [str(LIB / ANALYSIS)]),
    }


def main() -> int:
    """The command."""
    stale = []
    for name, (at_hand, words) in checks().items():
        if not at_hand:
            print(f"{name}: its source is not at hand, not checked")
        elif subprocess.run([sys.executable, str(TOOLS / name), "--check", *words], check=False).returncode:
            stale.append(name)
    if stale:
        print(f"stale: the tables of {', '.join(stale)}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
