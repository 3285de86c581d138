//! Finding the position of an entry by its hash, through a table that lives in the artifact.
//!
//! An open-addressing table of positions is built when fitting. It is read in place from the memory map, so that
//! processes share one copy and loading builds nothing. The entries themselves are their owner's.

use std::sync::Arc;

use arrow_array::UInt32Array;

use crate::error::{Error, ErrorKind, Result};
use crate::fit::Tables;

/// A slot that holds no entry.
const EMPTY: u32 = u32::MAX;
/// The name of the state table.
const LOOKUP: &str = "lookup";

/// The positions of a step's entries, by hash.
#[derive(Debug)]
pub(crate) struct Lookup {
    slots: UInt32Array,
    mask: usize,
}

impl Lookup {
    /// Adds the table for `count` entries of these hashes: a power of two of slots, at most half of them taken,
    /// linear probing.
    ///
    /// # Errors
    /// `BZ_RESOURCE_LIMIT` for 2^31 entries and more, with `hint`.
    pub(crate) fn insert(
        tables: &mut Tables,
        count: usize,
        hash: impl Fn(usize) -> u64,
        hint: &str,
    ) -> Result<()> {
        if count >= EMPTY as usize / 2 {
            return Err(Error::new(
                ErrorKind::ResourceLimit,
                format!("{count} entries; fewer than 2^31 are kept"),
            )
            .hint(hint));
        }
        let size = (count * 2).next_power_of_two().max(2);
        let mut slots = vec![EMPTY; size];
        for i in 0..count {
            let mut at = hash(i) as usize & (size - 1);
            while slots[at] != EMPTY {
                at = (at + 1) & (size - 1);
            }
            slots[at] = i as u32;
        }
        tables.insert(LOOKUP, vec![("slot", Arc::new(UInt32Array::from(slots)))])
    }

    /// The table over `count` entries, checked so that every search ends and stays in bounds.
    ///
    /// # Errors
    /// `BZ_CORRUPT_ARTIFACT` when it is not what [`Lookup::insert`] writes.
    pub(crate) fn open(tables: &Tables, count: usize) -> Result<Self> {
        let slots = tables.u32s(LOOKUP, "slot")?.clone();
        let size = slots.len();
        let taken = slots.values().iter().filter(|slot| **slot != EMPTY).count();
        let inside = slots
            .values()
            .iter()
            .all(|slot| *slot == EMPTY || (*slot as usize) < count);
        if !size.is_power_of_two() || taken != count || taken * 2 > size || !inside {
            return Err(
                Error::new(ErrorKind::CorruptArtifact, "a lookup table is malformed")
                    .hint("fit the spec again"),
            );
        }
        Ok(Self {
            slots,
            mask: size - 1,
        })
    }

    /// The slots where the searches for hashes start, and the positions that they hold: all reads of a list first, so that
    /// the waits for memory overlap. [`Lookup::first`] tells what a position means.
    #[inline]
    pub(crate) fn firsts(&self, hashes: &[u64], firsts: &mut Vec<u32>) {
        let slots = self.slots.values();
        firsts.clear();
        firsts.extend(hashes.iter().map(|hash| slots[*hash as usize & self.mask]));
    }

    /// The entry at the start of a search, `None` when the search ends there.
    #[inline]
    pub(crate) fn first(position: u32) -> Option<usize> {
        (position != EMPTY).then_some(position as usize)
    }

    /// The position of the entry with this hash that `is` accepts.
    #[inline]
    pub(crate) fn find(&self, hash: u64, is: impl Fn(usize) -> bool) -> Option<usize> {
        let slots = self.slots.values();
        let mut at = hash as usize & self.mask;
        loop {
            let slot = slots[at];
            if slot == EMPTY {
                return None;
            }
            if is(slot as usize) {
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
    fn a_table_that_would_never_end_is_refused() {
        let mut tables = Tables::default();
        for slots in [
            vec![],
            vec![0, 1],
            vec![0, 1, 7, EMPTY],
            vec![0, 1, 2, EMPTY],
            vec![0, 1, EMPTY],
            vec![0, EMPTY, EMPTY, EMPTY],
        ] {
            tables
                .insert(LOOKUP, vec![("slot", Arc::new(UInt32Array::from(slots)))])
                .unwrap();
            assert_eq!(
                Lookup::open(&tables, 2).unwrap_err().kind(),
                ErrorKind::CorruptArtifact
            );
        }
    }

    #[test]
    fn entries_of_one_hash_are_told_apart() {
        let mut tables = Tables::default();
        Lookup::insert(&mut tables, 5, |_| 7, "").unwrap();
        let lookup = Lookup::open(&tables, 5).unwrap();
        for i in 0..5 {
            assert_eq!(lookup.find(7, |at| at == i), Some(i));
        }
        assert_eq!(lookup.find(7, |_| false), None);
        assert_eq!(lookup.find(1 << 40, |_| false), None);
        let error = Lookup::insert(&mut tables, EMPTY as usize / 2, |_| 0, "fewer").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResourceLimit);
    }

    #[test]
    fn no_entries_are_searched_in_vain() {
        let mut tables = Tables::default();
        Lookup::insert(&mut tables, 0, |_| 0, "").unwrap();
        let lookup = Lookup::open(&tables, 0).unwrap();
        assert_eq!(lookup.find(u64::MAX, |_| true), None);
    }
}
