"""Write buzzsaw_core/tests/vectors/math.txt: correctly rounded values of ln, ln_1p, exp, sqrt and exp_m1.

Run from the repository root: `python tests/oracles/math_vectors.py`. Each line is a function, the bits of an
input and the bits of the expected output. Values come from mpmath at 640 bits, rounded once to a double by way
of an exact fraction (Python's division of integers rounds to nearest even, subnormals included).
"""

import math
import random
import struct
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path

from mpmath import mp, mpf

mp.prec = 640
TARGET = Path(__file__).resolve().parents[2] / "buzzsaw_core/tests/vectors/math.txt"
CANONICAL_NAN = 0x7FF8000000000000
EVALUATE: dict[str, Callable[[mpf], mpf]] = {
    "ln": mp.log,
    "ln_1p": mp.log1p,
    "exp": mp.exp,
    "sqrt": mp.sqrt,
    "exp_m1": mp.expm1,
}
# Worst cases of the Table Maker's Dilemma after Lefevre and Muller, "Worst cases for correct rounding of the
# elementary functions in double precision" (2001); `hardness` re-measures them: 54 to 64 bits beyond the format.
KNOWN = {
    "ln": [
        "0x1.62a88613629b6p+678",
        "0x1.26e9c4d327960p-232",
        "0x1.9476e304cd7c7p-384",
        "0x1.ea71d85cee020p-509",
    ],
    "ln_1p": ["0x1.62a88613629b6p+678"],
    "exp": ["-0x1.ed318efb627eap-27", "0x1.9e9cbbfd6080bp-31", "0x1.7ffffffffffffp-52"],
    "sqrt": [],
    "exp_m1": [],
}
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, 0.5, math.inf, -math.inf, math.e, 5e-324, -5e-324, 2.0**-1022]
SPECIAL += [math.nextafter(2.0**-1022, 0), 1.7976931348623157e308, -1.7976931348623157e308, 1000.0, -1000.0]


def bits(value: float) -> int:
    return CANONICAL_NAN if math.isnan(value) else struct.unpack("<Q", struct.pack("<d", value))[0]


def double(word: int) -> float:
    return float(struct.unpack("<d", struct.pack("<Q", word))[0])


def fraction(value: mpf) -> Fraction:
    sign, mantissa, exponent, _ = value._mpf_
    return Fraction(-mantissa if sign else mantissa) * Fraction(Fraction(2) ** exponent)


def expected(name: str, x: float) -> float:
    if math.isnan(x):
        return math.nan
    if x == 0 and name in ("ln_1p", "sqrt", "exp_m1"):
        return x
    if name == "exp":
        if x > 710:
            return math.inf
        if x < -746:
            return 0.0
    elif name == "exp_m1":
        if x > 710:
            return math.inf
        if x < -100:
            return -1.0
    else:
        edge = -1.0 if name == "ln_1p" else 0.0
        if x < edge:
            return math.nan
        if x == edge:
            return -math.inf
        if x == math.inf:
            return math.inf
    try:
        value = fraction(EVALUATE[name](mpf(x)))
        return float(value.numerator / value.denominator)
    except OverflowError:
        return math.inf


def hardness(name: str, x: float) -> float:
    """How many bits beyond the format the value follows the pattern of a double or of a midpoint."""
    value = EVALUATE[name](mpf(x))
    significand = mp.frexp(abs(value))[0] * mpf(2) ** 54
    distance = abs(significand - mp.nint(significand))
    return 0.0 if distance == 0 else float(-mp.log(distance, 2))


def random_inputs(name: str, rng: random.Random) -> Iterator[float]:
    """Random arguments over all exponents where the function is neither constant nor the identity."""
    while True:
        kind = rng.randrange(4)
        if name == "exp":
            x = rng.uniform(-708, 709.7) if kind else rng.choice([-1, 1]) * rng.random() * 2.0 ** -rng.randrange(53)
        elif name == "exp_m1":
            wide = rng.uniform(-38, 709.7) if kind == 1 else rng.uniform(-2, 2)
            x = wide if kind else rng.choice([-1, 1]) * rng.random() * 2.0 ** -rng.randrange(53)
        elif name == "ln_1p":
            if kind == 0:
                x = rng.choice([-1, 1]) * rng.uniform(0.5, 1) * 2.0 ** -rng.randrange(53)
            elif kind == 1:
                x = -1 + rng.random() * 2.0 ** -rng.randrange(40)
            else:
                x = double(rng.randrange(bits(2.0**-54), bits(math.inf)))
        elif kind == 0:
            x = 1 + rng.choice([-1, 1]) * rng.random() * 2.0 ** -rng.randrange(50)
        else:
            x = double(rng.randrange(1, bits(math.inf)))
        if x not in (0.0, 1.0, -1.0):
            yield x


def inputs(name: str) -> Iterator[float]:
    rng = random.Random(f"buzzsaw {name}")
    yield from (float.fromhex(text) for text in KNOWN[name])
    for text in KNOWN[name]:
        assert hardness(name, float.fromhex(text)) > 50
        for towards in (-math.inf, math.inf):
            yield math.nextafter(float.fromhex(text), towards)
    yield from SPECIAL
    yield from (double(word) for word in (CANONICAL_NAN, 0xFFF8000000000000, 0x7FF0000000000001, 0xFFFFFFFFFFFFFFFF))
    # Around every power of two the spacing changes; around 1, 0 and -1 the functions cancel.
    for exponent in [*range(-60, 12), *range(-1074, 1024, 61)]:
        for sign in (-1, 1):
            center = sign * 2.0**exponent
            yield from (math.nextafter(center, -math.inf), center, math.nextafter(center, math.inf))
            if name == "ln" and -53 <= exponent < 0:
                yield 1 + center
            if name == "ln_1p" and -53 <= exponent < 0:
                yield -1 + abs(center)
    if name == "exp":
        edge = [0x40862E42FEFA39EF, bits(-708.0), bits(-708.3964185322641), 0xC0874910D52D3051, bits(-745.0)]
        for word in edge:
            yield from (double(word + step) for step in (-1, 0, 1))
        yield from (rng.uniform(-745.2, -708) for _ in range(100))
        yield from (k * math.log(2) for k in range(-1075, 1025, 50))
    if name == "exp_m1":
        edges = [709.782712893384, -37.4, -37.5, -39.0, 0.03125, -0.03125]
        for bound in [*edges, *(k * math.log(2) for k in (1, 100.5, 101))]:
            yield from (math.nextafter(bound, -math.inf), bound, math.nextafter(bound, math.inf))
    random_stream = random_inputs(name, rng)
    yield from (next(random_stream) for _ in range(200))
    if name != "sqrt":
        pool = [next(random_stream) for _ in range(60_000)]
        mp.prec = 160
        pool.sort(key=lambda x: -hardness(name, x))
        mp.prec = 640
        yield from pool[:100]
    else:
        yield from (double(rng.randrange(1, 1 << 52)) for _ in range(50))


def main() -> None:
    lines = ["# Generated by tests/oracles/math_vectors.py: function, bits of the input, bits of the output."]
    for name in EVALUATE:
        seen = set()
        for x in inputs(name):
            # The input keeps its payload; only outputs have one NaN.
            word = struct.unpack("<Q", struct.pack("<d", x))[0]
            if word not in seen:
                seen.add(word)
                lines.append(f"{name} {word:016x} {bits(expected(name, x)):016x}")
    TARGET.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
