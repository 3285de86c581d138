"""`make matrix`: the wheel on each Python and PySpark that it is for; `docs/versions.md` explains it."""
