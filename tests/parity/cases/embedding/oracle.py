"""NumPy over a Python dictionary of f32 vectors; tokens are added one after the other in f64.

`rare` is within 1 ULP of f32: the library's weights are f64 with two roundings of the formula.
"""

import importlib.util
from pathlib import Path

import numpy as np
from harness.reference import ln, repair

ULP = {f"rare_{i}": 1 for i in range(3)}

_POOLED = {
    "mean": ("mean", False), "sum": ("sum", False), "max": ("max", False), "first": ("first", False),
    "mean_zero": ("mean", True), "sum_zero": ("sum", True), "max_zero": ("max", True), "first_zero": ("first", True),
}  # fmt: skip
_spec = importlib.util.spec_from_file_location("parity_embedding_make", Path(__file__).with_name("make.py"))
_make = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(_make)


def vectors(name: str) -> dict[str, np.ndarray]:
    table = _make.tables()[name]
    return {key: np.float32(v).astype(float) for key, v in zip(table["key"], table["vector"], strict=True)}


def pooled(tokens: list[str] | None, table: dict[str, np.ndarray], size: int, pooling: str, zeros: bool) -> list:
    if tokens is None:
        return [None] * size
    zero = np.zeros(size)
    found = [table.get(token, zero) for token in tokens if zeros or token in table]
    if not found:
        return (zero if zeros else np.full(size, np.nan)).tolist()
    if pooling == "max":
        return np.max(found, axis=0).tolist()
    if pooling == "first":
        return found[0].tolist()
    total = zero.copy()
    for vector in found:
        total += vector
    return (total / len(found) if pooling == "mean" else total).tolist()


def weighed(
    tokens: list[str] | None, weights: list | None, table: dict[str, np.ndarray], pooling: str, zeros: bool
) -> list:
    if tokens is None or weights is None or len(tokens) != len(weights):
        return [None] * 3
    zero = np.zeros(3)
    pairs = [(w, table.get(t, zero)) for t, w in zip(tokens, weights, strict=True) if zeros or t in table]
    pairs = [(w, vector) for w, vector in pairs if w is not None]
    total = zero.copy()
    for weight, vector in pairs:
        total += weight * vector
    divisor = sum((weight for weight, _ in pairs), 0.0)
    if not pairs or (pooling == "mean" and divisor == 0):
        return (zero if zeros else np.full(3, np.nan)).tolist()
    return (total / divisor if pooling == "mean" else total).tolist()


def rarity(lists: list) -> list:
    given = [row for row in lists if row is not None]
    frequency = {token: sum(token in row for row in given) for row in given for token in row}
    idf = {token: ln((1 + len(given)) / (1 + count)) + 1.0 for token, count in frequency.items()}
    return [None if row is None else [idf[token] for token in row] for row in lists]


def expected(rows: dict, mode: str) -> dict:
    words, shops = vectors("words"), vectors("shops_2")
    tokens = [None if t is None else [repair(w) for w in t if w is not None] for t in rows["tokens"]]
    ids = [None if t is None else [str(i) for i in t if i is not None] for t in rows["ids"]]
    supplier = [None if s is None else [repair(s)] for s in rows["supplier"]]
    shop = [None if s is None else [str(s)] for s in rows["shop"]]
    steps = {
        "category": [pooled(row, words, 3, "first", False) for row in supplier],
        "zero": [pooled(row, words, 3, "first", True) for row in supplier],
        "number": [pooled(row, shops, 1, "first", False) for row in shop],
        "id": [pooled(row, shops, 1, "mean", False) for row in ids],
        "weighed": [weighed(*pair, words, "mean", False) for pair in zip(tokens, rows["weights"], strict=True)],
        "weighed_sum": [weighed(*pair, words, "sum", False) for pair in zip(tokens, rows["weights"], strict=True)],
        "weighed_zero": [weighed(*pair, words, "mean", True) for pair in zip(tokens, rows["weights"], strict=True)],
        "summed_zero": [weighed(*pair, words, "sum", True) for pair in zip(tokens, rows["weights"], strict=True)],
        "rare": [weighed(*pair, words, "mean", False) for pair in zip(tokens, rarity(tokens), strict=True)],
        **{step: [pooled(row, words, 3, *how) for row in tokens] for step, how in _POOLED.items()},
    }
    return {f"{step}_{i}": [row[i] for row in made] for step, made in steps.items() for i in range(len(made[0]))}
