"""Checking the rows of an input: which are accepted, which are rejected and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timezone
from functools import partial
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn
from pyspark.sql.types import (
    AtomicType,
    BooleanType,
    DateType,
    DoubleType,
    FloatType,
    NumericType,
    StringType,
    TimestampNTZType,
    TimestampType,
)

import buzzsaw as bz
from buzzsaw.errors import InvalidValueError, TypeMismatchError
from buzzsaw.jobs.dated import date_of_column
from buzzsaw.jobs.settings_file import problem, time_of
from buzzsaw.nightly.checks import ColumnChecks, Limits, TableChecks, tell
from buzzsaw.nightly.inputs import PRODUCT
from buzzsaw.nightly.spec_checks import SpecChecks
from buzzsaw.spark import columns

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame
    from pyspark.sql.types import DataType

#: Why a row is rejected: a list of texts, empty for an accepted row.
REASONS = "__reasons"

_TIMES = (TimestampType, TimestampNTZType)

#: Keys of rejected rows that a message names, at most.
_EXAMPLES = 3


@dataclass(frozen=True)
class Finding:
    """What was counted and what the limits say of it."""

    #: `rejected`, `missing`, `unknown_products` or `shared`.
    check: str
    input: str
    column: str | None
    rows: int
    of: int
    limits: Limits
    #: What else there is to say, for people.
    words: str = ""
    #: Where the limits are, unless it is where settings have them.
    at: str = ""

    @property
    def share(self) -> float:
        """The share of the rows; 0.0 of none."""
        return self.rows / self.of if self.of else 0.0

    @property
    def place(self) -> str:
        """Where the limits are; of a `shared` column, which has none, where it is taken from."""
        if self.at:
            return f"{self.at}.{self.check}"
        if self.check == "unknown_products":
            return "checks.unknown_products"
        if self.check == "shared":
            return f"{self.input}.{self.column}"
        within = f".columns.{self.column}" if self.column else ""
        return f"checks.{self.input}{within}.{self.check}"

    @property
    def outcome(self) -> str:
        """`passed`, `warned` or `stopped`."""
        return self.limits.outcome(self.share)

    def __str__(self) -> str:
        if self.check == "shared":
            return (
                f"both inputs have a column {self.column}: training rows take that of the judgments, and not that of "
                "the products"
            )
        what = {"rejected": "are rejected", "missing": f"have no {self.column}"}.get(
            self.check, "are of products that the accepted products do not have"
        )
        return f"{self.rows:,} of {self.of:,} {self.input} ({self.share:.2%}) {what}{self.words}"


@dataclass(frozen=True)
class CheckedRows:
    """The rows of an input with their reasons, and their counts."""

    rows: DataFrame
    read: int
    rejected: int
    findings: tuple[Finding, ...]

    @property
    def accepted_rows(self) -> DataFrame:
        """The rows without a reason, as they were read."""
        return self.rows.where(fn.size(REASONS) == 0).drop(REASONS)

    @property
    def rejected_rows(self) -> DataFrame:
        """The other rows, with their reasons."""
        return self.rows.where(fn.size(REASONS) > 0)


def check_rows(  # noqa: PLR0917
    rows: DataFrame,
    name: str,
    keys: tuple[str, ...],
    checks: TableChecks,
    unique: bool,
    date_column: str | None = None,
) -> CheckedRows:
    """Judges every row in one pass; a second one finds keys that are listed twice.

    Args:
        rows: The input.
        name: What it is called, `products` or `judgments`.
        keys: The columns that each row must have.
        checks: What the settings ask for.
        unique: Whether the first key names one row; rows that share it are all rejected, as none is the right one.
        date_column: The column that says which date a row is of, in an input of many dates.

    Raises:
        MissingInputError: When a column that is checked is absent.
        TypeMismatchError: When a column has another type than asked for, or one that its checks cannot judge.
    """
    columns.select(rows, [*keys, *checks.columns], f"the table of {name}")
    types = {field.name.lower(): field.dataType for field in rows.schema}
    _check_types({column: types[column.lower()] for column in checks.columns}, name, checks)
    required = {key: ColumnChecks(required=True) for key in keys} | checks.columns
    conditions: list[tuple[str, Column]] = []
    for column, check in required.items():
        if column in keys and column in checks.columns:
            conditions.append((f"{column} is missing", _missing(column, types[column.lower()])))
        conditions += _conditions(column, types[column.lower()], check, name)
    if date_column is not None:
        conditions.append((f"{date_column} is no date", date_of_column(rows, date_column, name).isNull()))
    conditions = list(dict(conditions).items())
    if unique:
        rows, twice = _with_twice(rows, keys[0])
        conditions.append((f"{keys[0]} is listed more than once", twice))
    reasons = fn.array_compact(fn.array(*(fn.when(failed, fn.lit(reason)) for reason, failed in conditions)))
    judged = rows.withColumn(REASONS, reasons)
    missing = {column: _missing(column, types[column.lower()]) for column in checks.columns}
    counted = judged.agg(
        fn.count("*").alias("read"),
        fn.count_if(fn.size(REASONS) > 0).alias("rejected"),
        fn.array(*(fn.count_if(fn.array_contains(REASONS, reason)) for reason, _ in conditions)).alias("reasons"),
        fn.array(*(fn.count_if(lacks) for lacks in missing.values())).alias("missing"),
    ).collect()[0]
    read, rejected = counted["read"], counted["rejected"]
    by_reason = {reason: rows for (reason, _), rows in zip(conditions, counted["reasons"], strict=True) if rows}
    helpers = [column for column in judged.columns if column == _TWICE]
    checked = judged.drop(*helpers)
    words = _words(checked, keys, by_reason) if rejected else ""
    findings = [Finding("rejected", name, None, rejected, read, checks.rejected, words)]
    findings += [
        _of_missing(name, column, check, rows, read)
        for (column, check), rows in zip(checks.columns.items(), counted["missing"], strict=True)
    ]
    return CheckedRows(checked, read, rejected, tuple(findings))


def shared(products: DataFrame, judgments: DataFrame, spec: bz.Spec, counted: CheckedRows) -> tuple[Finding, ...]:
    """A warning for each column, but the key, that the spec reads and both inputs have.

    Args:
        products: The products.
        judgments: The judgments.
        spec: What reads them.
        counted: The judgments, checked.
    """
    both = {name.lower() for name in products.columns} & {name.lower() for name in judgments.columns}
    names = sorted({column.name for column in spec.inputs if column.name in both} - {PRODUCT})
    accepted = counted.read - counted.rejected
    return tuple(Finding("shared", "judgments", name, accepted, accepted, Limits(warn=0.0)) for name in names)


def check_not_empty(checked: Mapping[str, CheckedRows], places: Mapping[str, str]) -> None:
    """Refuses inputs that have no row: whatever the limits are, no share of none is over one.

    Args:
        checked: The inputs by name.
        places: Where they are.

    Raises:
        InvalidValueError: names each.
    """
    problems: list[dict[str, str]] = []
    for name, rows in checked.items():
        if not rows.read:
            hint = "see whether what writes it has ended, and run it again"
            problems.append(problem(InvalidValueError, f"the table of {name} has no rows", places[name], hint))
    if problems:
        raise InvalidValueError(problems)


def judge(findings: tuple[Finding, ...]) -> None:
    """Tells what is over a limit.

    Raises:
        InvalidValueError: For everything that is over its limit to stop, at once.
    """
    for finding in findings:
        if finding.outcome == "warned":
            tell(finding.place, str(finding), rows=finding.rows, of=finding.of, outcome=finding.outcome)
    problems = [
        {
            "code": InvalidValueError.CODE,
            "message": f"{finding}; more than {finding.limits.stop:.2%} stop the run",
            "place": f"{finding.place}.stop",
            "hint": "mend the input, or raise the limit; the settings go over the spec",
        }
        for finding in findings
        if finding.outcome == "stopped"
    ]
    if problems:
        raise InvalidValueError(problems)


def _missing(name: str, kind: DataType) -> Column:
    value = columns.column(name)
    return value.isNull() | fn.isnan(value) if isinstance(kind, (FloatType, DoubleType)) else value.isNull()


def _of_missing(table: str, column: str, check: ColumnChecks, rows: int, of: int) -> Finding:
    """What lacks a value, where the limit is that decides: those to warn and to stop may be of spec and settings."""
    found = Finding("missing", table, column, rows, of, check.missing)
    decides = "stop" if found.outcome == "stopped" or check.missing.warn is None else "warn"
    place = _place(table, column, check, f"missing.{decides}")
    return replace(found, at=place.removesuffix(f".missing.{decides}"))


def _place(table: str, column: str, check: ColumnChecks, key: str) -> str:
    """Where a key of the checks of a column of an input is."""
    if isinstance(check, SpecChecks) and key not in check.over:
        return f"{check.place}.{key}"
    return f"checks.{table}.columns.{column}.{key}"


def _text(written: object) -> str:
    """A value of a check as YAML has it."""
    return str(written).lower() if isinstance(written, bool) else str(written)


def _conditions(name: str, kind: DataType, check: ColumnChecks, table: str) -> Iterator[tuple[str, Column]]:
    """What is wrong with a value, in words, and when."""
    value, missing = columns.column(name), _missing(name, kind)

    def literal(written: object, key: str) -> Column:
        if isinstance(written, str) and isinstance(kind, TimestampType):
            return fn.lit(_instant(written, _place(table, name, check, key)))
        if isinstance(written, str) and isinstance(kind, TimestampNTZType):
            # Times without a zone are read as those of UTC, as features are made of them.
            told = _instant(written, _place(table, name, check, key)).astimezone(timezone.utc).replace(tzinfo=None)
            return fn.lit(told.isoformat(" ")).cast(kind)
        if isinstance(written, str) and isinstance(kind, DateType):
            return fn.lit(_day(written, _place(table, name, check, key)))
        # A float of 32 bits is compared with the limit as such: 0.7 is not below 0.7.
        narrow = isinstance(written, float) and isinstance(kind, FloatType)
        return fn.lit(written).cast(kind) if narrow or isinstance(written, str) else fn.lit(written)

    def there(failed: Column) -> Column:
        return ~missing & failed

    if check.required:
        yield f"{name} is missing", missing
    if check.min is not None:
        yield f"{name} is below {check.min}", there(value < literal(check.min, "min"))
    if check.max is not None:
        yield f"{name} is above {check.max}", there(value > literal(check.max, "max"))
    if check.allowed is not None:
        listed = ", ".join(map(_text, check.allowed))
        yield f"{name} is not one of {listed}", there(~value.isin([literal(one, "allowed") for one in check.allowed]))


def _comparable(written: object, kind: DataType) -> bool:
    """Whether a value of a check is of a kind with a column; of other columns nothing is known."""
    if isinstance(kind, NumericType):
        return isinstance(written, (int, float)) and not isinstance(written, bool)
    if isinstance(kind, BooleanType):
        return isinstance(written, bool)
    return not isinstance(kind, (StringType, DateType, *_TIMES)) or isinstance(written, str)


def _instant(text: str, place: str) -> datetime:
    """The time of a check; one without a zone is UTC, whatever the session's time zone.

    Raises:
        InvalidValueError: when it is none.
    """
    time = time_of(text)
    if time is None:
        message = f"`{text}` is not a time, and the column is one of times"
        raise InvalidValueError.of(message, place=place, hint="give ISO 8601, as 2026-11-22T00:00:00Z")
    return time if time.tzinfo else time.replace(tzinfo=timezone.utc)


def _day(text: str, place: str) -> date:
    """The date of a check.

    Raises:
        InvalidValueError: when it is none.
    """
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        message = f"`{text}` is not a date, and the column is one of dates"
        raise InvalidValueError.of(message, place=place, hint="give ISO 8601, as 2026-11-22") from error


#: Marks rows whose key others share.
_TWICE = "__twice"


def _with_twice(rows: DataFrame, key: str) -> tuple[DataFrame, Column]:
    """The rows, and whether others have the same key; only keys are shuffled."""
    shared = rows.groupBy(columns.column(key)).count().where(fn.col("count") > 1).select(columns.column(key))
    shared = shared.where(columns.column(key).isNotNull())
    if shared.isEmpty():
        return rows, fn.lit(False)
    shared = shared.withColumn(_TWICE, fn.lit(True))
    order = [columns.column(name) for name in rows.columns]
    marked = rows.join(shared, key, "left").select(*order, fn.col(_TWICE).isNotNull().alias(_TWICE))
    return marked, fn.col(_TWICE)


def _words(checked: DataFrame, keys: tuple[str, ...], by_reason: dict[str, int]) -> str:
    told = ", ".join(f"{reason} ({rows:,})" for reason, rows in sorted(by_reason.items(), key=lambda item: -item[1]))
    rows = checked.where(fn.size(REASONS) > 0).select(*keys).orderBy(*keys).limit(_EXAMPLES).collect()
    return f": {told}; such as " + ", ".join(repr(row[0] if len(keys) == 1 else tuple(row)) for row in rows)


def _check_types(types: dict[str, DataType], name: str, checks: TableChecks) -> None:
    problems = []
    for column, check in checks.columns.items():
        kind, place = types[column], partial(_place, name, column, check)
        said = kind.simpleString()
        if check.type is not None and said.lower() != check.type.replace(" ", "").lower():
            hint = "change the input back, or the check when the change is wanted"
            problems.append((f"the column is of type {said}, not {check.type}", place("type"), hint))
        ordered = isinstance(kind, (NumericType, DateType, *_TIMES))
        if (check.min is not None or check.max is not None) and not ordered:
            which = "min" if check.min is not None else "max"
            hint = "numbers, dates and timestamps have a range"
            problems.append((f"the column is of type {said}, which has no range", place(which), hint))
        written = [(key, one) for key in ("min", "max") if (one := getattr(check, key)) is not None]
        written += [("allowed", one) for one in check.allowed or ()]
        if other := [(key, one) for key, one in written if not _comparable(one, kind)]:
            hint = "give numbers for numbers, true or false for bools, and quote texts, dates and times"
            key, one = other[0]
            problems.append((f"`{_text(one)}` cannot be compared with a column of type {said}", place(key), hint))
        if check.allowed is not None and not isinstance(kind, AtomicType):
            hint = "check a column of single values"
            problems.append((f"the column is of type {said}, which has no values to list", place("allowed"), hint))
    if problems:
        raise TypeMismatchError(
            [
                {"code": TypeMismatchError.CODE, "message": message, "place": place, "hint": hint}
                for message, place, hint in problems
            ]
        )
