"""A job on disks that are full or read-only, in a name space of mounts.

Run as a program: `faulty_disk.py JOB EARLIER KEPT ROOM... -- [job's arguments]`. For each room in KiB the output, which
begins as a copy of EARLIER, is on a file system with so much room left, or on one that is mounted read-only for `ro`.
The run must fail with one problem, of a place below the output, and leave no further manifest; the file system is then
given room, and the same run must succeed. The outputs are left in the folders KEPT/ROOM. Printed is the stage that each
run failed in, a line of JSON for each room.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from buzzsaw.spark import local_session
from faulty_driver import MAINS, QUICK

ROOT = Path(__file__).resolve().parents[2]


def run() -> int:
    """Tells the first thing that is not as it must be, on stderr."""
    job, earlier, kept, *rest = sys.argv[1:]
    rooms, words = rest[: rest.index("--")], rest[rest.index("--") + 1 :]
    main = MAINS[job]
    settings = {**QUICK, "spark.sql.warehouse.dir": str(Path(kept) / "warehouse")}
    session = local_session("faulty", ROOT / "build" / "delta-jars", memory="1g", settings=settings)
    disk = Path(kept) / "disk"
    disk.mkdir(parents=True)
    for room in rooms:
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1g", "none", disk], check=True)
        shutil.copytree(earlier, disk / "out")
        manifests = set(disk.rglob("manifest.json"))
        state = os.statvfs(disk)
        used = (state.f_blocks - state.f_bfree) * state.f_frsize // 1024
        narrow = "ro" if room == "ro" else f"size={used + int(room)}k"
        subprocess.run(["mount", "-o", f"remount,{narrow}", disk], check=True)
        told = io.StringIO()
        with contextlib.redirect_stderr(told):
            status = main([*words, "--output", str(disk / "out"), "--log-format", "json"], session)
        # Warnings of Python's own may be among them.
        lines = [json.loads(line) for line in told.getvalue().splitlines() if line.startswith("{")]
        failed = [line for line in lines if line["event"] == "failed"]
        told_of = [(line["code"], problem["place"]) for line in failed for problem in line["problems"]]
        print(json.dumps({"room": room, "stage": failed[-1]["stage"] if failed else None}), flush=True)
        # With the place: something below the output.
        told_so = len(told_of) == 1 and told_of[0][0] == "BZ_IO" and told_of[0][1].startswith(str(disk))
        if status != 1 or not told_so or set(disk.rglob("manifest.json")) != manifests:
            print(told.getvalue(), file=sys.stderr)
            return 4
        subprocess.run(["mount", "-o", "remount,rw,size=1g", disk], check=True)
        if main([*words, "--output", str(disk / "out")], session) != 0:
            return 5
        shutil.copytree(disk / "out", Path(kept) / room)
        subprocess.run(["umount", disk], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(run())
