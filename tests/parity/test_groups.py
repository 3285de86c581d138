"""What the nightly job takes for steps within a group are those whose values the core computes by group."""

from __future__ import annotations

import warnings

import buzzsaw as bz
import hostile
import pytest
from buzzsaw.nightly.prepare import in_group, reached_by_features, steps_of
from harness.hostile_specs import hostile_specs


@pytest.mark.parametrize("name", list(hostile_specs()))
def test_steps_within_a_group_are_known_by_their_name(name):
    first = hostile.block(1, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bz.FitWarning)
        pipeline = hostile_specs()[name].fit(first.columns, hostile.lookup_tables())
    for named in pipeline.spec.to_dict()["features"]:
        feature = named.get("name") or named["step"]
        one = pipeline.select([feature])
        assert in_group(steps_of(one.spec, reached_by_features(one.spec))) == one.needs_groups, feature


def test_there_are_steps_of_both_kinds():
    names = set().union(*(spec.transforms() for spec in hostile_specs().values()))
    assert {name.startswith("group_") for name in names} == {True, False}
