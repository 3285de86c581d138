//! How often and in how many documents each term occurs.
//!
//! Counting is the whole cost of a fit over text, so short terms live in a table of their own: fixed-size keys read from
//! the arena without a copy, open addressing, no allocation a term. Longer terms go to a map. What comes from other
//! processes stays in sorted runs, which are only merged in the end.

use std::borrow::Cow;
use std::collections::HashMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

use super::runs::{Run, Runs};
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
    /// Bytes of those.
    long_bytes: usize,
    /// Documents and occurrences of terms that other processes counted.
    runs: Runs<2>,
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
            None => {
                self.long_bytes += term.len();
                self.long.entry(term.into()).or_default()
            }
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
            let (held, bytes) = (self.long.len(), term.len());
            self.long.entry(term).or_default().add(counts);
            self.long_bytes += bytes * (self.long.len() - held);
        }
        self.runs.append(other.runs);
        Ok(())
    }

    /// How many terms are held; one that other processes counted too may count several times.
    pub fn terms(&self) -> usize {
        self.short.entries.len() + self.long.len() + self.runs.keys()
    }

    /// About how many bytes the terms take.
    pub fn bytes(&self) -> usize {
        let short = self.short.entries.len() * size_of::<Entry>() + self.short.slots.len() * size_of::<u64>();
        let long = self.long.len() * size_of::<(Box<[u8]>, Counts)>() + self.long_bytes;
        short + long + self.runs.bytes()
    }

    /// Moves the terms into counts of `parts` parts, by hash; the numbers of documents and tokens stay.
    pub fn split(&mut self, parts: usize) -> Vec<Self> {
        let rest = Self {
            documents: self.documents,
            tokens: self.tokens,
            ..Self::default()
        };
        let terms = std::mem::replace(self, rest).into_runs().split(parts);
        terms
            .into_iter()
            .map(|runs| Self {
                runs,
                ..Self::default()
            })
            .collect()
    }

    /// Drops the terms that are not kept.
    pub fn retain(&mut self, mut keep: impl FnMut(&[u8], Counts) -> bool) {
        let (documents, tokens) = (self.documents, self.tokens);
        let runs = std::mem::take(self).into_runs();
        *self = Self {
            runs: runs.merge(|term, counts| keep(term, counts.into())).into(),
            documents,
            tokens,
            ..Self::default()
        };
    }

    /// Documents counted.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Tokens counted, not n-grams.
    pub fn tokens(&self) -> u64 {
        self.tokens
    }

    /// All terms with their counts, to be read in ascending order of their bytes.
    pub fn into_runs(mut self) -> Runs<2> {
        let own = self.own_run();
        (self.short, self.long, self.long_bytes) = Default::default();
        self.runs.push(own);
        self.runs
    }

    /// The terms that this process counted.
    fn own_run(&self) -> Run<2> {
        let entries = &self.short.entries;
        // Most terms differ in their first bytes, and short items move faster than entries.
        let heads = entries.iter().map(|entry| entry.key.head());
        let mut order: Vec<(u128, u32)> = heads.zip(0..).collect();
        order.sort_unstable_by(|a, b| {
            let key = |at: u32| &entries[at as usize].key;
            a.0.cmp(&b.0).then_with(|| key(a.1).cmp_bytes(key(b.1)))
        });
        let mut long: Vec<_> = self.long.iter().collect();
        long.sort_unstable_by(|a, b| a.0.cmp(b.0));
        let mut long = long.into_iter().peekable();
        let mut run = Run::default();
        for (_, position) in &order {
            let Entry { key, counts } = &entries[*position as usize];
            let (padded, len) = key.padded();
            let term = &padded[..len];
            while let Some((before, counts)) = long.next_if(|(before, _)| &***before < term) {
                run.push(before, (*counts).into());
            }
            run.push(term, (*counts).into());
        }
        long.for_each(|(term, counts)| run.push(term, (*counts).into()));
        run
    }
}

impl From<Counts> for [u64; 2] {
    fn from(counts: Counts) -> Self {
        [counts.documents, counts.occurrences]
    }
}

impl From<[u64; 2]> for Counts {
    fn from([documents, occurrences]: [u64; 2]) -> Self {
        Self {
            documents,
            occurrences,
            last: 0,
        }
    }
}

/// The form between processes.
#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    terms: Cow<'a, Run<2>>,
    documents: u64,
    tokens: u64,
}

impl Serialize for TermCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let wire = Wire {
            terms: self.runs.with(self.own_run()),
            documents: self.documents,
            tokens: self.tokens,
        };
        wire.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for TermCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        Ok(Self {
            runs: wire.terms.into_owned().into(),
            documents: wire.documents,
            tokens: wire.tokens,
            ..Self::default()
        })
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
        let runs = counts.into_runs();
        runs.iter()
            .map(|(term, [documents, occurrences])| (term.to_vec(), documents, occurrences))
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

    #[test]
    fn parts_by_hash_are_the_whole() {
        let documents = documents();
        let want = plain(&documents, 1);
        for parts in [1, 3, 40] {
            let (a, b) = documents.split_at(200);
            let (mut left, mut right) = (counted(a, Ngrams(1, 1)), counted(b, Ngrams(1, 1)));
            let terms = left.terms();
            let mut whole = TermCounts::default();
            for (mut part, other) in left.split(parts).into_iter().zip(right.split(parts)) {
                let (held, all) = (part.terms(), part.terms() + other.terms());
                assert!(parts == 1 || held < terms);
                part.merge(other).unwrap();
                assert_eq!(part.terms(), all);
                part.retain(|_, _| true);
                assert!(part.terms() < all || part.terms() == 0 || parts == 40);
                assert_eq!((part.documents(), part.tokens()), (0, 0));
                whole.merge(part).unwrap();
            }
            assert_eq!((left.terms(), left.documents()), (0, 200));
            whole.merge(right).unwrap();
            whole.merge(left).unwrap();
            assert_eq!(whole.documents(), 600);
            assert_eq!(shown(whole), want, "{parts}");
        }
    }

    #[test]
    fn terms_that_are_not_retained_are_gone() {
        let mut counts = counted(&documents(), Ngrams(1, 1));
        let tokens = counts.tokens();
        counts.retain(|term, counts| term.len() < 8 && counts.documents > 1);
        assert_eq!((counts.documents(), counts.tokens()), (600, tokens));
        let want: Vec<_> = plain(&documents(), 1)
            .into_iter()
            .filter(|(term, documents, _)| term.len() < 8 && *documents > 1)
            .collect();
        assert_eq!(counts.terms(), want.len());
        assert_eq!(shown(counts), want);
    }
}
