//! A frozen set of byte strings with positions, looked up through a table that lives in the artifact.
//!
//! Terms are one Arrow column; beside it lies a [`Lookup`], built when fitting. Both are read in place from the memory
//! map, so that processes share one copy and loading builds nothing.

use arrow_array::{Array, LargeBinaryArray};

use crate::error::Result;
use crate::fit::Tables;
use crate::hash::xxh3_64;
use crate::lookup::Lookup;
use crate::text::{Span, TokenKey};

/// The name of the table that holds the terms and whatever columns go with them.
pub(crate) const TERMS: &str = "vocabulary";

/// The hash that the lookup table is laid out by: that of a short term's key, XXH3-64 of a longer one.
#[inline]
fn hash(term: &[u8]) -> u64 {
    match TokenKey::new(term) {
        Some(key) => key.hash(),
        None => xxh3_64(term, 0),
    }
}

/// Memory for [`Vocabulary::find_all`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Finds {
    hashes: Vec<u64>,
    candidates: Vec<u32>,
    found: Vec<u32>,
}

/// Terms that are searched at once: what lies between two stages of it stays near the CPU.
const PIECE: usize = 1024;

/// A frozen vocabulary.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    terms: LargeBinaryArray,
    lookup: Lookup,
}

/// The lookup table over `terms`.
///
/// # Errors
/// `BZ_RESOURCE_LIMIT` for 2^31 terms and more, with `hint`.
pub(crate) fn insert_lookup(tables: &mut Tables, terms: &LargeBinaryArray, hint: &str) -> Result<()> {
    Lookup::insert(tables, terms.len(), |i| hash(terms.value(i)), hint)
}

impl Vocabulary {
    /// What [`Vocabulary::find_all`] says of a term that it does not know.
    pub(crate) const UNKNOWN: u32 = Lookup::NONE;

    /// The vocabulary of a step's tables, checked so that every lookup ends and stays in bounds.
    pub(crate) fn open(tables: &Tables) -> Result<Self> {
        let terms = tables.bytes(TERMS, "term")?.clone();
        let lookup = Lookup::open(tables, terms.len())?;
        Ok(Self { terms, lookup })
    }

    /// The number of terms.
    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }

    /// The position of `term`.
    #[inline]
    pub(crate) fn find(&self, term: &[u8]) -> Option<usize> {
        self.lookup.find(hash(term), |at| self.terms.value(at) == term)
    }

    /// For each term `arena[span]` its position, [`Vocabulary::UNKNOWN`] for a term that is none of the vocabulary.
    ///
    /// All hashes first, then all searches by hash, then the terms: so that the waits for memory overlap. Many spans at
    /// once are faster than the few of a row.
    pub(crate) fn find_all<'w>(&self, arena: &[u8], spans: &[Span], work: &'w mut Finds) -> &'w [u32] {
        work.found.clear();
        for spans in spans.chunks(PIECE) {
            self.find_candidates(arena, spans, work);
            let candidates = work.candidates.iter().zip(&work.hashes);
            work.found
                .extend(spans.iter().zip(candidates).map(|(span, (candidate, hash))| {
                    if *candidate == Self::UNKNOWN || self.holds(*candidate as usize, arena, span) {
                        return *candidate;
                    }
                    let term = &arena[span.range()];
                    let found = self.lookup.find(*hash, |at| self.terms.value(at) == term);
                    found.map_or(Self::UNKNOWN, |at| at as u32)
                }));
        }
        &work.found
    }

    fn find_candidates(&self, arena: &[u8], spans: &[Span], work: &mut Finds) {
        work.hashes.clear();
        work.hashes.extend(spans.iter().map(|span| {
            match TokenKey::at(arena, span.start as usize, span.len as usize) {
                Some(key) => key.hash(),
                None => xxh3_64(&arena[span.range()], 0),
            }
        }));
        self.lookup.candidates(&work.hashes, &mut work.candidates);
    }

    /// Whether the term at a position is `arena[span]`.
    #[inline]
    fn holds(&self, at: usize, arena: &[u8], span: &Span) -> bool {
        let offsets = self.terms.value_offsets();
        let (start, end) = (offsets[at] as usize, offsets[at + 1] as usize);
        let (bytes, len) = (self.terms.value_data(), span.len as usize);
        if end - start != len {
            return false;
        }
        let keys = TokenKey::at(bytes, start, len).zip(TokenKey::at(arena, span.start as usize, len));
        keys.map_or_else(
            || bytes[start..end] == arena[span.range()],
            |(ours, theirs)| ours == theirs,
        )
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn every_term_is_found_and_no_other() {
        let words: Vec<String> = (0..1000)
            .map(|i| format!("word{i}{}", "x".repeat(i % 40)))
            .collect();
        let terms: LargeBinaryArray = words.iter().map(|w| Some(w.as_bytes())).collect();
        let mut tables = Tables::default();
        insert_lookup(&mut tables, &terms, "").unwrap();
        tables.insert(TERMS, vec![("term", Arc::new(terms))]).unwrap();
        let vocabulary = Vocabulary::open(&tables).unwrap();
        let (mut arena, mut spans, mut want) = (Vec::new(), Vec::new(), Vec::new());
        for (i, word) in words.iter().enumerate() {
            assert_eq!(vocabulary.find(word.as_bytes()), Some(i));
            // Each word, and each without its last byte.
            for len in [word.len(), word.len() - 1] {
                spans.push(Span {
                    start: arena.len() as u32,
                    len: len as u32,
                });
                let position = vocabulary.find(&word.as_bytes()[..len]);
                want.push(position.map_or(Vocabulary::UNKNOWN, |at| at as u32));
            }
            arena.extend_from_slice(word.as_bytes());
        }
        let mut work = Finds::default();
        assert_eq!(vocabulary.find_all(&arena, &spans, &mut work), want);
        assert!(spans.len() > PIECE && want.contains(&Vocabulary::UNKNOWN));
        assert_eq!(vocabulary.find(b"word1000"), None);
        assert_eq!(vocabulary.find(b""), None);
    }
}
