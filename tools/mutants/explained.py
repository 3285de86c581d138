"""The committed list of mutants that no test can see, each with the reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from .listing import Mutant

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Explained:
    """How many mutants of each key the list explains, and the keys of any file."""

    count: Counter[Key]
    patterns: list[Key]

    @classmethod
    def load(cls, path: Path) -> Explained:
        """Reads the list: entries of `file`, `why` and `mutants`, which maps a function to its changes."""
        count: Counter[Key] = Counter()
        patterns = []
        for entry in yaml.safe_load(path.read_text("utf-8")) or [] if path.exists() else []:
            if not str(entry["why"]).strip():
                raise ValueError(f"{path}: an entry of {entry['file']} gives no reason")
            keys = [(entry["file"], name, change) for name, changes in entry["mutants"].items() for change in changes]
            if entry["file"] == "*":
                patterns.extend(keys)
            else:
                count.update(keys)
        return cls(count, patterns)

    def unexplained(self, missed: list[Mutant]) -> list[Mutant]:
        """The missed mutants beyond those of the list."""
        left, over = Counter(self.count), []
        for mutant in missed:
            if left[mutant.key]:
                left[mutant.key] -= 1
            elif not any(_matches(mutant, pattern) for pattern in self.patterns):
                over.append(mutant)
        return over

    def stale(self, judged: list[Mutant], missed: list[Mutant]) -> list[Key]:
        """Entries about files that were judged which no missed mutant needs."""
        files = {mutant.file.as_posix() for mutant in judged}
        over = self.count - Counter(mutant.key for mutant in missed)
        unused = [
            pattern
            for pattern in self.patterns
            if any(_matches(mutant, pattern) for mutant in judged)
            and not any(_matches(mutant, pattern) for mutant in missed)
        ]
        return sorted(unused + [key for key in over.elements() if key[0] in files])


def _matches(mutant: Mutant, pattern: Key) -> bool:
    return fnmatchcase(mutant.function, pattern[1]) and mutant.change == pattern[2]
