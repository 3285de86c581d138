//! How often and in how many documents each term occurs.
//!
//! Counting is the whole cost of a fit over text, so short terms live in a table of their own: fixed-size keys read from
//! the arena without a copy, open addressing, no allocation a term. Longer terms go to a map.

use std::collections::HashMap;

use serde::ser::SerializeStruct;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

use crate::error::{Error, ErrorKind, Result};
use crate::lookup::{self, EMPTY};
use crate::ngrams::{Grams, Ngrams};
use crate::text::{Span, TermsRow, TokenKey};

/// The counts of one term.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Documents that hold the term.
    pub documents: u64,
    /// Occurrences in all of them.
    pub occurrences: u64,
    /// The document that was counted last, from 1; it never leaves the process.
    last: u64,
}

impl Counts {
    /// Counts an occurrence in the document of this stamp.
    #[inline]
    fn occur(&mut self, stamp: u64) {
        self.occurrences += 1;
        self.documents += u64::from(self.last != stamp);
        self.last = stamp;
    }

    fn add(&mut self, other: Counts) {
        self.documents += other.documents;
        self.occurrences += other.occurrences;
    }
}

/// A term with its counts.
#[derive(Clone, Debug)]
struct Entry {
    key: TokenKey,
    counts: Counts,
}

/// Counts by key: a table of positions in `entries`, a power of two in size and at most half full.
#[derive(Clone, Debug, Default)]
struct Short {
    /// As those of a [`Lookup`](crate::lookup::Lookup).
    slots: Vec<u64>,
    entries: Vec<Entry>,
}

impl Short {
    /// The counts of `key`, which may be new.
    #[inline]
    fn at(&mut self, key: TokenKey) -> Result<&mut Counts> {
        if self.entries.len() * 2 >= self.slots.len() {
            self.grow()?;
        }
        let (hash, mask) = (key.hash(), self.slots.len() - 1);
        let mut at = hash as usize & mask;
        let position = loop {
            let slot = self.slots[at];
            if slot == EMPTY {
                let position = self.entries.len();
                self.slots[at] = lookup::slot(hash, position);
                self.entries.push(Entry {
                    key,
                    counts: Counts::default(),
                });
                break position;
            }
            let position = lookup::position(slot) as usize;
            if lookup::may_be(slot, hash) && self.entries[position].key == key {
                break position;
            }
            at = (at + 1) & mask;
        };
        Ok(&mut self.entries[position].counts)
    }

    #[cold]
    fn grow(&mut self) -> Result<()> {
        let size = (self.slots.len() * 2).max(1 << 10);
        if size > 1 << 32 {
            return Err(Error::new(
                ErrorKind::ResourceLimit,
                "more than 2^31 distinct terms cannot be counted",
            )
            .hint("drop rare or long tokens before: a lower `max_length`, fewer n-grams"));
        }
        self.slots.clear();
        self.slots.resize(size, EMPTY);
        for (position, entry) in self.entries.iter().enumerate() {
            let hash = entry.key.hash();
            let mut at = hash as usize & (size - 1);
            while self.slots[at] != EMPTY {
                at = (at + 1) & (size - 1);
            }
            self.slots[at] = lookup::slot(hash, position);
        }
        Ok(())
    }
}

/// Counts of all terms of the documents seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct TermCounts {
    short: Short,
    /// Terms that have no key.
    long: HashMap<Box<[u8]>, Counts, Xxh3DefaultBuilder>,
    documents: u64,
    tokens: u64,
    grams: Grams,
    /// Documents counted by this process, to tell a first occurrence in a document.
    stamp: u64,
}

impl TermCounts {
    /// Counts one document.
    ///
    /// # Errors
    /// As [`Ngrams::lay_out`], and `BZ_RESOURCE_LIMIT` past 2^31 distinct terms.
    pub fn add(&mut self, row: TermsRow<'_>, ngrams: Ngrams) -> Result<()> {
        self.begin_document();
        self.tokens += row.len() as u64;
        let mut grams = std::mem::take(&mut self.grams);
        let mut outcome = Ok(());
        let laid_out = ngrams.for_spans(row, &mut grams, |arena, spans| {
            if outcome.is_ok() {
                outcome = self.count(arena, spans);
            }
        });
        self.grams = grams;
        laid_out.and(outcome)
    }

    /// Begins a document that [`TermCounts::extend_document`] adds tokens to.
    pub fn begin_document(&mut self) {
        self.documents += 1;
        self.stamp += 1;
    }

    /// Counts tokens of the document begun last.
    ///
    /// # Errors
    /// `BZ_RESOURCE_LIMIT` past 2^31 distinct terms.
    pub fn extend_document(&mut self, row: TermsRow<'_>) -> Result<()> {
        self.tokens += row.len() as u64;
        self.count(row.arena(), row.spans())
    }

    fn count(&mut self, arena: &[u8], spans: &[Span]) -> Result<()> {
        for span in spans {
            match TokenKey::at(arena, span.start as usize, span.len as usize) {
                Some(key) => self.short.at(key)?.occur(self.stamp),
                None => self.count_long(&arena[span.range()]),
            }
        }
        Ok(())
    }

    #[cold]
    fn count_long(&mut self, term: &[u8]) {
        let counts = match self.long.get_mut(term) {
            Some(counts) => counts,
            None => self.long.entry(term.into()).or_default(),
        };
        counts.occur(self.stamp);
    }

    /// Takes in counts of other documents.
    ///
    /// # Errors
    /// `BZ_RESOURCE_LIMIT` past 2^31 distinct terms.
    pub fn merge(&mut self, mut other: TermCounts) -> Result<()> {
        if other.short.entries.len() > self.short.entries.len() {
            std::mem::swap(self, &mut other);
        }
        self.documents += other.documents;
        self.tokens += other.tokens;
        // The stamps of the two have nothing to do with each other: a later document must not meet one of them.
        self.stamp = self.stamp.max(other.stamp);
        for Entry { key, counts } in other.short.entries {
            self.short.at(key)?.add(counts);
        }
        for (term, counts) in other.long {
            self.long.entry(term).or_default().add(counts);
        }
        Ok(())
    }

    /// Documents counted.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Tokens counted, not n-grams.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// All terms with their counts, in ascending order of their bytes.
    pub fn into_sorted(self) -> Vec<(Box<[u8]>, Counts)> {
        let entries = self.short.entries;
        // Most terms differ in their first bytes, and short items move faster than entries.
        let heads = entries.iter().map(|entry| entry.key.head());
        let mut order: Vec<(u128, u32)> = heads.zip(0..).collect();
        order.sort_unstable_by(|a, b| {
            let key = |at: u32| &entries[at as usize].key;
            a.0.cmp(&b.0).then_with(|| key(a.1).cmp_bytes(key(b.1)))
        });
        let sorted = order.iter().map(|(_, position)| &entries[*position as usize]);
        let mut terms: Vec<(Box<[u8]>, Counts)> = sorted
            .map(|entry| {
                let (padded, len) = entry.key.padded();
                (padded[..len].into(), entry.counts)
            })
            .collect();
        if !self.long.is_empty() {
            let mut long: Vec<_> = self.long.into_iter().collect();
            long.sort_unstable_by(|a, b| a.0.cmp(&b.0));
            terms.append(&mut long);
            // The stable sort merges the two runs.
            terms.sort_by(|a, b| a.0.cmp(&b.0));
        }
        terms
    }
}

/// The form between processes: terms with documents and occurrences.
#[derive(Deserialize)]
struct Wire {
    terms: Vec<(Box<[u8]>, u64, u64)>,
    documents: u64,
    tokens: u64,
}

impl Serialize for TermCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        struct Terms<'a>(&'a TermCounts);
        impl Serialize for Terms<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
                use serde::ser::SerializeSeq;
                let TermCounts { short, long, .. } = self.0;
                let mut seq = serializer.serialize_seq(Some(short.entries.len() + long.len()))?;
                for Entry { key, counts } in &short.entries {
                    let (padded, len) = key.padded();
                    seq.serialize_element(&(&padded[..len], counts.documents, counts.occurrences))?;
                }
                for (term, counts) in long {
                    seq.serialize_element(&(&**term, counts.documents, counts.occurrences))?;
                }
                seq.end()
            }
        }
        let mut wire = serializer.serialize_struct("TermCounts", 3)?;
        wire.serialize_field("terms", &Terms(self))?;
        wire.serialize_field("documents", &self.documents)?;
        wire.serialize_field("tokens", &self.tokens)?;
        wire.end()
    }
}

impl<'de> Deserialize<'de> for TermCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        let mut counts = Self {
            documents: wire.documents,
            tokens: wire.tokens,
            ..Self::default()
        };
        for (term, documents, occurrences) in wire.terms {
            let read = Counts {
                documents,
                occurrences,
                last: 0,
            };
            match TokenKey::new(&term) {
                Some(key) => counts.short.at(key).map_err(serde::de::Error::custom)?.add(read),
                None => counts.long.entry(term).or_default().add(read),
            }
        }
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::text::Terms;

    /// Documents of short, long, empty and repeated terms.
    fn documents() -> Vec<Vec<Vec<u8>>> {
        let term = |i: usize| match i % 7 {
            0 => vec![],
            1 => vec![b'x'; i % 60],
            2 => vec![0; i % 30],
            _ => format!("term{}", i * i % 5_000).into_bytes(),
        };
        (0..600)
            .map(|d| (0..d % 23).map(|i| term(d * 31 + i * i)).collect())
            .collect()
    }

    fn counted(documents: &[Vec<Vec<u8>>], ngrams: Ngrams) -> TermCounts {
        let mut counts = TermCounts::default();
        for document in documents {
            let mut terms = Terms::new();
            document.iter().for_each(|term| terms.push_token(term).unwrap());
            terms.end_row();
            counts.add(terms.row(0).unwrap(), ngrams).unwrap();
        }
        counts
    }

    /// By a plain map.
    fn plain(documents: &[Vec<Vec<u8>>], high: usize) -> Vec<(Vec<u8>, u64, u64)> {
        let mut counts: BTreeMap<Vec<u8>, (u64, u64)> = BTreeMap::new();
        for document in documents {
            let grams = (1..=high).flat_map(|n| document.windows(n).map(|gram| gram.join(&b' ')));
            let grams: Vec<Vec<u8>> = grams.collect();
            for gram in &grams {
                counts.entry(gram.clone()).or_default().1 += 1;
            }
            let distinct: std::collections::BTreeSet<Vec<u8>> = grams.into_iter().collect();
            for gram in distinct {
                counts.entry(gram).or_default().0 += 1;
            }
        }
        counts.into_iter().map(|(term, (d, o))| (term, d, o)).collect()
    }

    fn shown(counts: TermCounts) -> Vec<(Vec<u8>, u64, u64)> {
        let sorted = counts.into_sorted().into_iter();
        sorted
            .map(|(term, counts)| (term.into_vec(), counts.documents, counts.occurrences))
            .collect()
    }

    #[test]
    fn counts_are_those_of_a_plain_map() {
        let documents = documents();
        for high in [1u8, 3] {
            let want = plain(&documents, high as usize);
            assert_eq!(shown(counted(&documents, Ngrams(1, high))), want);
            assert!(want.iter().any(|(term, ..)| term.len() > TokenKey::MAX));
        }
    }

    #[test]
    fn parts_sent_and_merged_in_any_order_are_the_whole() {
        let documents = documents();
        let want = plain(&documents, 1);
        for cut in [0, 1, 299, 600] {
            let (a, b) = documents.split_at(cut);
            for (first, second) in [(a, b), (b, a)] {
                let sent = postcard::to_allocvec(&counted(second, Ngrams(1, 1))).unwrap();
                let mut counts = counted(first, Ngrams(1, 1));
                counts.merge(postcard::from_bytes(&sent).unwrap()).unwrap();
                assert_eq!(counts.documents(), 600);
                assert_eq!(shown(counts), want);
            }
        }
    }

    #[test]
    fn documents_counted_after_a_merge_are_new_ones() {
        let documents = documents();
        let want = plain(&documents, 1);
        let mut counts = counted(&documents[..100], Ngrams(1, 1));
        counts.merge(counted(&documents[100..500], Ngrams(1, 1))).unwrap();
        for document in &documents[500..] {
            let mut terms = Terms::new();
            document.iter().for_each(|term| terms.push_token(term).unwrap());
            terms.end_row();
            counts.add(terms.row(0).unwrap(), Ngrams(1, 1)).unwrap();
        }
        assert_eq!(shown(counts), want);
    }
}
