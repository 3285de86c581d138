"""The smallest of each hash over the tokens, by the formula, with the C library's XXH3-64."""

from functools import cache

from harness.reference import member, ngrams, repair, xxh3

#: By step: column, hashes, bits, seed, n-grams.
_STEPS = {
    "plain": ("tokens", 16, 24, 0, (1, 1)),
    "bit": ("tokens", 3, 1, 0, (1, 1)),
    "seeded": ("tokens", 2, 8, 2**64 - 1, (1, 1)),
    "grams": ("tokens", 4, 24, 0, (2, 3)),
    "id": ("ids", 1, 24, 0, (1, 1)),
}


@cache
def hashes(token: str, count: int, seed: int) -> list[int]:
    return [member(xxh3(token.encode(), seed), i) for i in range(count)]


def expected(rows: dict, mode: str) -> dict:
    made: dict[str, list] = {}
    for step, (name, count, bits, seed, (low, high)) in _STEPS.items():
        signatures = []
        for row in rows[name]:
            if row is None:
                signatures.append([None] * count)
                continue
            tokens = [repair(t) if isinstance(t, (str, bytes)) else str(t) for t in row if t is not None]
            family = [hashes(gram, count, seed) for gram in ngrams(tokens, low, high)]
            smallest = [min((each[i] for each in family), default=2**64 - 1) for i in range(count)]
            signatures.append([float(value % (1 << bits)) for value in smallest])
        for i in range(count):
            made[f"{step}_{i}"] = [signature[i] for signature in signatures]
    return made
