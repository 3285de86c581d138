"""Tokens by others: CPython's `re` and `str` with scikit-learn's pattern; the Snowball project's own Python stemmer;
the word-boundary rules of UAX #29, written out for Latin, Greek and Cyrillic; Lucene and the JDK themselves, and Spark
ML's tokenizers by the Java calls that they make (their own tokens are in `buzzsaw_core/tests/vectors/spark.txt`);
CPython's `html`, `unicodedata` and scikit-learn for what happens before.
"""

import re
import unicodedata
from collections import Counter

import snowballstemmer
from harness import jvm
from harness.reference import column_of, repair, xxh3
from harness.text import SPACE, strip_html
from sklearn.feature_extraction.text import CountVectorizer

_SKLEARN = CountVectorizer().build_analyzer()
_PATTERN = re.compile(r"(?u)\b\w\w+\b")
_ACCENTS = CountVectorizer(strip_accents="unicode").build_analyzer()
_STEMMER = snowballstemmer.stemmer("english")
#: The words of `english` rows that every English stop list has.
_STOP = {"the", "of", "and", "only"}
_SHOWN = 100


def split(text: str) -> list[str]:
    return [token for token in SPACE.split(text) if token]


def word_class(c: str) -> str:
    if c == "_":
        return "ExtendNumLet"
    if c in ":\u00b7":
        return "MidLetter"
    if c in ".\u2019'":
        return "MidNumLetQ"
    if c in ",;":
        return "MidNum"
    if unicodedata.category(c) == "Nd":
        return "Numeric"
    return "ALetter" if c.isalpha() else "Other"


def words(text: str) -> list[str]:
    """UAX #29, rules WB4 to WB13b, for text of letters, digits, punctuation and combining marks."""
    units: list[str] = []
    for c in text:
        # WB4: a mark belongs to what it follows, unless that is a line break or nothing.
        if unicodedata.category(c) == "Mn" and units and units[-1] not in "\r\n":
            units[-1] += c
        else:
            units.append(c)
    kinds = [word_class(unit[0]) for unit in units]
    letter, digit = {"ALetter"}, {"Numeric"}

    def joined(i: int) -> bool:
        """No boundary between units i - 1 and i."""
        a, b = kinds[i - 1], kinds[i]
        before, after = kinds[i - 2] if i > 1 else "", kinds[i + 1] if i + 1 < len(kinds) else ""
        either = letter | digit
        return (
            (a in either and b in either)  # WB5, WB8, WB9, WB10
            or (a in letter and b in {"MidLetter", "MidNumLetQ"} and after in letter)  # WB6
            or (before in letter and a in {"MidLetter", "MidNumLetQ"} and b in letter)  # WB7
            or (before in digit and a in {"MidNum", "MidNumLetQ"} and b in digit)  # WB11
            or (a in digit and b in {"MidNum", "MidNumLetQ"} and after in digit)  # WB12
            or (a in either | {"ExtendNumLet"} and b == "ExtendNumLet")  # WB13a
            or (a == "ExtendNumLet" and b in either)  # WB13b
        )

    segments: list[str] = []
    for i, unit in enumerate(units):
        if i and joined(i):
            segments[-1] += unit
        else:
            segments.append(unit)
    return [s for s in segments if any(c.isalpha() or unicodedata.category(c)[0] == "N" for c in s)]


def tokens(rows: dict) -> dict:
    def of(column: str, analyze: object) -> list:
        return [None if text is None else analyze(repair(text)) for text in rows[column]]

    def java(column: str, arguments: list[str], before: object = str) -> list:
        return jvm.tokens(arguments, [None if text is None else before(repair(text)) for text in rows[column]])

    def regex(kind: str, pattern: str, least: int = 1, case: str = "lower") -> list:
        return java("spaces", ["regex", case, kind, pattern, str(least)])

    def long(tokens: list, least: int, most: int = 1 << 30) -> list:
        return [None if row is None else [t for t in row if least <= len(t) <= most] for row in tokens]

    def every_step(text: str) -> list[str]:
        normal = unicodedata.normalize("NFKC", strip_html(text))
        return [t for t in _ACCENTS(normal) if t not in {"cafe", "fine"}]

    split_java = java("spaces", ["java_split"])
    stop = {"cable", "stra\u00dfe"}
    stem = _STEMMER.stemWord
    return {
        "sklearn": of("text", _SKLEARN),
        "kept": of("text", _PATTERN.findall),
        "split": of("text", lambda text: split(text.lower())),
        "bounded": of("text", lambda text: [t for t in split(text) if 2 <= len(t) <= 5]),
        "stopped": of("text", lambda text: [t for t in _SKLEARN(text) if t not in stop]),
        "words": of("latin", lambda text: words(text.casefold())),
        "stems": of("english", lambda text: [stem(t) for t in split(text.casefold()) if t not in _STOP]),
        "stemmed": of("english", lambda text: [stem(t) for t in split(text.casefold())]),
        "named_spark": java("text", ["java_split"]),
        "named_lucene": java("segments", ["lucene"], str.casefold),
        "characters": of("text", lambda text: [c for c in text if not SPACE.fullmatch(c)]),
        "spark_all": long(split_java, 0, 6),
        "spark_long": long(split_java, 2),
        "re_default": regex("gaps", r"\s+"),
        "re_spaces": regex("gaps", r"\s+", 2),
        "re_nonwords": regex("gaps", r"\W+", case="kept"),
        "re_nonalnum": regex("gaps", "[^a-zA-Z0-9]+"),
        "re_nonletter": regex("gaps", r"[^\p{L}\p{N}]+", 2),
        "re_comma": regex("gaps", ","),
        "re_words": regex("matches", r"\w+", 3),
        "re_alnum": regex("matches", "[a-zA-Z0-9]+", case="kept"),
        "re_letters": regex("matches", r"\p{L}+"),
        "accents": of("text", _ACCENTS),
        "nfc": of("text", lambda text: split(unicodedata.normalize("NFC", text))),
        "nfkc": of("text", lambda text: split(unicodedata.normalize("NFKC", text).lower())),
        "markup": of("html", lambda text: split(strip_html(text))),
        "java_words": [None if lowered is None else split(lowered[0]) for lowered in java("text", ["java_lower"])],
        "all_steps": of("html", every_step),
    }


def steps(rows: dict) -> dict:
    def shown(row: list[str] | None) -> object:
        return {"count": len(row), "first": row[:_SHOWN]} if row is not None and len(row) > _SHOWN else row

    return {step: [shown(row) for row in made] for step, made in tokens(rows).items()}


def expected(rows: dict, mode: str) -> dict:
    return {
        f"h_{step}": [dict(Counter(column_of(xxh3(t.encode()), 30) for t in row or [])) for row in made]
        for step, made in tokens(rows).items()
    }
