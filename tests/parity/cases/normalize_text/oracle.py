"""Each step by others: `html`, `unicodedata`, `str.casefold` and `str.lower` of CPython 3.11, scikit-learn's
`strip_accents_unicode`, the JDK, and regular expressions.
"""

import unicodedata
from collections import Counter
from functools import partial

from harness import jvm
from harness.reference import column_of, repair, xxh3
from harness.text import SPACE, strip_html
from sklearn.feature_extraction.text import strip_accents_unicode

_NFC, _NFKC = partial(unicodedata.normalize, "NFC"), partial(unicodedata.normalize, "NFKC")


def squeeze(text: str) -> str:
    return " ".join(split(text))


def split(text: str) -> list[str]:
    return [word for word in SPACE.split(text) if word]


def texts(rows: dict) -> dict:
    def of(column: str, form: object) -> list:
        return [None if text is None else form(repair(text)) for text in rows[column]]

    def form(text: str) -> str:
        return squeeze(_NFKC(text).casefold())

    stripped = of("html", lambda text: squeeze(strip_accents_unicode(_NFKC(strip_html(text)).casefold())))
    return {
        "form": of("text", form),
        "nfc": of("text", _NFC),
        "plain": of("text", squeeze),
        "same": of("text", str),
        "lowered": of("text", lambda text: squeeze(strip_accents_unicode(text.lower()))),
        "java": [None if row is None else row[0] for row in jvm.tokens(["java_lower"], of("text", _NFKC))],
        "stripped": stripped,
        "markup": of("html", strip_html),
        "again": [None if text is None else form(text) for text in stripped],
    }


def steps(rows: dict) -> dict:
    return texts(rows)


def expected(rows: dict, mode: str) -> dict:
    def characters(text: str) -> list[str]:
        return [c for c in text if not SPACE.fullmatch(c)]

    whole = {"form", "nfc", "same", "java"}
    return {
        f"f_{name}": [
            dict(Counter(column_of(xxh3(t.encode()), 30) for t in (characters if name in whole else split)(row or "")))
            for row in made
        ]
        for name, made in texts(rows).items()
        if name != "stripped"
    }
