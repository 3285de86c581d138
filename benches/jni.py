"""A request's features through Java beside the same through Rust: what the JVM binding costs.

Both load one artifact, make the same requests, and work through batches from the first append to the last read of the
output: Java through `Pipeline`, `Batch` and `FeatureMatrix`, timed by JMH, Rust through `BatchBuilder`. Rust's texts
are UTF-8; Java has cases with texts in UTF-8, as an index holds them, and with its own strings, which it has to encode.

A pair is an iteration of JMH and the turn of the Rust process after it, both of the same length and each the mean of
its batches, so that a busy machine slows both alike. The fingerprints of all rows, and a digest of every value read,
must be equal, or JMH fails. The jars are those of `make build`.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import buzzsaw as bz
import pyarrow as pa
from harness import ROOT, report

CANDIDATES = (1, 100, 1_000)
HELD = {"utf8": "UTF-8", "string": "strings of Java"}
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
BUILT = ROOT / "buzzsaw_jvm" / "benches" / "target"


def number(row: int, usage: int) -> int:
    """A number below 2^24 for a row and one of its 31 uses."""
    return ((row * 31 + usage) * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF) >> 40


#: What a call may add to the work of one candidate, in microseconds.
MOST_ADDED_US = 2.0


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


def jmh(artifact: Path, forks: int, results: Path) -> list[dict[str, Any]]:
    """Runs JMH, and the Rust program from it; what JMH says of each number of candidates."""
    build = ["cargo", "build", "--quiet", "--release", "--locked", "-p", "buzzsaw_core", "--example", "jni_peer"]
    subprocess.run(build, cwd=ROOT, check=True, stdout=sys.stderr)
    classes = [*BUILT.glob("buzzsaw-benches-*.jar"), *(BUILT / "lib").glob("*.jar")]
    if not classes:
        raise SystemExit("the benchmark is not built: run `make build`")
    parameters = {
        "artifact": artifact,
        "peer": ROOT / "target" / "release" / "examples" / "jni_peer",
        "candidates": ",".join(map(str, CANDIDATES)),
    }
    command = ["java", "-cp", os.pathsep.join(map(str, classes)), "org.openjdk.jmh.Main", "JniBench"]
    for name, value in parameters.items():
        command += ["-p", f"{name}={value}"]
    command += ["-f", str(forks), "-foe", "true", "-rf", "json", "-rff", str(results)]
    if subprocess.run(command, check=False, stdout=sys.stderr).returncode != 0:
        raise SystemExit("jni: JMH failed, or the outputs differ from Rust's, so no ratio is given")
    runs: list[dict[str, Any]] = json.loads(results.read_text("utf-8"))
    return runs


def seconds(metric: dict[str, Any]) -> list[float]:
    """A metric's nanoseconds of each iteration of each fork, as seconds."""
    return [nanoseconds / 1e9 for fork in metric["rawData"] for nanoseconds in fork]


def compare(run: dict[str, Any]) -> None:
    """Prints one case."""
    candidates = int(run["params"]["candidates"])
    held = HELD[run["params"]["text"]]
    ours, theirs = seconds(run["primaryMetric"]), seconds(run["secondaryMetrics"]["nanoseconds"])
    pairs = list(zip(ours, theirs, strict=True))
    added = statistics.median(mine - peer for mine, peer in pairs) * 1e6
    # Of one candidate the time that is added is what counts.
    target = {"added_target_us": MOST_ADDED_US, "added_met": added < MOST_ADDED_US} if candidates == 1 else {}
    report(
        bench="jni",
        case=f"{candidates} candidate{'s' if candidates > 1 else ''} in one group, texts as {held}",
        peer="Rust",
        pairs=pairs,
        amount=1,
        unit="batches/s",
        target=0.95 if candidates >= 100 else None,
        added_us=round(added, 2),
        **target,
    )


def main() -> None:
    """Fits, and compares every case."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--forks", type=int, default=3, help="pairs of fresh processes for each case")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        artifact = Path(folder) / "jni.bz"
        fitted(range(FITTED_ROWS)).save(artifact)
        for run in jmh(artifact, arguments.forks, Path(folder) / "jmh.json"):
            compare(run)


if __name__ == "__main__":
    main()
