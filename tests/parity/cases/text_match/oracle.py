"""Python's own `startswith`, `endswith`, `in` and sets, over one character a token."""

from harness.reference import MISSING, repair


def expected(rows: dict, mode: str) -> dict:
    read = {name: [None if t is None else [repair(w) for w in t] for t in values] for name, values in rows.items()}
    seen = {
        word: chr(0x10000 + k) for k, word in enumerate({w for lists in read.values() for t in lists for w in t or []})
    }
    strings = {
        name: [None if t is None else "".join(seen[w] for w in t) for t in lists] for name, lists in read.items()
    }

    def each(matches: object, a: str = "query", b: str = "title") -> list[float]:
        pairs = zip(strings[a], strings[b], strict=True)
        return [MISSING if x is None or y is None else float(bool(x) and matches(x, y)) for x, y in pairs]

    return {
        "plain": each(lambda q, t: q in t),
        "exact": each(lambda q, t: q == t),
        "prefix": each(lambda q, t: t.startswith(q)),
        "suffix": each(lambda q, t: t.endswith(q)),
        "phrase": each(lambda q, t: q in t, "title", "query"),
        "all": each(lambda q, t: set(q) <= set(t)),
        "any": each(lambda q, t: bool(set(q) & set(t))),
    }
