"""`str.join` over the texts that are given."""

from harness.reference import column_of, cross, repair, xxh3


def _join(separator: str, *texts: str | None) -> str | None:
    given = [text for text in texts if text is not None]
    return separator.join(given) if given else None


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

    return {f"h_{name}": [crossed(text) for text in values] for name, values in steps(rows).items()}
