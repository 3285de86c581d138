//! Tokens made of tokens: word n-grams, character n-grams, beginnings and ends.

use super::terms::{Overflow, Span, Terms, TermsRow};
use super::token_spec::Affixes;

/// Largest `n` of word n-grams, and of those by characters.
pub(super) const MOST_WORDS: u32 = 16;
pub(crate) const MOST_CHARS: u32 = 64;

/// What each list of tokens becomes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Grams {
    /// Neighbouring tokens joined by a space.
    Words([u32; 2]),
    /// Neighbouring code points of each token.
    Chars([u32; 2]),
    /// The same with a space on both sides of each token.
    Padded([u32; 2]),
    /// Neighbouring code points of the only token, which is the text.
    Text([u32; 2]),
    Affixes(Affixes),
}

/// Memory that is reused.
#[derive(Debug, Default)]
pub(crate) struct Spare {
    pub(super) spans: Vec<Span>,
    /// Where the code points of a token start, and its end.
    starts: Vec<u32>,
}

/// The most n-grams of one row: more would take memory out of proportion to the text.
const MOST: usize = 1 << 24;

/// Whether a row that has `made` n-grams may have those of `count` more starts.
fn fits(made: usize, count: usize, [low, high]: [u32; 2]) -> Result<(), Overflow> {
    let lengths = (high - low) as usize + 1;
    has_room(made, count.saturating_mul(lengths))
}

/// Whether a row that has `made` tokens may have so many more.
fn has_room(made: usize, more: usize) -> Result<(), Overflow> {
    if made.saturating_add(more) > MOST {
        return Err(Overflow::Grams);
    }
    Ok(())
}

impl Grams {
    /// Replaces the tokens from `first` on.
    pub(super) fn apply(self, terms: &mut Terms, first: usize, spare: &mut Spare) -> Result<(), Overflow> {
        spare.spans.clear();
        let count = terms.mark().spans;
        match self {
            Self::Words(range) => words(range, terms, first, spare)?,
            _ => {
                for i in first..count {
                    let (bytes, spans) = terms.parts();
                    let Some(&span) = spans.get(i) else { break };
                    match self {
                        Self::Padded(range) => {
                            terms.reserve_offsets(span.len as usize + 2)?;
                            let (bytes, _) = terms.parts();
                            let padded = Span {
                                start: bytes.len() as u32,
                                len: span.len + 2,
                            };
                            bytes.push(b' ');
                            bytes.extend_from_within(span.range());
                            bytes.push(b' ');
                            starts(bytes, padded, &mut spare.starts);
                            fits(spare.spans.len(), spare.starts.len(), range)?;
                            whole_or_chars(range, spare);
                        }
                        Self::Chars(range) | Self::Text(range) => {
                            starts(bytes, span, &mut spare.starts);
                            fits(spare.spans.len(), spare.starts.len(), range)?;
                            chars(range, spare);
                        }
                        Self::Affixes(affixes) => {
                            starts(bytes, span, &mut spare.starts);
                            ends(affixes, [0, 0], spare);
                            has_room(spare.spans.len(), 0)?;
                        }
                        Self::Words(_) => {}
                    }
                    terms.reserve_offsets(spare.spans.len())?;
                }
            }
        }
        terms.reserve_offsets(spare.spans.len())?;
        let (_, spans) = terms.parts();
        spans.truncate(first);
        spans.extend_from_slice(&spare.spans);
        Ok(())
    }
}

/// scikit-learn's order: all n-grams of one length, then those of the next.
fn words([low, high]: [u32; 2], terms: &mut Terms, first: usize, spare: &mut Spare) -> Result<(), Overflow> {
    let count = terms.mark().spans;
    fits(0, count - first, [low, high])?;
    let (_, spans) = terms.parts();
    let size: usize = spans.iter().skip(first).map(|span| span.len as usize + 1).sum();
    terms.reserve_offsets(size + (count - first) * (1 + high.min(MOST_WORDS) as usize))?;
    let (bytes, spans) = terms.parts();
    spare.starts.clear();
    for span in spans.iter().skip(first) {
        spare.starts.push(bytes.len() as u32);
        bytes.extend_from_within(span.range());
        bytes.push(b' ');
    }
    spare.starts.push(bytes.len() as u32);
    runs([low, high], 1, &spare.starts, &mut spare.spans);
    Ok(())
}

/// Runs of tokens that start at `starts` (the last entry is the end of all), each with `separator` bytes after it.
fn runs([low, high]: [u32; 2], separator: u32, starts: &[u32], spans: &mut Vec<Span>) {
    for n in low..=high {
        for window in starts.windows(n as usize + 1) {
            if let [start, .., end] = *window {
                spans.push(Span {
                    start,
                    len: end - start - separator,
                });
            }
        }
    }
}

/// Adds the n-grams of a row's tokens, joined by `separator`, to the row of `terms` that is being built, in the order of
/// [`Grams::Words`].
///
/// # Errors
/// [`Overflow`] for more than 2^24 n-grams, or when the batch outgrows 32-bit offsets.
pub(crate) fn push_ngrams(
    row: TermsRow<'_>,
    range: [u32; 2],
    separator: &[u8],
    terms: &mut Terms,
    spare: &mut Spare,
) -> Result<(), Overflow> {
    fits(0, row.len(), range)?;
    let size: usize = row.iter().map(|token| token.len() + separator.len()).sum();
    terms.reserve_offsets(size + row.len() * (1 + range[1] as usize))?;
    let (bytes, spans) = terms.parts();
    spare.starts.clear();
    for token in row.iter() {
        spare.starts.push(bytes.len() as u32);
        bytes.extend_from_slice(token);
        bytes.extend_from_slice(separator);
    }
    spare.starts.push(bytes.len() as u32);
    runs(range, separator.len() as u32, &spare.starts, spans);
    Ok(())
}

/// Adds the beginnings and ends of a row's tokens to the row of `terms` that is being built, in the order of
/// [`Grams::Affixes`]: `before` stands before each beginning and `after` after each end.
///
/// # Errors
/// [`Overflow`] for more than 2^24 of them, or when the batch outgrows 32-bit offsets.
pub(crate) fn push_affixes(
    row: TermsRow<'_>,
    affixes: Affixes,
    [before, after]: [&[u8]; 2],
    terms: &mut Terms,
    spare: &mut Spare,
) -> Result<(), Overflow> {
    spare.spans.clear();
    for token in row.iter() {
        terms.reserve_offsets(before.len() + token.len() + after.len() + spare.spans.len())?;
        let (bytes, _) = terms.parts();
        bytes.extend_from_slice(before);
        let span = Span {
            start: bytes.len() as u32,
            len: token.len() as u32,
        };
        bytes.extend_from_slice(token);
        starts(bytes, span, &mut spare.starts);
        bytes.extend_from_slice(after);
        ends(affixes, [before.len() as u32, after.len() as u32], spare);
        has_room(spare.spans.len(), 0)?;
    }
    terms.reserve_offsets(spare.spans.len())?;
    terms.parts().1.extend_from_slice(&spare.spans);
    Ok(())
}

fn starts(bytes: &[u8], span: Span, starts: &mut Vec<u32>) {
    starts.clear();
    let token = bytes.get(span.range()).unwrap_or_default();
    let firsts = token.iter().enumerate().filter(|(_, byte)| *byte & 0xC0 != 0x80);
    starts.extend(firsts.map(|(i, _)| span.start + i as u32));
    starts.push(span.start + span.len);
}

fn chars([low, high]: [u32; 2], spare: &mut Spare) {
    for n in low..=high {
        push_windows(n as usize, spare);
    }
}

fn push_windows(n: usize, spare: &mut Spare) {
    for window in spare.starts.windows(n + 1) {
        if let [start, .., end] = *window {
            spare.spans.push(Span {
                start,
                len: end - start,
            });
        }
    }
}

/// As scikit-learn: a word that is not longer than `n` is given once, for the first such `n`.
fn whole_or_chars([low, high]: [u32; 2], spare: &mut Spare) {
    let length = spare.starts.len().saturating_sub(1);
    for n in low..=high {
        let n = n as usize;
        push_windows(n.min(length), spare);
        if n >= length {
            break;
        }
    }
}

/// Beginnings and ends, which `before` and `after` bytes in front of and behind the token belong to.
fn ends(affixes: Affixes, [before, after]: [u32; 2], spare: &mut Spare) {
    let length = spare.starts.len().saturating_sub(1);
    let at = |i: usize, starts: &[u32]| starts.get(i).copied().unwrap_or_default();
    let range = |range: Option<[u32; 2]>| {
        let [low, high] = range.unwrap_or([1, 0]);
        low as usize..=(high as usize).min(length)
    };
    for n in range(affixes.prefixes) {
        let (start, end) = (at(0, &spare.starts) - before, at(n, &spare.starts));
        spare.spans.push(Span {
            start,
            len: end - start,
        });
    }
    for n in range(affixes.suffixes) {
        let (start, end) = (at(length - n, &spare.starts), at(length, &spare.starts) + after);
        spare.spans.push(Span {
            start,
            len: end - start,
        });
    }
}

/// Drops tokens that have come before. Sorts, so that no text makes it quadratic.
pub(super) fn unique(terms: &mut Terms, first: usize, spare: &mut Spare) {
    let (bytes, spans) = terms.parts();
    let tokens = spans.get(first..).unwrap_or_default();
    let token = |i: u32| {
        tokens
            .get(i as usize)
            .and_then(|span| bytes.get(span.range()))
            .unwrap_or_default()
    };
    let order = &mut spare.starts;
    order.clear();
    order.extend(0..tokens.len() as u32);
    order.sort_unstable_by(|&a, &b| token(a).cmp(token(b)).then(a.cmp(&b)));
    order.dedup_by(|a, b| token(*a) == token(*b));
    order.sort_unstable();
    spare.spans.clear();
    spare
        .spans
        .extend(order.iter().filter_map(|&i| tokens.get(i as usize)));
    spans.truncate(first);
    spans.extend_from_slice(&spare.spans);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_too_many_n_grams_is_refused_before_it_is_made() {
        let text = vec![b'x'; MOST / 32];
        for (grams, fit) in [
            (Grams::Text([1, 16]), true),
            (Grams::Text([1, 64]), false),
            (Grams::Padded([1, 64]), false),
        ] {
            let mut terms = Terms::new();
            terms.push_token(&text).unwrap();
            let outcome = grams.apply(&mut terms, 0, &mut Spare::default());
            assert_eq!(outcome.is_ok(), fit);
        }
    }

    #[test]
    fn a_row_of_too_many_tokens_is_refused_before_it_is_made() {
        let many = MOST / 128;
        let mut row = Terms::new();
        for _ in 0..=many {
            row.push_token(b"x").unwrap();
        }
        row.end_row();
        for _ in 0..many {
            row.push_token(b"x").unwrap();
        }
        row.end_row();
        let affixes = Affixes {
            prefixes: Some([1, 64]),
            suffixes: Some([1, 64]),
        };
        for (i, range, fit) in [(0, [1, 128], false), (1, [1, 128], true), (1, [2, 130], false)] {
            let (mut out, spare) = (Terms::new(), &mut Spare::default());
            let row = row.row(i).unwrap();
            let outcome = push_ngrams(row, range, b"", &mut out, spare);
            assert_eq!(outcome.is_ok(), fit, "{i} {range:?}");
            assert!(push_affixes(row, affixes, [b"", b""], &mut out, spare).is_ok());
        }
        assert_eq!(has_room(MOST - 2, 2), Ok(()));
        assert_eq!(has_room(MOST - 2, 3), Err(Overflow::Grams));
    }
}
