"""`scipy.stats.percentileofscore` of each group, exactly.

SciPy multiplies a count by 50 / n. Its outcome over 50 / n is within a few roundings of that count, a whole number;
the share is the count over 2 n.
"""

from harness.groups import by_group
from harness.reference import MISSING, given, number
from scipy.stats import percentileofscore


def shares(values: list[float], kind: str) -> list[float]:
    known = given(values)
    if not known:
        return values
    percent = percentileofscore(known, known, kind=kind)
    counts = [round(value / 50 * len(known)) for value in percent]
    told = dict(zip(known, counts, strict=True))
    return [told[value] / (2 * len(known)) if value in told else MISSING for value in values]


def expected(rows: dict, mode: str) -> dict:
    x = [number(value, "float64") for value in rows["x"]]
    n = [number(value, "int32") for value in rows["n"]]
    filled = [3.0 if value is None else value for value in rows["n"]]
    steps = {
        "plain": (x, "rank"),
        "weak": (x, "weak"),
        "strict": (x, "strict"),
        "mean": (x, "mean"),
        "of_n": (n, "rank"),
        "filled": (filled, "weak"),
    }
    return {
        step: by_group(rows["request"], values, lambda members, kind=kind: shares(members, kind))
        for step, (values, kind) in steps.items()
    }
