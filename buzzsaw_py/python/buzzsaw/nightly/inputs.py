"""The inputs of a night: labels, the rows of a date, and the join to rows to learn from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn
from pyspark.sql.types import IntegralType, StringType

from buzzsaw.errors import InvalidValueError, TypeMismatchError
from buzzsaw.jobs import dated, delta
from buzzsaw.jobs.inputs import InputTable, qid_of
from buzzsaw.jobs.runs import manifest_of, table_of
from buzzsaw.jobs.storage import location_of, table_path
from buzzsaw.labels.manifest import FORM as LABEL_FORM
from buzzsaw.labels.manifest import LABELS
from buzzsaw.spark import columns, fold_of

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

    from buzzsaw import Spec

QUERY, PRODUCT = "query", "product_id"

#: Whether the product of a row is in the table of products.
KNOWN = "known_product"


def read_labels(session: SparkSession, output: str, day: date, *, whole_groups: bool) -> InputTable:
    """The labels of a date: the version and the columns that the label job's manifest names.

    Args:
        session: Spark with Delta.
        output: The output of the label job.
        day: The date.
        whole_groups: Whether features depend on the other rows of a group, so that none may be left out.

    Raises:
        InvalidValueError: when the label run of the date has not ended, or the folder is another job's; when it
            sampled within groups that must be whole.
        CorruptArtifactError: when its manifest cannot be read.
    """
    root = location_of(output, session)
    made = manifest_of(root, day, LABEL_FORM)
    named, rate = table_of(made, LABELS), made["settings"]["negative_rate"]
    if whole_groups and rate < 1:
        raise InvalidValueError.of(
            f"the labels keep {rate:.0%} of a group's rows without a grade, and the spec has features within a group",
            place="labels",
            hint="serving sees whole groups: label with `negative_rate: 1`; `clickless_rate` samples whole requests",
        )
    path = table_path(root / named["path"], session)
    rows = delta.read_columns(session, path, named["version"], day, named["columns"])
    return InputTable(path, "delta", named["version"], rows)


def of_date(table: InputTable, column: str | None, day: date) -> InputTable:
    """The rows of one date, by a column of dates or times (UTC) or their ISO text; all rows without a column.

    Rows whose date is unknown belong to every date: `checking` rejects them. The table has the columns that the date's
    own files have.

    Raises:
        MissingInputError: when the column is absent.
        TypeMismatchError: when the column is of another type; when files of the date have a column of several types.
        InvalidValueError: when the date has no row.
    """
    if column is None:
        return table
    table = dated.with_their_columns(table, column, day, day)
    chosen = dated.within(table, column, day, day)
    if table.rows.where(chosen).isEmpty():
        raise InvalidValueError.of(f"there are no rows of {day}", place=f"{table.path}, column {column}")
    unknown = dated.date_of_column(table.rows, column, table.path).isNull()
    return replace(table, rows=table.rows.where(chosen | unknown))


def check_own_columns(spec: Spec, products: DataFrame, judgments: DataFrame, group: str) -> None:
    """Refuses inputs that a table has under a name of a column that the job makes: one would hide the other.

    Args:
        spec: The spec.
        products: The products.
        judgments: The judgments.
        group: The column of the judgments that says the groups, as `join` takes it.

    Raises:
        InvalidValueError: names each.
    """
    of_roles = {column.name for column in spec.inputs if column.role in ("group", "qid")}
    made = {"fold", KNOWN} | ({"qid", "group_id"} - of_roles)
    # Where no other column says the groups, the judgments' own does, and is what the job's holds.
    own = {"group_id"} if group == "group_id" else set()
    given = {name.lower() for name in products.columns}
    given |= {name.lower() for name in judgments.columns} - own
    problems: list[dict[str, str]] = []
    for column in spec.inputs:
        if column.name in made & given:
            message = f"the job makes a column `{column.name}` of its own, and the spec reads the one of the tables"
            hint = "give the column of the table another name"
            problems += InvalidValueError.of(message, place=f"inputs.{column.name}", hint=hint).problems
    if problems:
        raise InvalidValueError(problems)


def join(  # noqa: PLR0917
    products: DataFrame,
    judgments: DataFrame,
    now: datetime,
    folds: int,
    group: str = "group_id",
    qid: str = "qid",
) -> DataFrame:
    """One row a judgment with its product's columns, and `qid`, `group_id`, `fold`, `now` and `known_product`.

    Every judgment has a query and a product, and every product is listed once: `checking` has seen to it.
    A group is what the judgments' own `group_id` says, such as one request; without that column, the candidates of one
    query as it was typed. Several groups can share a qid. A judgment of an unknown product
    stays, with missing product columns.

    Args:
        products: The accepted products.
        judgments: The accepted judgments.
        now: The time that every row sees.
        folds: How many folds there are.
        group: The column that says the groups where the spec's input with `role: group` has another name.
        qid: The column of text or whole numbers to take the qid of, where the spec's input with `role: qid` has
            another name.

    Raises:
        MissingInputError: when a key column is absent.
        TypeMismatchError: when the tables have keys of different types.
    """
    columns.select(products, [PRODUCT], "the table of products")
    columns.select(judgments, [QUERY, PRODUCT, *({group, qid} - {"group_id", "qid"})], "the table of judgments")
    if qid != "qid" and not isinstance(kind := judgments.select(qid).schema[0].dataType, (StringType, IntegralType)):
        raise TypeMismatchError.of(
            f"the qid is of type {kind.simpleString()}", place=f"inputs.{qid}", hint="give text or whole numbers"
        )
    ours, theirs = (table.select(PRODUCT).schema[0].dataType.simpleString() for table in (products, judgments))
    if ours != theirs:
        raise TypeMismatchError.of(
            f"product_id is {ours} in the products and {theirs} in the judgments",
            place=PRODUCT,
            hint="give both one type",
        )
    # An earlier run's, of no use here.
    judgments = judgments.drop(KNOWN)
    judged = {name.lower() for name in judgments.columns} - {PRODUCT}
    described = products.select([columns.column(name) for name in products.columns if name.lower() not in judged])
    query = fn.col(QUERY)
    own_group = group if group.lower() in judged else QUERY
    return (
        judgments.join(described.withColumn(KNOWN, fn.lit(True)), PRODUCT, "left")
        .withColumn(KNOWN, fn.col(KNOWN).isNotNull())
        .withColumn("qid", qid_of(query) if qid == "qid" else columns.column(qid).cast("string"))
        .withColumn("group_id", columns.column(own_group).cast("string"))
        .withColumn("now", fn.lit(now))
        .withColumn("fold", fold_of(fn.col("qid"), folds))
    )
