//! Word n-grams, as scikit-learn makes them: runs of tokens joined by one space.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::args::TermsArg;
use crate::error::{ErrorKind, Problem, Result};
use crate::text::{Span, TermsRow};

/// The smallest and largest number of tokens of an n-gram; `[1, 2]` makes single tokens and pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Ngrams(pub u8, pub u8);

impl Default for Ngrams {
    fn default() -> Self {
        Self(1, 1)
    }
}

/// The longest n-gram.
const MAX: u8 = 8;

/// Bytes that one copy of fixed size moves.
const SLACK: usize = 16;

/// Tokens whose n-grams are laid out at once.
const PIECE: usize = 4096;
/// N-grams that are worth a call.
const BATCH: usize = 2048;

/// N-grams laid out in memory, many rows one after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Grams {
    /// Tokens with one space after each; longer than what is used.
    joined: Vec<u8>,
    used: usize,
    tokens: Vec<Span>,
    spans: Vec<Span>,
    /// Where rows end among `spans`.
    ends: Vec<usize>,
}

/// N-grams of rows, one row after the other.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Batch<'a> {
    /// The bytes that `spans` point into.
    pub arena: &'a [u8],
    /// Where the n-grams lie.
    pub spans: &'a [Span],
    /// Where rows end among `spans`; what comes after the last end is of a row that goes on in the next batch.
    pub ends: &'a [usize],
}

impl Batch<'_> {
    /// Whether no row goes on in the next batch.
    pub fn is_whole(&self) -> bool {
        self.ends.last() == Some(&self.spans.len())
    }
}

impl Grams {
    fn batch(&self) -> Batch<'_> {
        Batch {
            arena: &self.joined,
            spans: &self.spans,
            ends: &self.ends,
        }
    }

    /// Forgets all n-grams and keeps the memory.
    fn clear(&mut self) {
        self.used = 0;
        self.spans.clear();
        self.ends.clear();
    }

    /// Copies tokens, each with a space after it, and notes where they lie.
    fn join(&mut self, row: TermsRow<'_>, tokens: Range<usize>) -> Result<()> {
        let arena = row.arena();
        let spans = &row.spans()[tokens];
        let bytes = spans.iter().map(|span| span.len as usize + 1).sum::<usize>();
        if self.used + bytes + SLACK > u32::MAX as usize {
            return Err(crate::text::Overflow::Arena.into());
        }
        if self.joined.len() < self.used + bytes + SLACK {
            self.joined.resize(self.used + bytes + SLACK, 0);
        }
        self.tokens.clear();
        let mut at = self.used;
        for span in spans {
            self.tokens.push(Span {
                start: at as u32,
                len: span.len,
            });
            copy_short(arena, span.range(), &mut self.joined, at);
            at += span.len as usize;
            self.joined[at] = b' ';
            at += 1;
        }
        self.used = at;
        Ok(())
    }
}

/// Copies `from[range]` to `to[at..]`; up to 16 bytes by one copy of fixed size where both sides have room for it.
#[inline]
fn copy_short(from: &[u8], range: Range<usize>, to: &mut [u8], at: usize) {
    if range.len() <= SLACK
        && let Some(source) = from
            .get(range.start..)
            .and_then(|rest| rest.first_chunk::<SLACK>())
        && let Some(target) = to.get_mut(at..).and_then(|rest| rest.first_chunk_mut::<SLACK>())
    {
        *target = *source;
    } else {
        to[at..at + range.len()].copy_from_slice(&from[range]);
    }
}

impl Ngrams {
    /// The problem with the range, if there is one.
    pub fn problem(self) -> Option<Problem> {
        let Self(low, high) = self;
        (low == 0 || low > high || high > MAX).then(|| {
            Problem::new(
                ErrorKind::InvalidSpec,
                format!("[{low}, {high}] is not a range of n-grams"),
            )
            .at("ngrams")
            .hint(format!("give [low, high] with 1 <= low <= high <= {MAX}"))
        })
    }

    /// Whether the n-grams are the tokens.
    #[inline]
    pub fn are_tokens(self) -> bool {
        self == Self(1, 1)
    }

    /// Calls `visit` with an arena and the spans of n-grams in it, until all of `row` have passed. `grams` is reused memory.
    ///
    /// # Errors
    /// As [`Ngrams::lay_out`].
    #[inline]
    pub fn for_spans(
        self,
        row: TermsRow<'_>,
        grams: &mut Grams,
        mut visit: impl FnMut(&[u8], &[Span]),
    ) -> Result<()> {
        if self.are_tokens() {
            visit(row.arena(), row.spans());
            return Ok(());
        }
        let mut visit = |grams: &mut Grams| {
            visit(&grams.joined, &grams.spans);
            grams.clear();
            Ok(())
        };
        grams.clear();
        self.lay_out(row, grams, &mut visit)?;
        visit(grams)
    }

    /// Calls `visit` with every n-gram of `row`. `grams` is reused memory.
    ///
    /// # Errors
    /// As [`Ngrams::lay_out`].
    #[inline]
    pub fn for_each(self, row: TermsRow<'_>, grams: &mut Grams, mut visit: impl FnMut(&[u8])) -> Result<()> {
        self.for_spans(row, grams, |arena, spans| {
            spans.iter().for_each(|span| visit(&arena[span.range()]));
        })
    }

    /// Calls `visit` with the n-grams of the first `rows` rows, a few thousand at a time. A missing row has none. `grams`
    /// is reused memory.
    ///
    /// # Errors
    /// As [`Ngrams::lay_out`]; what `visit` fails with.
    #[inline]
    pub fn for_batches(
        self,
        terms: TermsArg<'_>,
        rows: usize,
        grams: &mut Grams,
        mut visit: impl FnMut(Batch<'_>) -> Result<()>,
    ) -> Result<()> {
        grams.clear();
        if self.are_tokens()
            && let Some(spans) = terms.together(rows)
        {
            return Self::for_batches_of_tokens(terms, rows, spans, &mut grams.ends, visit);
        }
        for i in 0..rows {
            if let Some(row) = terms.get(i) {
                self.lay_out(row, grams, |grams| {
                    visit(grams.batch())?;
                    grams.clear();
                    Ok(())
                })?;
            }
            grams.ends.push(grams.spans.len());
            if grams.spans.len() >= BATCH || i + 1 == rows {
                visit(grams.batch())?;
                grams.clear();
            }
        }
        Ok(())
    }

    /// [`Ngrams::for_batches`] where the tokens lie together: they are visited where they are.
    #[inline]
    fn for_batches_of_tokens(
        terms: TermsArg<'_>,
        rows: usize,
        mut spans: &[Span],
        ends: &mut Vec<usize>,
        mut visit: impl FnMut(Batch<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut end = 0;
        for i in 0..rows {
            end += terms.get(i).map_or(0, |row| row.len());
            ends.push(end);
            if end >= BATCH || i + 1 == rows {
                let (now, rest) = spans.split_at(end);
                visit(Batch {
                    arena: terms.arena(),
                    spans: now,
                    ends,
                })?;
                ends.clear();
                (spans, end) = (rest, 0);
            }
        }
        Ok(())
    }

    /// Adds every n-gram of `row` to `grams`: for each few thousand tokens, shorter ones first. `full` is called between
    /// these pieces, and may take and clear what is there.
    ///
    /// # Errors
    /// `BZ_RESOURCE_LIMIT` when `grams` would hold more than 4 GiB; what `full` fails with.
    #[inline]
    fn lay_out(
        self,
        row: TermsRow<'_>,
        grams: &mut Grams,
        mut full: impl FnMut(&mut Grams) -> Result<()>,
    ) -> Result<()> {
        let Self(low, high) = self;
        for start in (0..row.len()).step_by(PIECE) {
            if start > 0 {
                full(grams)?;
            }
            let count = PIECE.min(row.len() - start);
            grams.join(row, start..row.len().min(start + count + usize::from(high) - 1))?;
            for n in usize::from(low)..=usize::from(high) {
                let last = grams.tokens.get(n - 1..).unwrap_or_default();
                grams.spans.extend(
                    grams
                        .tokens
                        .iter()
                        .zip(last)
                        .take(count)
                        .map(|(first, last)| Span {
                            start: first.start,
                            len: last.start + last.len - first.start,
                        }),
                );
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Terms;

    #[test]
    fn ngrams_join_with_one_space() {
        let mut terms = Terms::new();
        for token in ["a", "b", "c"] {
            terms.push_token(token.as_bytes()).unwrap();
        }
        terms.end_row();
        let row = terms.row(0).unwrap();
        let all = |ngrams: Ngrams| {
            let mut seen = Vec::new();
            ngrams
                .for_each(row, &mut Grams::default(), |gram| {
                    seen.push(String::from_utf8(gram.to_vec()).unwrap());
                })
                .unwrap();
            seen
        };
        assert_eq!(all(Ngrams(1, 1)), ["a", "b", "c"]);
        assert_eq!(all(Ngrams(1, 2)), ["a", "b", "c", "a b", "b c"]);
        assert_eq!(all(Ngrams(2, 3)), ["a b", "b c", "a b c"]);
        assert!(all(Ngrams(4, 4)).is_empty());
    }

    #[test]
    fn long_rows_are_laid_out_in_pieces() {
        let tokens: Vec<String> = (0..2 * PIECE + 3)
            .map(|i| "x".repeat(i % 40) + &i.to_string())
            .collect();
        let mut terms = Terms::new();
        for token in &tokens {
            terms.push_token(token.as_bytes()).unwrap();
        }
        terms.end_row();
        let mut seen = Vec::new();
        let visit = |gram: &[u8]| seen.push(String::from_utf8(gram.to_vec()).unwrap());
        Ngrams(1, 3)
            .for_each(terms.row(0).unwrap(), &mut Grams::default(), visit)
            .unwrap();
        let mut want: Vec<String> = (1..=3)
            .flat_map(|n| tokens.windows(n).map(|gram| gram.join(" ")))
            .collect();
        want.sort();
        seen.sort();
        assert_eq!(seen, want);
    }

    #[test]
    fn ranges_are_judged() {
        assert!(Ngrams(1, 2).problem().is_none());
        for bad in [Ngrams(0, 1), Ngrams(2, 1), Ngrams(1, 9)] {
            assert_eq!(bad.problem().unwrap().place, "ngrams");
        }
    }
}
