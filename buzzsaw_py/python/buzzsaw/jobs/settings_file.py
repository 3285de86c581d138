"""What the settings of jobs share: a YAML file over a dataclass's defaults, and flags over the file."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import field
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from buzzsaw.arguments import did_you_mean
from buzzsaw.errors import (
    BuzzsawError,
    InvalidSpecError,
    InvalidValueError,
    IoError,
    MissingInputError,
    TypeMismatchError,
)
from buzzsaw.schemes import has_scheme

#: Problems, as errors carry them.
Problems = list[dict[str, str]]

#: How long two values of a setting may be together, in characters, to be shown in one message.
_SHOWN = 200

#: The description of `retention_days`, of both jobs.
RETENTION = "How many days the tables keep the versions that manifests name, at least; null leaves that to Delta."


def setting(description: str, default: Any = dataclasses.MISSING, **more: Any) -> Any:
    """A field of settings.

    `path` and `paths` say that it holds paths, which are relative to the file; `optional`, that one without a default
    may be left out all the same.
    """
    if isinstance(default, list | dict):
        return field(default_factory=default.copy, metadata={"description": description, **more})
    return field(default=default, metadata={"description": description, **more})


def problem(kind: type[BuzzsawError], message: str, place: str, hint: str) -> dict[str, str]:
    """One problem of settings."""
    return {"code": kind.CODE, "message": message, "place": place, "hint": hint}


def overlaid(
    kind: Any,
    path: Path | None,
    flags: Mapping[str, str | None],
    *,
    shown: Callable[[Any], str],
    parsers: Mapping[str, Callable[[Any, Problems], Any]] | None = None,
) -> tuple[dict[str, Any], Problems]:
    """The settings that a file and flags give, and what is wrong with them.

    Args:
        kind: The dataclass of the settings, of fields made by `setting`.
        path: The file, if there is one.
        flags: Paths by the name of their setting; they go over the file.
        shown: How a value of a wrong type is shown.
        parsers: What reads settings that are maps of their own, by name.

    Raises:
        IoError: when the file cannot be read.
        InvalidSpecError: for text that is not YAML.
    """
    values = {} if path is None else _read(path)
    problems: Problems = []
    fields = {known.name: known for known in dataclasses.fields(kind)}
    for name, value in values.items():
        known = fields.get(name)
        if known is None:
            hint = did_you_mean(str(name), fields, "known are " + ", ".join(fields))
            problems.append(problem(InvalidSpecError, f"there is no setting `{name}`", str(name), hint))
        elif parsers and name in parsers:
            values[name] = parsers[name](value, problems)
        elif not _fits(value, str(known.type)):
            message = f"must be {_words(str(known.type))}, not {shown(value)}"
            problems.append(problem(TypeMismatchError, message, name, known.metadata["description"]))
        elif known.metadata.get("path") and value is not None and path is not None:
            values[name] = absolute(value, path.parent)
        elif known.metadata.get("paths") and value is not None and path is not None:
            values[name] = {key: absolute(held, path.parent) for key, held in value.items()}
    for name, flag in flags.items():
        if flag is not None:
            values[name] = absolute(flag, Path.cwd())
    for name, known in fields.items():
        needed = known.default is dataclasses.MISSING and known.default_factory is dataclasses.MISSING
        if known.metadata.get("optional"):
            values.setdefault(name, None)
        elif needed and values.get(name) is None:
            hint = f"give it in the settings file or as --{name}"
            problems.append(problem(MissingInputError, f"`{name}` is not given", name, hint))
    return values, problems


def file_bytes(path: Path) -> bytes:
    """The bytes of a file.

    Raises:
        IoError: when it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise IoError.of(f"cannot read: {error.strerror}", place=str(path)) from error


def time_of(text: str) -> datetime | None:
    """The time that ISO 8601 text says, with a zone if it names one; `None` when it is none."""
    try:
        # Python reads the Z of UTC from 3.11 on.
        return datetime.fromisoformat(text.replace("Z", "+00:00") if text.endswith("Z") else text)
    except ValueError:
        return None


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex; of a folder, that of its files with their names.

    Raises:
        IoError: when it cannot be read.
    """
    whole = hashlib.sha256()
    try:
        for file in sorted(path.rglob("*")) if path.is_dir() else [path]:
            if file.is_file():
                whole.update(str(file.relative_to(path)).encode() + b"\0")
                with file.open("rb") as stream:
                    while part := stream.read(1 << 20):
                        whole.update(part)
    except OSError as error:
        raise IoError.of(f"cannot read: {error.strerror}", place=str(path)) from error
    return whole.hexdigest()


def asked_for(settings: Any, but: Collection[str]) -> dict[str, Any]:
    """The settings that are not left at their default, but for some by name.

    A later setting, left at its default, changes nothing of it.
    """
    asked = {}
    for known in dataclasses.fields(settings):
        if known.name not in but and getattr(settings, known.name) != _default(known):
            asked[known.name] = getattr(settings, known.name)
    return asked


def changed(settings: Any, before: Mapping[str, Any]) -> list[str]:
    """How settings that make a run another one differ from those of its manifest, each in words.

    Args:
        settings: Those of this run. Its `UNCOUNTED` are of no matter; of files among its `BY_BYTES`, which count by
            their bytes, only whether they are given is seen.
        before: Those of the manifest.
    """
    told = []
    for known in dataclasses.fields(settings):
        if known.name in settings.UNCOUNTED:
            continue
        default = _as_json(_default(known))
        # What a manifest of before a setting lacks was at its default.
        values = before.get(known.name, default), _as_json(getattr(settings, known.name))
        seen = map(_without_files, values) if known.name in settings.BY_BYTES else values
        # As the digest has them, for which 1 and 1.0 are two, unless both are the default.
        then, now = (json.dumps(default if value == default else value, sort_keys=True) for value in seen)
        if then != now:
            was, is_now = (json.dumps(value, ensure_ascii=False) for value in values)
            words = f"was {was} and is {is_now}" if len(was) + len(is_now) <= _SHOWN else "was another one"
            told.append(f"`{known.name}` {words}")
    return told


def _default(known: dataclasses.Field[Any]) -> Any:
    made = known.default_factory
    return known.default if made is dataclasses.MISSING else made()


def _without_files(value: Any) -> Any:
    """Paths, in which each file of this machine is any file."""
    if isinstance(value, dict):
        return {name: _without_files(one) for name, one in value.items()}
    return value if value is None or has_scheme(value) else "file"


def _as_json(value: Any) -> Any:
    return None if value is dataclasses.MISSING else json.loads(json.dumps(value, default=dataclasses.asdict))


def sha256_of(asked: Mapping[str, Any]) -> str:
    """The identity of settings.

    Raises:
        InvalidValueError: when one is infinite or NaN, which a manifest cannot hold.
    """
    try:
        text = json.dumps(asked, sort_keys=True, default=dataclasses.asdict, allow_nan=False)
    except ValueError as error:
        raise InvalidValueError.of(
            "a setting is infinite or NaN", place="settings", hint="give finite numbers"
        ) from error
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def absolute(path: str, folder: Path) -> str:
    """A path seen from a folder; one with a scheme stays as it is.

    Links of an absolute path are not followed: Spark may look for it in another file system than this one.
    """
    return path if has_scheme(path) else os.path.normpath(folder.resolve() / path)


#: What settings may be, in words.
_WORDS = {
    "str": "text",
    "int": "a whole number",
    "float": "a finite number",
    "None": "null",
    "list[int]": "a list of whole numbers",
    "list[float]": "a list of finite numbers",
    "dict[str, str]": "a map of texts",
    "dict[str, int]": "a map of whole numbers",
}


def _words(annotation: str) -> str:
    return " or ".join(_WORDS[part.strip()] for part in annotation.split("|"))


def _fits(value: Any, annotation: str) -> bool:
    """Whether a value of YAML has the type of a field; a whole number is a float, too."""

    def is_number(one: Any, kinds: tuple[type, ...]) -> bool:
        finite = not isinstance(one, float) or math.isfinite(one)
        return isinstance(one, kinds) and not isinstance(one, bool) and finite

    checks = {
        "str": lambda: isinstance(value, str),
        "int": lambda: is_number(value, (int,)),
        "float": lambda: is_number(value, (int, float)),
        "None": lambda: value is None,
        "list[int]": lambda: isinstance(value, list) and all(is_number(one, (int,)) for one in value),
        "list[float]": lambda: isinstance(value, list) and all(is_number(one, (int, float)) for one in value),
        "dict[str, str]": lambda: (
            isinstance(value, dict) and all(isinstance(text, str) for pair in value.items() for text in pair)
        ),
        "dict[str, int]": lambda: (
            isinstance(value, dict)
            and all(isinstance(key, str) and is_number(one, (int,)) for key, one in value.items())
        ),
    }
    return any(checks[part.strip()]() for part in annotation.split("|"))


def _read(path: Path) -> dict[str, Any]:
    try:
        text = file_bytes(path).decode("utf-8")
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
    _refuse_repeated_keys(node, str(path))
    return values


def _refuse_repeated_keys(root: yaml.Node, path: str) -> None:
    """Refuses a map with two equal keys, of which YAML's loader keeps the last, wherever it stands."""
    # A node that is named again is walked once.
    walked, pending = {id(root)}, [root]
    while pending:
        node = pending.pop()
        keys: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if key.value in keys:
                where = f"line {key.start_mark.line + 1}, column {key.start_mark.column + 1}"
                raise InvalidSpecError.of(f"not valid YAML: {where}: `{key.value}` is given twice", place=path)
            keys.add(key.value)
        below = [value for _, value in node.value] if isinstance(node, yaml.MappingNode) else node.value
        for one in below if isinstance(node, yaml.CollectionNode) else ():
            if id(one) not in walked:
                walked.add(id(one))
                pending.append(one)
