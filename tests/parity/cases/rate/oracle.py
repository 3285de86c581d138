"""Everything in exact fractions: the rates, and Kleinman's moments written as in the paper.

Within 1 ULP of f32: the library rounds each operation of the last formula to f64, and each c * (c / n) of the moments.
"""

from fractions import Fraction

from harness.reference import number

_STEPS = {
    "plain": ("clicks", "views", 1.0, 1.0, False, True),
    "bare": ("clicks", "views", 0.0, 0.0, False, True),
    "given": ("clicks", "views", 0.5, 30.0, False, True),
    "heavy": ("clicks", "views", 1e15, 1e15, False, True),
    "loose": ("clicks", "views", 2.0, 3.0, False, False),
    "filled": ("c", "n", 1.0, 1.0, False, True),
    "learnt": ("c", "n", 1.0, 1.0, True, True),
    "clipped": ("more", "n", 1.0, 1.0, True, True),
    "unclipped": ("more", "n", 1.0, 1.0, True, False),
    "mixed": ("x", "y", 100.0, 1.0, True, True),
    "extreme": ("clicks", "views", 0.25, 4.0, True, True),
    "alike": ("half", "n", 5.0, 7.0, True, True),
    "single": ("one", "ones", 5.0, 1.0, True, True),
    "none": ("zero", "n", 1.0, 1.0, True, True),
    "unlearnt": ("nothing", "views", 1.0, 1.0, True, True),
}
ULP = dict.fromkeys(_STEPS, 1)
_INFINITY = float("inf")


def usable(x: float) -> bool:
    return 0 <= x < _INFINITY


def kleinman(pairs: list[tuple[Fraction, Fraction]]) -> tuple[Fraction, Fraction] | None:
    if not pairs:
        return None
    rows, w = len(pairs), sum(n for _, n in pairs)
    p = sum(c for c, _ in pairs) / w
    # S = sum of n (c / n - p)^2, multiplied out.
    spread = sum(c * c / n for c, n in pairs) - w * p * p
    chance = p * (1 - p)
    under = chance * (w - sum(n * n for _, n in pairs) / w - (rows - 1))
    if not under:
        return None
    rho = (spread - chance * (rows - 1)) / under
    if not 0 < rho < 1:
        return None
    strength = 1 / rho - 1
    return (p * strength, (1 - p) * strength) if strength <= 10**15 else None


def as_float(value: Fraction) -> float:
    try:
        return float(value)
    except OverflowError:
        return _INFINITY


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    made = {}
    for step, (clicks, views, alpha, beta, learns, clip) in _STEPS.items():
        pairs, learnt = (
            [(number(c, "float64"), number(n, "float64")) for c, n in zip(of[clicks], of[views], strict=True)]
            for of in (rows, fit_rows or rows)
        )
        a, b = Fraction(alpha), Fraction(beta)
        if learns:
            known = [(Fraction(c), Fraction(n)) for c, n in learnt if usable(c) and usable(n) and n > 0]
            a, b = kleinman([(min(c, n), n) for c, n in known]) or (a, b)
        if step == "filled":
            pairs = [tuple(0.0 if x != x else x for x in pair) for pair in pairs]  # noqa: PLR0124

        def rate(c: float, n: float) -> float | None:
            if not usable(c) or not usable(n) or not n + a + b:  # noqa: B023
                return None
            clipped = min(c, n) if clip else c  # noqa: B023
            return as_float((Fraction(clipped) + a) / (Fraction(n) + a + b))  # noqa: B023

        made[step] = [rate(*pair) for pair in pairs]
    return made
