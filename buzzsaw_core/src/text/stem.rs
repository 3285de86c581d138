//! Snowball's stemmers, behind a cache.

use snowstem::{Algorithm, Stemmer as Snowball};

use super::token_key::TokenKey;

/// The release of Snowball whose stemmers these are.
pub const SNOWBALL_VERSION: &str = "3.1.1";

/// Snowball's stemmer of a language. It expects lower-case words.
///
/// ```
/// # use buzzsaw_core::text::stem::Stemmer;
/// let mut stem = String::new();
/// Stemmer::english().stem("generously", &mut stem);
/// assert_eq!(stem, "generous");
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Stemmer {
    algorithm: Algorithm,
    snowball: Snowball,
}

impl Stemmer {
    /// The stemmer of a language, as [`snowstem`] names it; free to build.
    pub fn new(language: &str) -> Option<Self> {
        language.parse().ok().map(Self::of)
    }

    /// English ("Porter2").
    pub fn english() -> Self {
        Self::of(Algorithm::English)
    }

    fn of(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            snowball: Snowball::create(algorithm),
        }
    }

    /// Replaces the contents of `stem` by the stem of the word.
    pub fn stem(&self, word: &str, stem: &mut String) {
        self.snowball.stem_into(word, stem);
    }
}

/// A stem as an edit of its word: the first `kept` bytes, then `suffix`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edit<'a> {
    pub(super) kept: usize,
    pub(super) suffix: &'a [u8],
}

/// Longest suffix that the cache holds; no word is known that needs more than 3.
const SUFFIX: usize = 5;
/// Slots of a set.
const WAYS: usize = 2;
const SETS: usize = 1 << 13;

/// A word and the edit that makes its stem; two fill a cache line.
#[derive(Clone, Copy, Default)]
#[repr(align(32))]
struct Slot {
    word: [u64; TokenKey::MAX / 8],
    word_len: u8,
    kept: u8,
    suffix_len: u8,
    suffix: [u8; SUFFIX],
}

impl Slot {
    #[inline]
    fn holds(&self, key: &TokenKey) -> bool {
        self.word == key.words() && usize::from(self.word_len) == key.len()
    }
}

/// Stems of words seen before: two slots a hash, the latest words stay. 512 KiB, taken at first use.
///
/// What it answers is what the stemmer answers, whatever it has seen. One belongs to each thread's scratch.
#[derive(Default)]
pub struct StemCache {
    /// Whose stems the slots hold.
    algorithm: Option<Algorithm>,
    sets: Vec<[Slot; WAYS]>,
    stem: String,
}

impl StemCache {
    /// Forgets the stems of other algorithms. To be called before [`StemCache::stem`], once a row.
    #[inline]
    pub(super) fn prepare(&mut self, stemmer: &Stemmer) {
        if self.algorithm != Some(stemmer.algorithm) {
            self.algorithm = Some(stemmer.algorithm);
            self.sets.clear();
        }
    }

    /// The stem of a token, given with its key if it has one.
    #[inline]
    pub(super) fn stem(&mut self, stemmer: &Stemmer, key: Option<TokenKey>, token: &[u8]) -> Edit<'_> {
        if stemmer.algorithm == Algorithm::English && is_own_stem(token) {
            return Edit {
                kept: token.len(),
                suffix: &[],
            };
        }
        let Some(key) = key else {
            return self.compute(stemmer, token);
        };
        if self.sets.is_empty() {
            self.sets.resize(SETS, [Slot::default(); WAYS]);
        }
        let at = key.hash() as usize % SETS;
        let mut way = usize::from(!self.sets[at][0].holds(&key));
        if way == 1 && !self.sets[at][1].holds(&key) {
            let edit = self.compute(stemmer, token);
            let mut slot = Slot {
                word: key.words(),
                word_len: key.len() as u8,
                kept: edit.kept as u8,
                ..Slot::default()
            };
            let Some(suffix) = slot.suffix.get_mut(..edit.suffix.len()) else {
                return self.compute(stemmer, token);
            };
            suffix.copy_from_slice(edit.suffix);
            slot.suffix_len = edit.suffix.len() as u8;
            let set = &mut self.sets[at];
            (set[1], set[0], way) = (set[0], slot, 0);
        }
        let slot = &self.sets[at][way];
        Edit {
            kept: usize::from(slot.kept),
            suffix: &slot.suffix[..usize::from(slot.suffix_len)],
        }
    }

    fn compute(&mut self, stemmer: &Stemmer, token: &[u8]) -> Edit<'_> {
        let Ok(word) = std::str::from_utf8(token) else {
            return Edit {
                kept: token.len(),
                suffix: &[],
            };
        };
        stemmer.stem(word, &mut self.stem);
        let stem = self.stem.as_bytes();
        let kept = token.iter().zip(stem).take_while(|(a, b)| a == b).count();
        Edit {
            kept,
            suffix: &stem[kept..],
        }
    }
}

/// Words that the English stemmer certainly keeps: of one or two letters, or with a digit at the end, as no suffix
/// it removes has one. (A leading apostrophe it does remove.)
#[inline]
fn is_own_stem(token: &[u8]) -> bool {
    match token {
        [] | [b'\'', ..] => false,
        [.., last] => token.len() < 3 || last.is_ascii_digit(),
    }
}

impl std::fmt::Debug for StemCache {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("StemCache")
            .field("sets", &self.sets.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tests/oracles/text_vectors.py` writes the vectors with the Snowball project's Python package.
    fn vectors() -> Vec<(&'static str, &'static str)> {
        let text = include_str!("../../tests/vectors/stem_english.txt");
        assert!(text.contains(&format!("snowballstemmer {SNOWBALL_VERSION}")));
        text.lines()
            .filter(|line| !line.starts_with('#'))
            .filter_map(|line| line.split_once('\t'))
            .collect()
    }

    #[test]
    fn equals_snowball() {
        let vectors = vectors();
        assert!(vectors.len() > 1000);
        let mut stem = String::new();
        for (word, expected) in vectors {
            Stemmer::english().stem(word, &mut stem);
            assert_eq!(stem, expected, "{word}");
        }
    }

    #[test]
    fn words_taken_for_their_own_stem_are() {
        let mut stem = String::new();
        let mut keeps = |word: &str| {
            Stemmer::english().stem(word, &mut stem);
            assert!(!is_own_stem(word.as_bytes()) || stem == word, "{word} {stem}");
        };
        for (word, _) in vectors() {
            for ending in ["", "0", "s9", "'s1", "y2", "ing3", "'4"] {
                keeps(&format!("{word}{ending}"));
            }
        }
        for a in 0x20..=0x7E_u8 {
            keeps(&char::from(a).to_string());
            for b in 0x20..=0x7E_u8 {
                keeps(&format!("{}{}", char::from(a), char::from(b)));
            }
        }
        assert!(is_own_stem(b"1080") && is_own_stem(b"us") && !is_own_stem(b"'s1") && !is_own_stem(b"was"));
    }

    #[test]
    fn the_cache_changes_nothing() {
        let mut cache = StemCache::default();
        cache.prepare(&Stemmer::english());
        let mut words = vectors();
        words.push(("\u{e9}t\u{e9}", "\u{e9}t\u{e9}"));
        words.push((
            "internationalisations-internationalisations",
            "internationalisations-internationalis",
        ));
        for _ in 0..2 {
            for (word, expected) in &words {
                let edit = cache.stem(
                    &Stemmer::english(),
                    TokenKey::new(word.as_bytes()),
                    word.as_bytes(),
                );
                let stem = [&word.as_bytes()[..edit.kept], edit.suffix].concat();
                assert_eq!(stem, expected.as_bytes(), "{word}");
            }
        }
    }

    /// The same for every language; the words go through the cache as one that other languages have used.
    #[test]
    fn every_language_equals_snowball() {
        let text = include_str!("../../tests/vectors/stem_languages.txt");
        assert!(text.contains(&format!("snowballstemmer {SNOWBALL_VERSION}")));
        let mut cache = StemCache::default();
        let mut languages = std::collections::BTreeMap::new();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let (language, word, expected) = (
                fields.next().unwrap(),
                fields.next().unwrap(),
                fields.next().unwrap(),
            );
            let stemmer = Stemmer::new(language).unwrap();
            cache.prepare(&stemmer);
            for _ in 0..2 {
                let edit = cache.stem(&stemmer, TokenKey::new(word.as_bytes()), word.as_bytes());
                let stem = [&word.as_bytes()[..edit.kept], edit.suffix].concat();
                assert_eq!(std::str::from_utf8(&stem), Ok(expected), "{language} {word}");
            }
            *languages.entry(language).or_insert(0) += 1;
        }
        assert_eq!(languages.len(), 21);
        assert!(languages.values().all(|&count| count > 200), "{languages:?}");
    }
}
