"""The nightly job on disks that are full or read-only, in a name space of mounts.

Run as a program: `faulty_disk.py KEPT SIZE... -- [job's arguments]`. For each size in KiB the output is a file system
of that size, or one that is mounted read-only for `ro`. The run must fail in one paragraph and leave no manifest; the
file system is then given room, and the same run must succeed. The outputs are left in the folders KEPT/SIZE.
"""

from __future__ import annotations

import contextlib
import io
import shutil
import subprocess
import sys
from pathlib import Path

from buzzsaw.nightly import main
from buzzsaw.spark import local_session
from faulty_driver import QUICK

ROOT = Path(__file__).resolve().parents[2]


def run() -> int:
    """Tells the first thing that is not as it must be, on stderr."""
    kept, *rest = sys.argv[1:]
    sizes, words = rest[: rest.index("--")], rest[rest.index("--") + 1 :]
    settings = {**QUICK, "spark.sql.warehouse.dir": str(Path(kept) / "warehouse")}
    session = local_session("faulty", ROOT / "build" / "delta-jars", memory="1g", settings=settings)
    disk = Path(kept) / "disk"
    disk.mkdir(parents=True)
    for size in sizes:
        options = "ro" if size == "ro" else f"size={size}k"
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", disk], check=True)
        told = io.StringIO()
        with contextlib.redirect_stderr(told):
            status = main([*words, "--output", str(disk / "out")], session)
        paragraphs = [line for line in told.getvalue().splitlines() if line.startswith("nightly_features failed. ")]
        print(size, status, paragraphs, flush=True)
        told_so = len(paragraphs) == 1 and "BZ_IO: " in paragraphs[0]
        if status != 1 or not told_so or list(disk.rglob("manifest.json")):
            print(told.getvalue(), file=sys.stderr)
            return 4
        subprocess.run(["mount", "-o", "remount,rw,size=1g", disk], check=True)
        if main([*words, "--output", str(disk / "out")], session) != 0:
            return 5
        shutil.copytree(disk / "out", Path(kept) / size)
        subprocess.run(["umount", disk], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(run())
