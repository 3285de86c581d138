"""A request's features through Java beside the same through Rust: what the JVM binding costs.

Both load one artifact, make the same requests, and time batches from the first append to the last read of the output:
Java through `Pipeline`, `Batch` and `FeatureMatrix`, Rust through `BatchBuilder`. A pair is a fresh process of each
that, once warm, take turns in short runs, so that a busy machine slows both alike. The fingerprints of all rows, and a
digest of every value read, must be equal.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import buzzsaw as bz
import pyarrow as pa
from harness import ROOT, report

CANDIDATES = (1, 100, 1_000)
SPEC = """
buzzsaw: 1
name: jni
inputs:
  query: {type: string, side: query}
  now: {type: timestamp, side: query}
  title: {type: string, side: document}
  price: {type: float64, side: document}
  released_at: {type: timestamp, side: document}
steps:
  query_terms: {transform: tokenize, input: query, analyzer: english}
  title_terms: {transform: tokenize, input: title, analyzer: english}
  title_bm25: {transform: bm25, inputs: [query_terms, title_terms], k1: 1.2, b: 0.75}
  title_bm25_in_group: {transform: group_zscore, input: title_bm25}
  title_hashed: {transform: hashed_terms, input: title_terms, bits: 18, norm: l2}
  log_price: {transform: log1p, input: price, missing: {impute: median, indicator: true}}
  price_in_group: {transform: group_zscore, input: log_price}
  age_days: {transform: age, inputs: [now, released_at], unit: days}
features: [title_bm25, title_bm25_in_group, log_price, price_in_group, age_days, title_hashed]
"""
SYLLABLES = ["ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "hy"]
NOW = 1_760_000_000_000_000
HOUR = 3_600_000_000
FITTED_ROWS = 16_000
#: Alternated runs of a pair of processes.
TURNS = 7


def number(row: int, usage: int) -> int:
    """A number below 2^24 for a row and one of its 31 uses."""
    return ((row * 31 + usage) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 40


def words(row: int, count: int) -> str:
    """Words of three syllables, of which some are frequent."""
    ranks = [(number(row, position) & 4095) ** 2 >> 12 for position in range(count)]
    return " ".join(SYLLABLES[at & 15] + SYLLABLES[at >> 4 & 15] + SYLLABLES[at >> 8] for at in ranks)


def fitted(rows: range) -> bz.Pipeline:
    """The pipeline, fitted on rows made as both programs make theirs."""
    time = pa.timestamp("us")
    cents = [number(row, 29) for row in rows]
    documents = {
        "title": pa.array([words(row, 8 + row % 5) for row in rows]),
        "price": pa.array([cent % 100_000 / 100 if cent % 17 else None for cent in cents]),
        "released_at": pa.array([NOW - number(row, 30) % 100_000 * HOUR for row in rows], time),
    }
    query = {
        "query": pa.array([words(row, 2) for row in rows]),
        "now": pa.array([NOW] * len(rows), time),
    }
    return bz.fit(bz.Spec.parse(SPEC), documents | query, documents)


def build() -> tuple[list[str], list[str]]:
    """Builds both programs and returns their commands."""
    for command in (
        ["cargo", "build", "--quiet", "--release", "--locked", "-p", "buzzsaw_core", "--example", "jni_peer"],
        ["cargo", "build", "--quiet", "--release", "--locked", "-p", "buzzsaw_jni"],
        ["mvn", "-q", "-B", "-f", "buzzsaw_jvm/pom.xml", "test-compile"],
    ):
        subprocess.run(command, cwd=ROOT, check=True, stdout=sys.stderr)
    release, classes = ROOT / "target" / "release", ROOT / "buzzsaw_jvm" / "core" / "target"
    path = f"{classes / 'test-classes'}:{classes / 'classes'}"
    java = ["java", f"-Dbuzzsaw.native.path={release}", "-cp", path, "io.buzzsaw.bench.JniBench"]
    return java, [str(release / "examples" / "jni_peer")]


class Program:
    """A warm process that runs when asked."""

    def __init__(self, command: list[str], artifact: Path, candidates: int) -> None:
        arguments = [*command, str(artifact), str(candidates)]
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.times: list[float] = []
        self.checks: set[str] = set()
        if self.answer() != "ready":
            raise SystemExit(f"{command[0]} did not start")

    def answer(self) -> str:
        """The next line."""
        return self.process.stdout.readline().strip()

    def run(self) -> None:
        """Keeps the median seconds of a batch, and what must be equal on both sides."""
        self.process.stdin.write("run\n")
        self.process.stdin.flush()
        nanoseconds, check = self.answer().split(maxsplit=1)
        self.times.append(int(nanoseconds) / 1e9)
        self.checks.add(check)

    def end(self) -> float:
        """Ends the process; the median of its runs."""
        self.process.communicate()
        if self.process.returncode != 0:
            raise SystemExit(f"{self.process.args} failed")
        return statistics.median(self.times)


def bench(artifact: Path, candidates: int, runs: int, java: list[str], rust: list[str]) -> None:
    """Compares and prints one case."""
    pairs = []
    for _ in range(runs):
        ours, theirs = (Program(command, artifact, candidates) for command in (java, rust))
        for _ in range(TURNS):
            ours.run()
            theirs.run()
        if ours.checks != theirs.checks or len(ours.checks) != 1:
            raise SystemExit(f"jni ({candidates} candidates): the outputs differ from Rust's, so no ratio is given")
        pairs.append((ours.end(), theirs.end()))
    report(
        bench="jni",
        case=f"{candidates} candidate{'s' if candidates > 1 else ''} in one group, first append to last read",
        peer="Rust",
        pairs=pairs,
        amount=1,
        unit="batches/s",
        added_us=round(statistics.median(ours - theirs for ours, theirs in pairs) * 1e6, 2),
    )


def main() -> None:
    """Fits, builds, and compares every case."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5, help="pairs of processes")
    arguments = parser.parse_args()
    java, rust = build()
    with tempfile.TemporaryDirectory() as folder:
        artifact = Path(folder) / "jni.bz"
        fitted(range(FITTED_ROWS)).save(artifact)
        for candidates in CANDIDATES:
            bench(artifact, candidates, arguments.runs, java, rust)


if __name__ == "__main__":
    main()
