"""RapidFuzz, every pair of tokens."""

from collections.abc import Callable

from harness.reference import MISSING, repair
from rapidfuzz.distance import OSA, DamerauLevenshtein, Jaro, JaroWinkler, Levenshtein


def winkler(weight: float) -> Callable[[str, str], float]:
    return lambda a, b: JaroWinkler.similarity(a, b, prefix_weight=weight)


def best(a: list[str], b: list[str], similarity: Callable[[str, str], float]) -> float:
    return max((similarity(x, y) for x in a for y in b), default=0.0)


def mean(a: list[str], b: list[str], similarity: Callable[[str, str], float]) -> float:
    return sum(best([x], b, similarity) for x in a) / len(a) if a else 0.0


def expected(rows: dict, mode: str) -> dict:
    texts = {name: [None if t is None else repair(t) for t in rows[name]] for name in ("query", "title")}
    lists = {name: [None if t is None else [repair(w) for w in t] for t in rows[name]] for name in ("words", "terms")}

    def of_texts(similarity: Callable[[str, str], float], a: str = "query", b: str = "title") -> list[float]:
        pairs = zip(texts[a], texts[b], strict=True)
        return [MISSING if x is None or y is None else similarity(x, y) for x, y in pairs]

    def of_lists(
        choose: Callable, similarity: Callable[[str, str], float], a: str = "words", b: str = "terms"
    ) -> list[float]:
        pairs = zip(lists[a], lists[b], strict=True)
        return [MISSING if x is None or y is None else choose(x, y, similarity) for x, y in pairs]

    levenshtein, osa, jaro = Levenshtein.normalized_similarity, OSA.normalized_similarity, Jaro.similarity
    damerau = DamerauLevenshtein.normalized_similarity
    return {
        "plain": of_texts(levenshtein),
        "osa": of_texts(osa),
        "damerau": of_texts(damerau),
        "jaro": of_texts(jaro),
        "winkler": of_texts(winkler(0.1)),
        "quarter": of_texts(winkler(0.25), "title", "query"),
        "none": of_texts(winkler(0.0)),
        "best": of_lists(best, levenshtein),
        "best_osa": of_lists(best, osa),
        "best_damerau": of_lists(best, damerau),
        "best_jaro": of_lists(best, jaro),
        "best_winkler": of_lists(best, winkler(0.1), "terms", "words"),
        "mean": of_lists(mean, levenshtein),
        "mean_osa": of_lists(mean, osa, "terms", "words"),
        "mean_damerau": of_lists(mean, damerau, "terms", "words"),
        "mean_winkler": of_lists(mean, winkler(0.1)),
    }
