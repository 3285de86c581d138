"""Every twelfth of a turn, whole numbers of every size, and numbers next to the zeros of sine and cosine."""

import math
import random

_X = [
    0.0,
    -0.0,
    None,
    float("nan"),
    float("inf"),
    float("-inf"),
    5e-324,
    -5e-324,
    1e-300,
    1e300,
    2.5e299,
    7.5e299,
    5e299,
]
_X += [1.7976931348623157e308, -1.7976931348623157e308, 0.05, 0.025, 0.075, 0.1, 1e16, 2.5e-301, 1e-301, 3.7e15]
_N = [*range(-25, 26), 2**53, 2**53 + 1, 2**63 - 1, -(2**63), None]


def rows() -> dict[str, list]:
    rng = random.Random("parity cyclical")
    near = [math.nextafter(90.0 * k, to) for k in range(1, 5) for to in (0.0, 1e9)]
    x = [*_X, *(15.0 * k for k in range(-24, 25)), *near, *(rng.uniform(-1000, 1000) for _ in range(30))]
    return {"x": x, "n": [_N[i % len(_N)] for i in range(len(x))]}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    return {"x": numbers[:2500], "n": [rng.getrandbits(rng.randint(1, 63)) for _ in numbers[:2500]]}
