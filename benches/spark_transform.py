"""Tokenise and hash product text on Spark: `buzzsaw.spark.transform` beside Spark ML's RegexTokenizer and HashingTF.

Both run in one local session on the same cores over the same Parquet file, alternated, into Spark's `noop` sink. The
text is that of the products, lower case and of ASCII words, so that both split it alike. Their hash functions differ,
so columns cannot be compared; what does not depend on the hash is: every row's number of tokens must be equal, and its
number of distinct columns but for rare collisions.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import buzzsaw as bz
import pyarrow as pa
import pyarrow.parquet as pq
from buzzsaw.datasets import Catalogue
from buzzsaw.spark import local_session, transform
from harness import ROOT, SHARED, compare
from pyspark.ml.feature import HashingTF, RegexTokenizer
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as fn

BITS = 18
SPEC = f"""
buzzsaw: 1
name: spark_transform
inputs:
  text: {{type: string, side: document}}
steps:
  terms: {{transform: tokenize, input: text, analyzer: standard}}
  hashed: {{transform: hashed_terms, input: terms, bits: {BITS}}}
features: [hashed]
"""
#: Pairs before the first that counts: a night works for hours, so what is measured is compiled.
WARM_UP = 5

#: Of a thousand rows, about one has two of its 20 terms in one of 2^18 columns.
MOST_COLLISIONS = 0.01


def texts() -> list[str]:
    """Title and description of every product: lower case, words of ASCII letters and digits only."""
    path = SHARED / "data" / "icecat" / "products.parquet"
    table = pq.read_table(path) if path.exists() else Catalogue(products=20_000).product_table()
    columns = zip(table["title"].to_pylist(), table["short_description"].to_pylist(), strict=True)
    return [" ".join(re.findall("[a-z0-9]+", f"{title or ''} {text or ''}".lower())) for title, text in columns]


def write(path: Path, copies: int) -> int:
    """Writes the text `copies` times as Parquet, with an id a row, and returns its bytes.

    Each copy is a file: one large file would be cut where a row group ends, and one core would wait for another.
    """
    once = texts()
    schema = pa.schema([("id", pa.int64()), ("text", pa.string())])
    path.mkdir()
    for copy in range(copies):
        ids = pa.array(range(copy * len(once), (copy + 1) * len(once)))
        pq.write_table(pa.Table.from_arrays([ids, pa.array(once)], schema=schema), path / f"{copy}.parquet")
    return copies * sum(len(text.encode()) for text in once)


def equal(ours: DataFrame, theirs: DataFrame) -> bool:
    """Whether both counted the same tokens in every row, and the same terms but for collisions."""
    mine = {row["id"]: (row["hashed"]["indices"], row["hashed"]["values"]) for row in ours.collect()}
    rows = theirs.collect()
    collided = 0
    for row in rows:
        columns, counts = mine[row["id"]]
        if sum(counts) != sum(row["tf"].values):
            print(f"row {row['id']}: {sum(counts)} tokens here, {sum(row['tf'].values)} there", file=sys.stderr)
            return False
        collided += abs(len(columns) - len(row["tf"].indices))
    if collided > len(rows) * MOST_COLLISIONS:
        print(f"{collided} distinct terms differ over {len(rows)} rows", file=sys.stderr)
        return False
    return len(rows) == len(mine) > 0


def same_size(one: DataFrame, other: DataFrame) -> bool:
    """Whether both have as many rows, and columns within 3% as many in all."""
    first, second = (
        frame.select(fn.count("*"), fn.sum(fn.size("hashed.indices"))).first() or (0, 0) for frame in (one, other)
    )
    return first[0] == second[0] and abs(first[1] / second[1] - 1) < 0.03


def computed(frame: DataFrame) -> Callable[[], None]:
    """Computes every row and throws it away."""
    return lambda: frame.write.format("noop").mode("overwrite").save()


class Canned:
    """An identity that emits rows as large as the features are, computed once, whatever rows it is given."""

    def __init__(self, features: pa.RecordBatch) -> None:
        self._features = features

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """As many rows as there are."""
        for batch in batches:
            yield self._features.slice(0, batch.num_rows)


def bench(session: SparkSession, path: Path, size: int, runs: int) -> None:
    """Compares and prints."""
    frame = session.read.parquet(str(path))
    pipeline = bz.fit(bz.Spec.parse(SPEC), {})
    tokenizer = RegexTokenizer(inputCol="text", outputCol="terms", pattern="[^a-z0-9]+")
    hashing = HashingTF(inputCol="terms", outputCol="tf", numFeatures=1 << BITS)

    def ours(rows: DataFrame, keep: list[str]) -> DataFrame:
        return transform(rows, pipeline, keep=keep).drop("fingerprint")

    def theirs(rows: DataFrame, keep: list[str]) -> DataFrame:
        return hashing.transform(tokenizer.transform(rows)).select(*keep, "tf")

    sample = frame.where(fn.col("id") < 20_000)
    megabytes = size / 1e6
    cores = session.sparkContext.defaultParallelism
    compare(
        bench="spark_transform",
        case=f"tokenise and hash {megabytes:.0f} MB of product text to 2^{BITS} columns, {cores} cores",
        peer="Spark ML",
        ours=computed(ours(frame, [])),
        theirs=computed(theirs(frame, [])),
        amount=megabytes,
        unit="MB/s",
        equal=equal(ours(sample, ["id"]), theirs(sample, ["id"])),
        runs=runs,
        warm_up=WARM_UP,
        target=6.0,
    )
    # It computes nothing, so there is nothing to compare but the number of rows and their size.
    made = transform(frame, pipeline, keep=[])
    rows = int(session.conf.get("spark.sql.execution.arrow.maxRecordsPerBatch") or 10_000)
    canned = Canned(made.limit(rows).toArrow().combine_chunks().to_batches()[0])
    crossing = frame.select("text").mapInArrow(canned, made.schema)
    compare(
        bench="spark_transform",
        case=f"tokenise and hash {megabytes:.0f} MB of product text to 2^{BITS} columns, {cores} cores",
        peer="identity mapInArrow that emits rows of the same size",
        ours=computed(made),
        theirs=computed(crossing),
        amount=megabytes,
        unit="MB/s",
        equal=same_size(crossing, made),
        runs=runs,
        warm_up=WARM_UP,
        target=0.75,
    )


def main() -> None:
    """Makes the text and runs the comparison."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--copies", type=int, default=80, help="how often the catalogue is repeated")
    parser.add_argument("--runs", type=int, default=5, help="alternated runs of each")
    parser.add_argument("--cores", type=int, default=2)
    arguments = parser.parse_args()
    session = local_session("buzzsaw-bench", ROOT / "build" / "delta-jars", cores=arguments.cores)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "text.parquet"
        bench(session, path, write(path, arguments.copies), arguments.runs)
    session.stop()


if __name__ == "__main__":
    main()
