"""The checks that inputs of the spec ask for, under those of the settings."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from buzzsaw import Spec
from buzzsaw.arguments import did_you_mean
from buzzsaw.errors import InvalidSpecError, MissingInputError
from buzzsaw.jobs.settings_file import problem
from buzzsaw.nightly.checks import Checks, ColumnChecks, Limits, Reader, TableChecks
from buzzsaw.nightly.inputs import KNOWN

_T = TypeVar("_T")


@dataclass(frozen=True)
class SpecChecks(ColumnChecks):
    """Of an input of the spec, and what the settings say over them."""

    #: Where those of the spec are, for messages.
    place: str = ""
    #: The keys that are not the spec's, such as `min` or `missing.stop`: what they say is where settings have it.
    over: frozenset[str] = frozenset()


#: Columns that the job makes itself, whatever the judgments have under their names.
_OWN = frozenset({"now", "qid", "fold"})
#: Those that it makes where the judgments do not have them.
_MADE = _OWN | {"group_id", KNOWN}


def with_spec(
    checks: Checks, spec: Spec, products: Collection[str], judgments: Collection[str], read_as: Mapping[str, str]
) -> Checks:
    """The checks of the settings over those that the inputs of the spec ask for.

    An input is checked where it is read: in the judgments, if they have its column, else in the products; one of the
    document side in both that have it, as the table of documents is made of the products. Columns of the job's own,
    such as `now`, are not checked.

    Args:
        checks: Those of the settings; what they say of a column goes over the spec, one key after the other.
        spec: The spec.
        products: The columns of the products.
        judgments: The columns of the judgments.
        read_as: The column of an input that is not called as it is.

    Raises:
        InvalidSpecError: When the checks of an input cannot be read.
    """
    inputs = spec.to_dict()["inputs"]
    side = {read_as.get(name, name): entry["side"] for name, entry in inputs.items()}
    in_products, in_judgments = ({name.lower() for name in names} for names in (products, judgments))
    reader = Reader([])
    made = {
        read_as.get(name, name): _of_input(reader, name, entry["checks"])
        for name, entry in inputs.items()
        if "checks" in entry and name not in _OWN
    }
    if reader.problems:
        raise InvalidSpecError(reader.problems)
    of_judgments = {name: one for name, one in made.items() if name in in_judgments}
    of_products = {
        name: one
        for name, one in made.items()
        if name in in_products and (name not in in_judgments or side[name] == "document")
    }
    return replace(
        checks, products=_over(of_products, checks.products), judgments=_over(of_judgments, checks.judgments)
    )


def check_present(
    spec: Spec, products: Collection[str], judgments: Collection[str], read_as: Mapping[str, str]
) -> None:
    """Refuses checks of inputs that neither table has: they would pass whatever the rows are.

    Args:
        spec: The spec.
        products: The columns of the products.
        judgments: The columns of the judgments.
        read_as: The column of an input that is not called as it is.

    Raises:
        MissingInputError: names each.
    """
    there = sorted({name.lower() for name in (*products, *judgments)})
    known = {*there, *_MADE}
    problems: list[dict[str, str]] = []
    for name, entry in spec.to_dict()["inputs"].items():
        if "checks" in entry and read_as.get(name, name) not in known:
            hint = did_you_mean(name, there, "give it to one of them, or take the checks out of the spec")
            message = f"neither the table of products nor that of judgments has a column `{name}` to check"
            problems.append(problem(MissingInputError, message, f"inputs.{name}.checks", hint))
    if problems:
        raise MissingInputError(problems)


def _of_input(reader: Reader, name: str, value: Any) -> SpecChecks:
    place = f"inputs.{name}.checks"
    read = reader.column(value, place)
    return SpecChecks(read.type, read.required, read.min, read.max, read.allowed, read.missing, place)


def _over(of_spec: Mapping[str, SpecChecks], of_settings: TableChecks) -> TableChecks:
    # Names of inputs are lower case, and Spark's columns of any.
    spelled = {name.lower(): name for name in of_settings.columns}
    below = {spelled.get(name, name): checks for name, checks in of_spec.items()}
    merged: dict[str, ColumnChecks] = dict(below)
    for name, own in of_settings.columns.items():
        merged[name] = _merged(own, of_input) if (of_input := below.get(name)) else own
    return replace(of_settings, columns=merged)


def _merged(own: ColumnChecks, below: SpecChecks) -> SpecChecks:
    ours, of_spec = _by_key(own), _by_key(below)
    return SpecChecks(
        type=own.type,
        required=_first(own.required, below.required),
        min=below.min if own.min is None else own.min,
        max=below.max if own.max is None else own.max,
        allowed=_first(own.allowed, below.allowed),
        missing=Limits(_first(own.missing.warn, below.missing.warn), _first(own.missing.stop, below.missing.stop)),
        place=below.place,
        over=frozenset(key for key in ours if ours[key] is not None or of_spec[key] is None),
    )


def _by_key(checks: ColumnChecks) -> dict[str, Any]:
    whole = {key: getattr(checks, key) for key in ("type", "required", "min", "max", "allowed")}
    return {**whole, "missing.warn": checks.missing.warn, "missing.stop": checks.missing.stop}


def _first(value: _T | None, otherwise: _T | None) -> _T | None:
    return otherwise if value is None else value
