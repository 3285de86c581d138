"""What a runtime is asked for and what it answers."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

Mode = Literal["serve", "train"]
Problems = list[dict[str, str]]


@dataclass(frozen=True)
class Task:
    """One transform: an artifact, one Arrow IPC file of one batch, and rows to explain."""

    artifact: Path
    batch: Path
    mode: Mode = "serve"
    #: The int64 column of group ids; rows of a group are adjacent.
    groups: str | None = None
    explain: tuple[int, ...] = ()
    #: Whether fingerprints are enough; then `Rows.bits` is empty.
    prints_alone: bool = False


@dataclass
class Rows:
    """The output of a transform, row by row."""

    #: int64, what the runtime itself says.
    fingerprints: np.ndarray
    #: The bytes that a fingerprint is taken over: dense bits, then each sparse part's name, count, indices, values.
    bits: list[bytes]
    explained: list[str] = field(default_factory=list)
    #: Of training rows: int64, the fingerprints that they have as served.
    served: np.ndarray | None = None


class Refused(Exception):  # noqa: N818
    """A runtime's own error, with its problems."""

    def __init__(self, problems: Problems) -> None:
        super().__init__("; ".join(f"{p['code']} at {p['place']}: {p['message']}" for p in problems))
        self.problems = problems


class Runner(Protocol):
    """One runtime."""

    name: str
    #: Serving is everywhere; training rows are made where training happens.
    modes: tuple[Mode, ...]
    explains: bool

    def build(self) -> str:
        """The identity of the native build that runs: a prefix of the SHA-256 of its file."""

    def run(self, task: Task) -> Rows:
        """Transforms the rows of a task; raises `Refused`."""

    def compile(self, specs: Sequence[str]) -> list[Problems]:
        """The problems of each spec, none for one that compiles."""


def row_bits(dense: np.ndarray, sparse: Sequence[tuple[str, np.ndarray, np.ndarray, np.ndarray]]) -> list[bytes]:
    """Row bytes of a float32 matrix and CSR parts `(name, indptr, indices, values)`, as design section 6 lays down."""
    rows, width = dense.shape
    flat = np.ascontiguousarray(dense, dtype="<f4").tobytes()
    parts = []
    for name, indptr, indices, values in sparse:
        encoded = name.encode()
        head = struct.pack("<I", len(encoded)) + encoded
        counts = np.diff(indptr).astype("<u4").tobytes()
        parts.append(
            (head, counts, (indptr.astype(np.int64) * 4).tolist(), _bytes(indices, "<u4"), _bytes(values, "<f4"))
        )
    bits = []
    for i in range(rows):
        pieces = [flat[i * width * 4 : (i + 1) * width * 4]]
        for head, counts, starts, indices, values in parts:
            start, end = starts[i], starts[i + 1]
            pieces += (head, counts[i * 4 : i * 4 + 4], indices[start:end], values[start:end])
        bits.append(b"".join(pieces))
    return bits


def _bytes(values: np.ndarray, kind: str) -> bytes:
    return np.ascontiguousarray(values, dtype=kind).tobytes()
