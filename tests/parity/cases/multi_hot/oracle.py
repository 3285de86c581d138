"""scikit-learn: `MultiLabelBinarizer` over the kept categories, and `CountVectorizer` where occurrences count.

What is kept is counted in Python, a row counting once for each category it holds.
"""

import warnings
from itertools import chain

from harness.reference import category, ranked, repair
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.preprocessing import MultiLabelBinarizer

_STEPS = {
    "plain": ("tokens", "string", None, 1, False, False),
    "counted": ("tokens", "string", None, 1, False, True),
    "top": ("tokens", "string", 4, 1, False, False),
    "other": ("tokens", "string", None, 5, True, False),
    "others": ("tokens", "string", 2, 1, True, True),
    "single": ("tokens", "string", 1, 1, True, True),
    "whole": ("numbers", "int64", 5, 1, False, True),
    "bits": ("flags", "bool", None, 1, False, True),
    "of_text": ("text", "text", None, 2, False, True),
}
_OTHER = "~"


def _cells(value: object, declared: str) -> list[bytes]:
    if value is None:
        return []
    if declared == "text":
        return [word.encode() for word in CountVectorizer().build_analyzer()(repair(value))]
    return [category(item, declared) for item in value if item is not None]


def _kept(lists: list[list[bytes]], top_k: int | None, min_count: int) -> list[str]:
    """Hexadecimal digits order as the bytes do, and "~" comes after them."""
    return sorted(cell.hex() for cell in ranked(chain.from_iterable(map(set, lists)), top_k, min_count))


def columns(rows: dict) -> dict[str, int]:
    made = {}
    for step, (column, declared, top_k, min_count, oov, _) in _STEPS.items():
        made[step] = len(_kept([_cells(value, declared) for value in rows[column]], top_k, min_count)) + oov
    return made


def expected(rows: dict, mode: str, fit_rows: dict | None = None) -> dict:
    made = {}
    for step, (column, declared, top_k, min_count, oov, counts) in _STEPS.items():
        lists = [_cells(value, declared) for value in rows[column]]
        kept = _kept([_cells(value, declared) for value in (fit_rows or rows)[column]], top_k, min_count)
        known = set(kept)
        names = [[cell.hex() if cell.hex() in known else _OTHER for cell in cells] for cells in lists]
        names_of = kept + [_OTHER] * oov
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            if counts:
                matrix = CountVectorizer(analyzer=lambda row: row, vocabulary=names_of).transform(names)
            else:
                matrix = MultiLabelBinarizer(classes=names_of, sparse_output=True).fit(names).transform(names)
        matrix = matrix.tocsr()
        made[step] = [dict(zip(row.indices.tolist(), row.data.tolist(), strict=True)) for row in matrix]
    return made
