"""The settings of a label run: one YAML file, and flags that go over it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from buzzsaw.errors import BY_CODE, InvalidValueError
from buzzsaw.jobs.settings_file import RETENTION, asked_for, overlaid, problem, setting, sha256_of


@dataclass(frozen=True)
class LabelSettings:
    """What one run computes. Paths in the file are relative to the file."""

    #: What the table does not depend on.
    UNCOUNTED: ClassVar = frozenset({"output", "retention_days", "title"})
    #: Files that count by their bytes.
    BY_BYTES: ClassVar = frozenset[str]()

    impressions: str = setting("Table of impressions, Parquet or Delta.", path=True)
    interactions: str = setting("Table of interactions, Parquet or Delta.", path=True)
    output: str = setting("Folder for the table of labels and the runs.", path=True)
    grades: dict[str, int] = setting(  # noqa: RUF009  a copy of the default
        "The grade of each kind of interaction; an impression has its best one's, or 0. Other kinds give none.",
        {"click": 1, "cart": 2, "purchase": 3},
    )
    label_days: int = setting("How many days are labelled: the last whole ones whose attribution is over.", 7, least=1)
    attribution_hours: float = setting(
        "An interaction counts for its impression when it comes at most so many hours later.", 24.0, least=0
    )
    duplicate_seconds: float = setting(
        "An interaction with the same product of the same request and of the same kind within so many seconds after "
        "another is a double one.",
        2.0,
        least=0,
    )
    robot_impressions: int = setting(
        "A shopper with more impressions, or more clicks, in a day is a robot that day.", 500, least=0
    )
    robot_click_rate: float = setting(
        "So is one with more clicks than this for each impression, given the next setting.", 0.6, least=0
    )
    robot_least_impressions: int = setting(
        "The rule on clicks needs so many impressions of the shopper in the day.", 50, least=1
    )
    negative_rate: float = setting(
        "The share of rows of grade 0 that are kept, above 0 and at most 1.", 1.0, least=0, most=1
    )
    clickless_rate: float = setting(
        "The share of requests without any grade above 0 that are kept, above 0 and at most 1.", 1.0, least=0, most=1
    )
    sampling_seed: int = setting("Another seed samples other rows.", 0)
    propensities: list[float] | None = setting(  # noqa: RUF009  the default is None
        "The propensities of the positions 1, 2, ...; by default they are estimated.", None
    )
    em_rounds: int = setting("The estimate takes at most so many rounds.", 20_000, least=1)
    em_tolerance: float = setting("It ends when no propensity changes by more in a round.", 1e-9, least=0)
    weight_clip: float = setting("The greatest weight of a clicked row for its position.", 20.0, least=1)
    windows: list[int] = setting(  # noqa: RUF009  a copy of the default
        "Behaviour features count the events of so many days before a row's day.", [1, 7, 30]
    )
    late_days: int = setting(
        "Behaviour features leave out an interaction that comes on a later day than so many after its impression's: as "
        "many days are read before the first of a window, so that a row's features do not depend on the run.",
        3,
        least=0,
    )
    prior_strength: float = setting(
        "Rates are drawn to the rate of the whole shop as if so many more events had been seen.", 20.0, least=0
    )
    title: str = setting("The title of the report.", "Labels")
    retention_days: int | None = setting(RETENTION, 400, least=1)

    @classmethod
    def load(cls, path: Path | None, flags: dict[str, str | None]) -> LabelSettings:
        """Reads the file, if there is one, and puts the flags that are given over it.

        Raises:
            IoError: when the file cannot be read.
            InvalidSpecError: for text that is not YAML, and for unknown settings, with the nearest known one.
            TypeMismatchError: for a setting of a wrong type.
            MissingInputError: for a setting that is needed and not given.
            InvalidValueError: for a setting out of its bounds.
        """
        values, problems = overlaid(cls, path, flags, shown=repr)
        if not problems:
            settings = cls(**values)
            problems += settings._out_of_bounds()
        if problems:
            raise BY_CODE[problems[0]["code"]](problems)
        return settings

    def _out_of_bounds(self) -> list[dict[str, str]]:
        problems = []

        def bad(name: str, message: str) -> None:
            problems.append(problem(InvalidValueError, message, name, ""))

        for known in dataclasses.fields(self):
            value, least, most = getattr(self, known.name), known.metadata.get("least"), known.metadata.get("most")
            if value is None:
                continue
            if least is not None and not value >= least:
                bad(known.name, f"must be at least {least}, not {value}")
            if most is not None and not value <= most:
                bad(known.name, f"must be at most {most}, not {value}")
        for name in ("negative_rate", "clickless_rate"):
            if getattr(self, name) == 0:
                bad(name, "must be above 0: a row that is never kept has no weight")
        if "click" not in self.grades or min(self.grades.values()) < 1:
            bad("grades", "needs a grade of `click`, and none below 1")
        if not self.windows or min(self.windows) < 1 or len(set(self.windows)) < len(self.windows):
            bad("windows", "needs at least one number of days, each from 1 and once")
        if self.propensities is not None and (not self.propensities or not all(0 < p <= 1 for p in self.propensities)):
            bad("propensities", "needs a number above 0 and at most 1 for each position")
        return problems

    def digest(self) -> str:
        """The identity of what the table depends on."""
        return sha256_of(asked_for(self, but=self.UNCOUNTED))
