"""Runs benchmarks: `run.py NAME ...`, or all; with --record their lines go to benches/results/."""

from __future__ import annotations

import argparse
import datetime
import json
import subprocess
import sys
from pathlib import Path

from harness import machine

HERE = Path(__file__).resolve().parent
NAMES = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in {"harness", "run", "standalone"})


def main() -> int:
    """Runs the named benchmarks, or all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(NAMES))
    kept = "keep the lines of each in results/DATE-NAME.jsonl, in place of those of that day"
    parser.add_argument("--record", action="store_true", help=kept)
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in NAMES]:
        parser.error(f"there is no benchmark {', '.join(unknown)}; known: {', '.join(NAMES)}")
    for name in given.names or NAMES:
        run = subprocess.Popen([sys.executable, HERE / f"{name}.py"], stdout=subprocess.PIPE, text=True)
        lines = []
        for line in run.stdout or []:
            print(line, end="", flush=True)
            if line.startswith("{"):
                lines.append(line)
        if run.wait() != 0:
            return 1
        if given.record:
            day = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
            (HERE / "results").mkdir(exist_ok=True)
            head = json.dumps({"machine": machine()})
            (HERE / "results" / f"{day}-{name}.jsonl").write_text("\n".join([head, "".join(lines)]), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
