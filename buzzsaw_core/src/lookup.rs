//! Finding the position of an entry by its hash, through a table that lives in the artifact.
//!
//! An open-addressing table of positions is built when fitting. It is read in place from the memory map, so that
//! processes share one copy and loading builds nothing. The entries themselves are their owner's. Beside a position lies
//! half of its entry's hash, so that a search hardly ever reads an entry but the right one.

use std::sync::Arc;

use arrow_array::UInt64Array;

use crate::error::{Error, ErrorKind, Result};
use crate::fit::Tables;

/// A slot that holds no entry.
pub(crate) const EMPTY: u64 = u64::MAX;
/// More entries have no position.
const MOST: usize = 1 << 31;
/// The name of the state table.
const LOOKUP: &str = "lookup";

/// The positions of a step's entries, by hash.
#[derive(Debug)]
pub(crate) struct Lookup {
    /// The upper half of the hash above the position.
    slots: UInt64Array,
    mask: usize,
}

/// The slot of the entry at `position`.
#[inline]
pub(crate) fn slot(hash: u64, position: usize) -> u64 {
    hash & TAG | position as u64
}

/// The bits of a slot that are of the hash.
const TAG: u64 = u64::MAX << 32;

/// Whether a taken slot has the upper half of `hash`, so that its entry may be the one.
#[inline]
pub(crate) fn may_be(slot: u64, hash: u64) -> bool {
    (slot ^ hash) & TAG == 0
}

impl Lookup {
    /// The position of no entry.
    pub(crate) const NONE: u32 = u32::MAX;

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
        if count >= MOST {
            return Err(Error::new(
                ErrorKind::ResourceLimit,
                format!("{count} entries; fewer than 2^31 are kept"),
            )
            .hint(hint));
        }
        let size = (count * 2).next_power_of_two().max(2);
        let mut slots = vec![EMPTY; size];
        for i in 0..count {
            let hash = hash(i);
            let mut at = hash as usize & (size - 1);
            while slots[at] != EMPTY {
                at = (at + 1) & (size - 1);
            }
            slots[at] = slot(hash, i);
        }
        tables.insert(LOOKUP, vec![("slot", Arc::new(UInt64Array::from(slots)))])
    }

    /// The table over `count` entries, checked so that every search ends and stays in bounds.
    ///
    /// # Errors
    /// `BZ_CORRUPT_ARTIFACT` when it is not what [`Lookup::insert`] writes.
    pub(crate) fn open(tables: &Tables, count: usize) -> Result<Self> {
        let slots = tables.u64s(LOOKUP, "slot")?.clone();
        let size = slots.len();
        let taken = slots.values().iter().filter(|slot| **slot != EMPTY).count();
        let inside = slots
            .values()
            .iter()
            .all(|slot| *slot == EMPTY || (position(*slot) as usize) < count);
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

    /// For each hash the position of the first entry that has its upper half too, or [`Lookup::NONE`]: nearly always the
    /// entry that is searched, which [`Lookup::find`] is sure of. The waits for memory overlap.
    #[inline]
    pub(crate) fn candidates(&self, hashes: &[u64], positions: &mut Vec<u32>) {
        let slots = self.slots.values();
        positions.clear();
        positions.extend(hashes.iter().map(|hash| {
            let mut at = *hash as usize & self.mask;
            loop {
                let slot = slots[at];
                if slot == EMPTY || may_be(slot, *hash) {
                    return position(slot);
                }
                at = (at + 1) & self.mask;
            }
        }));
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
            let position = position(slot) as usize;
            if may_be(slot, hash) && is(position) {
                return Some(position);
            }
            at = (at + 1) & self.mask;
        }
    }
}

/// The position that a slot holds, [`Lookup::NONE`] in an empty one.
#[inline]
pub(crate) fn position(slot: u64) -> u32 {
    slot as u32
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
            vec![0, TAG, TAG | 2, EMPTY],
            vec![0, 1, EMPTY],
            vec![0, EMPTY, EMPTY, EMPTY],
        ] {
            tables
                .insert(LOOKUP, vec![("slot", Arc::new(UInt64Array::from(slots)))])
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
        assert_eq!(lookup.find(1 << 40 | 7, |_| true), None);
        let mut positions = vec![9];
        lookup.candidates(&[7, 1 << 40 | 7, 3], &mut positions);
        assert_eq!(positions, [0, Lookup::NONE, Lookup::NONE]);
        let error = Lookup::insert(&mut tables, MOST, |_| 0, "fewer").unwrap_err();
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
