"""The committed list of mutants that no test can see, each with the reason."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import yaml

from .listing import Mutant

Key = tuple[str, str, str]


@dataclass(frozen=True)
class Explained:
    """How many mutants of each key the list explains."""

    count: Counter[Key]

    @classmethod
    def load(cls, path: Path) -> Explained:
        """Reads the list: entries of `file`, `why` and `mutants`, which maps a function to its changes."""
        count: Counter[Key] = Counter()
        for entry in yaml.safe_load(path.read_text("utf-8")) if path.exists() else []:
            if not str(entry["why"]).strip():
                raise ValueError(f"{path}: an entry of {entry['file']} gives no reason")
            for function, changes in entry["mutants"].items():
                count.update((entry["file"], function, change) for change in changes)
        return cls(count)

    def unexplained(self, missed: list[Mutant]) -> list[Mutant]:
        """The missed mutants beyond those of the list."""
        left, over = Counter(self.count), []
        for mutant in missed:
            if left[mutant.key]:
                left[mutant.key] -= 1
            else:
                over.append(mutant)
        return over

    def stale(self, judged: list[Mutant], missed: list[Mutant]) -> list[Key]:
        """Entries about files that were judged which no missed mutant needs."""
        files = {mutant.file.as_posix() for mutant in judged}
        over = self.count - Counter(mutant.key for mutant in missed)
        return sorted(key for key in over.elements() if key[0] in files)
