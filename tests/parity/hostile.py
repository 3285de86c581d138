"""Rows made to find differences between runtimes. Row i is a function of the seed and i alone.

Rows come in blocks of 5,000, each from a generator seeded by (seed, block). Text is glued from a palette: every plane
of Unicode, NUL, emoji and joiners, combining marks, right-to-left, invalid UTF-8 of every kind, and words; with the
shared data present also real product titles, so that the rows of a seed differ with and without it.
"""

# Data read better in rows than one value a line.
# ruff: noqa: E501, SIM905

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from harness.paths import products
from harness.tables import file_type

BLOCK = 5_000
_I64 = np.iinfo(np.int64)
_I32 = np.iinfo(np.int32)

_WORDS = """the of and running runs ran shoe shoes size usb cable 2m black Red wireless mouse can't o'clock 3.14 1,000
a_b __init__ naïve café Straße STRASSE ﬁne İstanbul ſtill ǅungla ΑΣ ὈΔΥΣΣΕΎΣ ẞ generously university skis skies dying
x X 0 00 -1 1e5 e-mail foo.bar http://a.b/c?d=e don’t ''' ... --- ___ ab ABC abcdefghijklmnopqrstuvwxyzabcdefghij""".split()
_TEXT = [
    "\0", "a\0b", " ", "  ", "\t\n", "\r\n", "\u00a0", "\u2028", "\u3000", "\ufeff", "\u200b", "\x85", "\x1c",
    "👩‍👩‍👧‍👦", "🏳️‍🌈", "👍🏽", "🇩🇪", "🇩🇪🇫🇷🇺", "☝️", "1️⃣", "\u200d", "\ufe0f", "🧑🏿‍🚀x",
    "e\u0301", "a\u0308\u0323", "\u0301", "q\u0307\u0323\u0301", "z" + "\u0335" * 40, "한국어", "각", "ㅎㅏㄴ",
    "שלום", "עִבְרִית", "العربية", "\u202eabc\u202c", "א״ב", "ש'", "٣٫١٤", "हिन्दी", "ไทย", "日本語", "カタカナ", "ｶﾞ",
    "𝒳𝒴", "𐐀𐐨", "𠀀", "\U000e0041", "\ufffd", "\ufffe", "\U0010ffff", "·", "a·b", "l·l", "a:b", "1;2", "a.b.c", "1.2.3",
]  # fmt: skip
_INVALID = [
    b"\x80", b"\xbf\xbf", b"\xc0\x80", b"\xc1\xbf", b"\xe0\x80\x80", b"\xe0\x9f\xbf", b"\xf0\x80\x80\x80", b"\xf0\x8f\xbf\xbf",
    b"\xed\xa0\x80", b"\xed\xbf\xbf", b"\xed\xa0\xbd\xed\xb8\x80", b"\xed\xa0", b"\xed\xb0\x80\xed\xa0\x80", b"\xed",
    b"\xf4\x90\x80\x80", b"\xf5\x80\x80\x80", b"\xff", b"\xfe\xff", b"\xe2\x82", b"\xf0\x9f\x98", b"\xf0\x9f", b"\xc3", b"\xe1\xa0",
    b"\xf8\x88\x80\x80\x80", b"a\xc3b", b"\xf1\x80\x80\xe1\x80\xc2",
]  # fmt: skip
_KEYS = [b"colour", b"fact", b"", b"COLOUR", b"colour\0", b"k\xff", "fàct".encode(), b"size"]
_FLOATS = np.array([
    0.0, -0.0, 1.0, -1.0, -0.5, -2.0, np.inf, -np.inf, np.nan, 5e-324, -5e-324, 2.2250738585072014e-308, 1e-320,
    1.7976931348623157e308, -1.7976931348623157e308, 1e300, -1e300, 1e-300, 3.4028235e38, 3.4028236e38, 1e-45, 7e-46,
    np.nextafter(-1, 0), np.nextafter(-1, -2), 1 + 2**-24, 1 + 2**-24 + 2**-52, 16777217.0, 0.1, 1 / 3, np.pi,
])  # fmt: skip
_INTS = np.array([0, 1, -1, -2, 2**53, 2**53 + 1, -(2**53) - 1, 2**24 + 1, _I64.max, _I64.min, _I64.max - 1, 1999, 42])
_DAY = 86_400_000_000
_TIMES = np.array(
    [
        0,
        1,
        -1,
        -62_135_596_800_000_000,
        253_402_300_799_999_999,
        _I64.max,
        _I64.min,
        1_700_000_000_000_000,
        -12_219_292_800_000_000,
    ]
)


@dataclass(frozen=True)
class Block:
    """Columns by name, the group of each row, and the number of rows."""

    columns: dict[str, pa.Array]
    groups: np.ndarray

    @property
    def rows(self) -> int:
        return len(self.groups)


@cache
def _real() -> list[bytes]:
    path = products()
    if path is None:
        return []
    table = pq.read_table(path, columns=["title", "short_description"])
    texts = [text for name in table.column_names for text in table.column(name).to_pylist() if text]
    return [text.encode() for text in texts[:: max(1, len(texts) // 8_000)]]


def block(seed: int, number: int) -> Block:
    """Rows `number * BLOCK` to `(number + 1) * BLOCK`."""
    rng = np.random.default_rng([seed, number])
    sizes = _group_sizes(rng)
    groups = number * BLOCK + np.repeat(np.arange(len(sizes)), sizes)
    texts = _Texts(rng)
    per_group = np.repeat(np.arange(len(sizes)), sizes)

    def constant(column: pa.Array) -> pa.Array:
        return column.take(pa.array(per_group))

    few = len(sizes)
    columns = {
        "query": constant(texts.column(few, 3.0)),
        "now": constant(_times(rng, few)),
        "boost": constant(_floats(rng, few, pa.float32())),
        "title": texts.column(BLOCK, 6.0, huge=3),
        "body": texts.column(BLOCK, 9.0, huge=1),
        "supplier": texts.column(BLOCK, 1.0),
        "price": _ints(rng, BLOCK, pa.int64()),
        "stock": _ints(rng, BLOCK, pa.int32()),
        "weight": _floats(rng, BLOCK, pa.float32()),
        "score": _floats(rng, BLOCK, pa.float64()),
        "amount": _decimals(rng, BLOCK),
        "active": _with_nulls(rng, pa.array(rng.integers(0, 2, BLOCK) == 1)),
        "raw": texts.column(BLOCK, 1.5),
        "released": _times(rng, BLOCK),
        "day": _days(rng, BLOCK),
        "tokens": _lists(rng, texts, 100_000 if number % 10 == 0 else 3_000),
        "attributes": _maps(rng, texts.column),
        "facts": _maps(rng, lambda n, _: _floats(rng, n, pa.float64())),
        "counts": _maps(rng, lambda n, _: _ints(rng, n, pa.int64())),
        "flags": _maps(rng, lambda n, _: _with_nulls(rng, pa.array(rng.integers(0, 2, n) == 1))),
        "qid": constant(texts.column(few, 1.0)),
        "rating": _with_nulls(rng, pa.array(rng.integers(0, 4, BLOCK) / 3.0)),
    }
    # Drawn last, so that the columns above stay what they were.
    some = texts.column(BLOCK, 3.0)
    columns |= {
        "words": _word_lists(rng, few, 2).take(pa.array(per_group)),
        "wanted": constant(_vectors(rng, few, pa.float64())),
        "vector": _vectors(rng, BLOCK, pa.float32()),
        "ids": _id_lists(rng),
        "near": _near(rng, columns["query"], some),
        "markup": _markup(rng, some, columns["supplier"]),
        "number": _numbers_as_text(rng, columns["supplier"]),
        "latitude": _degrees(rng, BLOCK, 90),
        "longitude": _degrees(rng, BLOCK, 360),
        "from_latitude": constant(_degrees(rng, few, 90)),
        "from_longitude": constant(_degrees(rng, few, 180)),
        "clicks": _few_ints(rng, 40),
        "views": _few_ints(rng, 400),
    }
    return Block(columns, groups)


def lookup_tables() -> dict[str, dict[str, list]]:
    """The lookup table `words`: a vector for three of four words."""
    rng = np.random.default_rng(0)
    known = [word for i, word in enumerate(_WORDS) if i % 4]
    vectors = rng.normal(0, 1, (len(known), 3)).astype(np.float32)
    vectors[::7] = rng.choice([0.0, -0.0, 3.0e38, 1e-45], (len(known[::7]), 3))
    return {"words": {"key": known, "vector": vectors.tolist()}}


def chunks(seed: int, rows: int, chunk_rows: int) -> Iterator[Block]:
    """The first `rows` rows, in chunks of whole blocks; the last is cut."""
    done, per_chunk = 0, max(1, chunk_rows // BLOCK)
    numbers = count()
    while done < rows:
        blocks = [block(seed, next(numbers)) for _ in range(min(per_chunk, -(-(rows - done) // BLOCK)))]
        whole = joined(blocks)
        kept = min(whole.rows, rows - done)
        done += kept
        yield cut(whole, kept)


def cut(whole: Block, rows: int) -> Block:
    """The first rows of a block."""
    if rows == whole.rows:
        return whole
    ids = pa.array(np.arange(rows))
    return Block({name: column.take(ids) for name, column in whole.columns.items()}, whole.groups[:rows])


def joined(blocks: Sequence[Block]) -> Block:
    """The rows of several blocks."""
    names = blocks[0].columns
    columns = {name: pa.concat_arrays([b.columns[name] for b in blocks]) for name in names}
    return Block(columns, np.concatenate([b.groups for b in blocks]))


def _group_sizes(rng: np.random.Generator) -> np.ndarray:
    """Groups of one, of some, and one of about a fifth of the block."""
    large = BLOCK // 5
    sizes = np.concatenate([np.ones(300, int), rng.integers(2, 40, BLOCK // 10)])
    rng.shuffle(sizes)
    ends = np.minimum(np.cumsum(sizes), BLOCK - large)
    sizes = np.diff(ends, prepend=0)
    sizes = sizes[sizes > 0]
    return np.insert(sizes, rng.integers(0, len(sizes)), large)


class _Texts:
    """A palette of pieces, and columns glued from them."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng
        points = rng.integers(0, 0x110000, 400)
        planes = [chr(p).encode("utf-8", "surrogatepass") for p in points]
        planes += [chr((p & 0xFFFF) % 0x3000).encode() for p in points[:200]]
        noise = [rng.bytes(int(n)) for n in rng.integers(1, 6, 60)]
        real = _real()
        real = [real[i] for i in rng.integers(0, len(real), 300)] if real else []
        words = [word.encode() for word in _WORDS]
        pieces = [planes, [t.encode() for t in _TEXT], _INVALID, noise, words, real or words, [b" "]]
        weights = [0.08, 0.1, 0.05, 0.02, 0.3, 0.05, 0.4]
        self.pieces = pa.array([piece for kind in pieces for piece in kind], pa.binary())
        self.chances = np.concatenate(
            [np.full(len(kind), weight / len(kind)) for kind, weight in zip(pieces, weights, strict=True)]
        )
        self.sums = np.cumsum(self.chances / self.chances.sum())

    def column(self, rows: int, mean: float, *, huge: int = 0) -> pa.Array:
        """Text of about `mean` pieces a row, some of it empty, some null, `huge` rows of some 100 KiB."""
        lengths = np.minimum(self.rng.geometric(1 / (1 + mean), rows) - 1, 200)
        if huge:
            lengths[self.rng.integers(0, rows, huge)] = 20_000
        ids = np.searchsorted(self.sums, self.rng.random(lengths.sum()))
        glued = self.pieces.take(pa.array(np.minimum(ids, len(self.pieces) - 1)))
        inner = np.frombuffer(glued.buffers()[1], np.int32, len(glued) + 1)
        starts = inner[np.concatenate([[0], np.cumsum(lengths)])]
        data = glued.buffers()[2] or pa.py_buffer(b"")
        whole = pa.Array.from_buffers(pa.binary(), rows, [None, pa.py_buffer(starts), data])
        return _with_nulls(self.rng, whole)


def _with_nulls(rng: np.random.Generator, column: pa.Array, share: float = 0.08) -> pa.Array:
    mask = rng.random(len(column)) < share
    return pc.if_else(pa.array(mask), pa.scalar(None, column.type), column)


def _floats(rng: np.random.Generator, rows: int, kind: pa.DataType) -> pa.Array:
    """Specials, any bits at all (a third of them NaN with a payload), and plain numbers."""
    pick = rng.integers(0, 10, rows)
    payload = rng.integers(0, 3, rows) == 0
    if kind == pa.float32():
        bits = rng.integers(0, 2**32, rows, dtype=np.uint32)
        anything = np.where(payload, bits | np.uint32(0x7F800000), bits).view(np.float32)
        with np.errstate(over="ignore"):
            special = rng.choice(_FLOATS, rows).astype(np.float32)
        plain = rng.normal(5, 3, rows).astype(np.float32)
    else:
        bits = rng.integers(0, 2**64, rows, dtype=np.uint64)
        anything = np.where(payload, bits | np.uint64(0x7FF0000000000000), bits).view(np.float64)
        special, plain = rng.choice(_FLOATS, rows), rng.normal(5, 3, rows)
    values = np.where(pick < 2, special, np.where(pick < 3, anything, plain))
    return _with_nulls(rng, pa.array(values, kind))


def _ints(rng: np.random.Generator, rows: int, kind: pa.DataType) -> pa.Array:
    wide = rng.integers(_I64.min, _I64.max, rows, endpoint=True)
    pick = rng.integers(0, 10, rows)
    values = np.where(pick < 2, rng.choice(_INTS, rows), np.where(pick < 3, wide, rng.integers(0, 5000, rows)))
    if kind == pa.int32():
        values = np.where(pick < 1, rng.choice([_I32.min, _I32.max], rows), values.astype(np.int32))
    return _with_nulls(rng, pa.array(values.astype(kind.to_pandas_dtype()), kind))


def _decimals(rng: np.random.Generator, rows: int) -> pa.Array:
    """128-bit decimals of up to 37 digits, by their bits."""
    low = rng.integers(0, 2**64, rows, dtype=np.uint64)
    high = rng.integers(-(2**58), 2**58, rows)
    small = rng.integers(0, 10, rows) < 7
    low = np.where(small, (rng.integers(-(10**9), 10**12, rows)).astype(np.int64).view(np.uint64), low)
    high = np.where(small, low.view(np.int64) >> 63, high)
    words = np.stack([low, high.view(np.uint64)], axis=1)
    column = pa.Array.from_buffers(file_type("decimal"), rows, [None, pa.py_buffer(np.ascontiguousarray(words))])
    return _with_nulls(rng, column)


def _few_ints(rng: np.random.Generator, most: int) -> pa.Array:
    """Counts up to `most`, a twentieth of them any 64-bit integer."""
    plain = rng.integers(0, most, BLOCK)
    values = np.where(rng.random(BLOCK) < 0.05, rng.choice(_INTS, BLOCK), plain)
    return _with_nulls(rng, pa.array(values, pa.int64()))


def _degrees(rng: np.random.Generator, rows: int, most: float) -> pa.Array:
    """Angles, and a tenth of any number."""
    near = np.round(rng.uniform(-most, most, rows), rng.choice([0, 3, 12]))
    special = rng.choice(np.concatenate([_FLOATS, [90, -90, 180, -180, 90.00000000000001]]), rows)
    return _with_nulls(rng, pa.array(np.where(rng.random(rows) < 0.1, special, near), pa.float64()))


def _vectors(rng: np.random.Generator, rows: int, kind: pa.DataType) -> pa.Array:
    """Lists of numbers, three of four with three items, some items missing."""
    lengths = np.where(rng.random(rows) < 0.75, 3, np.minimum(rng.geometric(0.3, rows) - 1, 12))
    total = int(lengths.sum())
    plain = pa.array(rng.normal(0, 2, total).astype(kind.to_pandas_dtype()))
    odd = rng.random(total) < 0.05
    return _listed(rng, lengths, pc.if_else(pa.array(odd), _floats(rng, total, kind), plain))


def _id_lists(rng: np.random.Generator) -> pa.Array:
    lengths = np.minimum(rng.geometric(0.3, BLOCK) - 1, 20)
    total = int(lengths.sum())
    values = np.where(rng.random(total) < 0.1, rng.choice(_INTS, total), rng.integers(0, 60, total))
    return _listed(rng, lengths, _with_nulls(rng, pa.array(values, pa.int64()), 0.02))


def _word_lists(rng: np.random.Generator, rows: int, mean: float) -> pa.Array:
    lengths = np.minimum(rng.geometric(1 / (1 + mean), rows) - 1, 20)
    words = pa.array([word.encode() for word in _WORDS], pa.binary())
    return _listed(rng, lengths, words.take(pa.array(rng.integers(0, len(words), int(lengths.sum())))))


def _listed(rng: np.random.Generator, lengths: np.ndarray, items: pa.Array) -> pa.Array:
    """Lists of these lengths, some of them missing."""
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    valid = pa.array(rng.random(len(lengths)) > 0.08)
    buffers = [_bits(valid), pa.py_buffer(offsets)]
    return pa.Array.from_buffers(pa.list_(items.type), len(lengths), buffers, children=[items])


def _near(rng: np.random.Generator, query: pa.Array, other: pa.Array) -> pa.Array:
    """The query itself, the query with words before or after it, and other text."""
    pick = rng.integers(0, 5, len(query))
    space = pa.scalar(b" ", pa.binary())
    after = pc.binary_join_element_wise(query, other, space)
    before = pc.binary_join_element_wise(other, query, space)
    kinds = [pa.array(pick == kind) for kind in range(4)]
    return pc.case_when(pc.make_struct(*kinds), query, after, before, pc.binary_reverse(query), other)


_TAGS = """<b> </b> <br/> <p&gt; <script>x</script> <style> <!-- --> <![CDATA[ ]]> &amp; &lt;b&gt; &#65; &#x1F469; &#xD800; &#0;
&copy &copyx &nbsp; &unknown; <a_href='>'> <é> < > & &# </ <p/><p> <br>x""".split()


def _markup(rng: np.random.Generator, *texts: pa.Array) -> pa.Array:
    """Text with tags, comments and entities around it, whole and broken."""
    tags = pa.array([tag.replace("_", " ").encode() for tag in _TAGS], pa.binary())
    parts = []
    for text in texts:
        parts += [tags.take(pa.array(rng.integers(0, len(tags), len(text)))), text]
    return _with_nulls(rng, pc.binary_join_element_wise(*parts, pa.scalar(b"", pa.binary()), null_handling="skip"))


def _numbers_as_text(rng: np.random.Generator, other: pa.Array) -> pa.Array:
    """Numbers, with units, and a fifth that is no number."""
    values = rng.choice(np.concatenate([_FLOATS, np.round(rng.normal(0, 50, 200), 1)]), len(other))
    ends = rng.choice(np.array(["", "", "", "mm", " kg", " GB", "e3", '"', ",5 l", " x 3 cm", "°"]), len(other))
    told = pa.array([f"{value:.17g}{end}".encode() for value, end in zip(values, ends, strict=True)], pa.binary())
    return _with_nulls(rng, pc.if_else(pa.array(rng.random(len(other)) < 0.2), other, told))


def _times(rng: np.random.Generator, rows: int) -> pa.Array:
    pick = rng.integers(0, 10, rows)
    years = rng.integers(-62_135_596_800_000_000, 253_402_300_800_000_000, rows)
    recent = 1_700_000_000_000_000 + rng.integers(-2000 * _DAY, 2000 * _DAY, rows)
    values = np.where(pick < 2, rng.choice(_TIMES, rows), np.where(pick < 4, years, recent))
    return _with_nulls(rng, pa.array(values, pa.int64()).view(file_type("timestamp")))


def _days(rng: np.random.Generator, rows: int) -> pa.Array:
    pick = rng.integers(0, 10, rows)
    edges = rng.choice([0, -1, -719_162, 2_932_896, 106_751_991, -106_751_991, -141_427], rows)
    values = np.where(pick < 2, edges, rng.integers(15_000, 20_000, rows)).astype(np.int32)
    return _with_nulls(rng, pa.array(values).view(file_type("date")))


def _lengths(rng: np.random.Generator, mean: float) -> np.ndarray:
    return np.minimum(rng.geometric(1 / (1 + mean), BLOCK) - 1, 60)


def _lists(rng: np.random.Generator, texts: _Texts, longest: int) -> pa.Array:
    lengths = _lengths(rng, 3)
    lengths[rng.integers(0, BLOCK)] = longest
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    valid = pa.array(rng.random(BLOCK) > 0.08)
    total = int(offsets[-1])
    words = pa.array([word.encode() for word in _WORDS], pa.binary()).take(
        pa.array(rng.integers(0, len(_WORDS), total))
    )
    items = pc.if_else(pa.array(rng.random(total) < 0.5), words, texts.column(total, 1.0))
    return pa.Array.from_buffers(pa.list_(pa.binary()), BLOCK, [_bits(valid), pa.py_buffer(offsets)], children=[items])


def _maps(rng: np.random.Generator, values: object) -> pa.Array:
    """Maps whose keys repeat and whose values may be null."""
    lengths = _lengths(rng, 4)
    lengths[rng.integers(0, BLOCK)] = 3_000
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    total = int(offsets[-1])
    keys = pa.array(_KEYS, pa.binary()).take(pa.array(rng.integers(0, len(_KEYS), total)))
    items = values(total, 1.0)
    kind = pa.map_(pa.binary(), items.type)
    entries = pa.StructArray.from_arrays([keys, items], fields=[kind.key_field, kind.item_field])
    valid = pa.array(rng.random(BLOCK) > 0.08)
    return pa.Array.from_buffers(kind, BLOCK, [_bits(valid), pa.py_buffer(offsets)], children=[entries])


def _bits(valid: pa.Array) -> pa.Buffer:
    return valid.buffers()[1]
