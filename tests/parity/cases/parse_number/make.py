"""Texts that are numbers, that nearly are, and that are words of numbers."""

import random

_TEXTS = [
    "0", "-0", "+7", "33.0", ".5", "5.", "-.5e1", "1e5", "1E-5", "1e+5", "1e400", "-1e400", "1e-400", "4.9e-324", "2.5e-324",
    "1.7976931348623157e308", "1.7976931348623159e308", "9007199254740993", "0.1", "0.30000000000000004",
    " 12 ", "\t-3.5\n", "\x0b1", "\u00a01", "1\u00a0", "1 2", "1,5", "12 kg", "1_000", "0x10", "1e", "e5", "1e5.0", "--1", "+-1",
    "-", "+", ".", "-.", "1..2", "inf", "-inf", "Infinity", "nan", "NaN", "infinity", "", " ", None, b"\xff", b"1\xff", "1\0",
    "\u0661\u0662", "\uff11", "1" * 400, "0." + "0" * 400 + "1", "123456789012345678901234567890.123456789e-10",
]  # fmt: skip


def rows() -> dict[str, list]:
    rng = random.Random("parity parse_number")
    drawn = [repr(rng.lognormvariate(0, 30)) for _ in range(40)]
    drawn += [f"{rng.randint(-(10**20), 10**20)}e{rng.randint(-330, 320)}" for _ in range(40)]
    texts = _TEXTS + drawn
    maps = [{"weight": text} if i % 3 else {"width": text} for i, text in enumerate(texts)]
    return {"text": texts, "attributes": maps}


def bulk(texts: list, numbers: list, rng: random.Random) -> dict[str, list]:
    made = [*texts[:2_000], *(repr(number) for number in numbers), *(f"{number:.3e}" for number in numbers)]
    return {"text": made, "attributes": [{"weight": text} for text in made]}
