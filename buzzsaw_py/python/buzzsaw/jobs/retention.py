"""How long a Delta table keeps the versions that manifests name.

Delta reads no version, but for the newest, that is older than the table's `delta.deletedFileRetentionDuration` (7 days
unless it is set). VACUUM then removes files that only such versions have, and Delta itself the log of versions after
`delta.logRetentionDuration` (30 days). A manifest promises more, so the jobs set both.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from pyspark.sql import functions as fn

from buzzsaw.jobs.stages import reach

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

log = logging.getLogger("buzzsaw.jobs")

#: The properties with Delta's own values, in days.
_LOG, _FILES = "delta.logRetentionDuration", "delta.deletedFileRetentionDuration"
_DEFAULTS = {_LOG: 30, _FILES: 7}


def properties(days: int | None) -> dict[str, str]:
    """The table properties that keep versions for so many days; none for `None`."""
    return {} if days is None else dict.fromkeys(_DEFAULTS, f"interval {days} days")


def lengthen(session: SparkSession, table: str, name: str, days: int | None) -> None:
    """Makes a table keep its versions for as many days, which is a version of its own; never for fewer.

    A table that has kept them for longer stays as it is: its older manifests count on that.

    Args:
        session: Spark with Delta.
        table: The table that is there, as SQL names it.
        name: What the run calls it.
        days: How many; `None` leaves the table alone.
    """
    if days is None:
        return
    held: dict[str, str] = session.sql(f"DESCRIBE DETAIL {table}").collect()[0]["properties"]
    wanted = properties(days)
    if all(held.get(name) == value for name, value in wanted.items()):
        return
    kept = {name: _days(session, held[name]) if name in held else default for name, default in _DEFAULTS.items()}
    if min(kept.values()) < days:
        # Delta asks of each change by itself that the log is kept as long as the files, so both are always given.
        now = {name: held.get(name, f"interval {kept[name]} days") for name in _DEFAULTS}
        files = now[_FILES] if kept[_FILES] >= days else wanted[_FILES]
        own = now[_LOG] if kept[_LOG] >= max(days, kept[_FILES]) else files
        reach(f"{name}: before it keeps versions for longer")
        session.sql(f"ALTER TABLE {table} SET TBLPROPERTIES ('{_LOG}' = '{own}', '{_FILES}' = '{files}')")
        reach(f"{name}: after it keeps versions for longer")
        log.info("%s keeps versions for %d days from now on", table, days)
    if min(kept.values()) > days:
        log.info("%s keeps versions for %d days, more than the settings ask for", table, min(kept.values()))


def _days(session: SparkSession, interval: str) -> int:
    """The whole days of an interval as Delta keeps it, `interval 2 weeks` for example."""
    start = fn.lit("2001-01-01").cast("timestamp_ntz")
    after = (start + fn.lit(interval).cast("interval")).cast("date")
    return int(session.range(1).select(fn.datediff(after, start.cast("date"))).collect()[0][0])
