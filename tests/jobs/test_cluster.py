"""The nightly job on a standalone cluster of which a worker dies; `make soak` has more stages, and a task run twice."""

from __future__ import annotations

from cluster_faults import assert_a_worker_may_die, built_archive
from faults import undisturbed


def test_a_worker_that_dies_while_the_table_is_written_changes_nothing(spark, tmp_path):
    archive = built_archive(tmp_path)
    whole = undisturbed(spark, tmp_path / "whole")
    assert_a_worker_may_die(spark, whole, archive, tmp_path, "write training table")
