"""Runs benchmarks: `run.py NAME ...`, or all of them into benches/results/."""

from __future__ import annotations

import datetime
import subprocess
import sys
from pathlib import Path

from harness import machine

HERE = Path(__file__).resolve().parent
NAMES = sorted(path.stem for path in HERE.glob("*.py") if path.stem not in {"harness", "run", "standalone"})


def main() -> int:
    """Runs the named benchmarks, or all and keeps their lines."""
    names = sys.argv[1:]
    if unknown := [name for name in names if name not in NAMES]:
        print(f"there is no benchmark {', '.join(unknown)}; known: {', '.join(NAMES)}", file=sys.stderr)
        return 2
    lines = []
    for name in names or NAMES:
        run = subprocess.Popen([sys.executable, HERE / f"{name}.py"], stdout=subprocess.PIPE, text=True)
        for line in run.stdout or []:
            print(line, end="", flush=True)
            if line.startswith("{"):
                lines.append(line)
        if run.wait() != 0:
            return 1
    if not names:
        results = HERE / "results"
        results.mkdir(exist_ok=True)
        day = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        (results / f"{day}.jsonl").write_text(f'{{"machine": "{machine()}"}}\n' + "".join(lines), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
