"""The operator in Spark's JVMs beside the Python runtime, Spark ML, and what Spark's Python worker costs by itself.

First the text of `spark_transform.py`: tokens hashed to columns. Then the text features of `product_search`: overlap,
BM25, TF-IDF and the like of query against title and description, with groups. All run in one local session on the same
cores over the same Parquet files, alternated, into Spark's `noop` sink. Beside the Python runtime every row's bits are
compared, by its fingerprint.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import buzzsaw as bz
import pyarrow as pa
import pyarrow.parquet as pq
from buzzsaw.spark import jar_path, local_session, transform
from harness import ROOT, SHARED, compare
from pyspark.ml.feature import HashingTF, RegexTokenizer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as fn
from spark_transform import BITS, SPEC, WARM_UP, computed, equal, write

#: The inputs and steps of `product_search` that read text.
TEXT_FEATURES = """
buzzsaw: 1
name: text_features
inputs:
  query:             {type: string, side: query}
  title:             {type: string, side: document}
  short_description: {type: string, side: document}
  supplier:          {type: string, side: document}
  request:           {type: string, side: query, role: group}
steps:
  query_terms:       {transform: tokenize, input: query, analyzer: english}
  title_terms:       {transform: tokenize, input: title, analyzer: english}
  description_terms: {transform: tokenize, input: short_description, analyzer: english}
  supplier_terms:    {transform: tokenize, input: supplier, analyzer: english}
  title_bm25:        {transform: bm25, inputs: [query_terms, title_terms]}
  description_bm25:  {transform: bm25, inputs: [query_terms, description_terms]}
  title_overlap:     {transform: term_overlap, inputs: [query_terms, title_terms]}
  title_coverage:    {transform: coverage, inputs: [query_terms, title_terms]}
  supplier_overlap:  {transform: term_overlap, inputs: [query_terms, supplier_terms]}
  title_cosine:      {transform: tfidf_cosine, inputs: [query_terms, title_terms]}
  title_tfidf:       {transform: tfidf, input: title_terms, max_features: 5000}
  supplier_x_query:  {transform: hashed_cross, inputs: [supplier, query_terms], bits: 18}
  best_title:        {transform: group_rank, input: title_bm25}
features: [title_bm25, description_bm25, title_overlap, title_coverage, supplier_overlap, title_cosine, title_tfidf,
           supplier_x_query, best_title]
"""
#: Candidates of a request.
GROUP = 50


def prints(frame: DataFrame) -> dict[int, int]:
    """How many rows have each fingerprint."""
    counted = frame.groupBy("fingerprint").count().collect()
    return {row["fingerprint"]: row["count"] for row in counted}


def texts_of(frame: DataFrame) -> tuple[int, int]:
    """How many rows there are, and a hash of all texts in any order."""
    count, mixed = frame.select(fn.count("*"), fn.bit_xor(fn.xxhash64("text"))).first() or (0, 0)
    return count, mixed


def hashing(session: SparkSession, path: Path, size: int, runs: int) -> None:
    """Tokens of plain text, hashed."""
    frame = session.read.parquet(str(path))
    pipeline = bz.fit(bz.Spec.parse(SPEC), {})
    tokenizer = RegexTokenizer(inputCol="text", outputCol="terms", pattern="[^a-z0-9]+")
    counting = HashingTF(inputCol="terms", outputCol="tf", numFeatures=1 << BITS)
    made = {runtime: transform(frame, pipeline, keep=[], runtime=runtime) for runtime in ("python", "jvm")}
    sample = frame.where(fn.col("id") < 20_000)
    like_spark_ml = equal(
        transform(sample, pipeline, keep=["id"], runtime="jvm"),
        counting.transform(tokenizer.transform(sample)).select("id", "tf"),
    )
    text = frame.select("text")
    # Workers do not find the modules of the benches, and get a function of this program by value.
    identity = text.mapInArrow(lambda batches: batches, text.schema)
    megabytes = size / 1e6
    cores = session.sparkContext.defaultParallelism
    peers = [
        ("Python runtime", made["python"], prints(made["jvm"]) == prints(made["python"])),
        ("Spark ML", counting.transform(tokenizer.transform(frame)).select("tf"), like_spark_ml),
        # The price of the worker alone: it computes nothing, so its rows are compared with those that it was given.
        ("identity mapInArrow", identity, texts_of(identity) == texts_of(text)),
    ]
    for peer, theirs, same in peers:
        compare(
            bench="spark_runtimes",
            case=f"tokenise and hash {megabytes:.0f} MB of product text to 2^{BITS} columns, {cores} cores",
            peer=peer,
            ours=computed(made["jvm"]),
            theirs=computed(theirs),
            amount=megabytes,
            unit="MB/s",
            equal=same,
            runs=runs,
            warm_up=WARM_UP,
            target=1.5 if peer == "Python runtime" else None,
        )


def pairs_of(path: Path, copies: int) -> int:
    """Writes pairs of queries and products `copies` times as Parquet, a file each, and returns their number."""
    folder = SHARED / "data" / "icecat"
    products = pq.read_table(folder / "products.parquet", columns=["title", "short_description", "supplier"])
    queries = pq.read_table(folder / "judgments.parquet", columns=["query"])["query"].unique().to_pylist()
    path.mkdir()
    for copy in range(copies):
        requests = [f"{copy}-{i // GROUP}" for i in range(products.num_rows)]
        asked = [queries[(copy * 31 + i // GROUP) % len(queries)] for i in range(products.num_rows)]
        table = products.append_column("query", pa.array(asked)).append_column("request", pa.array(requests))
        pq.write_table(table, path / f"{copy}.parquet")
    return copies * products.num_rows


def text_features(session: SparkSession, path: Path, rows: int, runs: int) -> None:
    """Text of a query against that of a product, in groups."""
    frame = session.read.parquet(str(path))
    once = pq.read_table(path).slice(0, 20_000)
    pipeline = bz.fit(bz.Spec.parse(TEXT_FEATURES), once, once)
    made = {runtime: transform(frame, pipeline, keep=[], runtime=runtime) for runtime in ("python", "jvm")}
    compare(
        bench="spark_runtimes",
        case=f"{len(pipeline.feature_names)} text features of {rows:,} pairs in groups of {GROUP}, with the shuffle",
        peer="Python runtime",
        ours=computed(made["jvm"]),
        theirs=computed(made["python"]),
        amount=rows,
        unit="rows/s",
        equal=prints(made["jvm"]) == prints(made["python"]),
        runs=runs,
        warm_up=WARM_UP,
        target=1.5,
    )


def main() -> None:
    """Makes the tables and runs the comparisons."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    # Of less than a second a query's start is most, which nights of hours do not notice.
    parser.add_argument("--copies", type=int, default=100, help="how often the catalogue is repeated for pairs")
    parser.add_argument("--text-copies", type=int, default=120, help="how often it is repeated for the text alone")
    parser.add_argument("--runs", type=int, default=5, help="alternated runs of each")
    parser.add_argument("--cores", type=int, default=2)
    arguments = parser.parse_args()
    jars = ROOT / "build" / "delta-jars"
    session = local_session("buzzsaw-bench", jars, cores=arguments.cores, buzzsaw_jar=jar_path())
    with tempfile.TemporaryDirectory() as folder:
        text, pairs = Path(folder) / "text.parquet", Path(folder) / "pairs.parquet"
        hashing(session, text, write(text, arguments.text_copies), arguments.runs)
        if (SHARED / "data" / "icecat").exists():
            text_features(session, pairs, pairs_of(pairs, arguments.copies), arguments.runs)
    session.stop()


if __name__ == "__main__":
    main()
