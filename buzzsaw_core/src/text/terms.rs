//! Token lists of many rows in one reused arena.

use std::fmt;
use std::ops::Range;

/// A row whose tokens do not fit. Nothing of the row was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Overflow {
    /// The arena of a [`Terms`] would outgrow its 32-bit offsets.
    Arena,
    /// The row has more n-grams or affixes than 2^24.
    Grams,
}

impl Overflow {
    /// What to do about it.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Arena => "use smaller batches",
            Self::Grams => "make n-grams of fewer lengths, or shorten the text before",
        }
    }
}

impl fmt::Display for Overflow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Arena => "the tokens of one batch take more than 4 GiB",
            Self::Grams => "more than 16777216 n-grams or affixes",
        })
    }
}

impl std::error::Error for Overflow {}

/// Where a token lies in the arena, in bytes.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Number of bytes.
    pub len: u32,
}

impl Span {
    /// The bytes of the arena it covers.
    #[inline]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.start as usize + self.len as usize
    }
}

/// Token lists of many rows: the bytes of all tokens, where each token lies, and where each row ends.
///
/// Tokens of a row keep their order in the text. The arena may hold bytes that belong to no token (a
/// tokenizer writes a whole text and registers spans into it), and tokens may share bytes. A row is either
/// a list, possibly empty, or missing. [`Terms::clear`] keeps the memory, so a reused `Terms` stops
/// allocating once it has seen its largest batch.
#[derive(Clone, Debug)]
pub struct Terms {
    bytes: Vec<u8>,
    spans: Vec<Span>,
    row_ends: Vec<u32>,
    missing: Vec<bool>,
    /// Offsets stay below this.
    limit: u32,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            bytes: Vec::new(),
            spans: Vec::new(),
            row_ends: Vec::new(),
            missing: Vec::new(),
            limit: u32::MAX,
        }
    }
}

/// What to truncate an arena to so that an unfinished row leaves no trace.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    pub(super) bytes: usize,
    pub(super) spans: usize,
}

impl Terms {
    /// No rows.
    pub fn new() -> Self {
        Self::default()
    }

    /// No rows, and a limit that tests can reach.
    #[cfg(test)]
    pub(super) fn with_limit(limit: u32) -> Self {
        Self {
            limit,
            ..Self::default()
        }
    }

    /// The bytes of the tokens and of what says where they are.
    pub(crate) fn value_bytes(&self) -> usize {
        self.bytes.len()
            + size_of_val(&*self.spans)
            + size_of_val(&*self.row_ends)
            + size_of_val(&*self.missing)
    }

    /// Drops all rows, and tokens of an unfinished one, and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.spans.clear();
        self.row_ends.clear();
        self.missing.clear();
    }

    /// Adds a token to the row being built.
    ///
    /// # Errors
    /// [`Overflow`] when an offset or a count would not fit 32 bits; the tokens of the row being built are
    /// dropped.
    pub fn push_token(&mut self, token: &[u8]) -> Result<(), Overflow> {
        let start = self.bytes.len();
        if self.reserve_offsets(token.len()).is_err() {
            self.rewind(self.row_start());
            return Err(Overflow::Arena);
        }
        self.bytes.extend_from_slice(token);
        self.spans.push(Span {
            start: start as u32,
            len: token.len() as u32,
        });
        Ok(())
    }

    /// Adds the tokens of a row of another list, in order, to the row being built.
    ///
    /// # Errors
    /// As [`Terms::push_token`].
    pub fn push_tokens(&mut self, row: TermsRow<'_>) -> Result<(), Overflow> {
        // Tokens that were cut from one text lie close together, and are copied with what lies between them.
        let first = row.spans.iter().map(|span| span.start).min().unwrap_or(0) as usize;
        let last = row.spans.iter().map(|span| span.range().end).max().unwrap_or(0);
        let total: usize = row.spans.iter().map(|span| span.len as usize).sum();
        if last - first > 2 * total + 64 {
            return row.iter().try_for_each(|token| self.push_token(token));
        }
        if self.reserve_offsets((last - first).max(row.len())).is_err() {
            self.rewind(self.row_start());
            return Err(Overflow::Arena);
        }
        let start = self.bytes.len() as u32;
        self.bytes.extend_from_slice(&row.bytes[first..last]);
        self.spans.extend(row.spans.iter().map(|span| Span {
            start: span.start - first as u32 + start,
            len: span.len,
        }));
        Ok(())
    }

    /// Ends the row being built. A row without tokens is an empty list.
    pub fn end_row(&mut self) {
        self.row_ends.push(self.spans.len() as u32);
        self.missing.push(false);
    }

    /// Adds a missing row. Tokens pushed since the last row are dropped.
    pub fn missing_row(&mut self) {
        self.rewind(self.row_start());
        self.row_ends.push(self.spans.len() as u32);
        self.missing.push(true);
    }

    /// Number of finished rows.
    pub fn rows(&self) -> usize {
        self.row_ends.len()
    }

    /// The tokens of a row; `None` when the row is missing or there is no such row.
    #[inline]
    pub fn row(&self, row: usize) -> Option<TermsRow<'_>> {
        if *self.missing.get(row)? {
            return None;
        }
        Some(TermsRow {
            bytes: &self.bytes,
            spans: &self.spans[self.span_range(row)],
        })
    }

    /// The arena, for kernels that walk [`TermsRow::spans`] themselves.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Number of tokens of all finished rows.
    pub fn tokens(&self) -> usize {
        self.row_ends.last().map_or(0, |&end| end as usize)
    }

    /// Where the tokens of some rows lie, one row after the other; missing rows have none.
    pub(crate) fn spans(&self, rows: Range<usize>) -> &[Span] {
        let end = |row: usize| {
            if row == 0 {
                0
            } else {
                self.row_ends[row - 1] as usize
            }
        };
        &self.spans[end(rows.start)..end(rows.end)]
    }

    fn span_range(&self, row: usize) -> Range<usize> {
        let start = if row == 0 {
            0
        } else {
            self.row_ends[row - 1] as usize
        };
        start..self.row_ends[row] as usize
    }

    /// Where the row being built starts. The bytes of earlier rows' tokens all lie before its own.
    fn row_start(&self) -> Mark {
        let spans = self.tokens();
        let bytes = self
            .spans
            .get(spans)
            .map_or(self.bytes.len(), |first| first.start as usize);
        Mark { bytes, spans }
    }

    pub(super) fn mark(&self) -> Mark {
        Mark {
            bytes: self.bytes.len(),
            spans: self.spans.len(),
        }
    }

    pub(super) fn rewind(&mut self, mark: Mark) {
        self.bytes.truncate(mark.bytes);
        self.spans.truncate(mark.spans);
    }

    /// Drops the tokens from `first` on that `keep` refuses.
    pub(super) fn retain_tokens(&mut self, first: usize, keep: impl Fn(&[u8]) -> bool) {
        let mut kept = first;
        for i in first..self.spans.len() {
            let span = self.spans[i];
            self.spans[kept] = span;
            kept += usize::from(keep(&self.bytes[span.range()]));
        }
        self.spans.truncate(kept);
    }

    /// Checks that `more` bytes, and a token for each plus one, keep all offsets within 32 bits.
    #[inline]
    pub(super) fn reserve_offsets(&self, more: usize) -> Result<(), Overflow> {
        let limit = self.limit as usize;
        let used = self.bytes.len().max(self.spans.len());
        if used < limit && more < limit - used {
            Ok(())
        } else {
            Err(Overflow::Arena)
        }
    }

    /// Arena and spans, for tokenizers in this module. Offsets must have been checked, and every span
    /// pushed must lie within the arena.
    #[inline]
    pub(super) fn parts(&mut self) -> (&mut Vec<u8>, &mut Vec<Span>) {
        (&mut self.bytes, &mut self.spans)
    }
}

/// The tokens of one row.
#[derive(Clone, Copy, Debug)]
pub struct TermsRow<'a> {
    bytes: &'a [u8],
    spans: &'a [Span],
}

impl<'a> TermsRow<'a> {
    /// Number of tokens.
    #[inline]
    pub fn len(self) -> usize {
        self.spans.len()
    }

    /// Whether the row has no token.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.spans.is_empty()
    }

    /// The bytes of token `i`. Panics when there is no such token, as a slice does.
    #[inline]
    pub fn get(self, i: usize) -> &'a [u8] {
        &self.bytes[self.spans[i].range()]
    }

    /// The first 7 bytes of token `i`, and on top its length up to 255.
    ///
    /// Tokens that differ here differ; of at most [`TermsRow::HEAD`] bytes, those that agree are equal.
    #[inline]
    pub(crate) fn head(self, i: usize) -> u64 {
        let span = self.spans[i];
        let ahead = self
            .bytes
            .get(span.start as usize..)
            .and_then(<[u8]>::first_chunk);
        let bytes = ahead.map_or_else(|| self.head_at_the_end(i), |bytes| u64::from_le_bytes(*bytes));
        let kept = (1 << (8 * span.len.min(Self::HEAD))) - 1;
        bytes & kept | u64::from(span.len.min(0xff)) << 56
    }

    /// The longest token that its head tells apart.
    pub(crate) const HEAD: u32 = 7;

    #[cold]
    fn head_at_the_end(self, i: usize) -> u64 {
        let mut bytes = [0; 8];
        bytes
            .iter_mut()
            .zip(self.get(i))
            .for_each(|(to, from)| *to = *from);
        u64::from_le_bytes(bytes)
    }

    /// Whether token `i` is token `j` of `other`, which has the same head.
    #[inline]
    pub(crate) fn is_same(self, i: usize, other: TermsRow<'_>, j: usize) -> bool {
        self.spans[i].len <= Self::HEAD || self.get(i) == other.get(j)
    }

    /// The tokens in order.
    #[inline]
    pub fn iter(self) -> impl ExactSizeIterator<Item = &'a [u8]> + Clone {
        let bytes = self.bytes;
        self.spans.iter().map(move |span| &bytes[span.range()])
    }

    /// The arena that [`TermsRow::spans`] point into.
    #[inline]
    pub fn arena(self) -> &'a [u8] {
        self.bytes
    }

    /// Where the tokens lie in [`Terms::bytes`].
    #[inline]
    pub fn spans(self) -> &'a [Span] {
        self.spans
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_lists_empty_or_missing() {
        let mut terms = Terms::new();
        terms.push_token(b"red").unwrap();
        terms.push_token(b"").unwrap();
        terms.push_token(b"lamp").unwrap();
        terms.end_row();
        terms.end_row();
        terms.push_token(b"dropped").unwrap();
        terms.missing_row();
        terms.push_token(b"blue").unwrap();
        terms.end_row();
        assert_eq!(terms.rows(), 4);
        let first = terms.row(0).unwrap();
        assert_eq!(first.iter().collect::<Vec<_>>(), [&b"red"[..], b"", b"lamp"]);
        assert_eq!((first.len(), first.get(2)), (3, &b"lamp"[..]));
        assert!(terms.row(1).unwrap().is_empty());
        assert!(terms.row(2).is_none());
        assert_eq!(terms.row(3).unwrap().iter().collect::<Vec<_>>(), [&b"blue"[..]]);
        assert!(terms.row(4).is_none());
        assert_eq!(terms.bytes(), b"redlampblue");
    }

    #[test]
    fn tokens_of_another_list_are_added_as_one_by_one() {
        let mut from = Terms::new();
        let (bytes, spans) = from.parts();
        bytes.extend((0..200u8).map(|i| b'a' + i % 26));
        let rows: [&[(u32, u32)]; 6] = [
            &[(0, 3), (4, 0), (5, 9)],
            &[],
            &[(7, 2), (3, 5), (3, 5)],
            // Far apart: nothing between them is copied.
            &[(0, 1), (199, 1)],
            &[(190, 10), (10, 0)],
            &[(80, 4)],
        ];
        let mut ends = Vec::new();
        for row in rows {
            spans.extend(row.iter().map(|&(start, len)| Span { start, len }));
            ends.push(spans.len() as u32);
        }
        from.missing.resize(ends.len(), false);
        from.row_ends = ends;
        let (mut at_once, mut singly) = (Terms::new(), Terms::new());
        for first in 0..rows.len() {
            for row in [first, rows.len() - 1, 3] {
                let row = from.row(row).unwrap();
                at_once.push_tokens(row).unwrap();
                row.iter().for_each(|token| singly.push_token(token).unwrap());
            }
            at_once.end_row();
            singly.end_row();
            let (a, b) = (at_once.row(first).unwrap(), singly.row(first).unwrap());
            assert_eq!(a.iter().collect::<Vec<_>>(), b.iter().collect::<Vec<_>>());
        }
        assert!(at_once.bytes().len() < 500, "{}", at_once.bytes().len());

        let mut small = Terms::with_limit(8);
        small.push_token(b"kept").unwrap();
        small.end_row();
        assert_eq!(small.push_tokens(from.row(0).unwrap()), Err(Overflow::Arena));
        small.end_row();
        assert!(small.row(1).unwrap().is_empty());
    }

    #[test]
    fn heads_tell_short_tokens_apart() {
        let mut terms = Terms::new();
        let tokens: [&[u8]; 10] = [
            b"",
            b"\0",
            b"a",
            b"a\0",
            b"abcdefg",
            b"abcdefgh",
            b"abcdefgi",
            &[b'x'; 255],
            &[b'x'; 256],
            b"end",
        ];
        tokens.iter().for_each(|token| terms.push_token(token).unwrap());
        terms.end_row();
        let row = terms.row(0).unwrap();
        for i in 0..tokens.len() {
            for j in 0..tokens.len() {
                let same = row.head(i) == row.head(j) && row.is_same(i, row, j);
                assert_eq!(same, tokens[i] == tokens[j], "{i} {j}");
            }
        }
        assert_eq!(row.head(4), u64::from_le_bytes(*b"abcdefg\x07"));
        // The last token has too few bytes behind it to be read at once.
        assert_eq!(row.head(9), u64::from_le_bytes(*b"end\0\0\0\0\x03"));
    }

    #[test]
    fn clear_keeps_the_memory() {
        let mut terms = Terms::new();
        terms.push_token(&[b'x'; 1000]).unwrap();
        terms.end_row();
        let capacity = terms.bytes.capacity();
        terms.clear();
        assert_eq!(
            (terms.rows(), terms.tokens(), terms.bytes.capacity()),
            (0, 0, capacity)
        );
    }

    #[test]
    fn offsets_stay_within_32_bits() {
        let mut terms = Terms::new();
        terms.push_token(b"x").unwrap();
        assert_eq!(terms.reserve_offsets(u32::MAX as usize - 2), Ok(()));
        assert_eq!(terms.reserve_offsets(u32::MAX as usize - 1), Err(Overflow::Arena));
        assert_eq!(terms.reserve_offsets(usize::MAX), Err(Overflow::Arena));

        let mut terms = Terms::with_limit(8);
        terms.push_token(b"kept").unwrap();
        terms.end_row();
        terms.push_token(b"ab").unwrap();
        assert_eq!(terms.push_token(b"cd"), Err(Overflow::Arena));
        terms.end_row();
        assert!(terms.row(1).unwrap().is_empty());
        assert_eq!(terms.bytes(), b"kept");
    }
}
