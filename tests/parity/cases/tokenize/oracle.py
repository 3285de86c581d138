"""Tokens by others: CPython's `re` and `str` with scikit-learn's pattern; the Snowball project's own Python stemmer;
the word-boundary rules of UAX #29, written out for Latin, Greek and Cyrillic; Lucene and the JDK themselves, and Spark
ML's tokenizers by the Java calls that they make (their own tokens are in `buzzsaw_core/tests/vectors/spark.txt`);
CPython's `html`, `unicodedata` and scikit-learn for what happens before.
"""

import re
import unicodedata
from collections import Counter
from decimal import Decimal
from fractions import Fraction

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


_UNITS = {
    alias: unit
    for unit, aliases in {
        "b": "byte bytes", "kb": "kilobyte kilobytes", "mb": "megabyte megabytes", "gb": "gigabyte gigabytes",
        "tb": "terabyte terabytes", "pb": "petabyte petabytes", "kib": "kibibyte", "mib": "mebibyte", "gib": "gibibyte",
        "tib": "tebibyte", "kbps": "kbit", "mbps": "mbit", "gbps": "gbit",
        "mm": "millimeter millimeters millimetre millimetres", "cm": "centimeter centimeters centimetre centimetres",
        "m": "meter meters metre metres", "km": "kilometer kilometers kilometre kilometres", "in": "inch inches",
        "ft": "foot feet", "yd": "yard yards", "mg": "milligram milligrams", "g": "gram grams",
        "kg": "kilogram kilograms kilo kilos", "lb": "lbs pound pounds", "oz": "ounce ounces",
        "ml": "milliliter milliliters millilitre millilitres", "cl": "centiliter centilitre",
        "dl": "deciliter decilitre",
        "l": "liter liters litre litres", "gal": "gallon gallons", "w": "watt watts", "kw": "kilowatt kilowatts",
        "hp": "horsepower", "va": "voltampere", "wh": "watthour", "kwh": "kilowatthour", "mah": "milliamperehour",
        "ah": "amperehour", "mv": "millivolt millivolts", "v": "volt volts", "kv": "kilovolt kilovolts",
        "ma": "milliampere", "a": "amp amps ampere amperes", "hz": "hertz", "khz": "kilohertz", "mhz": "megahertz",
        "ghz": "gigahertz", "rpm": "upm", "mp": "megapixel megapixels", "dpi": "ppi",
    }.items()
    for alias in [unit, *aliases.split()]
}  # fmt: skip


def _measure(thousands: str, point: str) -> re.Pattern[str]:
    t, p = re.escape(thousands), re.escape(point)
    letters = "|".join(sorted(_UNITS, key=len, reverse=True))
    unit = (
        r"(?:[ \u00a0-]?(?P<sign>\"|''|\u2033|\u201d)|(?:(?P<space>[ \u00a0])|-)?"
        rf"(?P<unit>(?!(?<=[ \u00a0])(?:[iI][nN]|[aA])(?![a-zA-Z]))(?:(?![iI][nN]-)(?ai:{letters})))(?!\w))"
    )
    return re.compile(
        r"(?<![\w.,/+])(?:(?P<w>[0-9]{3,5}) ?[xX*\u00d7] ?(?P<h>[0-9]{3,5})(?!\w)(?![.,][0-9])|"
        r"(?:(?:(?P<whole>[0-9]{1,4})[ -])?(?P<above>[0-9]{1,2})/(?P<below>2|4|8|16|32|64)|"
        rf"(?P<grouped>[0-9]{{1,3}}(?:{t}[0-9]{{3}}){{1,4}})(?:{p}(?P<gpart>[0-9]{{1,9}}))?|"
        rf"(?P<int>[0-9]{{1,15}})(?:[.,](?P<part>[0-9]{{1,9}}))?){unit})"
    )


_POINT, _COMMA = _measure(",", "."), _measure(".", ",")


def measured(text: str, pattern: re.Pattern[str], split_piece: object) -> list[str]:
    """The pieces between measures split by themselves; each measure a token."""
    tokens, at = [], 0
    for m in pattern.finditer(text):
        tokens += split_piece(text[at : m.start()])
        at = m.end()
        if m["w"]:
            tokens.append(f"{m['w']}x{m['h']}")
            continue
        if m["above"]:
            value = Fraction(int(m["whole"] or 0)) + Fraction(int(m["above"]), int(m["below"]))
            number = Decimal(value.numerator) / Decimal(value.denominator)
        else:
            digits = re.sub("[.,]", "", m["grouped"] or m["int"])
            number = Decimal(f"{digits}.{m['gpart'] or m['part'] or 0}")
        shown = format(number, "f")
        shown = shown.rstrip("0").rstrip(".") if "." in shown else shown
        tokens.append(shown + ("in" if m["sign"] else _UNITS[m["unit"].lower()]))
    return tokens + split_piece(text[at:])


def replaced(tokens: list[str], rules: dict[str, str]) -> list[str]:
    """The longest rule at each place; sequences are written with spaces."""
    made, at = [], 0
    while at < len(tokens):
        for end in range(len(tokens), at, -1):
            if (found := rules.get(" ".join(tokens[at:end]))) is not None:
                made += found.split()
                at = end
                break
        else:
            made.append(tokens[at])
            at += 1
    return made


_SAME = "tv television flat screen"
_SYNONYMS = {
    "television": _SAME, "flat screen": _SAME, "tv": _SAME + " telly", "usb cable": "usb cable usb lead",
    "usb lead": "usb cable usb lead", "usb": "universal serial bus", "red ish": "red",
}  # fmt: skip
_FIRST = {"tv": "tv", "television": "tv", "flat screen": "tv", "usb cable": "lead"}
_PHRASES = {"flat screen": "flat_screen", "flat screen television": "flat_screen_television", "usb cable": "usb_cable"}
_HIDDEN = {0x1C + i: 0xF8F0 + i for i in range(4)}
_SHOWN_AGAIN = {value: key for key, value in _HIDDEN.items()}


def char_wb(text: str) -> list[str]:
    """scikit-learn's `char_wb`; the separators that only `str.split` takes for white space are hidden from it."""
    analyze = CountVectorizer(analyzer="char_wb", ngram_range=(2, 4), lowercase=False).build_analyzer()
    return [gram.translate(_SHOWN_AGAIN) for gram in analyze(text.lower().translate(_HIDDEN))]


def pieces(token: str, low: int, high: int) -> list[str]:
    return [token[i : i + n] for n in range(low, high + 1) for i in range(len(token) - n + 1)]


def affixes(token: str, prefixes: range, suffixes: range) -> list[str]:
    starts = [token[:n] for n in prefixes if n <= len(token)]
    return starts + [token[len(token) - n :] for n in suffixes if n <= len(token)]


def more(of: object) -> dict:
    """What happens to tokens after segmentation."""
    plain = lambda text: replaced(_SKLEARN(text), {"tv": "flat screen"})  # noqa: E731
    german = snowballstemmer.stemmer("german").stemWord
    stop = {"und", "der", "mit", "f\u00fcr"}
    each = lambda make: lambda text: [made for token in _SKLEARN(text) for made in make(token)]  # noqa: E731
    return {
        "units": of("shop", lambda text: measured(text, _POINT, lambda piece: split(piece.lower()))),
        "measured_markup": of(
            "html", lambda text: measured(unicodedata.normalize("NFKC", strip_html(text)), _POINT, _ACCENTS)
        ),
        "comma": of("shop", lambda text: measured(text, _COMMA, _SKLEARN)),
        "synonyms": of("shop", lambda text: replaced(_SKLEARN(text), _SYNONYMS)),
        "first": of("shop", lambda text: replaced(_SKLEARN(text), _FIRST)),
        "phrases": of("shop", lambda text: [t for t in replaced(plain(text), _PHRASES) if t != "flat_screen"]),
        "joined": of("shop", lambda text: replaced(_SKLEARN(text), {"usb cable": "usb+cable"})),
        "grams": of("text", CountVectorizer(ngram_range=(1, 3)).build_analyzer()),
        "pairs": of("text", CountVectorizer(ngram_range=(2, 2)).build_analyzer()),
        "chars": of("text", CountVectorizer(analyzer="char", ngram_range=(1, 3)).build_analyzer()),
        "char_wb": of("text", char_wb),
        "in_token": of("text", each(lambda token: pieces(token, 2, 3))),
        "prefixes": of("text", each(lambda token: affixes(token, range(1, 4), range(0)))),
        "affixes": of("text", each(lambda token: affixes(token, range(3, 5), range(2, 6)))),
        "unique": of("shop", lambda text: list(dict.fromkeys(_SKLEARN(text)))),
        "german_stems": of("german", lambda text: [german(t) for t in split(text.casefold()) if t not in stop]),
    }


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
        **more(of),
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
