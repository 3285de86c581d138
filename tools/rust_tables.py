"""Rust source of character tables: what the generators of `buzzsaw_core/src/text/tables/` share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

TABLES = Path(__file__).resolve().parents[1] / "buzzsaw_core/src/text/tables"


def bit_table(name: str, doc: str, member: Callable[[int], bool]) -> Iterable[str]:
    """A two-level bit set: 256 code points a block, equal blocks shared."""
    blocks: dict[tuple[int, ...], int] = {}
    index = []
    for start in range(0, 0x110000, 256):
        bits = sum(
            1 << offset for offset in range(256) if not 0xD800 <= start + offset <= 0xDFFF and member(start + offset)
        )
        words = tuple((bits >> (64 * part)) & (2**64 - 1) for part in range(4))
        index.append(blocks.setdefault(words, len(blocks)))
    if len(blocks) > 256:
        raise SystemExit(f"{name}: {len(blocks)} blocks do not fit a byte")
    yield f"/// {doc}"
    yield "#[rustfmt::skip]"
    yield f"pub(in crate::text) static {name}: BitTable = BitTable {{"
    yield "    index: &["
    yield from rows((str(i) for i in index), 8)
    yield "    ],"
    yield "    blocks: &["
    for words in blocks:
        yield "        [" + ", ".join(hexadecimal(word) for word in words) + "],"
    yield "    ],"
    yield "};"


def class_table(name: str, doc: str, classes: Sequence[int]) -> Iterable[str]:
    """A two-level table of one byte a code point: 256 code points a block, equal blocks shared."""
    blocks: dict[tuple[int, ...], int] = {}
    index = [blocks.setdefault(tuple(classes[start : start + 256]), len(blocks)) for start in range(0, 0x110000, 256)]
    if len(blocks) > 256:
        raise SystemExit(f"{name}: {len(blocks)} blocks do not fit a byte")
    yield f"/// {doc}"
    yield "#[rustfmt::skip]"
    yield f"pub(in crate::text) static {name}: ClassTable = ClassTable {{"
    yield "    index: &["
    yield from rows((str(i) for i in index), 8)
    yield "    ],"
    yield "    blocks: &["
    for block in blocks:
        yield "        ["
        yield from rows((str(c) for c in block), 12)
        yield "        ],"
    yield "    ],"
    yield "};"


def array(name: str, doc: str, item: str, items: Sequence[object]) -> Iterable[str]:
    """A static slice."""
    yield f"/// {doc}"
    yield "#[rustfmt::skip]"
    yield f"pub(in crate::text) static {name}: &[{item}] = &["
    yield from rows((str(i) for i in items), 4)
    yield "];"


def hexadecimal(number: int) -> str:
    """Hexadecimal in groups of four digits, as Rust's lints want long literals."""
    digits = f"{number:016x}"
    return "0x" + "_".join(digits[i : i + 4] for i in range(0, 16, 4))


def rows(items: Iterable[str], indent: int, width: int = 108) -> Iterable[str]:
    """Comma-separated items, wrapped."""
    line = " " * indent
    for item in items:
        if len(line) + len(item) + 1 > width:
            yield line.rstrip()
            line = " " * indent
        line += item + ", "
    yield line.rstrip()


def escape(text: str) -> str:
    """Rust escapes of a string."""
    return "".join(f"\\u{{{ord(character):x}}}" for character in text)


def write(name: str, lines: Iterable[str], *, check: bool) -> None:
    """Write a file of `tables/`, or compare with it."""
    target, text = TABLES / name, "\n".join(lines) + "\n"
    if not check:
        target.write_text(text, encoding="utf-8")
    elif not target.exists() or target.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{target.name} is stale: run its generator in tools/")
