"""What the manifests of all jobs share: written last, once, and the only thing that readers trust."""

from __future__ import annotations

import dataclasses
import json
import logging
import types
import typing
from dataclasses import dataclass
from typing import Annotated, Any

from buzzsaw.errors import CorruptArtifactError, InvalidValueError, UnsupportedVersionError
from buzzsaw.jobs import storage
from buzzsaw.jobs.logs import fields
from buzzsaw.jobs.storage import Location

log = logging.getLogger("buzzsaw.jobs")

NAME = "manifest.json"


@dataclass(frozen=True)
class Form:
    """What tells manifests apart: the job and the version of its format."""

    job: str
    version: int


class Described:
    """What the schema says of a field besides its type."""

    def __init__(self, description: str, **schema: Any) -> None:
        self.schema = {"description": description, **schema}


@dataclass(frozen=True)
class TableRef:
    """A part of a Delta table that the run wrote: the rows of its date."""

    path: Annotated[str, Described("Where it is, from the output folder.")]
    version: Annotated[int, Described("The Delta version to read; others are not of this run.", minimum=0)]
    rows: Annotated[int, Described("The rows of the run's date.", minimum=0)]
    columns: Annotated[list[str], Described("The columns to read; the table may have others, of other dates.")]


@dataclass(frozen=True)
class FileRef:
    """A file that the run wrote."""

    path: Annotated[str, Described("Where it is, from the output folder.")]
    sha256: Annotated[str, Described("The SHA-256 of its bytes.", pattern="^[0-9a-f]{64}$")]


def read(folder: Location) -> dict[str, Any] | None:
    """The manifest in a folder, of any job and format; `None` when there is none.

    Raises:
        CorruptArtifactError: when it is no JSON of a manifest; it is never replaced.
        IoError: when its file system does not let it be read.
    """
    path = folder / NAME
    content = storage.read(path)
    if content is None:
        return None
    try:
        found = json.loads(content.decode("utf-8"))
    except ValueError as error:
        raise _corrupt(path, str(error)) from error
    if not isinstance(found, dict):
        raise _corrupt(path, f"it is no map, but a {type(found).__name__}")
    return found


def _corrupt(path: Location, why: str) -> CorruptArtifactError:
    hint = "restore it, or use another --now"
    return CorruptArtifactError.of(f"the run's manifest cannot be read: {why}", place=str(path), hint=hint)


def existing(folder: Location, form: Form) -> dict[str, Any] | None:
    """The manifest of a run that has ended; `None` when there is none.

    Raises:
        CorruptArtifactError: when it is no JSON of a manifest; it is never replaced.
        IoError: when its file system does not let it be read.
        InvalidValueError: when it is of another job.
        UnsupportedVersionError: when it is of another format.
    """
    found = read(folder)
    if found is None:
        return None
    if found.get("job") != form.job:
        raise InvalidValueError.of(
            f"the run there is one of {found.get('job')}, not of {form.job}",
            place=str(folder / NAME),
            hint="give each job an output of its own",
        )
    if found.get("format") != form.version:
        raise UnsupportedVersionError.of(
            f"the run's manifest is of format {found.get('format')}; this library has {form.version}",
            place=str(folder / NAME),
            hint="the library that wrote it reads it; new runs want another --output, or this date's manifest removed",
        )
    return found


def publish(folder: Location, made: Any) -> bool:
    """Writes the manifest of a run, the dataclass of any job, unless the run has one; says whether it did."""
    text = json.dumps(dataclasses.asdict(made), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    first = storage.put_if_absent(folder / NAME, text)
    if first:
        tables = {name: {"version": table.version, "rows": table.rows} for name, table in made.tables.items()}
        log.info("%s is written", folder / NAME, extra=fields("manifest", path=str(folder / NAME), tables=tables))
    return first


def schema_of(kind: Any) -> dict[str, Any]:
    """The JSON Schema of a dataclass whose fields are `Annotated` with `Described`, and of what they hold."""
    if dataclasses.is_dataclass(kind):
        properties = {}
        for name, hint in typing.get_type_hints(kind, include_extras=True).items():
            held, described = typing.get_args(hint)
            properties[name] = {**schema_of(held), **described.schema}
        return {
            "description": " ".join((kind.__doc__ or "").split()),
            "type": "object",
            "properties": properties,
            "required": list(properties),
            "additionalProperties": False,
        }
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        if any(dataclasses.is_dataclass(argument) for argument in arguments):
            return {"anyOf": [schema_of(argument) for argument in arguments]}
        return {"type": [schema_of(argument)["type"] for argument in arguments]}
    if origin is dict:
        values = arguments[1]
        return {"type": "object"} if values is Any else {"type": "object", "additionalProperties": schema_of(values)}
    if origin in (list, tuple):
        return {"type": "array", "items": schema_of(arguments[0])}
    names = {str: "string", int: "integer", bool: "boolean", float: "number", type(None): "null"}
    return {"type": names[kind]}
