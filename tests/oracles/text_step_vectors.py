"""Write the test vectors of what happens before and at tokenization, from outside oracles.

CPython 3.11 (`html`, `unicodedata`) and scikit-learn are the oracles of the steps before tokenization, JDK 17 of Java's
lower case, Lucene of its tokenizer, Spark ML of its two. Run as `python tests/oracles/text_step_vectors.py` with CPython 3.11,
scikit-learn and pyspark installed and `java` 17 on the path; the files land in `buzzsaw_core/tests/vectors/`.
"""

from __future__ import annotations

import html
import json
import random
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from html.entities import html5
from pathlib import Path

from sklearn.feature_extraction.text import strip_accents_unicode

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/parity"))

from harness.jvm import run, tokens  # noqa: E402
from harness.text import strip_html  # noqa: E402

VECTORS = ROOT / "buzzsaw_core/tests/vectors"
HEADER = "# Written by tests/oracles/text_step_vectors.py: "
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
ASSIGNED = [chr(c) for c in CODE_POINTS if unicodedata.category(chr(c)) != "Cn"]
#: `@` stands for every code point, as in the Rust tests.
LUCENE_CONTEXTS = ["@", "a@b", "1@2", "\u05d0@\u05d0 @@"]
JAVA_CONTEXTS = ["@", "A@\u03a3", "@\u03a3", "A\u03a3@B", "A\u03a3@", "@A\u03a3 @\u03a3B"]
#: `pattern` and `gaps` of `RegexTokenizer`, as the spec lists them.
SETTINGS = [
    ("gaps", r"\s+"), ("gaps", r"\W+"), ("gaps", "[^a-zA-Z0-9]+"), ("gaps", r"[^\p{L}\p{N}]+"), ("gaps", ","),
    ("matches", r"\w+"), ("matches", "[a-zA-Z0-9]+"), ("matches", r"\p{L}+"),
]  # fmt: skip


def dump(value: object) -> str:
    """JSON in ASCII."""
    return json.dumps(value, separators=(",", ":"))


def write(name: str, source: str, lines: Iterable[str]) -> None:
    """One vectors file: a header, then a vector a line."""
    text = "\n".join([HEADER + source, *lines]) + "\n"
    (VECTORS / name).write_text(text, encoding="utf-8", newline="\n")


def any_text(rng: random.Random, alphabets: list[str]) -> str:
    """A mix of a few alphabets and of assigned code points."""
    chosen = rng.sample(alphabets, k=min(len(alphabets), rng.randint(1, 5)))
    return "".join(
        rng.choice(ASSIGNED) if rng.random() < 0.05 else rng.choice(rng.choice(chosen))
        for _ in range(rng.randint(0, 24))
    )


ALPHABETS = [
    "abcXYZ019_", "\u00e9\u00c9\u00df\u1e9e\u0130\u0131\u017f\u212a", "\u03a3\u03c3\u03c2\u0391\u03b1\u0386", "\u0416\u0436", "\u05d0\u05d1\"'",
    "\u0639\u0631\u0628", "\u6f22\u5b57\u304b\u30ab\uff76\u3099", "\u0e51\u0e44\u0e17\u0e22\u0ea5\u1000", "\u00bd\u00b2\u2167\u2460",
    "\U0001f600\U0001f44d\U0001f3fd\u200d\u2640\ufe0f\u2764\u20e3#*1", "\U0001f1e9\U0001f1ea\U0001f1eb",
    "\u0301\u0307\u0345\u0323\u200d\u200c\u00ad", " \t\n\r\x0b\x0c\u00a0\u2029\u3000\u0085\x1c", ".,:;'\u2019-\u00b7\u203f", "\0\x7f\ufffd\uffff\ufffe",
    "\U0001d49c\U00010400\U00010428\U0001e900", "\ud55c\u1112\u1161\u11ab\uac00",
]  # fmt: skip


def normalize_vectors() -> Iterator[str]:
    """Every assigned code point that a step changes, and texts."""
    rng = random.Random("normalize")
    texts = [*ASSIGNED, *(any_text(rng, ALPHABETS) for _ in range(3000))]
    for text in texts:
        made = [
            unicodedata.normalize("NFC", text),
            unicodedata.normalize("NFKC", text),
            strip_accents_unicode(text),
        ]
        if len(text) > 1 or made != [text] * 3:
            yield "\t".join(map(dump, [text, *made]))


def html_vectors() -> Iterator[str]:
    """Every name and number of interest, with and without what may follow, and mixes of pieces of markup."""
    rng = random.Random("html")
    texts = [f"&{name}" for name in html5]
    texts += [
        f"&{name}{rng.choice(['x', '=', ';', ' ', '1', chr(0xE9), ';;', '&'])}" for name in html5 if name[-1] != ";"
    ]
    numbers = [*range(300), 0xD7FF, 0xD800, 0xDFFF, 0xE000, 0xFDCF, 0xFDD0, 0xFDEF, 0xFDF0, 0xFFFD, 0xFFFE, 0xFFFF]
    numbers += [0x1FFFE, 0x1FFFF, 0x10FFFD, 0x10FFFE, 0x10FFFF, 0x110000, 2**32, 2**32 + 65, 2**64 + 65, 10**30]
    for number in numbers:
        texts += [f"&#{number};", f"&#x{number:x}{rng.choice([';', '', 'g', ' '])}", f"&#X0{number:X};;"]
    pieces = [
        "<", ">", "<b>", "</b >", "<br/>", "<a href='x>y'>", '<a title="<i>">', "<!--", "-->", "<!-- c > -->", "<!doctype html>",
        "<?xml ?>", "<script>", "<SCRIPT src=x>", "</script >", "</Script>", "<style/>", "</style", "<scripts>", "< b>", "<1>", "</>",
        "'", '"', "a", "\u00e9", " ", "&lt;b&gt;", "&amp;lt;", "&", "&amp", "&#", "&#60", ";", "x<y", "\n", "/", "=", "-", "!", "&eacute",
        "</", "<!", "<\u017fcript>", "</\u017fcript>", "<style\x0b>", "<style\x0c>",
    ]  # fmt: skip
    texts += ["".join(rng.choices(pieces, k=rng.randint(1, 12))) for _ in range(3000)]
    for text in dict.fromkeys(texts):
        yield "\t".join(map(dump, [text, html.unescape(text), strip_html(text)]))


def java_vectors() -> Iterator[str]:
    """Texts around sigmas."""
    rng = random.Random("java")
    sigmas = ["\u03a3\u03a3\u03c3A\u0391\u00e9", *ALPHABETS]
    texts = [
        "".join(rng.choice(rng.choice(sigmas[:1] * 8 + sigmas)) for _ in range(rng.randint(1, 16))) for _ in range(6000)
    ]
    texts += [any_text(rng, sigmas) + "A\u03a3" for _ in range(2000)]
    for text, row in zip(texts, tokens(["java_lower"], texts), strict=True):
        yield f"{dump(text)}\t{dump(row[0])}"


def representatives() -> list[str]:
    """Three code points of each class of Lucene's automaton."""
    found: dict[str, list[str]] = {}
    (line,) = (line for line in run("StandardTokenizerTables", []).splitlines() if line.startswith("class"))
    classes = line.split(" ")[1:]
    for c in CODE_POINTS:
        chosen = found.setdefault(classes[c], [])
        if len(chosen) < 3:
            chosen.append(chr(c))
    return [c for chosen in found.values() for c in chosen]


def lucene_texts() -> list[str]:
    """All pairs of representatives, longer runs of them, other texts, and tokens about as long as the limit."""
    rng = random.Random("lucene")
    characters = representatives()
    texts = [a + b for a in characters[::3] for b in characters[::3]]
    texts += ["".join(rng.choices(characters, k=rng.randint(3, 12))) for _ in range(4000)]
    texts += [any_text(rng, ALPHABETS) for _ in range(3000)]
    for length in (253, 254, 255, 256, 257, 509, 510, 511, 600):
        for tail in ("", "b", " b", "\U00010400", "\U00010400b", "\u0301c", "'b", "\u6f22"):
            texts += [
                "a" * length + tail,
                "a" * (length - 1) + "." + tail,
                "1" * length + tail,
                "\u0e44" * length + tail,
            ]
        texts += ["\U00010400" * (length // 2) + "a" * (length % 2), "\U00010400" * length, "a" + "\u0301" * length]
        texts += ["\U0001f468" + "\u200d\U0001f469" * (length // 3), "a" + "." * length + "b", "\U0001f600" * length]
    return texts


def lucene_vectors() -> Iterator[str]:
    """Texts and their tokens."""
    texts = lucene_texts()
    for text, row in zip(texts, tokens(["lucene"], texts), strict=True):
        yield f"{dump(text)}\t{dump(row)}"


def spark_vectors() -> Iterator[str]:
    """Texts, and the tokens of `Tokenizer` and of each setting of `RegexTokenizer`."""
    from pyspark.ml.feature import RegexTokenizer, Tokenizer
    from pyspark.sql import SparkSession

    rng = random.Random("spark")
    texts = [
        "",
        " ",
        "  ",
        " a",
        "a ",
        "a  b",
        "\ta\n\nb ",
        "A,b,,C,",
        ",",
        ",a",
        "\u00a0",
        "\x85a",
        "\x1ca\x1c",
        "\U00010400 \U00010400\U00010400 a",
    ]
    texts += [any_text(rng, [*ALPHABETS, "a ", "a,"]) for _ in range(1500)]
    spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
    table = spark.createDataFrame([(i, text) for i, text in enumerate(texts)], "i int, text string").coalesce(1)
    stages = [Tokenizer(inputCol="text", outputCol="plain")]
    for number, (kind, pattern) in enumerate(SETTINGS):
        for least, lower in ((1, True), (2, False)):
            stages.append(
                RegexTokenizer(
                    inputCol="text",
                    outputCol=f"r{number}_{least}",
                    pattern=pattern,
                    gaps=kind == "gaps",
                    minTokenLength=least,
                    toLowercase=lower,
                )
            )
    for stage in stages:
        table = stage.transform(table)
    yield "# columns\t" + dump([None] + [[kind, pattern, least] for kind, pattern in SETTINGS for least in (1, 2)])
    names = ["plain"] + [f"r{number}_{least}" for number in range(len(SETTINGS)) for least in (1, 2)]
    for row in sorted(table.collect(), key=lambda row: row["i"]):
        yield "\t".join([dump(row["text"]), *(dump(list(row[name])) for name in names)])
    spark.stop()


def hashes(name: str, contexts: list[str]) -> str:
    """The hash over all code points in contexts."""
    return run("Hashes", [name, *contexts])


def main() -> None:
    """Write all files, or those whose names are given."""
    if sys.implementation.name != "cpython" or sys.version_info[:2] != (3, 11):
        raise SystemExit("the oracle is CPython 3.11")
    python = f"CPython 3.11, Unicode {unicodedata.unidata_version}"
    files = {
        "normalize.txt": (f"text, NFC, NFKC, scikit-learn's strip_accents_unicode; {python}", normalize_vectors),
        "html.txt": (f"text, html.unescape(text), the same with markup stripped; {python}", html_vectors),
        "java_lower.txt": ("text, toLowerCase(Locale.ROOT); JDK 17", java_vectors),
        "lucene.txt": ("text, tokens of StandardTokenizer; Lucene 9.12.3", lucene_vectors),
        "spark.txt": ("text, tokens of each column; Spark ML's Tokenizer and RegexTokenizer", spark_vectors),
    }
    chosen = sys.argv[1:] or [*files, "hashes"]
    for name, (source, vectors) in files.items():
        if name in chosen:
            write(name, source, vectors())
    if "hashes" in chosen:
        (VECTORS / "lucene_hash.txt").write_text(hashes("lucene", LUCENE_CONTEXTS), encoding="ascii")
        (VECTORS / "java_lower_hash.txt").write_text(hashes("java_lower", JAVA_CONTEXTS), encoding="ascii")


if __name__ == "__main__":
    main()
