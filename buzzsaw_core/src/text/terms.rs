//! Token lists of many rows in one reused arena.

use std::fmt;
use std::ops::Range;

/// The arena of a [`Terms`] would outgrow its 32-bit offsets. Nothing of the row was kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overflow;

impl fmt::Display for Overflow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the tokens of one batch take more than 4 GiB; use smaller batches")
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
            return Err(Overflow);
        }
        self.bytes.extend_from_slice(token);
        self.spans.push(Span {
            start: start as u32,
            len: token.len() as u32,
        });
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
            Err(Overflow)
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
        assert_eq!(terms.reserve_offsets(u32::MAX as usize - 1), Err(Overflow));
        assert_eq!(terms.reserve_offsets(usize::MAX), Err(Overflow));

        let mut terms = Terms::with_limit(8);
        terms.push_token(b"kept").unwrap();
        terms.end_row();
        terms.push_token(b"ab").unwrap();
        assert_eq!(terms.push_token(b"cd"), Err(Overflow));
        terms.end_row();
        assert!(terms.row(1).unwrap().is_empty());
        assert_eq!(terms.bytes(), b"kept");
    }
}
