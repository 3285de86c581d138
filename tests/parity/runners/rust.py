"""The core itself, through `buzzsaw_core/examples/parity_rows.rs`."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
from harness.paths import digest, rust_binary
from harness.task import Mode, Problems, Refused, Rows, Task

_FOLDS = {"serve": "full", "train": "of_qid"}


class RustRunner:
    """A process a task; text is read from the file's binary columns."""

    name = "rust"
    modes: tuple[Mode, ...] = ("serve", "train")
    explains = True

    def build(self) -> str:
        return digest(rust_binary())

    def run(self, task: Task) -> Rows:
        with tempfile.TemporaryDirectory(prefix="buzzsaw-parity-") as folder:
            served = None
            if task.mode == "train":
                whole = replace(task, mode="serve", explain=(), prints_alone=True)
                self._transform(whole, Path(folder) / "served.bin")
                served = _prints(Path(folder) / "served.bin")
            out = Path(folder) / "rows.bin"
            explained = self._transform(task, out)
            if task.prints_alone:
                return Rows(_prints(out), [], explained, served)
            raw = out.read_bytes()
        count = int.from_bytes(raw[:8], "little")
        fingerprints = np.frombuffer(raw, "<i8", count, 8)
        ends = (np.frombuffer(raw, "<u8", count + 1, 8 + 8 * count) + 16 * (count + 1)).tolist()
        bits = [raw[start:end] for start, end in pairwise(ends)]
        return Rows(fingerprints, bits, explained, served)

    def _transform(self, task: Task, out: Path) -> list[str]:
        """Writes a task's rows to a file and gives the explanations."""
        words = [
            "prints" if task.prints_alone else "rows",
            task.artifact,
            task.batch,
            out,
            _FOLDS[task.mode],
            task.groups or "-",
            ",".join(map(str, task.explain)),
        ]
        return self._call([str(word) for word in words], "")

    def compile(self, specs: Sequence[str]) -> list[Problems]:
        return self._call(["compile"], json.dumps(list(specs)))

    def _call(self, words: list[str], given: str) -> list:
        done = subprocess.run([str(rust_binary()), *words], input=given.encode(), capture_output=True, check=False)
        if done.returncode == 3:
            raise Refused(json.loads(done.stdout))
        if done.returncode:
            raise RuntimeError(f"parity_rows ended with {done.returncode}: {done.stderr.decode(errors='replace')}")
        return json.loads(done.stdout)


def _prints(written: Path) -> np.ndarray:
    return np.fromfile(written, "<i8", int(np.fromfile(written, "<u8", 1)[0]), offset=8)
