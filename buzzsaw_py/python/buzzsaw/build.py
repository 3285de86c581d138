"""Which build of the library this is."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version
from pathlib import Path

from buzzsaw import _buzzsaw

__version__ = version("buzzsaw")


@cache
def build_id() -> str:
    """The native library's version, platform and profile, and the first 16 hex digits of its file's SHA-256."""
    digest = hashlib.sha256(Path(_buzzsaw.__file__).read_bytes()).hexdigest()
    return f"{_buzzsaw.build_id()}-{digest[:16]}"
