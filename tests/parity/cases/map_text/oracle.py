"""`str.join` over the entries."""

from harness.reference import column_of, cross, repair, xxh3


def steps(rows: dict) -> dict:
    def joined(entries: list | None, prefix: str, separator: str) -> str | None:
        if entries is None:
            return None
        return separator.join(
            repair(value) for key, value in entries if value is not None and repair(key).startswith(prefix)
        )

    return {
        "all": [joined(entries, "", " ") for entries in rows["attributes"]],
        "odd": [joined(entries, "t_\ufffd", " ") for entries in rows["attributes"]],
        "texts": [joined(entries, "t_", "; ") for entries in rows["attributes"]],
    }


def expected(rows: dict, mode: str) -> dict:
    def crossed(text: str | None) -> dict[int, float]:
        return {} if text is None else {column_of(cross(xxh3(text.encode()), xxh3(text.encode())), 20): 1.0}

    return {f"h_{name}": [crossed(text) for text in values] for name, values in steps(rows).items()}
