"""Token lists: missing, empty, rare, unseen, of every plane; the most frequent words differ in count."""

from harness import term_rows


def fit_rows() -> dict[str, list]:
    return {"tokens": [*term_rows.LISTS, *term_rows.drawn("tfidf")]}


def rows() -> dict[str, list]:
    return {"tokens": fit_rows()["tokens"] + term_rows.UNSEEN}


bulk = term_rows.bulk
