"""One night, in order: read, check, join, rejected rows, fit, tables, artifacts, report, and the manifest last."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, timezone
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn

import buzzsaw as bz
from buzzsaw.errors import InvalidValueError, MissingInputError
from buzzsaw.jobs import delta, storage
from buzzsaw.jobs.caching import cached
from buzzsaw.jobs.inputs import InputTable, read_table
from buzzsaw.jobs.manifest import NAME as MANIFEST
from buzzsaw.jobs.manifest import TableRef, publish
from buzzsaw.jobs.runs import Outcome, done_before, done_meanwhile, folder_of, in_utc, libraries
from buzzsaw.jobs.storage import Location
from buzzsaw.jobs.watch import Watch
from buzzsaw.nightly import checking, counts, history, inputs, manifest, tables
from buzzsaw.nightly.checking import CheckedRows, Finding
from buzzsaw.nightly.manifest import ArtifactRef, CheckRef, InputRef, RowCounts, RunManifest
from buzzsaw.nightly.prepare import Plan, prepare
from buzzsaw.nightly.reporting import SeenInputs, assemble, look_at_inputs, look_at_tables
from buzzsaw.nightly.reporting import write as write_report
from buzzsaw.nightly.settings import NightlySettings
from buzzsaw.nightly.spec_checks import check_present, with_spec
from buzzsaw.nightly.tables import DOCUMENTS, REJECTED, TRAINING
from buzzsaw.spark import columns, fit
from buzzsaw.spark.session import small_cached_batches

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


@dataclasses.dataclass(frozen=True)
class _Inputs:
    """The inputs by name, and the judgments joined with their products."""

    tables: dict[str, InputTable]
    checked: dict[str, CheckedRows]
    pairs: DataFrame
    unknown: int
    findings: tuple[Finding, ...]


@dataclasses.dataclass(frozen=True)
class _Made:
    """What a run made, as its manifest names it."""

    written: dict[str, TableRef]
    pipelines: dict[str, bz.Pipeline]
    artifacts: dict[str, ArtifactRef]
    seen: SeenInputs


def run(
    session: SparkSession,
    settings: NightlySettings,
    now: datetime,
    *,
    any_time: bool = False,
    watch: Watch | None = None,
    digest: str | None = None,
) -> Outcome:
    """Makes the tables of one night.

    The run is that of the date of `now` in UTC. With a manifest it is done: nothing is written, no Delta version made.
    A run that fails leaves no manifest, so whatever it wrote is not trusted, and it can be run again.

    Args:
        session: Spark with Delta.
        settings: What to compute.
        now: The time that every row sees, with its zone.
        any_time: Whether a run that was done at another time of the date will do.
        watch: Sees the run as it goes on.
        digest: What `settings.digest()` was before; by default it is computed now.

    Raises:
        InvalidValueError: when the date was done with other settings or at another time, when the spec or the pinned
            artifact is no longer that of `digest`, and when an input has no rows or is over a limit of its checks.
        BuzzsawError: whatever reading, fitting and transforming raise; until rejected rows are written nothing is.
    """
    watch, now = watch or Watch(), in_utc(now)
    with watch.over(session, now.date()), small_cached_batches(session):
        return _run(session, settings, now, any_time, watch, digest or settings.digest())


def _run(  # noqa: PLR0917
    session: SparkSession, settings: NightlySettings, now: datetime, any_time: bool, watch: Watch, digest: str
) -> Outcome:
    output = storage.location_of(settings.output, session)
    before = done_before(output, now, settings, digest, any_time=any_time, form=manifest.FORM)
    if before is not None:
        return before
    storage.check_writable(output)
    day, stages = now.date(), watch.stages
    with stages.stage("load spec"):
        plan = prepare(settings)
        _check_unchanged(settings, digest)
        before_this = history.earlier(output, day, plan.spec.feature_names, settings.report.runs - 1)
    with _read(session, settings, plan, now, watch) as read:
        made = _make(session, settings, output, plan, read, now, watch, digest)
        seen = made.seen
    with stages.stage("measure tables"):
        root = {name: storage.table_path(output / table.path, session) for name, table in made.written.items()}
        written = {
            name: delta.read_date(session, root[name], table.version, day) for name, table in made.written.items()
        }
        rows = counts.prove(written, read.checked)
        rejected = written[REJECTED] if rows[REJECTED] else None
        pipeline = made.pipelines[TRAINING]
        looked = look_at_tables(
            written[TRAINING], rejected, pipeline, settings=settings, history=before_this, named=seen.named
        )
    referred = {
        name: InputRef(table.path, table.format, table.version, read.checked[name].read, read.checked[name].rejected)
        for name, table in read.tables.items()
    }
    folder = folder_of(output, day)
    with stages.stage("write report"):
        report = assemble(
            settings,
            day=day,
            now=now,
            pipeline=pipeline,
            inputs=referred,
            table_version=made.written[TRAINING].version,
            unknown_products=read.unknown,
            seen=seen,
            tables=looked,
            history=before_this,
            libraries=libraries(),
            stages=stages,
        )
        page, as_json = write_report(report, folder, output)
    whole = RunManifest(
        format=manifest.FORMAT,
        job=manifest.FORM.job,
        run=day.isoformat(),
        now=now.isoformat(),
        finished=datetime.now(timezone.utc).isoformat(),
        settings=dataclasses.asdict(settings),
        settings_digest=digest,
        inputs=referred,
        tables={name: dataclasses.replace(table, rows=rows[name]) for name, table in made.written.items()},
        checks=[
            *(CheckRef(one.place, one.rows, one.of, one.outcome == "warned", str(one)) for one in read.findings),
            *report.over_limits,
        ],
        artifact=made.artifacts[TRAINING],
        document_artifact=made.artifacts.get(DOCUMENTS),
        report=page,
        report_json=as_json,
        features=pipeline.feature_names,
        folds=settings.folds,
        rows=RowCounts(looked.table.rows, looked.table.groups, looked.table.qids, read.unknown),
        libraries=libraries(),
    )
    with stages.stage("write manifest"):
        first = publish(folder, whole)
    if not first:
        return done_meanwhile(output, now, settings, digest, any_time=any_time, form=manifest.FORM)
    return Outcome(dataclasses.asdict(whole), folder / MANIFEST, output, wrote=True)


@contextmanager
def _read(
    session: SparkSession, settings: NightlySettings, plan: Plan, now: datetime, watch: Watch
) -> Iterator[_Inputs]:
    """The inputs, checked and joined; the join is held for as long as they are used."""
    stages = watch.stages
    if plan.pinned is not None:
        stages.plan(_stage_names(plan, plan.pinned))
    with stages.stage("read and check inputs"):
        products = inputs.of_date(read_table(session, settings.products), settings.products_date, now.date())
        judgments = _judgments(session, settings, now.date(), plan.in_group)
        # Labels have the groups as `group_id`, whatever the spec calls them.
        read_as = {plan.group: "group_id"} if settings.labels is not None else {}
        checks = with_spec(settings.checks, plan.spec, products.rows.columns, judgments.rows.columns, read_as)
        check_present(plan.spec, products.rows.columns, judgments.rows.columns, read_as)
        columns.select(products.rows, plan.document_reads, "the table of products")
        there = {name.lower() for name in judgments.rows.columns}
        group, qid = _key_columns(plan, settings, there)
        inputs.check_own_columns(plan.spec, products.rows, judgments.rows, group)
        keys = (inputs.QUERY, inputs.PRODUCT, *(name for name in (group, qid) if name.lower() in there - {"qid"}))
        checked = {
            "products": checking.check_rows(
                products.rows,
                "products",
                (inputs.PRODUCT,),
                checks.products,
                unique=True,
                date_column=settings.products_date,
            ),
            "judgments": checking.check_rows(
                judgments.rows,
                "judgments",
                tuple(dict.fromkeys(keys)),
                checks.judgments,
                unique=False,
                date_column=settings.judgments_date,
            ),
        }
        watch.inputs = {name: (rows.read, rows.rejected) for name, rows in checked.items()}
        by_name = {"products": products, "judgments": judgments}
        checking.check_not_empty(checked, {name: table.path for name, table in by_name.items()})
        findings = checked["products"].findings + checked["judgments"].findings
        findings += checking.shared(products.rows, judgments.rows, plan.spec, checked["judgments"])
        watch.findings += findings
        checking.judge(findings)
    with ExitStack() as held:
        with stages.stage("join"):
            accepted = {name: rows.accepted_rows for name, rows in checked.items()}
            joined = inputs.join(accepted["products"], accepted["judgments"], now, settings.folds, group, qid)
            columns.select(joined, plan.reads, "the judgments with their products")
            of_spec = (column.name for column in plan.spec.inputs)
            joined = columns.named(joined, ["qid", "group_id", inputs.PRODUCT, "fold", inputs.KNOWN, *of_spec])
            for rows in (joined, accepted["products"]):
                _check_types(plan.spec, rows)
            # Each round of the fit, the transform and the counts read it; the join and the folds are computed once.
            pairs = held.enter_context(cached(joined))
            known = {row[inputs.KNOWN]: row["count"] for row in pairs.groupBy(inputs.KNOWN).count().collect()}
            unknown = Finding(
                "unknown_products",
                "judgments",
                None,
                known.get(False, 0),
                sum(known.values()),
                settings.checks.unknown_products,
            )
        watch.findings.append(unknown)
        checking.judge((unknown,))
        yield _Inputs(by_name, checked, pairs, unknown.rows, (*findings, unknown))


def _key_columns(plan: Plan, settings: NightlySettings, there: set[str]) -> tuple[str, str]:
    """The columns with the group and the qid; the job's own where the spec's are not there and no feature needs them.

    The groups of labels are the requests, whatever the spec calls them.
    """
    own_group = settings.labels is not None or not plan.in_group
    group = "group_id" if plan.group.lower() not in there and own_group else plan.group
    qid = "qid" if plan.qid.lower() not in there and not plan.has_folds else plan.qid
    return group, qid


def _judgments(session: SparkSession, settings: NightlySettings, day: date, in_group: bool) -> InputTable:
    if settings.labels is not None:
        return inputs.read_labels(session, settings.labels, day, whole_groups=in_group)
    if settings.judgments is None:
        raise MissingInputError.of("neither judgments nor labels are given", place="judgments")
    return inputs.of_date(read_table(session, settings.judgments), settings.judgments_date, day)


def _make(  # noqa: PLR0917
    session: SparkSession,
    settings: NightlySettings,
    output: Location,
    plan: Plan,
    read: _Inputs,
    now: datetime,
    watch: Watch,
    digest: str,
) -> _Made:
    """Fits, and writes tables and artifacts."""
    day, stages = now.date(), watch.stages
    written: dict[str, TableRef] = {}

    def write(name: str, rows: DataFrame) -> None:
        wrote = delta.write_date(rows, storage.table_path(output / name, session), day, settings.retention_days)
        watch.tables[name] = wrote
        written[name] = TableRef(name, wrote, 0, rows.columns)

    with stages.stage("write rejected rows"):
        write(REJECTED, tables.rejected_rows(read.checked, day))
    products = read.checked["products"].accepted_rows
    pipeline = plan.pinned
    if pipeline is None:
        with stages.stage("fit"):
            pipeline = fit(
                plan.spec,
                read.pairs,
                products.withColumn("now", fn.lit(now)),
                groups="group_id",
                partitions=settings.fit_partitions,
                tables=settings.tables,
            )
            _check_unchanged(settings, digest)
        stages.plan(_stage_names(plan, pipeline))
    # Before the tables: what fails here leaves none behind.
    with stages.stage("look at inputs"):
        seen = look_at_inputs(read.pairs, pipeline, settings)
    pipelines = {TRAINING: pipeline}
    documents = tables.document_pipeline(pipeline)
    rows = {TRAINING: tables.training_rows(read.pairs, pipeline, plan.roles, day)}
    if documents is not None:
        pipelines[DOCUMENTS] = documents
        rows[DOCUMENTS] = tables.document_rows(products, documents, day)
    for name, table in rows.items():
        # All are asked before the first is written.
        delta.check_types(session, storage.table_path(output / name, session), table.schema)
    for name, table in rows.items():
        with stages.stage(f"write {name} table"):
            write(name, table)
    with stages.stage("write artifacts"):
        artifacts = _write_artifacts(settings, output, plan.spec.name, pipelines, day)
    return _Made(written, pipelines, artifacts, seen)


def _stage_names(plan: Plan, pipeline: bz.Pipeline) -> list[str]:
    """The stages of a run in their order; which they are depends on the fitted pipeline."""
    fitting = ["fit"] if plan.pinned is None else []
    documents = [f"write {DOCUMENTS} table"] if pipeline.features_of_side("document") else []
    read = ["load spec", "read and check inputs", "join", "write rejected rows"]
    made = ["write artifacts", "measure tables", "write report", "write manifest"]
    return [*read, *fitting, "look at inputs", f"write {TRAINING} table", *documents, *made]


def _write_artifacts(
    settings: NightlySettings, output: Location, name: str, pipelines: Mapping[str, bz.Pipeline], day: date
) -> dict[str, ArtifactRef]:
    artifacts = {}
    for table, pipeline in pipelines.items():
        part = "" if table == TRAINING else f"-{table}"
        short = pipeline.content_hash.removeprefix("sha256:")[:16]
        path = folder_of(output, day) / f"{name}{part}-{short}.buzzsaw"
        storage.put_saved(path, pipeline.save)
        artifacts[table] = ArtifactRef(
            storage.within(path, output), pipeline.content_hash, settings.artifact is not None
        )
    return artifacts


def _check_unchanged(settings: NightlySettings, digest: str) -> None:
    """Refuses files of the settings that are no longer those that the manifest will name."""
    if settings.digest() != digest:
        message = "the spec, a word list of it, the artifact or a lookup table changed while the job ran"
        hint = "give a file that stays as it is, and run it again: dates that are done are left alone"
        raise InvalidValueError.of(message, place=settings.artifact or settings.spec or "tables", hint=hint)


def _check_types(spec: bz.Spec, rows: DataFrame) -> None:
    """Refuses columns of types that the spec does not take, before a job starts."""
    present = columns.named(rows, [column.name for column in spec.inputs])
    if present.columns:
        spec._native.check_types(columns.empty_batch(present.schema, present.columns))
