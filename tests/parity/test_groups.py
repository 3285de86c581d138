"""What the nightly job takes for steps within a group are those whose values the core computes by group."""

from __future__ import annotations

import warnings

import buzzsaw as bz
import hostile
import pytest
from buzzsaw.nightly.prepare import in_group, reached_by_features
from harness.hostile_specs import hostile_specs


@pytest.mark.parametrize("name", list(hostile_specs()))
def test_steps_within_a_group_are_known_by_their_name(name):
    first = hostile.block(1, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", bz.FitWarning)
        pipeline = hostile_specs()[name].fit(first.columns, hostile.lookup_tables())
    features = [feature for feature in pipeline.feature_names if "[" not in feature]
    found = set()
    for feature in features:
        one = pipeline.select([feature])
        found.add(one.needs_groups)
        assert in_group(one.spec, reached_by_features(one.spec)) == one.needs_groups, feature
    assert found <= {True, False}
