"""How long each feature takes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from buzzsaw.nightly.report_contents import Duration
from buzzsaw.nightly.samples import GROUP

if TYPE_CHECKING:
    import pyarrow as pa

    from buzzsaw import Pipeline

#: Tries, of which the fastest counts: what slows one down is not the feature's.
_TRIES = 3


def feature_times(pipeline: Pipeline, sample: pa.Table) -> list[Duration]:
    """Seconds a row of each feature of the spec, alone, over the rows of a sample; none for no rows.

    Each feature is computed by the pipeline of it alone, on this thread. Steps that several features share count in
    each, so the sum is more than the time of all at once.
    """
    if not sample.num_rows:
        return []
    found = []
    for entry in pipeline.spec.to_dict()["features"]:
        name = entry if isinstance(entry, str) else entry["name"]
        alone = pipeline.select([name])
        groups = GROUP if alone.needs_groups else None
        seconds = []
        for _ in range(_TRIES):
            started = time.perf_counter()
            alone.transform(sample, groups=groups, mode="train")
            seconds.append(time.perf_counter() - started)
        found.append(Duration(name, min(seconds) / sample.num_rows))
    return found
