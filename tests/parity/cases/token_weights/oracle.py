"""The formulas, counts by Python's `Counter`, logarithms by mpmath; the frequencies' weights also by scikit-learn.

Sums of `idf` are within 1 ULP of f32, as the library rounds the quotient, the logarithm and the sum; other values are
equal. A token that no fitted row has occurs in 0 of them.
"""

from collections import Counter
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from harness.reference import ln, repair
from sklearn.feature_extraction.text import TfidfVectorizer

ULP = dict.fromkeys(("idf_sum", "idf_max", "idf_min"), 1)


def check_against_sklearn(given: list[list[str]], idf: dict[str, float]) -> None:
    fitted = TfidfVectorizer(analyzer=lambda row: row).fit(given)
    theirs = dict(zip(fitted.get_feature_names_out(), fitted.idf_, strict=True))
    assert theirs.keys() == idf.keys()
    np.testing.assert_allclose([idf[token] for token in theirs], list(theirs.values()), rtol=1e-12)


def read(lists: list) -> list[list[str] | None]:
    """Tokens as valid text."""
    return [None if row is None else [repair(token) for token in row] for row in lists]


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    lists, learnt = read(rows["tokens"]), read((fit_rows or rows)["tokens"])
    given = [row for row in learnt if row is not None]
    frequency = Counter(token for row in given for token in set(row))
    seen = {token for row in lists + learnt for token in row or ()}
    idf = {token: ln((1.0 + len(given)) / (1.0 + frequency[token])) + 1.0 for token in seen}
    check_against_sklearn(given, {token: idf[token] for token in frequency})
    occurrences = Counter(token for row in given for token in row)
    tokens = sum(occurrences.values())

    def sif(a: float) -> dict[str, float]:
        return {token: a / (a + occurrences[token] / tokens) for token in seen}

    def of(weights: dict[str, float], statistic: Callable) -> list:
        return [None if not row else statistic([weights[token] for token in row]) for row in lists]

    def exact_sum(values: list[float]) -> float:
        return float(sum(map(Fraction, values)))

    # No row at all is learnt from: ln(1 / 1) + 1 and a / (a + 0).
    nothing = [1.0 if row else None for row in rows["none"]]
    sums = of(idf, exact_sum)
    return {
        "idf_sum": [0.0 if row == [] else value for row, value in zip(lists, sums, strict=True)],
        "idf_max": of(idf, max),
        "idf_min": of(idf, min),
        "count": [None if row is None else float(len(row)) for row in lists],
        "sif_max": of(sif(1e-3), max),
        "sif_min": of(sif(1e-3), min),
        "large_max": of(sif(1.0), max),
        "large_min": of(sif(1.0), min),
        "none_max": nothing,
        "none_sif": nothing,
    }
