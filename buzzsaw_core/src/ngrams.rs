//! Word n-grams, as scikit-learn makes them: runs of tokens joined by one space.

use std::ops::Range;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::error::{ErrorKind, Problem};
use crate::text::TermsRow;

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

/// Bytes past an n-gram that may be written and read.
const SLACK: usize = 16;

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

    /// Calls `visit` with every n-gram of `row`, shorter ones first. `joined` is reused memory.
    #[inline]
    pub fn for_each(self, row: TermsRow<'_>, joined: &mut Vec<u8>, mut visit: impl FnMut(&[u8])) {
        self.for_each_in(row, joined, |bytes, range| visit(&bytes[range]));
    }

    /// As [`Ngrams::for_each`], with the bytes around an n-gram, so that a short one can be read in one load.
    #[inline]
    pub fn for_each_in(
        self,
        row: TermsRow<'_>,
        joined: &mut Vec<u8>,
        mut visit: impl FnMut(&[u8], Range<usize>),
    ) {
        let Self(low, high) = self;
        if low == 1 {
            row.spans()
                .iter()
                .for_each(|span| visit(row.arena(), span.range()));
        }
        for n in usize::from(low.max(2))..=usize::from(high) {
            for start in 0..(row.len() + 1).saturating_sub(n) {
                let spans = &row.spans()[start..start + n];
                let len = spans.iter().map(|span| span.len as usize + 1).sum::<usize>() - 1;
                if joined.len() < len + SLACK {
                    joined.resize(len + SLACK, 0);
                }
                let mut at = 0;
                for span in spans {
                    copy_short(row.arena(), span.range(), joined, at);
                    at += span.len as usize;
                    // The space after the last token lies past the n-gram.
                    joined[at] = b' ';
                    at += 1;
                }
                visit(joined, 0..len);
            }
        }
    }

    /// How many n-grams a row of `tokens` tokens has.
    pub fn count(self, tokens: usize) -> usize {
        let Self(low, high) = self;
        (usize::from(low)..=usize::from(high))
            .map(|n| (tokens + 1).saturating_sub(n))
            .sum()
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
            ngrams.for_each(row, &mut Vec::new(), |g| {
                seen.push(String::from_utf8(g.to_vec()).unwrap())
            });
            assert_eq!(seen.len(), ngrams.count(3));
            seen
        };
        assert_eq!(all(Ngrams(1, 2)), ["a", "b", "c", "a b", "b c"]);
        assert_eq!(all(Ngrams(2, 3)), ["a b", "b c", "a b c"]);
        assert!(all(Ngrams(4, 4)).is_empty());
    }

    #[test]
    fn ranges_are_judged() {
        assert!(Ngrams(1, 2).problem().is_none());
        for bad in [Ngrams(0, 1), Ngrams(2, 1), Ngrams(1, 9)] {
            assert_eq!(bad.problem().unwrap().place, "ngrams");
        }
    }
}
