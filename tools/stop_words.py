"""Write the stop word lists of the Snowball project that Lucene ships, as a Rust table.

Run as `python tools/stop_words.py JAR`, with `lucene-analysis-common-9.12.3.jar` (Maven,
`org.apache.lucene:lucene-analysis-common`, in `build/oracles/lib`); `--check` only compares. In the files a `|` starts
a comment.
"""

from __future__ import annotations

import argparse
import hashlib
import zipfile
from pathlib import Path

FOLDER = "org/apache/lucene/analysis/snowball/"
TARGET = Path(__file__).resolve().parents[1] / "buzzsaw_core/src/text/stop_words/snowball.rs"
#: The English list is written by hand in `stop_words/mod.rs`.
KEPT = "english"


def words(text: str) -> list[str]:
    """The words of a list, in order, each once."""
    return list(dict.fromkeys(word for line in text.splitlines() for word in line.partition("|")[0].split()))


def digest(listed: list[str]) -> str:
    """The hash of a list that the table's test compares with: FNV-1a, 64 bits, of the words and a line feed each."""
    value = 0xCBF29CE484222325
    for byte in "".join(f"{word}\n" for word in listed).encode():
        value = (value ^ byte) * 0x100000001B3 % 2**64
    return f"{value:#018x}"


def rust(word: str) -> str:
    """A string literal."""
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def wrapped(listed: list[str]) -> list[str]:
    """The literals in lines of at most 110 characters."""
    lines = [""]
    for word in listed:
        literal = rust(word) + ", "
        if len(lines[-1]) + len(literal) > 95:
            lines.append("")
        lines[-1] += literal
    return ["        " + line.rstrip() for line in lines]


def generate(jar: Path) -> str:
    """The whole Rust file."""
    lines = [
        "//! Written by `tools/stop_words.py` from `snowball/*_stop.txt` of lucene-analysis-common 9.12.3.",
        "//!",
        "//! BSD licence, Copyright (c) 2001 Dr Martin Porter and (c) 2002 Richard Boulton.",
        "",
        "/// A list: the language, the FNV-1a hash of its words, and its words.",
        "pub(super) struct List {",
        "    pub(super) language: &'static str,",
        "    #[cfg_attr(not(test), allow(dead_code))]",
        "    pub(super) hash: u64,",
        "    pub(super) words: &'static [&'static str],",
        "}",
        "",
        "/// By language, in alphabetical order; English is [`super::ENGLISH`].",
        "#[rustfmt::skip]",
        "pub(super) static LISTS: &[List] = &[",
    ]
    with zipfile.ZipFile(jar) as archive:
        for name in sorted(archive.namelist()):
            language = name.removeprefix(FOLDER).removesuffix("_stop.txt")
            if not name.startswith(FOLDER) or not name.endswith("_stop.txt") or language == KEPT:
                continue
            raw = archive.read(name)
            listed = words(raw.decode("utf-8-sig"))
            lines += [
                f"    // SHA-256 of the file: {hashlib.sha256(raw).hexdigest()}",
                f'    List {{ language: "{language}", hash: {digest(listed)}, words: &[',
                *wrapped(listed),
                "    ] },",
            ]
    lines += ["];"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the table, or compare it with the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("jar", type=Path)
    parser.add_argument("--check", action="store_true", help="fail if the file differs; write nothing")
    arguments = parser.parse_args()
    text = generate(arguments.jar)
    if not arguments.check:
        TARGET.write_text(text, encoding="utf-8", newline="\n")
    elif TARGET.read_text(encoding="utf-8") != text:
        raise SystemExit(f"{TARGET.name} is stale: run its generator in tools/")


if __name__ == "__main__":
    main()
