"""Equal, disjoint, nested and empty lists, repeated items, missing ones; in groups, so that query lists are shared."""

import random

from harness.categories import INTEGERS, LISTS, draws, words

_EACH = len(LISTS)
_QUERIES = 12


def groups() -> list[int]:
    return [g for g in range(_QUERIES) for _ in range(_EACH)]


def rows() -> dict[str, list]:
    rng = random.Random("parity list_overlap")
    queries = [*LISTS[:3], LISTS[5], LISTS[10], LISTS[13], LISTS[15], *draws(rng, _EACH + 5)[_EACH:]]
    t = [row for _ in range(6) for row in LISTS] + draws(rng, _EACH * 7)[_EACH:]
    return {
        "s": [queries[g] for g in groups()],
        "t": t[: _EACH * _QUERIES],
        "n": [INTEGERS[i % len(INTEGERS)] for i in range(_EACH * _QUERIES)],
    }


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    t = [words(texts, i, 60) for i in range(4200)]
    s = [words(texts, i // 7 * 7, 30) for i in range(4200)]
    return {"s": s, "t": t, "n": [[rng.randint(-9, 9) for _ in range(i % 6)] for i in range(4200)]}
