//! How often and in how many documents each term occurs.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

use crate::error::Result;
use crate::ngrams::{Grams, Ngrams};
use crate::text::TermsRow;

/// The counts of one term.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Counts {
    /// Documents that hold the term.
    pub documents: u64,
    /// Occurrences in all of them.
    pub occurrences: u64,
    /// The document that was counted last, from 1; it never leaves the process.
    #[serde(skip)]
    last: u64,
}

/// Counts of all terms of the documents seen.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct TermCounts {
    terms: HashMap<Box<[u8]>, Counts, Xxh3DefaultBuilder>,
    documents: u64,
    tokens: u64,
    #[serde(skip)]
    grams: Grams,
    /// Documents counted by this process, to tell a first occurrence in a document.
    #[serde(skip)]
    stamp: u64,
}

impl TermCounts {
    /// Counts one document.
    ///
    /// # Errors
    /// As [`Ngrams::lay_out`].
    pub fn add(&mut self, row: TermsRow<'_>, ngrams: Ngrams) -> Result<()> {
        self.documents += 1;
        self.tokens += row.len() as u64;
        self.stamp += 1;
        let (terms, stamp) = (&mut self.terms, self.stamp);
        ngrams.for_each(row, &mut self.grams, |gram| {
            let counts = match terms.get_mut(gram) {
                Some(counts) => counts,
                None => terms.entry(gram.into()).or_default(),
            };
            counts.occurrences += 1;
            counts.documents += u64::from(counts.last != stamp);
            counts.last = stamp;
        })
    }

    /// Takes in counts of other documents.
    pub fn merge(&mut self, mut other: TermCounts) {
        if other.terms.len() > self.terms.len() {
            std::mem::swap(self, &mut other);
        }
        self.documents += other.documents;
        self.tokens += other.tokens;
        for (term, counts) in other.terms {
            let held = self.terms.entry(term).or_default();
            held.documents += counts.documents;
            held.occurrences += counts.occurrences;
        }
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
        let mut terms: Vec<_> = self.terms.into_iter().collect();
        terms.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        terms
    }
}
