"""One transform over a few Python values, to see what it does."""

from __future__ import annotations

import ast
import datetime
import json
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from buzzsaw import _buzzsaw
from buzzsaw.errors import InvalidSpecError, TypeMismatchError
from buzzsaw.fit import FitWarning, fit
from buzzsaw.pipeline import Mode
from buzzsaw.spec import Spec

#: The column of group ids.
_GROUPS = "tryout_group"
_ROLES = ("label", "qid")


class Step:
    """A step over columns of Python values, or over other steps.

    Args:
        transform: The transform's name.
        columns: What it reads: a list with one value a row, or another `Step`. Numbers, strings, bytes, dates, times,
            lists of strings or numbers, and dictionaries with string keys; `None` is missing.
        given: The transform's parameters, and `missing`, the policy for missing numbers. `groups` (one id a row; by
            default all rows are one group), `label` (one number a row) and `qid` (one string a row) are columns of the
            table; they go to the outermost step. `tables` are lookup tables by name, as `fit` takes them.

    Example:
        >>> from buzzsaw.tryout import Step
        >>> Step("clip", [2500.0, None], upper=100).values()
        [100.0, None]
    """

    def __init__(self, transform: str, *columns: Any, **given: Any) -> None:
        for at, column in enumerate(columns):
            if not isinstance(column, (Step, Sequence)) or isinstance(column, (str, bytes)):
                message = f"a column is a list with one value a row, not {column!r}"
                raise InvalidSpecError.of(message, place=f"columns[{at}]", hint=f"write `[{column!r}]`")
        self.transform, self.columns = transform, columns
        self.groups: Sequence[int] | None = given.pop("groups", None)
        self.tables: Mapping[str, Any] = given.pop("tables", {})
        if not isinstance(self.tables, Mapping):
            raise InvalidSpecError.of("lookup tables are a dictionary of tables by name", place="tables")
        self.roles = {role: given.pop(role) for role in _ROLES if role in given}
        self.parameters = given

    @classmethod
    def parse(cls, text: str) -> Step:
        """The step of a call such as `clip([2500.0, None], upper=100)`.

        Columns are Python literals, other calls, or `datetime(...)` and `date(...)`.

        Raises:
            InvalidSpecError: When the text is no such call.
        """
        try:
            made = _evaluated(ast.parse(text.strip(), mode="eval").body)
        except (SyntaxError, TypeError, ValueError) as error:
            raise InvalidSpecError.of(f"{text!r} cannot be read: {error}") from error
        if not isinstance(made, Step):
            raise InvalidSpecError.of(f"{text!r} is not the call of a transform", hint="write `clip([1.5], upper=1)`")
        return made

    def values(self) -> list[Any]:
        """What the step makes, one entry a row: a number, text, a list, or `{column: value}` for sparse rows.

        Fitted steps learn from the rows shown. Numbers are f64, before the rounding to f32 of a feature.

        Raises:
            BuzzsawError: As `Spec.parse`, `fit` and `Pipeline.transform` do.
        """
        inputs: dict[str, dict[str, str]] = {}
        steps: dict[str, dict[str, Any]] = {}
        data: dict[str, Sequence[Any]] = {}
        last = self._declare(inputs, steps, data)
        for role, values in self.roles.items():
            inputs[role] = {"type": "float64" if role == "label" else "string", "role": role}
            data[role] = values
        rows = len(next(iter(data.values()), []))
        # Text and tokens are no features: a count of them keeps the step in the plan.
        shown = _shown(inputs, steps, last)
        spec = Spec.parse(
            json.dumps({"buzzsaw": 1, "name": "tryout", "inputs": inputs, "steps": steps, "features": shown})
        )
        table = {**data, _GROUPS: self.groups or [0] * rows}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FitWarning)
            pipeline = fit(spec, table, groups=_GROUPS, tables=self._tables())
        mode: Mode = "train" if "qid" in self.roles else "serve"
        return [
            _plain(json.loads(pipeline.explain_json(table, row, groups=_GROUPS, mode=mode))["steps"][last]["value"])
            for row in range(rows)
        ]

    def _tables(self) -> dict[str, Any]:
        """The lookup tables of the step and of those that it reads."""
        inner = [column._tables() for column in self.columns if isinstance(column, Step)]
        return {name: table for tables in [*inner, self.tables] for name, table in tables.items()}

    def _declare(
        self, inputs: dict[str, dict[str, str]], steps: dict[str, dict[str, Any]], data: dict[str, Sequence[Any]]
    ) -> str:
        names = []
        for column in self.columns:
            if isinstance(column, Step):
                names.append(column._declare(inputs, steps, data))
                continue
            name = f"input_{len(inputs)}"
            inputs[name] = {"type": _type_of(column), "side": "pair"}
            data[name] = column
            names.append(name)
        name = f"step_{len(steps)}"
        steps[name] = {"transform": self.transform, "inputs": names, **self.parameters}
        return name


def step_values(transform: str, *columns: Any, **given: Any) -> list[Any]:
    """What a transform makes of a few Python values; the arguments are those of `buzzsaw.tryout.Step`.

    Example:
        >>> import buzzsaw as bz
        >>> bz.step_values("age", [datetime.date(2024, 1, 3)], [datetime.date(2024, 1, 1)])
        [2.0]
    """
    return Step(transform, *columns, **given).values()


def _document(inputs: dict[str, Any], steps: dict[str, Any], features: list[str]) -> dict[str, Any]:
    return {"buzzsaw": 1, "name": "tryout", "inputs": inputs, "steps": steps, "features": features}


def _shown(inputs: dict[str, dict[str, str]], steps: dict[str, dict[str, Any]], last: str) -> list[str]:
    """Features that need the last step: itself, or the length of its tokens, or a cross of its text."""
    try:
        _buzzsaw.Spec.parse(json.dumps(_document(inputs, steps, [last])))
    except TypeMismatchError as error:
        if not any(problem["place"].startswith("features") for problem in error.problems):
            raise
        for reader in (
            {"transform": "list_length", "input": last},
            {"transform": "hashed_cross", "inputs": [last, last]},
        ):
            steps["shown"] = reader
            try:
                _buzzsaw.Spec.parse(json.dumps(_document(inputs, steps, ["shown"])))
            except TypeMismatchError:
                continue
            return ["shown"]
        raise
    return [last]


def _type_of(column: Sequence[Any]) -> str:
    value = next((value for value in column if value is not None and value not in ([], {})), None)
    if value is None:
        value = next((value for value in column if value is not None), 0.0)
    return _kind(value)


def _kind(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"map<{_kind(next((item for item in value.values() if item is not None), ''))}>"
    if isinstance(value, (list, tuple)):
        return f"list<{_kind(next((item for item in value if item is not None), ''))}>"
    for kind, name in _KINDS:
        if isinstance(value, kind):
            return name
    raise TypeMismatchError.of(f"no input has values like {value!r}", place="columns")


_KINDS: list[tuple[type, str]] = [
    (bool, "bool"),
    (int, "int64"),
    (float, "float64"),
    (str, "string"),
    (bytes, "binary"),
    (datetime.datetime, "timestamp"),
    (datetime.date, "date"),
]


def _plain(value: Any) -> Any:
    if value in ("inf", "-inf"):
        return math.inf if value == "inf" else -math.inf
    if isinstance(value, dict) and "entries" in value:
        return {column: _plain(entry) for column, entry in value["entries"]}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return value


def _evaluated(node: ast.expr) -> Any:
    if not isinstance(node, ast.Call):
        if isinstance(node, ast.List):
            return [_evaluated(item) for item in node.elts]
        try:
            return ast.literal_eval(node)
        except ValueError as error:
            known = "write None, True, numbers, texts in quotes, lists and dictionaries of them"
            raise ValueError(f"`{ast.unparse(node)}` is no value; {known}") from error
    if not isinstance(node.func, ast.Name):
        raise ValueError("only transforms, `datetime` and `date` can be called")
    arguments = [_evaluated(argument) for argument in node.args]
    given = {str(keyword.arg): _evaluated(keyword.value) for keyword in node.keywords}
    if node.func.id == "datetime":
        return datetime.datetime(*arguments, **given).replace(tzinfo=datetime.timezone.utc)
    if node.func.id == "date":
        return datetime.date(*arguments, **given)
    return Step(node.func.id, *arguments, **given)
