"""Where the builds under test and the data are."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path

PARITY = Path(__file__).resolve().parents[1]
ROOT = PARITY.parents[1]
CASES = PARITY / "cases"


def rust_binary() -> Path:
    """The release build of `buzzsaw_core/examples/parity_rows.rs`."""
    given = os.environ.get("BUZZSAW_PARITY_RUST")
    return _built(Path(given) if given else ROOT / "target/release/examples/parity_rows", "make build")


def jar() -> Path:
    """The core jar, with its native library inside."""
    given = os.environ.get("BUZZSAW_JAR")
    if given:
        return _built(Path(given), "make build")
    found = sorted((ROOT / "buzzsaw_jvm/core/target").glob("buzzsaw-*.jar"))
    plain = [path for path in found if not path.stem.endswith(("-sources", "-javadoc", "-tests"))]
    return _built(plain[-1] if plain else ROOT / "buzzsaw_jvm/core/target/buzzsaw.jar", "make build")


def products() -> Path | None:
    """The real product texts, where the shared data is present."""
    path = Path(os.environ.get("BUZZSAW_SHARED", ROOT.parent / "shared")) / "data/icecat/products.parquet"
    return path if path.exists() else None


def _built(path: Path, how: str) -> Path:
    if not path.exists():
        raise FileNotFoundError(f"{path} is not built; run `{how}`")
    return path


@cache
def digest(path: Path) -> str:
    """The first 12 hex digits of a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]
