//! A frozen set of byte strings with positions, looked up through a table that lives in the artifact.
//!
//! Terms are one Arrow column; beside it lies an open-addressing table of positions, built when fitting. Both are
//! read in place from the memory map, so that processes share one copy and loading builds nothing.

use std::sync::Arc;

use arrow_array::{Array, LargeBinaryArray, UInt32Array};

use crate::error::{Error, ErrorKind, Result};
use crate::fit::Tables;
use crate::hash::xxh3_64;

/// Seed of the table's hash.
const SEED: u64 = 0;
/// A slot that holds no term.
const EMPTY: u32 = u32::MAX;

/// The tables' names for a vocabulary; the first also holds whatever columns go with the terms.
pub(crate) const TERMS: &str = "vocabulary";
const LOOKUP: &str = "lookup";

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
        let mut at = xxh3_64(terms.value(i), SEED) as usize & (size - 1);
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

    /// The position of `term`.
    #[inline]
    pub(crate) fn find(&self, term: &[u8]) -> Option<usize> {
        let slots = self.slots.values();
        let mut at = xxh3_64(term, SEED) as usize & self.mask;
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
        let words: Vec<String> = (0..1000).map(|i| format!("word{i}")).collect();
        let terms: LargeBinaryArray = words.iter().map(|w| Some(w.as_bytes())).collect();
        let mut tables = Tables::default();
        insert_lookup(&mut tables, &terms).unwrap();
        tables.insert(TERMS, vec![("term", Arc::new(terms))]).unwrap();
        let vocabulary = Vocabulary::open(&tables).unwrap();
        for (i, word) in words.iter().enumerate() {
            assert_eq!(vocabulary.find(word.as_bytes()), Some(i));
        }
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
