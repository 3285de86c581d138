//! What happens to a row's tokens after segmentation: length limits, stop words, stemming.

use super::stem::{StemCache, Stemmer};
use super::stop_words::StopWords;
use super::terms::{Overflow, Span, Terms};
use super::token_key::TokenKey;

/// The filters of an analyzer, in the order in which they apply.
#[derive(Clone, Debug)]
pub(super) struct Filters {
    /// Fewest code points of a token.
    pub(super) min_length: usize,
    /// Most code points of a token.
    pub(super) max_length: usize,
    pub(super) stop_words: Option<StopWords>,
    pub(super) stemmer: Option<Stemmer>,
}

impl Filters {
    /// Whether they keep every token as it is.
    pub(super) fn are_none(&self) -> bool {
        self.min_length <= 1
            && self.max_length == usize::MAX
            && self.stop_words.is_none()
            && self.stemmer.is_none()
    }

    /// Filters the tokens from `first` on. Stems that are no prefix of their word go to the arena's end.
    pub(super) fn apply(
        &self,
        terms: &mut Terms,
        first: usize,
        cache: &mut StemCache,
    ) -> Result<(), Overflow> {
        if let Some(stemmer) = &self.stemmer {
            cache.prepare(stemmer);
        }
        let mut kept = first;
        for i in first..terms.mark().spans {
            let (bytes, spans) = terms.parts();
            let span = spans[i];
            let Some(token) = bytes.get(span.range()) else {
                continue;
            };
            if !self.length_fits(token) {
                continue;
            }
            let key = TokenKey::at(bytes, span.start as usize, token.len());
            if let Some(stop_words) = &self.stop_words {
                let stopped = match &key {
                    Some(key) => stop_words.contains_key(key),
                    None => stop_words.contains_long(token),
                };
                if stopped {
                    continue;
                }
            }
            let mut stemmed = span;
            if let Some(stemmer) = &self.stemmer {
                let edit = cache.stem(stemmer, key, token);
                if edit.suffix.is_empty() {
                    stemmed.len = edit.kept as u32;
                } else {
                    stemmed = append(terms, span, edit.kept, edit.suffix)?;
                }
                // Some words have no stem; a token that was empty before stays one.
                if stemmed.len == 0 && span.len > 0 {
                    continue;
                }
            }
            let (_, spans) = terms.parts();
            spans[kept] = stemmed;
            kept += 1;
        }
        terms.parts().1.truncate(kept);
        Ok(())
    }

    #[inline]
    fn length_fits(&self, token: &[u8]) -> bool {
        // No token has more code points than bytes: only long tokens, and all tokens where short ones are
        // dropped, need counting.
        if self.min_length <= 1 && token.len() <= self.max_length {
            return true;
        }
        let length = token.iter().filter(|&&byte| byte & 0xC0 != 0x80).count();
        (self.min_length..=self.max_length).contains(&length)
    }
}

fn append(terms: &mut Terms, word: Span, kept: usize, suffix: &[u8]) -> Result<Span, Overflow> {
    terms.reserve_offsets(kept + suffix.len())?;
    let (bytes, _) = terms.parts();
    let start = bytes.len();
    let word = word.start as usize;
    bytes.extend_from_within(word..word + kept);
    bytes.extend_from_slice(suffix);
    Ok(Span {
        start: start as u32,
        len: (kept + suffix.len()) as u32,
    })
}
