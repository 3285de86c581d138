"""The formulas, counts by Python's `Counter`, logarithms by mpmath; the frequencies' weights also by scikit-learn.

Sums of `idf` are within 1 ULP of f32, as the library rounds the quotient, the logarithm and the sum; other values are
equal.
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


def expected(rows: dict, mode: str) -> dict:
    lists = [None if row is None else [repair(t) for t in row] for row in rows["tokens"]]
    given = [row for row in lists if row is not None]
    frequency = Counter(token for row in given for token in set(row))
    idf = {token: ln((1.0 + len(given)) / (1.0 + count)) + 1.0 for token, count in frequency.items()}
    check_against_sklearn(given, idf)
    occurrences = Counter(token for row in given for token in row)
    tokens = sum(occurrences.values())

    def sif(a: float) -> dict[str, float]:
        return {token: a / (a + count / tokens) for token, count in occurrences.items()}

    def of(weights: dict[str, float], statistic: Callable) -> list:
        return [None if not row else statistic([weights[token] for token in row]) for row in lists]

    def exact_sum(values: list[float]) -> float:
        return float(sum(map(Fraction, values)))

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
        "none_max": [None] * len(lists),
        "none_sif": [None] * len(lists),
    }
