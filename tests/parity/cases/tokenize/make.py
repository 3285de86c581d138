"""Text for three oracles: any bytes at all (`text`), Latin, Greek and Cyrillic (`latin`), English words (`english`).

Code points are those that Unicode 14, CPython 3.11's version, assigns.
"""

# Data read better in rows than one value a line.
# ruff: noqa: E501

import random
import sys
import unicodedata

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


def _any_text(rng: random.Random) -> str:
    points = []
    while len(points) < 12:
        point = rng.randrange(rng.choice([0x80, 0x800, 0x3000, 0x20000, sys.maxunicode + 1]))
        if unicodedata.category(chr(point)) not in ("Cn", "Cs"):
            points.append(chr(point))
    return " ".join("".join(points[i : i + 4]) + rng.choice(["ab", "X", "_", ""]) for i in range(0, 12, 4))


def _latin(rng: random.Random) -> str:
    return "".join(rng.choice("abZ\u00e9\u03a3\u0436019..,,;::''\u2019\u00b7__  -\u0301") for _ in range(24))


def rows() -> dict[str, list]:
    rng = random.Random("parity tokenize")
    stems = ["nation", "happi", "general", "organiz", "connect", "hope", "fly", "argu", "color", "deny"]
    ends = ["al", "ing", "ed", "ly", "ation", "ness", "s", "ies", "ful", "izer", "ment", "ously", "est", "y"]
    english = lambda: " ".join(rng.choice(stems) + rng.choice(ends) for _ in range(8))  # noqa: E731
    columns = {
        "text": _TEXT + [_any_text(rng) for _ in range(80)],
        "latin": _LATIN + [_latin(rng) for _ in range(90)],
        "english": _ENGLISH + [english() for _ in range(60)],
    }
    count = max(map(len, columns.values()))
    return {name: [values[i % len(values)] for i in range(count)] for name, values in columns.items()}
