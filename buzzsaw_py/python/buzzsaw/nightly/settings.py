"""The settings of a nightly run: one YAML file, and flags that go over it."""

from __future__ import annotations

import dataclasses
import difflib
import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from buzzsaw.errors import (
    BY_CODE,
    BuzzsawError,
    InvalidSpecError,
    InvalidValueError,
    IoError,
    MissingInputError,
    TypeMismatchError,
)
from buzzsaw.nightly import checks
from buzzsaw.nightly.checks import Checks


def _setting(description: str, default: Any = dataclasses.MISSING, **more: Any) -> Any:
    return field(default=default, metadata={"description": description, **more})


@dataclass(frozen=True)
class NightlySettings:
    """What one night computes. Paths in the file are relative to the file."""

    products: str = _setting("Table of products: a Parquet file or folder, or a Delta table.", path=True)
    judgments: str = _setting("Table of judgments: query, product_id and rating, Parquet or Delta.", path=True)
    output: str = _setting("Folder for the tables and the runs.", path=True)
    spec: str | None = _setting("The feature spec; may be left out when an artifact is pinned.", None, path=True)
    artifact: str | None = _setting("An artifact to use instead of fitting.", None, path=True)
    tables: dict[str, str] | None = _setting(  # noqa: RUF009  the default is None
        "Lookup tables of the spec's steps by name: Parquet files with the columns key and vector.", None, paths=True
    )
    products_date: str | None = _setting(
        "The column of products with a row's date, of which a run takes the rows of its own.", None
    )
    judgments_date: str | None = _setting("The same column of judgments.", None)
    checks: Checks = _setting(  # noqa: RUF009  frozen
        "What rows of the inputs must fulfil, and how many may fail before the run warns or stops.", Checks()
    )
    folds: int = _setting("Folds of the column `fold`; the spec's out-of-fold steps must have as many.", 5)
    fit_partitions: int | None = _setting("How many tasks learn; by default as the tables are partitioned.", None)
    title: str = _setting("The title of the report.", "Nightly features")
    bins: int = _setting("Bars of a histogram in the report.", 32)

    @classmethod
    def load(cls, path: Path | None, flags: dict[str, str | None]) -> NightlySettings:
        """Reads the file, if there is one, and puts the flags that are given over it.

        Raises:
            IoError: when the file cannot be read.
            InvalidSpecError: for text that is not YAML, and for unknown settings, with the nearest known one.
            TypeMismatchError: for a setting of a wrong type.
            MissingInputError: for a setting that is needed and not given.
        """
        values = {} if path is None else _read(path)
        problems: list[dict[str, str]] = []
        fields = {known.name: known for known in dataclasses.fields(cls)}
        for name, value in values.items():
            known = fields.get(name)
            if known is None:
                near = difflib.get_close_matches(str(name), fields, n=1)
                hint = f"did you mean `{near[0]}`?" if near else "known are " + ", ".join(fields)
                problems.append(_problem(InvalidSpecError, f"there is no setting `{name}`", str(name), hint))
            elif name == "checks":
                values[name] = checks.parse(value, problems)
            elif not _fits(value, str(known.type)):
                message = f"must be {known.type}, not {type(value).__name__}"
                problems.append(_problem(TypeMismatchError, message, name, known.metadata["description"]))
            elif known.metadata.get("path") and value is not None and path is not None:
                values[name] = _absolute(value, path.parent)
            elif known.metadata.get("paths") and value is not None and path is not None:
                values[name] = {key: _absolute(held, path.parent) for key, held in value.items()}
        for name, flag in flags.items():
            if flag is not None:
                values[name] = _absolute(flag, Path.cwd())
        for name, known in fields.items():
            if known.default is dataclasses.MISSING and values.get(name) is None:
                hint = f"give it in the settings file or as --{name}"
                problems.append(_problem(MissingInputError, f"`{name}` is not given", name, hint))
        if values.get("spec") is None and values.get("artifact") is None:
            hint = "give a feature spec to fit, or an artifact"
            problems.append(_problem(MissingInputError, "neither `spec` nor `artifact` is given", "spec", hint))
        for name, least in [("folds", 1), ("fit_partitions", 1), ("bins", 2)]:
            value = values.get(name)
            if isinstance(value, int) and value < least:
                problems.append(_problem(InvalidValueError, f"must be at least {least}, not {value}", name, ""))
        if problems:
            raise BY_CODE[problems[0]["code"]](problems)
        return cls(**values)

    def digest(self) -> str:
        """The identity of what is asked for: all settings with a value of their own, but for the place of the output.

        A later setting whose default is given does not change it.
        """
        defaults = {known.name: known.default for known in dataclasses.fields(self)}
        asked = {
            name: value for name, value in dataclasses.asdict(self).items() if getattr(self, name) != defaults[name]
        }
        del asked["output"]
        for name in ("spec", "artifact"):
            if name in asked:
                asked[name] = hashlib.sha256(_bytes(Path(asked[name]))).hexdigest()
        return "sha256:" + hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def parse_now(text: str | None) -> datetime:
    """The time of the run, UTC; the clock's when none is given.

    Raises:
        InvalidValueError: for text that is not ISO 8601, and for a time without a zone.
    """
    if text is None:
        return datetime.now(timezone.utc).replace(microsecond=0)
    try:
        now = datetime.fromisoformat(text.replace("Z", "+00:00") if text.endswith("Z") else text)
    except ValueError:
        now = None
    if now is None or now.tzinfo is None:
        what = "is not a time" if now is None else "has no time zone"
        raise InvalidValueError.of(f"`{text}` {what}", place="--now", hint="give ISO 8601, as 2026-11-22T00:00:00Z")
    return now.astimezone(timezone.utc)


def _absolute(path: str, folder: Path) -> str:
    return path if "://" in path else str((folder / path).resolve())


def _problem(kind: type[BuzzsawError], message: str, place: str, hint: str) -> dict[str, str]:
    return {"code": kind.CODE, "message": message, "place": place, "hint": hint}


def _fits(value: Any, annotation: str) -> bool:
    types = {"str": str, "int": int, "dict[str, str]": dict, "None": type(None)}
    allowed = tuple(types[part.strip()] for part in annotation.split("|"))
    if isinstance(value, dict) and not all(isinstance(text, str) for pair in value.items() for text in pair):
        return False
    return isinstance(value, allowed) and not isinstance(value, bool)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise IoError.of(f"cannot read: {error.strerror}", place=str(path)) from error


def _read(path: Path) -> dict[str, Any]:
    try:
        text = _bytes(path).decode("utf-8")
        node = yaml.compose(text, yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}: " if mark else ""
        raise InvalidSpecError.of(f"not valid YAML: {where}{error.problem}", place=str(path)) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        message = " ".join(str(error).split())
        raise InvalidSpecError.of(f"not valid YAML: {message}", place=str(path)) from error
    if not isinstance(values, dict):
        raise InvalidSpecError.of("the settings must be a map", place=str(path), hint="write `name: value` lines")
    # YAML's loader keeps the last of two equal keys.
    seen: set[str] = set()
    for key, _ in node.value:
        if key.value in seen:
            where = f"line {key.start_mark.line + 1}, column {key.start_mark.column + 1}"
            raise InvalidSpecError.of(f"not valid YAML: {where}: `{key.value}` is given twice", place=str(path))
        seen.add(key.value)
    return values
