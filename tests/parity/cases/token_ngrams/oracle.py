"""scikit-learn's `_word_ngrams` where a space stands between tokens, else Python's `join` over its windows; in order."""

from harness.reference import hashed_counts, repair
from sklearn.feature_extraction.text import CountVectorizer

_STEPS = {
    "plain": (1, 2, " "),
    "same": (1, 1, " "),
    "long": (3, 8, " "),
    "pairs": (2, 2, "_"),
    "glued": (2, 3, ""),
    "marked": (1, 3, " \u00b7\0"),
}


def grams(tokens: list[str] | None, low: int, high: int, separator: str) -> list[str] | None:
    if tokens is None:
        return None
    if separator == " ":
        return CountVectorizer(ngram_range=(low, high))._word_ngrams(tokens)
    return [separator.join(tokens[i : i + n]) for n in range(low, high + 1) for i in range(len(tokens) - n + 1)]


def steps(rows: dict) -> dict:
    tokens = [None if row is None else [repair(t) for t in row if t is not None] for row in rows["tokens"]]
    made = {step: [grams(row, *how) for row in tokens] for step, how in _STEPS.items()}
    made["nested"] = [grams(row, 1, 2, " ") for row in made["pairs"]]
    return made


def expected(rows: dict, mode: str) -> dict:
    made = steps(rows)
    features = {f"h_{step}": [hashed_counts(row, 30) for row in lists] for step, lists in made.items()}
    return {"n_plain": [None if row is None else float(len(row)) for row in made["plain"]], **features}
