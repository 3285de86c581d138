"""Slices of Python's strings, in order."""

from harness.reference import hashed_counts, repair

_STEPS = {
    "before": ((1, 3), None, "", ""),
    "after": (None, (2, 4), "", ""),
    "both": ((3, 3), (1, 2), "", ""),
    "marked": ((2, 64), (1, 64), "^", "\u00b7$"),
    "started": ((64, 64), (1, 1), "<\0", ""),
}


def affixes(
    tokens: list[str] | None, prefixes: tuple | None, suffixes: tuple | None, before: str, after: str
) -> list[str] | None:
    if tokens is None:
        return None
    made = []
    for token in tokens:
        for low, high in [prefixes] if prefixes else []:
            made += [before + token[:n] for n in range(low, high + 1) if n <= len(token)]
        for low, high in [suffixes] if suffixes else []:
            made += [token[len(token) - n :] + after for n in range(low, high + 1) if n <= len(token)]
    return made


def lists(rows: dict) -> dict:
    tokens = [None if row is None else [repair(t) for t in row if t is not None] for row in rows["tokens"]]
    return {step: [affixes(row, *how) for row in tokens] for step, how in _STEPS.items()}


def steps(rows: dict) -> dict:
    # An explanation shows the first tokens of a long list alone.
    return {step: made for step, made in lists(rows).items() if step != "marked"}


def expected(rows: dict, mode: str) -> dict:
    made = lists(rows)
    features = {f"h_{step}": [hashed_counts(row, 30) for row in rows] for step, rows in made.items()}
    return {"n_before": [None if row is None else float(len(row)) for row in made["before"]], **features}
