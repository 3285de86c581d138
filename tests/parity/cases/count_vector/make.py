"""Token lists: missing, empty, unseen, of every plane, invalid, repeated; the most frequent words differ in count."""

from harness import term_rows

_MORE = [["red", "w1", "w2", "w3"], ["w1", "w1", "x", "y", "z"], [""]]


def fit_rows() -> dict[str, list]:
    return {"tokens": [*term_rows.LISTS, *_MORE, *term_rows.drawn("count_vector")]}


def rows() -> dict[str, list]:
    return {"tokens": fit_rows()["tokens"] + term_rows.UNSEEN}


bulk = term_rows.bulk
