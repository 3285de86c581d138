"""Paths that name their file system by a scheme."""

from __future__ import annotations

import re

#: Two letters at least: `C:/` is a drive.
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")

#: `file:`, which names this machine's own file system.
_FILE = re.compile(r"file:(?://(?:localhost)?)?(?=/(?!/))", re.IGNORECASE)


def has_scheme(path: str) -> bool:
    """Whether a path has a scheme, as `hdfs://name/a` and `dbfs:/a` have."""
    return _SCHEME.match(path) is not None


def without_file(path: str) -> str:
    """A path without the scheme `file`; any other stays as it is."""
    scheme = _FILE.match(path)
    return path[scheme.end() :] if scheme else path
