"""The `checks` of the settings: what a row of the inputs must fulfil, and how many may fail."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from buzzsaw.arguments import did_you_mean
from buzzsaw.errors import BuzzsawError, InvalidSpecError, InvalidValueError, TypeMismatchError
from buzzsaw.jobs.logs import fields

log = logging.getLogger("buzzsaw.nightly")

#: What a value of a check is written as.
Scalar = str | int | float | bool


@dataclass(frozen=True)
class Limits:
    """Shares of rows, 0 to 1: more than `warn` is told, more than `stop` ends the run before it writes anything."""

    warn: float | None = None
    stop: float | None = None

    def outcome(self, value: float) -> str:
        """`passed`, `warned` or `stopped`."""
        for limit, outcome in ((self.stop, "stopped"), (self.warn, "warned")):
            if limit is not None and value > limit:
                return outcome
        return "passed"


def tell(place: str, message: str, *, rows: int, of: int, outcome: str) -> None:
    """Logs what is over a limit, of an input or of the report, in the one form that readers of logs know.

    Args:
        place: Where the limit is in the settings.
        message: What was counted, for people.
        rows: How many rows, or values, it is about.
        of: Of how many.
        outcome: `warned` or `stopped`.
    """
    log.warning("%s: %s", place, message, extra=fields("check", place=place, rows=rows, of=of, outcome=outcome))


@dataclass(frozen=True)
class ColumnChecks:
    """Of one column. Null and NaN are missing; a missing value is judged by `required` and `missing` alone."""

    #: The type as Spark writes it, such as `bigint`.
    type: str | None = None
    #: Whether a row without the value is rejected; `None` says nothing, and rejects none.
    required: bool | None = None
    #: Rows with a smaller or a greater value are rejected.
    min: Scalar | None = None
    max: Scalar | None = None
    #: Rows with any other value are rejected.
    allowed: tuple[Scalar, ...] | None = None
    #: How many of the rows may lack the value.
    missing: Limits = field(default_factory=Limits)


@dataclass(frozen=True)
class TableChecks:
    """Of one input. Keys are always checked: each must be there, and products are listed once."""

    #: How many of the rows may be rejected.
    rejected: Limits = field(default_factory=lambda: Limits(0.0, 0.01))
    columns: dict[str, ColumnChecks] = field(default_factory=dict)


@dataclass(frozen=True)
class Checks:
    """Of both inputs."""

    products: TableChecks = field(default_factory=TableChecks)
    judgments: TableChecks = field(default_factory=TableChecks)
    #: How many of the accepted judgments may name a product that is not an accepted one.
    unknown_products: Limits = field(default_factory=lambda: Limits(warn=0.0))


def parse(value: Any, problems: list[dict[str, str]]) -> Checks:
    """The checks of a settings file; what is wrong is added to `problems`, with its place."""
    reader = Reader(problems)
    top = reader.section(value, "checks", ("products", "judgments", "unknown_products"))
    made: dict[str, Any] = {
        name: reader.table(top[name], f"checks.{name}") for name in ("products", "judgments") if name in top
    }
    if "unknown_products" in top:
        made["unknown_products"] = reader.limits(
            top["unknown_products"], "checks.unknown_products", default=Checks().unknown_products
        )
    return Checks(**made)


class Reader:
    """Reads nested settings and remembers every problem.

    Args:
        problems: Where problems are added.
        kind: What an entry of a map is called when it is unknown.
    """

    def __init__(self, problems: list[dict[str, str]], kind: str = "check") -> None:
        self.problems = problems
        self.kind = kind

    def table(self, value: Any, place: str) -> TableChecks:
        """The checks of one input."""
        given = self.section(value, place, ("rejected", "columns"))
        made: dict[str, Any] = {}
        if "rejected" in given:
            made["rejected"] = self.limits(given["rejected"], f"{place}.rejected", default=TableChecks().rejected)
        if "columns" in given:
            columns = self.map(given["columns"], f"{place}.columns")
            made["columns"] = {
                str(name): self.column(checks, f"{place}.columns.{name}") for name, checks in columns.items()
            }
        return TableChecks(**made)

    def column(self, value: Any, place: str) -> ColumnChecks:
        """The checks of one column."""
        given = self.section(value, place, ("type", "required", "min", "max", "allowed", "missing"))
        made: dict[str, Any] = {}
        for name, kind in (("type", str), ("required", bool)):
            if name in given and self.fits(given[name], kind, f"{place}.{name}"):
                made[name] = given[name]
        for name in ("min", "max"):
            if name in given and self.fits(given[name], Scalar, f"{place}.{name}"):
                made[name] = _scalar(given[name])
        if "allowed" in given and self.fits(given["allowed"], list, f"{place}.allowed"):
            values = given["allowed"]
            if values and all(self.fits(one, Scalar, f"{place}.allowed[{i}]") for i, one in enumerate(values)):
                made["allowed"] = tuple(map(_scalar, values))
            elif not values:
                self.add(InvalidValueError, "allows nothing", f"{place}.allowed", "name the allowed values")
        if "missing" in given:
            made["missing"] = self.limits(given["missing"], f"{place}.missing")
        return ColumnChecks(**made)

    def limits(self, value: Any, place: str, most: float = 1.0, default: Limits = Limits()) -> Limits:
        """Limits of a share, or of what else goes from 0 to `most`.

        One that is not given stays as it is by `default`; null lifts it.
        """
        given = self.section(value, place, ("warn", "stop"))
        made: dict[str, float | None] = {"warn": default.warn, "stop": default.stop}
        for name, share in given.items():
            if share is None:
                made[name] = None
            elif isinstance(share, bool) or not isinstance(share, (int, float)):
                message = f"must be a {'share' if most == 1.0 else 'number'}, not {type(share).__name__}"
                self.add(TypeMismatchError, message, f"{place}.{name}", f"give a number {_range(most)}")
            elif not (0 <= share <= most and math.isfinite(share)):
                hint = "it is a share of the rows" if most == 1.0 else ""
                self.add(InvalidValueError, f"must be {_range(most)}, not {share}", f"{place}.{name}", hint)
            else:
                made[name] = float(share)
        warn, stop = made["warn"], made["stop"]
        if warn is not None and stop is not None and warn > stop:
            hint = f"give `stop`, too, or lift it by `stop: null`; it is {stop:g}"
            self.add(InvalidValueError, f"{warn:g} would stop the run before it warns", f"{place}.warn", hint)
        return Limits(**made)

    def section(self, value: Any, place: str, known: tuple[str, ...]) -> Mapping[str, Any]:
        """The known entries of a map; the others are problems."""
        given = self.map(value, place)
        for name in given:
            if name not in known:
                hint = did_you_mean(str(name), known, "known are " + ", ".join(known))
                self.add(InvalidSpecError, f"there is no {self.kind} `{name}`", f"{place}.{name}", hint)
        return {name: held for name, held in given.items() if name in known}

    def map(self, value: Any, place: str) -> Mapping[Any, Any]:
        """The map, an empty one for anything else."""
        if isinstance(value, dict):
            return value
        self.add(TypeMismatchError, f"must be a map, not {type(value).__name__}", place, "")
        return {}

    def fits(self, value: Any, kind: Any, place: str) -> bool:
        """Whether a value is of a kind; if not it is a problem."""
        allowed = (str, int, float, bool, date) if kind is Scalar else kind
        fine = isinstance(value, allowed)
        if fine and isinstance(value, float) and not math.isfinite(value):
            self.add(InvalidValueError, f"must be finite, not {value}", place, "leave it out: then there is no limit")
            return False
        if not fine:
            words = "a number, a text, a date or true or false" if kind is Scalar else kind.__name__
            self.add(TypeMismatchError, f"must be {words}, not {type(value).__name__}", place, "")
        return fine

    def add(self, kind: type[BuzzsawError], message: str, place: str, hint: str) -> None:
        """Remembers a problem."""
        self.problems.append({"code": kind.CODE, "message": message, "place": place, "hint": hint})


def _range(most: float) -> str:
    return f"from 0 to {most:g}" if most != math.inf else "from 0 to below infinity"


def _scalar(value: Any) -> Scalar:
    """The value as JSON can hold it; YAML reads unquoted dates and times as such."""
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    scalar: Scalar = value
    return scalar
