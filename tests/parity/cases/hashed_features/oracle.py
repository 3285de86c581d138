"""scikit-learn's `FeatureHasher`, entry by entry, added in ascending order; `xxhash` for `hash: xxh3`.

scikit-learn leaves the order of additions within a column to SciPy's unstable sort; the library adds in ascending order
of the signed values, and so does this.
"""

from collections.abc import Callable, Iterable
from typing import Any

from harness.reference import column_of, repair, xxh3
from sklearn.feature_extraction import FeatureHasher

#: What an entry adds to which column.
Added = tuple[int, float]


def hashed(names: list[tuple[str, float]], bits: int, *, seed: int = 0, signed: bool = True) -> list[Added]:
    made = []
    for name, value in names:
        bits64 = xxh3(name.encode(), seed)
        made.append((column_of(bits64, bits), -value if signed and bits64 >= 1 << 63 else value))
    return made


def sklearn(names: list[tuple[str, float]], bits: int, *, signed: bool = True) -> list[Added]:
    """The one entry of each name, alone in its row."""
    hasher = FeatureHasher(2**bits, input_type="pair", alternate_sign=signed)
    matrix = hasher.transform([[pair] for pair in names]).tocsr()
    assert matrix.nnz == len(names)
    return list(zip(matrix.indices.tolist(), matrix.data.tolist(), strict=True))


def rows_of(
    entries: list[list[tuple[str, float]]], hasher: Callable[..., list[Added]], *args: Any, **more: Any
) -> list:
    """Rows of the entries, each column added in ascending order."""
    added = iter(hasher([pair for row in entries for pair in row], *args, **more))
    made = []
    for row in entries:
        sums: dict[int, list[float]] = {}
        for _ in row:
            column, value = next(added)
            sums.setdefault(column, []).append(value)
        made.append({column: in_order(sorted(values)) for column, values in sums.items()})
    return made


def in_order(values: Iterable[float]) -> float:
    # The built-in sum compensates its rounding since Python 3.12.
    total = 0.0
    for value in values:
        total += value
    return total


def pairs(entries: Any) -> list[tuple[Any, Any]]:
    return list(entries.items()) if isinstance(entries, dict) else list(entries or [])


def numbers(column: list) -> list[list[tuple[str, float]]]:
    kept = [[(k, float(v)) for k, v in pairs(row) if v is not None] for row in column]
    return [[(repair(k), v) for k, v in row if v == v and v != 0] for row in kept]  # noqa: PLR0124  NaN differs from itself


def texts(column: list) -> list[list[tuple[str, float]]]:
    return [[(f"{repair(k)}={repair(v)}", 1.0) for k, v in pairs(row) if v is not None] for row in column]


def tokens(column: list) -> list[list[tuple[str, float]]]:
    return [[(repair(token), 1.0) for token in row or [] if token is not None] for row in column]


def expected(rows: dict, mode: str) -> dict:
    floats, text = numbers(rows["floats"]), texts(rows["texts"])
    token = tokens(rows["tokens"])
    ids = [[(str(i), 1.0) for i in row or [] if i is not None] for row in rows["ids"]]
    supplier = [[] if s is None else [(repair(s), 1.0)] for s in rows["supplier"]]
    shop = [[] if s is None else [(str(s), 1.0)] for s in rows["shop"]]
    made = {
        "text": rows_of(text, hashed, 20),
        "text_sk": rows_of(text, sklearn, 20),
        "text_few": rows_of(text, hashed, 2, seed=2**64 - 1),
        "float": rows_of(floats, hashed, 31, seed=7),
        "float_few": rows_of(floats, hashed, 2),
        "float_plain": rows_of(floats, hashed, 1, signed=False),
        "float_sk": rows_of(floats, sklearn, 3),
        "int_sk": rows_of(numbers(rows["ints"]), sklearn, 20, signed=False),
        "flag_sk": rows_of(numbers(rows["flags"]), sklearn, 4),
        "token": rows_of(token, hashed, 5),
        "token_sk": rows_of(token, sklearn, 20),
        "id_sk": rows_of(ids, sklearn, 6),
        "supplier_x": rows_of(supplier, hashed, 8),
        "supplier_sk": rows_of(supplier, sklearn, 30),
        "shop_sk": rows_of(shop, sklearn, 20),
    }
    # Whole numbers add up alike in any order: the hasher itself, over whole rows, key and value apart.
    whole = FeatureHasher(2**20, input_type="pair").transform(
        [[(repair(k), repair(v)) for k, v in pairs(row) if v is not None] for row in rows["texts"]]
    )
    for i, row in enumerate(made["text_sk"]):
        found = dict(zip(whole[i].indices.tolist(), whole[i].data.tolist(), strict=True))
        assert {c: v for c, v in found.items() if v} == {c: v for c, v in row.items() if v}, (i, found, row)
    return made
