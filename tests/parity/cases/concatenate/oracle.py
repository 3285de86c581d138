"""`str.join` over the texts, and `+` over the lists, that are given."""

from harness.reference import column_of, cross, hashed_counts, ngrams, repair, xxh3


def _join(separator: str, *texts: str | None) -> str | None:
    given = [text for text in texts if text is not None]
    return separator.join(given) if given else None


def _chain(*lists: list[str] | None) -> list[str] | None:
    given = [tokens for tokens in lists if tokens is not None]
    return [token for tokens in given for token in tokens] if given else None


def lists(rows: dict) -> dict:
    s, t = ([None if row is None else [repair(token) for token in row] for row in rows[name]] for name in "st")
    both = [_chain(*pair) for pair in zip(s, t, strict=True)]
    return {"lists": both, "chained": [_chain(y, z, x, y) for x, y, z in zip(s, t, both, strict=True)]}


def steps(rows: dict) -> dict:
    a, b, c = ([None if text is None else repair(text) for text in rows[name]] for name in "abc")
    plain = [_join(" ", *pair) for pair in zip(a, b, strict=True)]
    three = [_join("\u00b7|", *texts) for texts in zip(c, a, b, strict=True)]
    glued = [_join("", text, text) for text in b]
    nested = [_join(" ", *texts) for texts in zip(plain, three, c, strict=True)]
    return {"plain": plain, "three": three, "glued": glued, "nested": nested}


def expected(rows: dict, mode: str) -> dict:
    def crossed(text: str | None) -> dict[int, float]:
        return {} if text is None else {column_of(cross(xxh3(text.encode()), xxh3(text.encode())), 20): 1.0}

    def hashed(tokens: list[str] | None) -> dict[int, float]:
        return hashed_counts(None if tokens is None else ngrams(tokens, 1, 2), 20)

    chained = lists(rows)
    return (
        {f"h_{name}": [crossed(text) for text in values] for name, values in steps(rows).items()}
        | {f"h_{name}": [hashed(tokens) for tokens in values] for name, values in chained.items()}
        | {"n_lists": [None if tokens is None else len(tokens) for tokens in chained["lists"]]}
    )
