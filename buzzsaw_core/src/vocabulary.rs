//! A frozen set of byte strings with positions, looked up through a table that lives in the artifact.
//!
//! Terms are one Arrow column; beside it lies an open-addressing table of positions, built when fitting. Both are
//! read in place from the memory map, so that processes share one copy and loading builds nothing.

use std::sync::Arc;

use arrow_array::{Array, LargeBinaryArray, UInt32Array};

use crate::error::{Error, ErrorKind, Result};
use crate::fit::Tables;
use crate::hash::xxh3_64;
use crate::text::{Span, TokenKey};

/// A slot that holds no term.
const EMPTY: u32 = u32::MAX;

/// The tables' names for a vocabulary; the first also holds whatever columns go with the terms.
pub(crate) const TERMS: &str = "vocabulary";
const LOOKUP: &str = "lookup";

/// The hash that the table is laid out by: that of a short term's key, XXH3-64 of a longer one.
#[inline]
fn hash(term: &[u8]) -> u64 {
    match TokenKey::new(term) {
        Some(key) => key.hash(),
        None => xxh3_64(term, 0),
    }
}

/// Memory for [`Vocabulary::find_all`].
#[derive(Clone, Debug, Default)]
pub(crate) struct Lookups {
    homes: Vec<usize>,
    firsts: Vec<u32>,
}

/// A frozen vocabulary.
#[derive(Debug)]
pub(crate) struct Vocabulary {
    terms: LargeBinaryArray,
    slots: UInt32Array,
    mask: usize,
}

/// The lookup table over `terms`: a power of two of slots, at most half of them taken, linear probing.
pub(crate) fn insert_lookup(tables: &mut Tables, terms: &LargeBinaryArray) -> Result<()> {
    if terms.len() >= EMPTY as usize / 2 {
        return Err(Error::new(
            ErrorKind::ResourceLimit,
            format!("{} terms; at most 2^31 are kept", terms.len()),
        )
        .hint("raise min_df or set max_features"));
    }
    let size = (terms.len() * 2).next_power_of_two().max(2);
    let mut slots = vec![EMPTY; size];
    for i in 0..terms.len() {
        let mut at = hash(terms.value(i)) as usize & (size - 1);
        while slots[at] != EMPTY {
            at = (at + 1) & (size - 1);
        }
        slots[at] = i as u32;
    }
    tables.insert(LOOKUP, vec![("slot", Arc::new(UInt32Array::from(slots)))])
}

impl Vocabulary {
    /// The vocabulary of a step's tables, checked so that every lookup ends and stays in bounds.
    pub(crate) fn open(tables: &Tables) -> Result<Self> {
        let terms = tables.bytes(TERMS, "term")?.clone();
        let slots = tables.u32s(LOOKUP, "slot")?.clone();
        let size = slots.len();
        let taken = slots.values().iter().filter(|slot| **slot != EMPTY).count();
        let inside = slots
            .values()
            .iter()
            .all(|slot| *slot == EMPTY || (*slot as usize) < terms.len());
        if !size.is_power_of_two() || taken != terms.len() || taken * 2 > size || !inside {
            return Err(Error::new(
                ErrorKind::CorruptArtifact,
                "the vocabulary's lookup table is malformed",
            )
            .hint("fit the spec again"));
        }
        Ok(Self {
            terms,
            slots,
            mask: size - 1,
        })
    }

    /// The number of terms.
    pub(crate) fn len(&self) -> usize {
        self.terms.len()
    }

    /// Calls `visit` with the position of each term `arena[span]` that is known, in the order of `spans`.
    ///
    /// All hashes first, then all first slots, then the terms: so that the waits for memory overlap.
    pub(crate) fn find_all(
        &self,
        arena: &[u8],
        spans: &[Span],
        lookups: &mut Lookups,
        mut visit: impl FnMut(usize),
    ) {
        let slots = self.slots.values();
        let (offsets, bytes) = (self.terms.value_offsets(), self.terms.value_data());
        let Lookups { homes, firsts } = lookups;
        homes.clear();
        homes.extend(spans.iter().map(|span| {
            let hash = match TokenKey::at(arena, span.start as usize, span.len as usize) {
                Some(key) => key.hash(),
                None => hash(&arena[span.range()]),
            };
            hash as usize & self.mask
        }));
        firsts.clear();
        firsts.extend(homes.iter().map(|home| slots[*home]));
        for (span, first) in spans.iter().zip(&*firsts) {
            let (start, len) = (span.start as usize, span.len as usize);
            if *first == EMPTY {
                continue;
            }
            let (from, to) = (offsets[*first as usize] as usize, offsets[*first as usize + 1] as usize);
            let same = to - from == len
                && len <= TokenKey::MAX
                && TokenKey::at(bytes, from, len) == TokenKey::at(arena, start, len);
            if same {
                visit(*first as usize);
            } else if let Some(at) = self.find(&arena[span.range()]) {
                visit(at);
            }
        }
    }

    /// The position of `term`.
    #[inline]
    pub(crate) fn find(&self, term: &[u8]) -> Option<usize> {
        let slots = self.slots.values();
        let mut at = hash(term) as usize & self.mask;
        loop {
            let slot = slots[at];
            if slot == EMPTY {
                return None;
            }
            if self.terms.value(slot as usize) == term {
                return Some(slot as usize);
            }
            at = (at + 1) & self.mask;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_is_found_and_no_other() {
        let words: Vec<String> = (0..1000).map(|i| format!("word{i}{}", "x".repeat(i % 40))).collect();
        let terms: LargeBinaryArray = words.iter().map(|w| Some(w.as_bytes())).collect();
        let mut tables = Tables::default();
        insert_lookup(&mut tables, &terms).unwrap();
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
                want.extend(vocabulary.find(&word.as_bytes()[..len]));
            }
            arena.extend_from_slice(word.as_bytes());
        }
        let mut found = Vec::new();
        vocabulary.find_all(&arena, &spans, &mut Lookups::default(), |at| found.push(at));
        assert_eq!(found, want);
        assert!(found.len() > words.len());
        assert_eq!(vocabulary.find(b"word1000"), None);
        assert_eq!(vocabulary.find(b""), None);
    }

    #[test]
    fn a_table_that_would_never_end_is_refused() {
        let terms: LargeBinaryArray = [b"a", b"b"].iter().map(Some).collect();
        let mut tables = Tables::default();
        tables.insert(TERMS, vec![("term", Arc::new(terms))]).unwrap();
        for slots in [
            vec![0, 1],
            vec![0, 1, 7, EMPTY],
            vec![0, 1, EMPTY],
            vec![0, EMPTY, EMPTY, EMPTY],
        ] {
            tables
                .insert(LOOKUP, vec![("slot", Arc::new(UInt32Array::from(slots)))])
                .unwrap();
            assert_eq!(
                Vocabulary::open(&tables).unwrap_err().kind(),
                ErrorKind::CorruptArtifact
            );
        }
    }
}
