"""Text for the oracles: any bytes at all (`text`), Latin, Greek and Cyrillic (`latin`), English words (`english`), separators of
every kind (`spaces`), what word-boundary rules tell apart (`segments`), markup (`html`).

Code points are those that Unicode 14, CPython 3.11's version, assigns.
"""

# Data read better in rows than one value a line.

import random
import sys
import unicodedata

from harness.text import known

_TEXT = [
    None, "", " ", "Running shoes, size 9", "USB cable 2m", "can't o'clock", "Stra\u00dfe STRASSE \ufb01ne \u0130stanbul", "a\0b ab\0cd",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 family", "e\u0301e\u0301 na\u00efve", "\u05e9\u05dc\u05d5\u05dd \u0627\u0644\u0639\u0631", "\u202eabc\u202c",
    "\u65e5\u672c\u8a9e \uff76\uff9e", "\u0661\u0662\u066b\u0663", "__init__ _ a_b", "x y z", "a\u00a0b\u2028cc\u3000dd", "aa\x1cbb\x85cc", "\u0391\u03a3 \u03a3",
    b"\xff\xfe ab", b"ab\xed\xa0\x80cd", b"ab\xed\xa0", b"\xe2\x82 cd", b"\xf0\x9f\x98", b"\xc0\x80ab", b"\xf4\x90\x80\x80", "ab " * 300, "\ufeffab",
    "\u01c5ungla \u1e9e \u017ftill", "\U00010400\U00010428", "CABLE cables",
]  # fmt: skip
_LATIN = [
    None, "", "The quick (\u201cbrown\u201d) fox can\u2019t jump 32.3 feet, right?", "can't 3.14 1,000 1;2 a.b.c 1.2.3 a:b l\u00b7l", "'a' ''a a'' .5 5.",
    "a_b __ _1 x_ 3_4", "2m 4x4 a1b2", "Stra\u00dfe \ufb01ne \u0391\u03a3 \u0416\u0443\u043a", "e\u0301a x\u0301'y 1\u03012", "a''b a..b 1,,2 1.a a.1", "foo-bar http://a.b/c?d=e",
    "A.B, c.d; e:f", "\u00e9\u00c9 \u00df \u00d8", "tab\tnew\nline\r\nend", "it's o\u2019clock",
]  # fmt: skip
_ENGLISH = [
    None, "", "the of and", "Running runner runs ran", "generously university universal", "skis skies dying lying", "hopping hoped hoping HOPE",
    "relational conditional rationalization", "communication communism", "the cables of the Wireless mice", "sky early only newly gently",
    "succeeding exceed inning outing proceed", "b bb eed feed agreed plastered bled", "consigned knightly", "oxen arsenal generic",
]  # fmt: skip

_SPACES = [
    None, "", " ", "  ", ",", " a", "a ", "\ta\n\nb ", "A,b,,C,", ",a", "\u00a0", "\x85a", "\x1ca\x1c b", "\U00010400 \U00010400\U00010400 a ab abc",
    "\u0391\u03a3 \u03a3 \u039f\u0394\u039f\u03a3", "\u0130I Stra\u00dfe", "caf\u00e9_1 x2 \u00bd\u0663", "abcdef abcdefg", "a b, c", b"\xff a\xed\xa0\x80,b", "\uffff\u03a3A\u03a3",
]  # fmt: skip
_SEGMENTS = [
    None, "", " ", "can't 3.14 1,000 a_b a.b.c wi-fi U.S.A.", "\u65e5\u672c\u8a9e \u3072\u3089\u304c\u306a \u30ab\u30bf\u30ab\u30ca \uff76\uff9e \ud55c\uad6d\uc5b4", "\u0e44\u0e17\u0e22\u0e44\u0e17\u0e22 \u0ea5\u0eb2\u0ea7",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f44d\U0001f3fd 1\ufe0f\u20e3 \u2764\ufe0f \U0001f1e9\U0001f1ea\U0001f1eb \u203c", "\u05e9\"\u05e2 \u05d0'", "e\u0301a \u0301 a\u00adb",
    "a" * 254, "a" * 255, "a" * 256, "a" * 254 + "\U00010428", "a" * 253 + "\U00010428b", "a" * 600, "\U00010428" * 200, "a" * 254 + ".b", "_ __a #1 \u2122 \u00a9",
    b"\xffab\xfe", "Stra\u00dfe \u1e9e",
]  # fmt: skip
_HTML = [
    None, "", "2<b>kg</b> caf\u00e9", "<img width=\"2 kg\">3 kg", "2&nbsp;TB 1/2&quot; \u00bd\" \uff12kg", "Caf\u00e9s 2,5kg na\u00efve", "a<br>b", "a<br/ >b", "<b>bold</b>", "x < y > z", "a<b", "<", "</", "</>", "<1>", "a<a href='x>y' title=\"<i>\">link</a>z", "<a 'b>c", "<a \"b>c<d>e",
    "a<!-- <b> -- > -->b", "a<!-- b>c", "<!-->x-->y", "<!doctype html>x<?xml?>y", "a<script>if (a < b) alert('<b>')</script>b", "a<SCRIPT x='>'>y</Script\n>b", "a<script>b</scripts>c",
    "a<style/>b{}</style >c", "a<style>b", "<scripts>a</scripts>", "<script", "<script>a</script", "&lt;b&gt; &amp;lt; &eacute;&Eacute &notit; &notin; &xyz; &amp", "&#233;&#xe9;&#xE9 &#150; &#0; &#xD800; &#x110000; &#1; &#99999999999;",
    "&# &#x &#; &; & && &a", "caf\u00e9 &ensp;\ufb01ne Cafe\u0301 <p>CAFE</p> na\u00efve \u00bd", "&NotEqualTilde; &fjlig;", "a<\u00e9>b", "<p\u00e9>c", "<\u017fcript>d</script>", "a<b\x0b>c", "<script\x0b>e</script>", "<style\x0c>f</style\x0c>g",
    "<a<b>c", "<a '<b>' \"<c>\" >d", "<script><script>x</script>y</script>z", "<!--a<!--b-->c-->d", b"<b\xff>x&\xff;", "<a '\">'>b", "</script>x", "<a b=\"'\">'c",
]  # fmt: skip
_MARKUP = ["<", ">", "<b>", "<a href='x>'", "\">", "'", "<!--", "-->", "<script>", "</script>", "<style>", "</style >", "&amp", "&lt;", "&#6", "0;", "&eacute", ";", " ", "caf\u00e9", "x", "/", "!"]  # fmt: skip


_SHOP = [
    None, "", "2tb 2 TB 2-TB 2TB. hdd", "2,5 kg 2.50kg 1,234.5 g 1,234g 1.234g 02,5kg 1.234.567,80 mm", "1/2\" 1 1/2'' 1-3/4 inch 1/3\" 1/04\"",
    "27\u2033lcd 27\u201d 27 in 27in 2 a 2a 2 A 2-a 2 amp 27-in 2 in 1 2-in-1 tv", "1920x1080 1920 \u00d7 1080 1920 * 1080 10x20 1920x1080p 100x200.5 123456x100",
    "a2tb 2tbs 1.2.3kg 5 6 +5v /5v .5v ,5v", "5\u00a0volts 12 V, 100 watts; 3 foot 7 rpm", "0 kg 000.500 kg 0.000g", "1234567890123456kg 123456789012345kg 1.1234567890kg 1.123456789kg",
    "usb cable", "usb tv", "TV television flat screen", "flat flat screen screen", "flat screen television", "red,ish redish red tv tv", "usb usb cable usb",
    b"\xff2 kg\xfe3kg\xff", "2kg2kg 3kg-3kg 4\"5kg", "1,234,567 b 1,23,456 b 1234,567 b", "12345/2 kg 123/2 kg 12/2 kg 1 12/16 kg 7 123/16 kg", "00 1/2 l",
]  # fmt: skip
_PIECES = [
    "usb", "cable", "tv", "television", "flat", "screen", "flat screen", "usb cable", "red", "2", "1,500", "2.5", "2,5", "1.234", "1/2", "kg", "TB", "inch", "in", "\"", "x",
    "1920", "1080", "-", "m", "mm", "\u00d7", "/", ".", ",", "hz", "1 3/8", "lead",
]  # fmt: skip


def _shop(rng: random.Random) -> str:
    return "".join(rng.choice(_PIECES) + rng.choice(["", " ", " "]) for _ in range(10))


def _german(rng: random.Random) -> str:
    words = [
        "und",
        "der",
        "mit",
        "h\u00e4user",
        "kabellose",
        "lautsprechern",
        "Netzteile",
        "gr\u00f6\u00dfer",
        "bildschirme",
        "Tastaturen",
        "f\u00fcr",
        "schnelles",
    ]
    return " ".join(rng.choice(words) for _ in range(6))


def _any_text(rng: random.Random) -> str:
    points = []
    while len(points) < 12:
        point = rng.randrange(rng.choice([0x80, 0x800, 0x3000, 0x20000, sys.maxunicode + 1]))
        if unicodedata.category(chr(point)) not in ("Cn", "Cs"):
            points.append(chr(point))
    return " ".join("".join(points[i : i + 4]) + rng.choice(["ab", "X", "_", ""]) for i in range(0, 12, 4))


def _latin(rng: random.Random) -> str:
    return "".join(rng.choice("abZ\u00e9\u03a3\u0436019..,,;::''\u2019\u00b7__  -\u0301") for _ in range(24))


def _spaced(rng: random.Random) -> str:
    return "".join(
        rng.choice("aB\u00e9\u03a3\u0391\u0130_1\u0663\u00bd,, \t\n\u00a0\x1c.\u0301\U00010400")
        for _ in range(rng.randint(1, 20))
    )


def _segments(rng: random.Random) -> str:
    kinds = "aZ19.,:'\"_\u2019 -\u0301\u200d\u05d0\u0e44\u0e35\u65e5\u3042\u30a2\u30fc\uac00\u1100\U0001f469\U0001f3fd\ufe0f\U0001f1e9#\u20e3\u2640\u00ad\u0663"
    return "".join(rng.choice(kinds) for _ in range(rng.randint(1, 20)))


_STEMS = ["nation", "happi", "general", "organiz", "connect", "hope", "fly", "argu", "color", "deny"]
_ENDS = ["al", "ing", "ed", "ly", "ation", "ness", "s", "ies", "ful", "izer", "ment", "ously", "est", "y"]


def _english(rng: random.Random) -> str:
    return " ".join(rng.choice(_STEMS) + rng.choice(_ENDS) for _ in range(8))


def rows() -> dict[str, list]:
    rng = random.Random("parity tokenize")
    columns = {
        "text": _TEXT + [_any_text(rng) for _ in range(80)],
        "latin": _LATIN + [_latin(rng) for _ in range(90)],
        "english": _ENGLISH + [_english(rng) for _ in range(60)],
        "spaces": _SPACES + [_spaced(rng) for _ in range(60)],
        "segments": _SEGMENTS + [_segments(rng) for _ in range(60)],
        "html": _HTML + ["".join(rng.choices(_MARKUP, k=rng.randint(1, 10))) for _ in range(60)],
        "shop": _SHOP + [_shop(rng) for _ in range(80)],
        "german": [None, "", *[_german(rng) for _ in range(20)]],
    }
    count = max(map(len, columns.values()))
    return {name: [values[i % len(values)] for i in range(count)] for name, values in columns.items()}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    """Texts as they are, and with measures and synonyms put in; the other columns are of their own letters."""
    chosen = [known(text) for text in rng.sample(texts, k=min(len(texts), 2_500))]
    mixed = [text if not isinstance(text, str) else text[:200] + " " + _shop(rng) for text in chosen]
    return {
        **dict.fromkeys(("text", "spaces", "segments", "html"), chosen),
        "latin": [_latin(rng) for _ in chosen],
        "english": [_english(rng) for _ in chosen],
        "shop": mixed,
        "german": [_german(rng) for _ in chosen],
    }
