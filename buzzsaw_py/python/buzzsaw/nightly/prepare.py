"""What a run computes, decided before it reads anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import buzzsaw as bz
from buzzsaw.errors import InvalidSpecError, InvalidValueError, MissingInputError
from buzzsaw.jobs.delta import DATE
from buzzsaw.nightly.report_limits import check_names
from buzzsaw.nightly.settings import NightlySettings
from buzzsaw.nightly.tables import ARTIFACT, KEYS
from buzzsaw.rows import FINGERPRINT, FINGERPRINT_SERVED
from buzzsaw.spark import columns


@dataclass(frozen=True)
class Plan:
    """The spec, and the pipeline when an artifact is pinned."""

    spec: bz.Spec
    pinned: bz.Pipeline | None
    #: The columns that hold `label` and, if there is one, `weight`.
    roles: dict[str, str]
    #: The columns that features, label and weight are made of.
    reads: list[str]
    #: The columns that the products must have: those of features that depend on documents alone.
    document_reads: list[str]
    #: The columns with the group and the qid of a row; the job makes those of these names itself.
    group: str = "group_id"
    qid: str = "qid"
    #: Whether a feature depends on the other rows of its group, and whether one on the fold of its qid.
    in_group: bool = False
    has_folds: bool = False


def prepare(settings: NightlySettings) -> Plan:
    """Loads what the settings name.

    Raises:
        InvalidSpecError: when the pinned artifact is of another spec than the one given.
        MissingInputError: without a spec or artifact, and for a spec without a label.
        InvalidValueError: when a step has other folds than the training table, for a feature of the name of a column
            of the job's, and for limits of the report for features or steps that the spec does not have.
        BuzzsawError: whatever loading raises.
    """
    pinned = bz.load(settings.artifact) if settings.artifact else None
    spec = _spec(settings, pinned)
    roles = _roles(spec)
    _check_folds(spec, settings.folds)
    added = [DATE, *dict.fromkeys([*KEYS, *roles]), FINGERPRINT, FINGERPRINT_SERVED, ARTIFACT]
    columns.check_added(spec.feature_names, added, by="the job")
    check_names(settings.report, spec)
    named = {column.role: column.name for column in spec.inputs if column.role in ("group", "qid")}
    reached = reached_by_features(spec)
    steps = steps_of(spec, reached)
    reads = [one.name for one in spec.inputs if one.name in reached or one.name in roles.values()]
    return Plan(
        spec,
        pinned,
        roles,
        reads,
        _document_reads(spec),
        group=named.get("group", "group_id"),
        qid=named.get("qid", "qid"),
        in_group=in_group(steps),
        has_folds=any(step.get("folds") for step in steps),
    )


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


def _document_reads(spec: bz.Spec) -> list[str]:
    """The inputs of the features that depend on documents alone, in the order of the spec."""
    sides = {one.name: one.side for one in spec.inputs}
    reads: set[str] = set()
    for feature in spec.to_dict()["features"]:
        inputs = reached_by_features(spec, [feature]) & sides.keys()
        if all(sides[name] == "document" for name in inputs):
            reads |= inputs
    return [name for name in sides if name in reads]


def reached_by_features(spec: bz.Spec, features: list[dict[str, Any]] | None = None) -> set[str]:
    """The steps and inputs that a feature depends on, one of those given or any."""
    document = spec.to_dict()
    reached: set[str] = set()
    waiting = [feature["step"] for feature in (document["features"] if features is None else features)]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += document["steps"].get(name, {}).get("inputs", [])
    return reached


def steps_of(spec: bz.Spec, reached: set[str]) -> list[dict[str, Any]]:
    """Those of the steps that are reached."""
    return [step for name, step in spec.to_dict()["steps"].items() if name in reached]


def in_group(steps: list[dict[str, Any]]) -> bool:
    """Whether one of the steps sees the other rows of a group: the transforms that do are `group_...`."""
    return any(str(step["transform"]).startswith("group_") for step in steps)


def _check_folds(spec: bz.Spec, folds: int) -> None:
    """The column `fold` says which labels a row did not see: it must be the fold of every out-of-fold step."""
    steps = spec.to_dict()["steps"]
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
