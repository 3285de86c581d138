"""Texts and token lists: missing, empty, equal, exchanged, one edit apart, longer than a word of bits, and unusual."""

# Data read better in rows than one value a line.

import random

_PAIRS = [
    ("", ""), ("", "a"), ("a", ""), ("a", "a"), ("a", "b"), (None, "a"), ("a", None), (None, None), ("ab", "ba"), ("ca", "abc"),
    ("axxb", "bxxa"), ("abxc", "bac"), ("ab", "bxxa"), ("xcay", "xabcy"), ("ab", "b\0\0a"), ("abab", "bcadab"), ("ca", "éaébéc"),
    ("lamp", "lmap"), ("lamp", "lamps"), ("lamp", "lam"), ("MARTHA", "MARHTA"), ("DIXON", "DICKSONX"), ("DWAYNE", "DUANE"),
    ("a\0b", "a\0c"), ("\0", ""), (b"\xff", "\ufffd"), (b"\xed\xa0\x80", "\ufffd"), ("e\u0301", "\u00e9"), ("\U0001f469\u200d\U0001f467", "\U0001f469"),
    ("Straße", "Strasse"), ("שלום", "שלם"), ("abcd", "abcdefgh"), ("abcde", "abcdx"), ("crate", "trace"), ("abcabc", "cbacba"),
    ("a" * 63, "a" * 64), ("a" * 64, "a" * 65), ("ab" * 32, "ba" * 32), ("ab" * 33, "ba" * 33), ("x" * 64 + "ab", "x" * 64 + "ba"),
    ("x" * 63 + "ab", "x" * 63 + "ba"), ("x" * 63 + "ab" + "y" * 80, "x" * 63 + "ba" + "y" * 80), ("x" * 200, "y" * 200), ("z", "z" * 300),
    ("q" + "a" * 130, "a" * 130 + "q"), ("a" * 130 + "q", "q" + "a" * 130), ("aaaaaaaaab", "baaaaaaaaa"), ("é" * 70, "e" * 70 + "é"),
]  # fmt: skip


def _tokens(text: str | bytes | None) -> list | None:
    return None if text is None else text.split()


def _typos(text: str, rng: random.Random) -> str:
    letters = list(text)
    for _ in range(rng.randrange(4)):
        at = rng.randrange(len(letters) + 1)
        match rng.randrange(4):
            case 0:
                letters.insert(at, rng.choice("abé"))
            case 1:
                del letters[at : at + 1]
            case 2:
                letters[at : at + 2] = letters[at : at + 2][::-1]
            case _:
                letters[at : at + 1] = rng.choice("abé")
    return "".join(letters)


def rows() -> dict[str, list]:
    rng = random.Random("parity edit_similarity")
    pairs = list(_PAIRS)
    for most in [6, 12, 90] * 20:
        text = "".join(rng.choice("aabbcé ") for _ in range(rng.randint(0, most)))
        pairs.append((text, _typos(text, rng)) if rng.random() < 0.7 else (text, "".join(rng.sample(text, len(text)))))
    words = [_tokens(query) for query, _ in pairs]
    terms = [_tokens(title) for _, title in pairs]
    words[10:12] = [["ab", "ca"], ["ca"]]
    terms[10:12] = [["bxa"], ["abc", "axxc"]]
    words[:6] = [[], ["a"], [], ["", "a"], [""], None]
    terms[:6] = [[], [], ["a"], ["a", ""], [""], ["a"]]
    return {"query": [q for q, _ in pairs], "title": [t for _, t in pairs], "words": words, "terms": terms}


def bulk(texts: list, numbers: list[float], rng: random.Random) -> dict[str, list]:
    count = 2_000
    query, title = ([text if text is None else text[:200] for text in rng.choices(texts, k=count)] for _ in range(2))
    query[: count // 2] = [text if text is None else text[3:40] for text in title[: count // 2]]
    few = lambda text: None if text is None else text.split()[:6]  # noqa: E731
    return {
        "query": query,
        "title": title,
        "words": [few(text) for text in query],
        "terms": [few(text) for text in title],
    }
