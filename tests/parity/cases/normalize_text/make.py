"""Text in many forms, and markup. Code points are those that Unicode 14, CPython 3.11's version, assigns."""

# Data read better in rows than one value a line.

import random
import sys
import unicodedata

from harness.text import known

_TEXT = [
    None, "", " ", "  ", "a", " a  b ", "\t\u00a0a\u3000\u2028b\x85", "Caf\u00e9 CAFE\u0301", "\ufb01ne \u00b2 \u00bd \u2460", "\uff21\uff42\uff76\uff9e", "Stra\u00dfe \u1e9e", "\u0130\u0131",
    "\u0391\u03a3 \u03a3A", "e\u0323\u0301 e\u0301\u0323", "\uac00 \u1100\u1161", "\u212b \u00c5 A\u030a", "\u0344 \u1fbe \u0345", "a\u00a8", "\ufdfa", "\u0301", " \u0301a", "\x1ca\x1c", "a\0b",
    b"\xffA\xed\xa0\x80 ", "\U0001d49c\U00010400", "\u200b a\u200d", "ab " * 100, "\u01c5 \u017f", "na\u00efve  cr\u00e8me", "\u0915\u093c \u0958", "\u3099\u304b\u3099", "\u1e9b\u0323",
]  # fmt: skip
_HTML = [
    None, "", "<b>Bold &amp; <i>br\u00fbl\u00e9e</i></b>", "a<br>b", "x < y", "&nbsp;&eacute;&#233;&#x2460;", "a<!-- c -->b", "<script>x</script>", "<p title='a>b'>c", "&amp;lt;", "&lt;b&gt;", " <b> </b> ",
]  # fmt: skip
_PIECES = ["<b>", "</b>", "<", ">", "&eacute;", "&amp", ";", " ", "\u00e9", "A", "'", "<!--", "-->", "&#x41"]


def _text(rng: random.Random) -> str:
    points = []
    while len(points) < 12:
        point = rng.randrange(rng.choice([0x80, 0x400, 0x3000, 0x20000, sys.maxunicode + 1]))
        if unicodedata.category(chr(point)) not in ("Cn", "Cs"):
            points.append(chr(point) + rng.choice(["", "", "\u0301", "\u0323\u0307", " ", "\u3000 "]))
    return "".join(points)


def rows() -> dict[str, list]:
    rng = random.Random("parity normalize_text")
    columns = {
        "text": _TEXT + [_text(rng) for _ in range(80)],
        "html": _HTML + ["".join(rng.choices(_PIECES, k=rng.randint(1, 10))) for _ in range(60)],
    }
    count = max(map(len, columns.values()))
    return {name: [values[i % len(values)] for i in range(count)] for name, values in columns.items()}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    chosen = [known(text) for text in rng.sample(texts, k=min(len(texts), 2_500))]
    return {"text": chosen, "html": chosen}
