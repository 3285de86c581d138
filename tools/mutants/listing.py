"""The mutants: cargo-mutants' own list, and how one is named without its line."""

from __future__ import annotations

import json
import subprocess
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Longer operands are shortened to this many characters at either side of the operator.
_SHOWN = 48


@dataclass(frozen=True)
class Mutant:
    """One change to one file. Two that differ in place alone have the same `key`."""

    number: int
    file: Path
    genre: str
    function: str
    replacement: str
    #: Byte offsets of what cargo-mutants replaces: an operator, a function's body, a guard, an arm, a field.
    start: int
    end: int
    #: Line and column, from 1.
    place: tuple[int, int]
    #: The change in words that survive edits elsewhere in the file.
    change: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What the list of explained mutants names."""
        return self.file.as_posix(), self.function, self.change

    def __str__(self) -> str:
        line, column = self.place
        return f"{self.file}:{line}:{column}: {self.function}: {self.change}"


def listed(root: Path, package: str, glob: str) -> list[Mutant]:
    """What `cargo mutants --list` says of the files that `glob` names, in their order."""
    command = ["cargo", "mutants", "--list", "--json", "--no-config", "--package", package, "--file", glob]
    ran = subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    return parsed(root, json.loads(ran.stdout))


def parsed(root: Path, entries: list[dict[str, Any]]) -> list[Mutant]:
    """The entries of that list, numbered from 1."""
    sources: dict[str, str] = {}
    starts: dict[str, list[int]] = {}
    mutants = []
    for number, entry in enumerate(entries, 1):
        name = entry["file"]
        if name not in sources:
            sources[name] = (root / name).read_text("utf-8")
            starts[name] = _line_starts(sources[name])
        source = sources[name]
        start, end = (_offset(starts[name], entry["span"][at]) for at in ("start", "end"))
        function = (entry["function"] or {"function_name": "(constant)"})["function_name"]
        mutants.append(
            Mutant(
                number=number,
                file=Path(name),
                genre=entry["genre"],
                function=function,
                replacement=entry["replacement"],
                start=len(source[:start].encode()),
                end=len(source[:end].encode()),
                place=(entry["span"]["start"]["line"], entry["span"]["start"]["column"]),
                change=_change(entry, source, start, end),
            )
        )
    return mutants


def by_file(mutants: Iterable[Mutant]) -> dict[Path, list[Mutant]]:
    """The mutants of each file."""
    files: dict[Path, list[Mutant]] = defaultdict(list)
    for mutant in mutants:
        files[mutant.file].append(mutant)
    return dict(files)


def _line_starts(source: str) -> list[int]:
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _offset(starts: list[int], at: dict[str, int]) -> int:
    return starts[at["line"] - 1] + at["column"] - 1


def _change(entry: dict[str, Any], source: str, start: int, end: int) -> str:
    old, new = " ".join(source[start:end].split()), entry["replacement"]
    match entry["genre"]:
        case "FnValue":
            body = f" for {old}" if len(old) <= _SHOWN else ""
            return f"return {new or '()'}{body}"
        case "MatchArm":
            return f"without arm {entry['name'].split('delete match arm ', 1)[1].rsplit(' in ', 1)[0]}"
        case "StructField":
            return f"without field {old}"
        case "MatchArmGuard":
            return f"guard {old} -> {new}"
    # An operator: what stands around it on its line says which one.
    before = " ".join(source[source.rfind("\n", 0, start) + 1 : start].split())[-_SHOWN:]
    after = " ".join(source[end : (source + "\n").find("\n", end)].split())[:_SHOWN]
    return f"{before} [{old} -> {new or 'nothing'}] {after}".strip()
