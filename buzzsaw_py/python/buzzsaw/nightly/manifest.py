"""The run manifest: written last, once, and the only thing that readers trust."""

from __future__ import annotations

import dataclasses
import json
import logging
import types
import typing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from buzzsaw.errors import CorruptArtifactError, InvalidValueError, UnsupportedVersionError
from buzzsaw.nightly import storage
from buzzsaw.nightly.logs import fields

log = logging.getLogger("buzzsaw.nightly")

NAME = "manifest.json"

#: The version of the manifest's own format.
FORMAT = 3


@dataclass(frozen=True)
class Form:
    """What tells manifests apart: the job and the version of its format."""

    job: str
    version: int


#: Those of the nightly job, and of the label job, whose tables it reads.
NIGHTLY, LABELS = Form("nightly_features", FORMAT), Form("build_labels", 2)


class Described:
    """What the schema says of a field besides its type."""

    def __init__(self, description: str, **schema: Any) -> None:
        self.schema = {"description": description, **schema}


@dataclass(frozen=True)
class InputRef:
    """A table that the run read."""

    path: Annotated[str, Described("Where it was.")]
    format: Annotated[str, Described("How it is stored.", enum=["parquet", "delta"])]
    version: Annotated[int | None, Described("The Delta version that was read; null for Parquet.", minimum=0)]
    rows: Annotated[int, Described("Its rows, or those of the run's date.", minimum=0)]
    rejected: Annotated[int, Described("Those that failed a check; the others were all used.", minimum=0)]


@dataclass(frozen=True)
class TableRef:
    """A part of a Delta table that the run wrote: the rows of its date."""

    path: Annotated[str, Described("Where it is, from the output folder.")]
    version: Annotated[int, Described("The Delta version to read; others are not of this run.", minimum=0)]
    rows: Annotated[int, Described("The rows of the run's date.", minimum=0)]
    columns: Annotated[list[str], Described("The columns to read; the table may have others, of other dates.")]


@dataclass(frozen=True)
class CheckRef:
    """What a check of the inputs counted, or a number of the report that is over a limit."""

    place: Annotated[str, Described("Where its limits are in the settings.")]
    rows: Annotated[
        int, Described("Rows that it is about; of collisions values, of drift the rows of this run.", minimum=0)
    ]
    of: Annotated[
        int, Described("Rows that were looked at; of collisions values, of drift the rows of the reference.", minimum=0)
    ]
    warned: Annotated[bool, Described("Whether it is over its limit to warn.")]
    message: Annotated[str, Described("The same for people.")]
    stopped: Annotated[
        bool, Described("Whether it is over its limit to stop; of a run that is done only the report's can be.")
    ] = False


@dataclass(frozen=True)
class ArtifactRef:
    """The pipeline behind the features."""

    path: Annotated[str, Described("Where it is, from the output folder.")]
    content_hash: Annotated[str, Described("Its content hash.", pattern="^sha256:[0-9a-f]{64}$")]
    pinned: Annotated[bool, Described("Whether it was given, not fitted by this run.")]


@dataclass(frozen=True)
class FileRef:
    """A file that the run wrote."""

    path: Annotated[str, Described("Where it is, from the output folder.")]
    sha256: Annotated[str, Described("The SHA-256 of its bytes.", pattern="^[0-9a-f]{64}$")]


@dataclass(frozen=True)
class RowCounts:
    """How many of what."""

    pairs: Annotated[int, Described("Rows of the training table.", minimum=0)]
    groups: Annotated[int, Described("Groups among them.", minimum=0)]
    qids: Annotated[int, Described("Normalised queries among them.", minimum=0)]
    unknown_products: Annotated[int, Described("Rows whose product is not in the table of products.", minimum=0)]


@dataclass(frozen=True)
class RunManifest:
    """What the nightly run of one date made. Readers trust the table versions that manifests name, and nothing else."""

    format: Annotated[int, Described("The version of this format.", const=FORMAT)]
    job: Annotated[str, Described("The job.", const=NIGHTLY.job)]
    run: Annotated[
        str,
        Described("The run: the date of its --now in UTC, as 2026-11-22.", pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$"),
    ]
    now: Annotated[str, Described("The time that every row of the run saw, ISO 8601 in UTC.", format="date-time")]
    finished: Annotated[str, Described("When the run ended, by the clock.", format="date-time")]
    settings: Annotated[dict[str, Any], Described("The settings, flags included.")]
    settings_digest: Annotated[
        str, Described("Identity of settings, spec and pinned artifact.", pattern="^sha256:[0-9a-f]{64}$")
    ]
    inputs: Annotated[dict[str, InputRef], Described("The tables that were read, by name.")]
    tables: Annotated[dict[str, TableRef], Described("The tables that were written, by name.")]
    checks: Annotated[
        list[CheckRef], Described("What the checks of the inputs counted, and what of the report is over a limit.")
    ]
    artifact: Annotated[ArtifactRef, Described("The pipeline behind the training table.")]
    document_artifact: Annotated[
        ArtifactRef | None,
        Described("The part of it behind the table of documents; null when no feature depends on documents alone."),
    ]
    report: Annotated[FileRef, Described("The report for people.")]
    report_json: Annotated[FileRef, Described("The same as JSON, which later runs compare themselves with.")]
    features: Annotated[list[str], Described("The features, in the order of the spec.")]
    folds: Annotated[int, Described("Folds of the column `fold`.", minimum=1)]
    rows: Annotated[RowCounts, Described("How many of what.")]
    libraries: Annotated[dict[str, str], Described("Versions of what computed it.")]


def read(folder: Path) -> dict[str, Any] | None:
    """The manifest in a folder, of any job and format; `None` when there is none.

    Raises:
        CorruptArtifactError: when it cannot be read; it is never replaced.
    """
    path = folder / NAME
    if not path.exists():
        return None
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise CorruptArtifactError.of(
            f"the run's manifest cannot be read: {error}",
            place=str(path),
            hint="restore it, or use another --now",
        ) from error
    return found


def existing(folder: Path, form: Form = NIGHTLY) -> dict[str, Any] | None:
    """The manifest of a run that has ended; `None` when there is none.

    Raises:
        CorruptArtifactError: when it cannot be read; it is never replaced.
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
            hint="use the library that wrote it, or another --output",
        )
    return found


def publish(folder: Path, made: Any) -> bool:
    """Writes the manifest of a run, the dataclass of any job, unless the run has one; says whether it did."""
    text = json.dumps(dataclasses.asdict(made), indent=2, ensure_ascii=False) + "\n"
    first = storage.put_if_absent(folder / NAME, text.encode())
    if first:
        tables = {name: {"version": table.version, "rows": table.rows} for name, table in made.tables.items()}
        log.info("%s is written", folder / NAME, extra=fields("manifest", path=str(folder / NAME), tables=tables))
    return first


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema of a manifest, from the classes above."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": "Generated by tools/generate_manifest_schema.py. Do not edit.",
        "title": "Buzzsaw run manifest",
        **schema_of(RunManifest),
    }


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
