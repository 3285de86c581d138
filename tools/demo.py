"""Both jobs on this machine: local Spark, Delta on the local disk, reports to look at.

First a night over the Icecat tables of the folder BUZZSAW_SHARED (by default ../shared), or over a generated catalogue
without it; then labels of a generated log, two nights on them, and what changed between their artifacts.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

import demo_log
from buzzsaw.datasets import Catalogue
from buzzsaw.errors import BuzzsawError
from buzzsaw.nightly import main as nightly
from buzzsaw.spark import local_session

ROOT = Path(__file__).resolve().parent.parent


def tables(folder: Path) -> tuple[Path, Path, str]:
    """Products and judgments, and where they are from."""
    shared = Path(os.environ.get("BUZZSAW_SHARED", ROOT.parent / "shared")) / "data" / "icecat"
    if (shared / "products.parquet").exists():
        return shared / "products.parquet", shared / "judgments.parquet", "the Icecat catalogue"
    products, judgments = Catalogue().write(folder)
    return products, judgments, "a generated catalogue"


def main() -> int:
    """Runs the job and says where everything is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "demo", help="default: build/demo")
    parser.add_argument("--now", help="ISO 8601; the same one again finds the run done (default: the clock)")
    arguments = parser.parse_args()
    started = time.monotonic()
    jars = ROOT / "build" / "delta-jars"
    subprocess.run([ROOT / "tools" / "resolve_delta_jars.sh", jars], check=True)
    products, judgments, origin = tables(arguments.output / "catalogue")
    print(f"nightly features of {origin}", flush=True)
    try:
        session = local_session("buzzsaw-demo", jars, cores=os.cpu_count() or 2)
    except BuzzsawError as error:
        print(f"demo failed. {error}", file=sys.stderr)
        return 1
    command = ["--config", ROOT / "jobs" / "nightly_features.yaml", "--products", products, "--judgments", judgments]
    command += ["--output", arguments.output / "nightly"] + (["--now", arguments.now] if arguments.now else [])
    status = nightly([str(word) for word in command], session) or demo_log.run(session, arguments.output)
    session.stop()
    print(f"{time.monotonic() - started:.0f} s in all")
    return status


if __name__ == "__main__":
    sys.exit(main())
