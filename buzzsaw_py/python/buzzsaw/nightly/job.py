"""One night, in order: read, fit, transform, table, artifact, report, and the manifest last."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import logging
import platform
from dataclasses import dataclass
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark import StorageLevel
from pyspark.sql import functions as fn

import buzzsaw as bz
from buzzsaw.errors import InternalError, InvalidSpecError, InvalidValueError, MissingInputError
from buzzsaw.nightly import inputs, manifest, storage, table
from buzzsaw.nightly.manifest import ArtifactRef, FileRef, InputRef, RowCounts, RunManifest, TableRef
from buzzsaw.nightly.report import render
from buzzsaw.nightly.settings import NightlySettings
from buzzsaw.nightly.stages import Stages
from buzzsaw.nightly.statistics import measure
from buzzsaw.spark import columns, fit

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("buzzsaw.nightly")

#: The training table's folder, in the output.
TRAINING = "training"


@dataclass(frozen=True)
class Outcome:
    """What a run made, or found made."""

    manifest: dict[str, Any]
    manifest_path: Path
    output: Path
    #: Whether this call wrote it.
    wrote: bool


def run_name(now: datetime) -> str:
    """The name of a run: its `now`."""
    return now.strftime("%Y%m%dT%H%M%S") + (f".{now.microsecond:06d}" if now.microsecond else "") + "Z"


def run(session: SparkSession, settings: NightlySettings, now: datetime) -> Outcome:
    """Makes the training table of one night.

    A run that has a manifest is done: nothing is written, no Delta version made. A run that fails leaves no manifest,
    so whatever it wrote is not trusted, and it can be run again.

    Raises:
        InvalidValueError: when the run was done with other settings.
        BuzzsawError: whatever reading, fitting and transforming raise; before the table is written nothing is.
    """
    output = storage.local_folder(settings.output)
    name = run_name(now)
    folder = output / "runs" / name
    digest = settings.digest()
    done = _done(folder, digest)
    if done is not None:
        return Outcome(done, folder / manifest.NAME, output, wrote=False)

    stages = Stages()
    with stages.stage("load spec"):
        pipeline = bz.load(settings.artifact) if settings.artifact else None
        spec = _spec(settings, pipeline)
        roles = _roles(spec)
        _check_folds(spec, settings.folds)
    with stages.stage("read and join"):
        products = inputs.read_table(session, settings.products)
        judgments = inputs.read_table(session, settings.judgments)
        joined = inputs.join(products.rows, judgments.rows, now, settings.folds)
        wanted = {*table.KEYS, inputs.KNOWN, *(column.name for column in spec.inputs)}
        joined = joined.select([columns.column(name) for name in joined.columns if name in wanted])
        # Each round of the fit, the transform and the counts read it; the join and the folds are computed once.
        pairs = joined.persist(StorageLevel.MEMORY_AND_DISK)
        known = {row[inputs.KNOWN]: row["count"] for row in pairs.groupBy(inputs.KNOWN).count().collect()}
        unknown = known.get(False, 0)
        read = {
            "products": InputRef(products.path, products.format, products.version, products.rows.count()),
            "judgments": InputRef(judgments.path, judgments.format, judgments.version, sum(known.values())),
        }
    try:
        if pipeline is None:
            with stages.stage("fit"):
                documents = products.rows.withColumn("now", fn.lit(now))
                pipeline = fit(
                    spec,
                    pairs,
                    documents,
                    groups="group_id",
                    partitions=settings.fit_partitions,
                    tables=settings.tables,
                )
        with stages.stage("transform and write the table"):
            rows = table.training_rows(pairs, pipeline, roles)
            wrote = table.write_version(rows, str(output / TRAINING), name)
    finally:
        pairs.unpersist()
    with stages.stage("write the artifact"):
        artifact = folder / f"{spec.name}-{pipeline.content_hash.removeprefix('sha256:')[:16]}.bzsw"
        storage.put(artifact, pipeline.to_bytes())
    with stages.stage("measure the table"):
        written = table.read_version(session, str(output / TRAINING), wrote)
        measured = measure(written, pipeline, settings.bins)
    if measured.rows != read["judgments"].rows:
        raise InternalError.of(f"{measured.rows} rows were written of {read['judgments'].rows}", place=TRAINING)
    page = render(
        settings.title,
        run=name,
        now=now,
        pipeline=pipeline,
        pinned=settings.artifact is not None,
        measured=measured,
        inputs=read,
        table_version=wrote,
        unknown_products=unknown,
        stages=stages,
        libraries=libraries(),
    ).encode()
    # Named by the version: a second attempt never changes a file that a manifest may already name.
    report = folder / f"report-{wrote}.html"
    storage.put(report, page)
    made = RunManifest(
        format=manifest.FORMAT,
        job="nightly_features",
        run=name,
        now=now.isoformat(),
        finished=datetime.now(timezone.utc).isoformat(),
        settings=dataclasses.asdict(settings),
        settings_digest=digest,
        inputs=read,
        tables={"training": TableRef(TRAINING, wrote, measured.rows)},
        artifact=ArtifactRef(_within(artifact, output), pipeline.content_hash, settings.artifact is not None),
        report=FileRef(_within(report, output), hashlib.sha256(page).hexdigest()),
        features=pipeline.feature_names,
        folds=settings.folds,
        rows=RowCounts(measured.rows, measured.groups, measured.qids, unknown),
        libraries=libraries(),
    )
    if not manifest.publish(folder, made):
        log.warning("another process finished run %s first; its manifest stands", name)
        first = manifest.existing(folder)
        return Outcome(first or {}, folder / manifest.NAME, output, wrote=False)
    return Outcome(dataclasses.asdict(made), folder / manifest.NAME, output, wrote=True)


def _done(folder: Path, digest: str) -> dict[str, Any] | None:
    """The manifest of the run, when it has ended.

    Raises:
        InvalidValueError: when it was done with other settings.
    """
    done = manifest.existing(folder)
    if done is not None and done.get("settings_digest") != digest:
        raise InvalidValueError.of(
            f"run {folder.name} was done with other settings, spec or artifact",
            place=str(folder / manifest.NAME),
            hint="give another --now or --output",
        )
    return done


def libraries() -> dict[str, str]:
    """Versions of what computes a run."""
    names = ("pyspark", "delta-spark", "pyarrow", "numpy")
    own = {"buzzsaw": bz.__version__, "buzzsaw_build": bz.build_id(), "python": platform.python_version()}
    return own | {name: version(name) for name in names}


def _spec(settings: NightlySettings, pipeline: bz.Pipeline | None) -> bz.Spec:
    given = bz.Spec.load(settings.spec) if settings.spec else None
    if pipeline is None:
        if given is None:
            raise MissingInputError.of("neither a spec nor an artifact is given", place="spec")
        return given
    if given is not None and given.to_json() != pipeline.spec.to_json():
        raise InvalidSpecError.of(
            "the pinned artifact was fitted for another spec",
            place="artifact",
            hint="leave `spec` out of the settings, or fit it again",
        )
    return pipeline.spec


def _roles(spec: bz.Spec) -> dict[str, str]:
    """The columns that hold the label and, if there is one, the weight of a row."""
    roles = {column.role: column.name for column in spec.inputs if column.role in ("label", "weight")}
    if "label" not in roles:
        raise MissingInputError.of(
            "the spec has no label", place="inputs", hint="add the rating as an input with `role: label`"
        )
    return roles


def _check_folds(spec: bz.Spec, folds: int) -> None:
    """The column `fold` says which labels a row did not see: it must be the fold of every out-of-fold step."""
    steps = json.loads(spec.to_json())["steps"]
    problems = [
        {
            "code": InvalidValueError.CODE,
            "message": f"the step has {step['folds']} folds, the training table {folds}",
            "place": f"steps.{name}.folds",
            "hint": "give the same number as `folds` in the settings of the job",
        }
        for name, step in steps.items()
        if step.get("folds") not in (None, 0, folds)
    ]
    if problems:
        raise InvalidValueError(problems)


def _within(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()
