"""Write the test vectors of the text stack from outside oracles.

CPython 3.11 is the oracle for UTF-8 repair, case folding and scikit-learn's words; the Snowball project's
own Python package is the one for stemming. Run as `python tests/oracles/text_vectors.py`, with CPython 3.11
and `snowballstemmer` installed; the files land in `buzzsaw_core/tests/vectors/`.
"""

from __future__ import annotations

import itertools
import json
import random
import re
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

import snowballstemmer
from snowballstemmer.english_stemmer import EnglishStemmer

VECTORS = Path(__file__).resolve().parents[2] / "buzzsaw_core/tests/vectors"
HEADER = "# Written by tests/oracles/text_vectors.py: "
CODE_POINTS = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF]
SIGMA = "\u03a3"


def write(name: str, source: str, lines: Iterable[str]) -> None:
    """One vectors file: a header, then a vector a line."""
    text = "\n".join([HEADER + source, *lines]) + "\n"
    (VECTORS / name).write_text(text, encoding="utf-8", newline="\n")


def runs(keys: Iterable[tuple[int, object]]) -> Iterator[tuple[str, object]]:
    """Neighbouring code points of equal key, as `first..last`; a key of None ends a run and is left out."""
    numbered = ((c, key, c - i) for i, (c, key) in enumerate(k for k in keys if k[1] is not None))
    for (key, _), group in itertools.groupby(numbered, key=lambda item: item[1:]):
        members = [c for c, _, _ in group]
        yield f"{members[0]:X}..{members[-1]:X}" if len(members) > 1 else f"{members[0]:X}", key


def repair(data: bytes) -> str:
    """CPython's replacement by maximal subparts, with each encoded surrogate replaced as a whole first."""
    parts = re.split(rb"\xed[\xa0-\xbf][\x80-\xbf]", data)
    return "\ufffd".join(part.decode("utf-8", errors="replace") for part in parts)


def repair_vectors() -> Iterator[str]:
    """Every short string over the bytes at the edges of UTF-8's rules, and random damage to text."""
    rng = random.Random(3)
    edges = bytes.fromhex("00 41 7f 80 8f 90 9f a0 bf c0 c1 c2 df e0 e1 ec ed ee ef f0 f1 f3 f4 f5 ff")
    cases = [bytes(case) for n in (1, 2) for case in itertools.product(edges, repeat=n)]
    cases += [bytes(rng.choice(edges) for _ in range(rng.randint(3, 12))) for _ in range(2000)]
    surrogates = [b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80", b"\xed\xa0", b"\xed\x9f\xbf"]
    pieces = [*surrogates, "é".encode(), "漢".encode(), "😀".encode(), b"a", b"\xff", b"\xf0\x9f\x98"]
    cases += [b"".join(rng.choices(pieces, k=rng.randint(1, 6))) for _ in range(1000)]
    for case in dict.fromkeys(cases):
        yield f"{case.hex()}\t{repair(case).encode().hex()}"


def fold_vectors() -> Iterator[str]:
    """`str.casefold()` of each assigned code point."""

    def key(c: int) -> str | None:
        if unicodedata.category(chr(c)) == "Cn":
            return None
        folded = chr(c).casefold()
        return "=" if folded == chr(c) else " ".join(f"{ord(x):X}" for x in folded)

    return (f"{points}\t{folded}" for points, folded in runs((c, key(c)) for c in CODE_POINTS))


def sklearn_tokens(text: str) -> list[str]:
    """scikit-learn's default analyzer (`lowercase=True`, the default `token_pattern`)."""
    return re.findall(r"(?u)\b\w\w+\b", text.lower())


CONTEXTS = (
    "ab{c}cd",
    "{c}",
    "{c}{c}",
    "A{c}" + SIGMA,
    "{c}" + SIGMA,
    "A" + SIGMA + "{c}B",
    "A" + SIGMA + "{c}",
)


def signature(c: int) -> str:
    """The tokens of each context; `{l}` stands for the character in lower case where that is unambiguous."""
    lower = chr(c).lower()
    tokens = []
    for context in CONTEXTS:
        found = sklearn_tokens(context.replace("{c}", chr(c)))
        if c > 0x7F and chr(c) not in "σςΣ":
            found = [token.replace(lower, "{l}") for token in found]
        tokens.append(found)
    return json.dumps(tokens, separators=(",", ":"))


def random_text(rng: random.Random) -> str:
    """Words of several scripts with marks, digits, joiners, NUL and what else breaks tokenizers."""
    alphabet = [
        "abcXYZ019_", "éÉßẞİıſK", "ΣσςΑαΆ", "жЖ", "אב", "عرب", "漢字かカ", "๑ไท", "½²Ⅷ①", "😀👍🏽",
        "\u0301\u0307\u0345\u200d\u200c\u00ad", " \t\n\u00a0\u2029\u3000", ".,:;'’-·‿", "\0\x7f\ufffd", "𝒜𐐀𐐨𞤀",
    ]  # fmt: skip
    scripts = rng.sample(alphabet, k=rng.randint(1, 5)) + ["ab Σ"]
    return "".join(rng.choice(rng.choice(scripts)) for _ in range(rng.randint(1, 60)))


HAND_PICKED = [
    "", " ", "a", "ab", "A b C", "can't 3.14 a_b 1,000 a.b a:b __ _ _a", "x" * 63, "x" * 64, "x" * 65,
    "x" * 63 + " y", "x" * 62 + " yz", ("ab " * 50).strip(), "a" * 64 + "é" + "b" * 64, "é", "éa", "aé", "²", "5²",
    "a\0b\0\0cd", "ΟΔΥΣΣΕΥΣ ΣΑΣ Σ Α'Σ ΑΣ' ΑΣ'Α", "İSTANBUL Iİ", "ǅ ǆ Ǆ", "STRASSE Straße ẞ", "I\u0307i\u0307",
    "naïve café", "Ⅷ ⅷ", "中文 分词", "١٢٣ ৪৫", "\U0001d7d8\U0001d7d9", "a\u200db c\u200cd", "foo\u00adbar",
    "Samsung® 27\" (68,6 cm) Full-HD™ LED-Monitor", "x" * 61 + "漢字", "x" * 62 + "漢字", "x" * 63 + "漢字",
    "😀😀 a😀b", "\ufeffab", "\ufffdab\ufffd", "a" * 200 + "Σ", "Σ" * 70, "A" + "'" * 100 + "Σ",
]  # fmt: skip


def python_words_vectors() -> Iterator[str]:
    """Each code point in each context, then whole texts."""
    yield "# contexts\t" + json.dumps(CONTEXTS)
    signatures: dict[str, int] = {}
    keys = []
    for c in CODE_POINTS:
        lower = chr(c).lower()
        written = "=" if lower == chr(c) else " ".join(f"{ord(x):X}" for x in lower)
        keys.append((c, (written, signatures.setdefault(signature(c), len(signatures)))))
    for text, number in signatures.items():
        yield f"@{number}\t{text}"
    for points, (written, number) in runs(keys):
        yield f"{points}\t{written}\t{number}"
    rng = random.Random(14)
    texts = HAND_PICKED + [random_text(rng) for _ in range(1500)]
    for text in dict.fromkeys(texts):
        yield f"text\t{json.dumps(text)}\t{json.dumps(sklearn_tokens(text))}"


BASES = """act add agree alumni andes angel arriv atlas beauti bias bodi boxes bus call capabl care cat clos commun
comput connect cosmos cri dai die digit dry early easi educ electr emerg employ engin exceed feed fit flow gas gener
generic gentl glad happi herring hop hope howe idl idly idol inning inter international kiss knack knit lamp lie
lumin magnet marin mat meet mother mount nation news normal novel object observ oper organ outing over past play
plug point proceed publish quick rat rational relat roll run sail sens ship sing skis sky sleep sli speed succeed
sun tann tie top ugli univers up valu wash weak white y yell yes z"""
SUFFIXES = """_ s es ies ied sses ss us 's s' 's' ed eed eedly edly ing ingly ational tional enci anci izer abli alli
entli eli ousli ization ation ator alism iveness fulness ousness aliti iviti biliti bli fulli lessli ogi li icate
ative alize iciti ical ful ness al ance ence er ic able ible ant ement ment ent ion ism ate iti ous ive ize e y ly
sion tion ying yed ll"""
ODD_WORDS = """'' ' 'a a'b o'neil 1080p x1 4k usb-c café naïve über don't they're ’tis l’eau yyy sayyid aeiou bcdfg
skis skies dying lying tying idly gently ugly early only singly sky news howe atlas cosmos bias andes inning outing
canning herring earring proceed exceed succeed"""


def stem_vectors() -> Iterator[str]:
    """Every base with every suffix, and words with a rule of their own."""
    stemmer = EnglishStemmer()
    words = [base + suffix.strip("_") for base in BASES.split() for suffix in SUFFIXES.split()]
    for word in dict.fromkeys(words + ODD_WORDS.split()):
        yield f"{word}\t{stemmer.stemWord(word)}"


LANGUAGES = """arabic czech danish dutch dutch_porter english finnish french german greek hungarian italian norwegian
polish portuguese romanian russian spanish swedish tamil turkish"""
#: Stop words in the table that `tools/stop_words.py` writes; other languages have words of their own here.
STOP_WORDS = VECTORS.parents[1] / "src/text/stop_words/snowball.rs"
OWN_WORDS = {
    "arabic": "كتاب الكتاب كتب المكتبة مكتبات والكتاب بالكتابة كاتبون يكتبون كتابهم للكتب الحاسوب شاشات الشاشة أجهزة وسماعات سماعاتهم",
    "czech": "počítač počítače počítači počítačů kabelový kabely kabelům barevná barevnými tiskárna tiskárnách nejlepší rychlejší myši",
    "english": BASES,
    "greek": "υπολογιστής υπολογιστές υπολογιστών καλώδιο καλώδια οθόνη οθόνες εκτυπωτής εκτυπωτών ασύρματο ασύρματα μεγάλος μεγαλύτερος",
    "polish": "komputer komputery komputerów komputerowy kabel kable kablami drukarka drukarkach najlepszy bezprzewodowa myszy słuchawkami",
    "romanian": "calculator calculatoare calculatoarelor cablu cabluri imprimantă imprimantele frumoasă frumoase negru culorilor lucrând",
    "tamil": "கணினி கணினிகள் கணினியில் புத்தகம் புத்தகங்கள் புத்தகங்களில் மரம் மரங்கள் மரத்தில் வீடுகளுக்கு படித்தான் படிக்கிறான்",
    "turkish": "bilgisayar bilgisayarlar bilgisayarların kablosuz kablolar yazıcı yazıcılardan ekranlarımız kitapçı kitaplarından gözlükçülük",
}  # fmt: skip
#: Product words, as other languages' product texts have them, and pieces that a stemmer may trip over.
PRODUCT_WORDS = """bluetooth-lautsprecher kabellose netzteile gehäusen bildschirmauflösung drucker écrans ordinateurs
imprimantes haut-parleurs pantallas impresoras teclados inalámbricos schermi stampanti tastiere telas teclado skärmar
tangentbord hörlurar skærme tastaturer näytöt näppäimistö kuulokkeet toetsenborden beeldschermen clavier-souris l'écran
dell'ufficio 1080p 3840x2160 usb-c x a é ' '' ß ı i̇ żółć naïve σας ъ ing ism 4k"""


def language_vectors() -> Iterator[str]:
    """For each language: its words, product words of many, and words made of the pieces of its words."""
    table = STOP_WORDS.read_text(encoding="utf-8")
    for language in LANGUAGES.split():
        rng = random.Random(f"stem {language}")
        found = re.search(rf'language: "{language.partition("_")[0]}".*?words: &\[(.*?)\n    \] }}', table, re.DOTALL)
        own = re.findall(r'"([^"]+)"', found[1]) if found else []
        own += OWN_WORDS.get(language, "").split()
        pieces = [word[:cut] for word in own for cut in (2, 3, 4, 5)]
        ends = [word[-cut:] for word in own for cut in (1, 2, 3, 4)]
        made = ["".join(rng.choice(part) for part in (pieces, pieces, ends)) for _ in range(220)]
        stemmer = snowballstemmer.stemmer(language)
        for word in dict.fromkeys([*own, *PRODUCT_WORDS.split(), *made]):
            yield f"{language}\t{word}\t{stemmer.stemWord(word)}"


def main() -> None:
    """Write all files."""
    if sys.implementation.name != "cpython" or sys.version_info[:2] != (3, 11):
        raise SystemExit("the oracle is CPython 3.11")
    python = f"CPython 3.11, Unicode {unicodedata.unidata_version}"
    write("utf8_repair.txt", f"bytes, repaired text, both in hexadecimal; {python}", repair_vectors())
    write("case_fold.txt", f"code points, `=` or str.casefold(); {python}", fold_vectors())
    write("python_words.txt", f"scikit-learn's default analyzer; {python}", python_words_vectors())
    snowball = f"snowballstemmer {version('snowballstemmer')}"
    write("stem_english.txt", f"word, stem; {snowball}, EnglishStemmer", stem_vectors())
    write("stem_languages.txt", f"language, word, stem; {snowball}", language_vectors())


if __name__ == "__main__":
    main()
