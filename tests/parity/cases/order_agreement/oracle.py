"""`scipy.stats.kendalltau` of the first places of the common tokens, as a whole number of pairs in order."""

from harness.reference import repair
from harness.token_lists import each
from scipy.stats import kendalltau


def agreement(query: list[str], title: list[str]) -> float:
    common = sorted(set(query) & set(title))
    if len(common) < 2:
        return 0.0
    tau = kendalltau([query.index(word) for word in common], [title.index(word) for word in common]).statistic
    pairs = len(common) * (len(common) - 1) // 2
    return round((tau + 1) / 2 * pairs) / pairs


def expected(rows: dict, mode: str) -> dict:
    read = {name: [None if t is None else [repair(w) for w in t] for t in values] for name, values in rows.items()}
    return {"plain": each(read, agreement), "backward": each(read, agreement, "title", "query")}
