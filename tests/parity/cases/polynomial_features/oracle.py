"""`sklearn.preprocessing.PolynomialFeatures` where it takes the row, the formula for the others."""

from itertools import combinations, combinations_with_replacement

import numpy as np
from harness.reference import number
from sklearn.preprocessing import PolynomialFeatures

_STEPS = {
    "plain": ("ab", 2, False, True),
    "cubic": ("abc", 3, False, False),
    "pairs": ("abc", 2, True, True),
    "triples": ("abc", 4, True, False),
    "powers": ("a", 8, False, True),
    "first": ("bc", 1, False, True),
    "filled": ("AC", 2, False, True),
    "most": ("a" * 11, 5, True, True),
}


def product(factors: tuple[float, ...]) -> float:
    """From the last factor to the first; 0 beats infinity, missing beats 0."""
    made = 1.0
    for factor in factors[::-1]:
        if factor != factor or made != made:  # noqa: PLR0124
            made = float("nan")
        elif factor == 0 or made == 0:
            made = 0.0
        else:
            made = factor * made
    return made


def by_formula(row: np.ndarray, degree: int, interaction_only: bool, include_bias: bool) -> list[float]:
    choose = combinations if interaction_only else combinations_with_replacement
    return [product(chosen) for k in range(0 if include_bias else 1, degree + 1) for chosen in choose(row.tolist(), k)]


def expected(rows: dict, mode: str) -> dict:
    columns = {name: np.array([number(v, "float64") for v in values]) for name, values in rows.items()}
    for name in "ac":
        columns[name.upper()] = np.where(np.isnan(columns[name]), 2.0, columns[name])
    made = {}
    for step, (names, degree, interaction_only, include_bias) in _STEPS.items():
        table = np.column_stack([columns[name] for name in names])
        told = PolynomialFeatures(degree=degree, interaction_only=interaction_only, include_bias=include_bias)
        usable = np.isfinite(table).all(axis=1)
        with np.errstate(over="ignore", invalid="ignore"):
            products = told.fit_transform(np.where(usable[:, None], table, 0.0))
        for i in np.flatnonzero(~usable | np.isnan(products).any(axis=1)):
            products[i] = by_formula(table[i], degree, interaction_only, include_bias)
        made |= {f"{step}_{k}": column.tolist() for k, column in enumerate(products.T)}
    return made
