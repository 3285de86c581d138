//! Stop words: the Snowball project's lists, and lists of one's own.

mod snowball;

use super::token_key::TokenKey;

/// The Snowball project's English stop words, in its order. BSD licence, Copyright (c) 2001 Dr Martin Porter
/// and (c) 2002 Richard Boulton; the file that Lucene 10.3 ships as `snowball/english_stop.txt`. Contractions
/// match because word segmentation keeps them whole.
#[rustfmt::skip]
pub const ENGLISH: &[&str] = &[
    "i", "me", "my", "myself", "we", "our", "ours", "ourselves", "you", "your", "yours", "yourself",
    "yourselves", "he", "him", "his", "himself", "she", "her", "hers", "herself", "it", "its", "itself",
    "they", "them", "their", "theirs", "themselves", "what", "which", "who", "whom", "this", "that",
    "these", "those", "am", "is", "are", "was", "were", "be", "been", "being", "have", "has", "had",
    "having", "do", "does", "did", "doing", "would", "should", "could", "ought", "i'm", "you're", "he's",
    "she's", "it's", "we're", "they're", "i've", "you've", "we've", "they've", "i'd", "you'd", "he'd",
    "she'd", "we'd", "they'd", "i'll", "you'll", "he'll", "she'll", "we'll", "they'll", "isn't", "aren't",
    "wasn't", "weren't", "hasn't", "haven't", "hadn't", "doesn't", "don't", "didn't", "won't", "wouldn't",
    "shan't", "shouldn't", "can't", "cannot", "couldn't", "mustn't", "let's", "that's", "who's", "what's",
    "here's", "there's", "when's", "where's", "why's", "how's", "a", "an", "the", "and", "but", "if", "or",
    "because", "as", "until", "while", "of", "at", "by", "for", "with", "about", "against", "between",
    "into", "through", "during", "before", "after", "above", "below", "to", "from", "up", "down", "in",
    "out", "on", "off", "over", "under", "again", "further", "then", "once", "here", "there", "when",
    "where", "why", "how", "all", "any", "both", "each", "few", "more", "most", "other", "some", "such",
    "no", "nor", "not", "only", "own", "same", "so", "than", "too", "very",
];

/// The languages that have a list beside English, in alphabetical order.
pub fn languages() -> impl Iterator<Item = &'static str> {
    snowball::LISTS.iter().map(|list| list.language)
}

/// The list of one of [`languages`].
pub fn of_language(language: &str) -> Option<&'static [&'static str]> {
    let list = snowball::LISTS.iter().find(|list| list.language == language)?;
    Some(list.words)
}

/// A set of tokens. Lookup does not allocate.
#[derive(Clone, Debug)]
pub struct StopWords {
    /// Open addressing, a power of two in size and at most a quarter full.
    slots: Box<[Option<TokenKey>]>,
    /// Words too long for a key, sorted.
    long: Vec<Box<[u8]>>,
}

impl StopWords {
    /// The set of these words, compared byte by byte with tokens.
    pub fn new<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let mut keys = Vec::new();
        let mut long = Vec::new();
        for word in words {
            match TokenKey::new(word.as_bytes()) {
                Some(key) => keys.push(key),
                None => long.push(Box::from(word.as_bytes())),
            }
        }
        long.sort();
        let mut set = Self {
            slots: vec![None; (keys.len() * 4).next_power_of_two()].into(),
            long,
        };
        for key in keys {
            let slot = set.slot(&key);
            set.slots[slot] = Some(key);
        }
        set
    }

    /// [`ENGLISH`].
    pub fn english() -> Self {
        Self::new(ENGLISH.iter().copied())
    }

    /// Whether the token is a stop word.
    pub fn contains(&self, token: &[u8]) -> bool {
        match TokenKey::new(token) {
            Some(key) => self.contains_key(&key),
            None => self.contains_long(token),
        }
    }

    #[inline]
    pub(super) fn contains_key(&self, key: &TokenKey) -> bool {
        self.slots[self.slot(key)].is_some()
    }

    pub(super) fn contains_long(&self, token: &[u8]) -> bool {
        self.long
            .binary_search_by(|word| word.as_ref().cmp(token))
            .is_ok()
    }

    /// The slot of the key, or the free one where it belongs.
    #[inline]
    fn slot(&self, key: &TokenKey) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = key.hash() as usize & mask;
        while self.slots[slot].as_ref().is_some_and(|other| other != key) {
            slot = (slot + 1) & mask;
        }
        slot
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn english_has_its_words_and_no_others() {
        let set = StopWords::english();
        assert_eq!(ENGLISH.len(), 174);
        for word in ENGLISH {
            assert!(set.contains(word.as_bytes()), "{word}");
            assert!(
                !set.contains(&word.as_bytes()[1..]) || ENGLISH.contains(&&word[1..]),
                "{word}"
            );
            assert!(!set.contains(format!("{word}\0").as_bytes()), "{word}");
        }
        assert!(!set.contains(b"") && !set.contains(b"us") && !set.contains(b"The"));
    }

    #[test]
    fn the_table_is_as_it_was_written() {
        for list in snowball::LISTS {
            let mut hash = 0xcbf2_9ce4_8422_2325_u64;
            for byte in list.words.iter().flat_map(|word| word.bytes().chain([b'\n'])) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
            assert_eq!(hash, list.hash, "{}", list.language);
        }
        assert_eq!(languages().count(), 13);
        assert!(of_language("german").unwrap().contains(&"und"));
        assert_eq!(of_language("english"), None);
    }

    #[test]
    fn own_lists_may_be_empty_and_long() {
        assert!(!StopWords::new([]).contains(b""));
        let long = "donaudampfschifffahrtsgesellschaft";
        let set = StopWords::new([long, "\u{e9}t\u{e9}", long]);
        assert!(set.contains(long.as_bytes()) && set.contains("\u{e9}t\u{e9}".as_bytes()));
        assert!(!set.contains(&long.as_bytes()[1..]));
    }
}
