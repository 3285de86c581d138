"""The settings of a nightly run: one YAML file, and flags that go over it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

from buzzsaw import Spec
from buzzsaw.errors import BY_CODE, InvalidValueError, MissingInputError
from buzzsaw.jobs.settings_file import (
    RETENTION,
    asked_for,
    file_bytes,
    file_sha256,
    overlaid,
    problem,
    setting,
    sha256_of,
)
from buzzsaw.nightly import checks, report_settings
from buzzsaw.nightly.checks import Checks
from buzzsaw.nightly.report_settings import ReportSettings
from buzzsaw.schemes import has_scheme, without_file


@dataclass(frozen=True)
class NightlySettings:
    """What one night computes. Paths in the file are relative to the file."""

    #: What no table depends on.
    UNCOUNTED: ClassVar = frozenset({"output", "retention_days", "report", "title", "bins", "fit_partitions"})
    #: Files that count by their bytes.
    BY_BYTES: ClassVar = frozenset({"spec", "artifact", "tables"})

    products: str = setting("Table of products: a Parquet file or folder, or a Delta table.", path=True)
    judgments: str | None = setting(
        "Table of judgments: query, product_id and rating, Parquet or Delta.", path=True, optional=True
    )
    output: str = setting("Folder for the tables and the runs.", path=True)
    spec: str | None = setting("The feature spec; may be left out when an artifact is pinned.", None, path=True)
    artifact: str | None = setting("An artifact to use instead of fitting.", None, path=True)
    tables: dict[str, str] | None = setting(  # noqa: RUF009  the default is None
        "Lookup tables of the spec's steps by name: Parquet files with the columns key and vector.", None, paths=True
    )
    products_date: str | None = setting(
        "The column of products with a row's date, of which a run takes the rows of its own.", None
    )
    judgments_date: str | None = setting("The same column of judgments.", None)
    labels: str | None = setting(
        "Instead of judgments: the output of the label job, whose run of the same date is read as its manifest names "
        "it.",
        None,
        path=True,
    )
    checks: Checks = setting(  # noqa: RUF009  frozen
        "What rows of the inputs must fulfil, and how many may fail before the run warns or stops.", Checks()
    )
    folds: int = setting("Folds of the column `fold`; the spec's out-of-fold steps must have as many.", 5)
    fit_partitions: int | None = setting("How many tasks learn; by default as the tables are partitioned.", None)
    title: str = setting("The title of the report.", "Nightly features")
    bins: int = setting("Bars of a histogram in the report.", 32)
    retention_days: int | None = setting(RETENTION, 400)
    report: ReportSettings = setting(  # noqa: RUF009  frozen
        "How much of a run the report looks at, and which of its numbers are too much.", ReportSettings()
    )

    @classmethod
    def load(cls, path: Path | None, flags: dict[str, str | None]) -> NightlySettings:
        """Reads the file, if there is one, and puts the flags that are given over it.

        Raises:
            IoError: when the file cannot be read.
            InvalidSpecError: for text that is not YAML, and for unknown settings, with the nearest known one.
            TypeMismatchError: for a setting of a wrong type.
            MissingInputError: for a setting that is needed and not given.
        """
        values, problems = overlaid(
            cls,
            path,
            flags,
            shown=lambda value: type(value).__name__,
            parsers={"checks": checks.parse, "report": report_settings.parse},
        )
        if values.get("spec") is None and values.get("artifact") is None:
            hint = "give a feature spec to fit, or an artifact"
            problems.append(problem(MissingInputError, "neither `spec` nor `artifact` is given", "spec", hint))
        for name in ("spec", "artifact"):
            if not isinstance(values.get(name), str):
                continue
            values[name] = without_file(values[name])
            if has_scheme(values[name]):
                hint = "the driver's Python reads it: fetch it first"
                problems.append(problem(InvalidValueError, "must be a local file", name, hint))
        if isinstance(values.get("tables"), dict):
            # What is on a file system of this machine counts by its bytes, however it is written.
            values["tables"] = {
                name: without_file(path) if isinstance(path, str) else path for name, path in values["tables"].items()
            }
        if (values.get("judgments") is None) == (values.get("labels") is None):
            message = "give either `judgments` or `labels`, and not both"
            problems.append(problem(MissingInputError, message, "judgments", "`labels` is the output of the label job"))
        if values.get("labels") is not None and values.get("judgments_date") is not None:
            message = "is of `judgments`; of `labels` a run reads its own date"
            problems.append(problem(InvalidValueError, message, "judgments_date", ""))
        for name, least in [("folds", 1), ("fit_partitions", 1), ("bins", 2), ("retention_days", 1)]:
            value = values.get(name)
            if isinstance(value, int) and value < least:
                problems.append(problem(InvalidValueError, f"must be at least {least}, not {value}", name, ""))
        if problems:
            raise BY_CODE[problems[0]["code"]](problems)
        return cls(**values)

    def digest(self) -> str:
        """The identity of what the tables depend on; spec, artifact and lookup tables count by their bytes.

        So do the word lists that the spec keeps in files of their own.

        Raises:
            IoError: when one of them cannot be read.
            InvalidSpecError: for a spec that may keep lists in files and is not right, and other errors of specs.
        """
        asked = asked_for(self, but=self.UNCOUNTED)
        for name in self.BY_BYTES & asked.keys():
            paths = asked[name]
            if isinstance(paths, dict):
                asked[name] = {table: _identity(path) for table, path in paths.items()}
            else:
                asked[name] = _identity(paths)
        if self.spec is not None and (lists := _word_lists(self.spec)):
            asked["word_lists"] = lists
        return sha256_of(asked)


def _word_lists(spec: str) -> dict[str, dict[str, Any]]:
    """The word lists of analyzers by step, where the spec may name files that hold them."""
    if has_scheme(spec) or b"file" not in file_bytes(Path(spec)):
        return {}
    found = {}
    for name, step in Spec.load(spec).to_dict()["steps"].items():
        analyzer = step.get("analyzer")
        if isinstance(analyzer, dict):
            found[name] = {part: words for part, words in analyzer.items() if isinstance(words, (list, dict))}
    return {name: lists for name, lists in found.items() if lists}


def _identity(path: str) -> str:
    """That of a file's bytes; what is not on a file system of this machine counts by its address."""
    return path if has_scheme(path) else file_sha256(Path(path))
