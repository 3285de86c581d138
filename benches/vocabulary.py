"""A vocabulary of every term, fitted on a standalone cluster: TF-IDF beside Spark ML's CountVectorizer and IDF.

Each term is in two documents, far from each other. Both are fitted in drivers of their own over the same Parquet
file; the terms that they keep, and how many documents hold each, must be equal. The larger vocabulary is fitted by us
alone: its terms and their documents are checked against how they were made. It is fitted once more with `min_df` as a
share of the documents, which all terms but one are below.

Memory is the proportional set size, sampled once a second: of the driver (its JVM and its Python together), and of a
worker (its daemon, its executor and its Python workers together). The targets are those of `standalone.TARGETS`, in all
of our fits.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds
import standalone
from cluster import Cluster, environment_archive, running
from harness import report

#: Terms of a document.
LENGTH = 20
#: An odd number, so that products modulo 2^32 are all different; a prime that spreads the second document of a term.
MULTIPLIER, STRIDE = 2_654_435_761, 7_919
SPEC = """
buzzsaw: 1
name: vocabulary
inputs:
  text: {type: string, side: document}
steps:
  terms: {transform: tokenize, input: text, analyzer: spark}
  weights: {transform: tfidf, input: terms}
features: [weights]
"""


def make(path: Path, terms: int) -> None:
    """The driver that writes the documents."""
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as fn

    session = SparkSession.builder.getOrCreate()
    slot = fn.expr(f"transform(sequence(0, {LENGTH - 1}), j -> id * {LENGTH} + j)")
    number = fn.expr(f"transform(slot, s -> if(s < {terms}, s, (s - {terms}) * {STRIDE} % {terms}))")
    spelt = fn.expr(f"transform(number, n -> lower(conv(cast(n * {MULTIPLIER} % 4294967296 as string), 10, 36)))")
    documents = session.range(0, 2 * terms // LENGTH, numPartitions=max(4, terms // 500_000))
    text = (
        documents.withColumn("slot", slot).withColumn("number", number).select(fn.array_join(spelt, " ").alias("text"))
    )
    text.write.parquet(str(path))


def spelt(terms: int) -> pa.Array:
    """The terms, as `make` makes them."""
    rest = np.arange(terms, dtype=np.uint64) * np.uint64(MULTIPLIER) % np.uint64(2**32)
    alphabet = np.frombuffer(b"0123456789abcdefghijklmnopqrstuvwxyz", np.uint8)
    # Numbers below 2^32 have seven digits at most.
    digits = np.empty((terms, 7), np.uint8)
    for place in range(6, -1, -1):
        digits[:, place] = rest % 36
        rest //= 36
    told = np.logical_or.accumulate(digits > 0, axis=1)
    told[:, -1] = True
    ends = np.concatenate([np.zeros(1, np.int64), np.cumsum(told.sum(axis=1))])
    text = alphabet[digits[told]]
    return pa.Array.from_buffers(pa.large_binary(), terms, [None, pa.py_buffer(ends), pa.py_buffer(text)])


def digest(terms: pa.Array, documents: pa.Array) -> str:
    """Of terms in ascending order and how many documents hold each."""
    order = pc.sort_indices(terms)
    terms, documents = terms.take(order), documents.take(order).cast(pa.int64())
    _, ends, text = terms.buffers()
    return hashlib.sha256(ends.to_pybytes() + text.to_pybytes() + documents.to_numpy().tobytes()).hexdigest()


def ours(path: Path, folder: Path) -> None:
    """The driver of our fit."""
    import buzzsaw as bz
    from buzzsaw.spark import fit
    from pyspark.sql import SparkSession

    session = SparkSession.builder.getOrCreate()
    text = session.read.parquet(str(path))
    began = time.monotonic()
    pipeline = fit(bz.Spec.parse(SPEC), text, text)
    fitted = time.monotonic()
    pipeline.save(folder / "fitted.buzzsaw")
    standalone.tell(seconds=fitted - began, save_seconds=time.monotonic() - fitted)


def share(path: Path) -> None:
    """The driver of a fit that keeps one term, which is in each document."""
    import buzzsaw as bz
    from buzzsaw.spark import fit
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as fn

    session = SparkSession.builder.getOrCreate()
    text = session.read.parquet(str(path)).select(fn.concat("text", fn.lit(" everywhere")).alias("text"))
    began = time.monotonic()
    pipeline = fit(bz.Spec.parse(SPEC.replace("input: terms}", "input: terms, min_df: 0.5}")), text, text)
    standalone.tell(seconds=time.monotonic() - began, kept=pipeline.sparse_columns["weights"])


def theirs(path: Path, folder: Path) -> None:
    """The driver of Spark ML's."""
    from pyspark.ml.feature import IDF, CountVectorizer
    from pyspark.sql import SparkSession
    from pyspark.sql import functions as fn

    session = SparkSession.builder.getOrCreate()
    text = session.read.parquet(str(path)).select(fn.split("text", " ").alias("terms"))
    began = time.monotonic()
    counting = CountVectorizer(inputCol="terms", outputCol="counts", vocabSize=1 << 30, minDF=1.0).fit(text)
    weighing = IDF(inputCol="counts").fit(counting.transform(text))
    standalone.tell(seconds=time.monotonic() - began)
    counting.write().save(str(folder / "counting"))
    weighing.write().save(str(folder / "weighing"))


def of_ours(folder: Path) -> str:
    """The digest of our artifact."""
    entry = "state/weights.vocabulary.arrow"
    with zipfile.ZipFile(folder / "fitted.buzzsaw") as artifact, artifact.open(entry) as written:
        table = pa.ipc.open_file(pa.py_buffer(written.read())).read_all()
    return digest(table["term"].combine_chunks(), table["document_frequency"].combine_chunks())


def of_theirs(folder: Path) -> str:
    """The digest of Spark ML's models."""
    terms = ds.dataset(folder / "counting" / "data").to_table()["vocabulary"].combine_chunks().flatten()
    documents = ds.dataset(folder / "weighing" / "data").to_table()["docFreq"].combine_chunks().flatten()
    return digest(terms.cast(pa.large_binary()), documents)


def expected(terms: int) -> str:
    """The digest of what `make` made."""
    return digest(spelt(terms), pa.repeat(pa.scalar(2, pa.int64()), terms))


def fitted(
    cluster: Cluster, archive: Path, root: Path, kind: str, terms: int
) -> tuple[dict[str, float], dict[str, int]]:
    """Runs a driver over the documents of so many terms; what it told, and the peaks of memory."""
    folder = root / f"{kind}-{terms}"
    folder.mkdir()
    words = [__file__, "--drive", kind, "--terms", str(terms), "--folder", str(root)]
    told, peak = standalone.drive(cluster, archive, folder, words, {"spark.driver.memory": "512m"})
    return told[0] if told else {}, peak


def main() -> None:
    """Fits both at one size, and ours at the larger one."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--terms", type=int, default=500_000, help="those of the comparison")
    parser.add_argument("--most", type=int, default=20_000_000, help="those that we fit alone")
    parser.add_argument("--runs", type=int, default=3, help="alternated runs of each")
    parser.add_argument("--drive", choices=["make", "ours", "theirs", "share"], help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.drive:
        path, folder = (arguments.folder / f"{name}-{arguments.terms}" for name in ("text", arguments.drive))
        if arguments.drive == "make":
            make(path, arguments.terms)
        elif arguments.drive == "share":
            share(path)
        else:
            {"ours": ours, "theirs": theirs}[arguments.drive](path, folder)
        return
    terms, most = arguments.terms, arguments.most
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        archive = environment_archive(root / "environment.zip")
        with running(root / "cluster", workers=2) as cluster:
            pairs: list[tuple[float, float]] = []
            peaks: dict[str, list[dict[str, int]]] = {"ours": [], "theirs": []}
            fitted(cluster, archive, root, "make", terms)
            for run in range(arguments.runs):
                told = []
                for kind in ("ours", "theirs"):
                    line, peak = fitted(cluster, archive, root, kind, terms)
                    told.append(line["seconds"])
                    peaks[kind].append(peak)
                if not of_ours(root / f"ours-{terms}") == of_theirs(root / f"theirs-{terms}") == expected(terms):
                    raise SystemExit("vocabulary: terms or documents differ from Spark ML's, so no ratio is given")
                pairs.append((told[0], told[1]))
                for kind in ("ours", "theirs"):
                    (root / f"{kind}-{terms}").rename(root / f"{kind}-{terms}-{run}")
            fitted(cluster, archive, root, "make", most)
            line, peak = fitted(cluster, archive, root, "ours", most)
            if of_ours(root / f"ours-{most}") != expected(most):
                raise SystemExit(f"vocabulary: {most:,} terms or their documents are not those that were made")
            few, few_peak = fitted(cluster, archive, root, "share", most)
            if few["kept"] != 1:
                raise SystemExit(f"vocabulary: a share keeps {few['kept']} terms, not 1")
    report(
        bench="vocabulary",
        case=f"TF-IDF of {terms:,} terms, all kept, two workers of one core",
        peer="Spark ML",
        pairs=pairs,
        amount=terms,
        unit="terms/s",
        driver_mib=round(max(one["driver"] for one in peaks["ours"]) / 2**20),
        peer_driver_mib=round(max(one["driver"] for one in peaks["theirs"]) / 2**20),
        most_terms=most,
        most_seconds=round(line["seconds"], 1),
        most_driver_mib=round(peak["driver"] / 2**20),
        most_worker_mib=round(peak["worker"] / 2**20),
        share_seconds=round(few["seconds"], 1),
        share_driver_mib=round(few_peak["driver"] / 2**20),
        share_worker_mib=round(few_peak["worker"] / 2**20),
        **standalone.met(*peaks["ours"], peak, few_peak),
    )


if __name__ == "__main__":
    main()
