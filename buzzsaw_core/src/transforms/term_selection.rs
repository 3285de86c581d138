//! Choosing the terms of a vocabulary by their counts, as scikit-learn's vectorizers do.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, LargeBinaryArray};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::checks;
use crate::args::Args;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{FitState, Outcome, Tables, TermCounts};
use crate::math;
use crate::ngrams::Ngrams;
use crate::vocabulary::{self, Vocabulary};

/// A bound on a frequency: a whole number is a count, a number with a point is a share of all there are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum Bound {
    /// This many.
    Count(u64),
    /// This share of all, 0.0 to 1.0.
    Share(f64),
}

impl Bound {
    /// The bound in documents, of `all` there are.
    pub fn of(self, all: u64) -> f64 {
        match self {
            Bound::Count(count) => count as f64,
            Bound::Share(share) => share * all as f64,
        }
    }

    /// The problem with the bound, if there is one.
    pub fn problem(self, place: &str) -> Option<Problem> {
        match self {
            Bound::Share(share) if !(0.0..=1.0).contains(&share) => checks::range(
                false,
                place,
                share,
                "give a whole number, or a share from 0.0 to 1.0",
            ),
            _ => None,
        }
    }
}

/// The options that say which terms are kept.
pub(super) struct Selection {
    /// The word n-grams that are terms.
    pub ngrams: Ngrams,
    /// Terms in fewer documents are left out.
    pub min_df: Bound,
    /// Terms in more documents are left out.
    pub max_df: Bound,
    /// How many terms are kept, the most frequent ones.
    pub max_features: Option<u64>,
    /// The terms to keep, whatever their counts.
    pub vocabulary: Option<Vec<String>>,
    /// Whether a term is as frequent as its documents are many.
    pub binary: bool,
    /// What is added to the counts that inverse document frequencies are made of; `None` where none are wanted.
    pub smoothing: Option<f64>,
}

impl Selection {
    /// What is wrong with the options.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        problems.extend(self.ngrams.problem());
        problems.extend(self.min_df.problem("min_df"));
        problems.extend(self.max_df.problem("max_df"));
        problems.extend(checks::range(
            self.max_features != Some(0),
            "max_features",
            0,
            "give 1 or more",
        ));
        let Some(terms) = &self.vocabulary else {
            return problems;
        };
        let mut seen = std::collections::HashSet::new();
        if let Some(term) = terms.iter().find(|term| !seen.insert(term.as_str())) {
            let problem = Problem::new(ErrorKind::InvalidSpec, format!("`{term}` is listed twice"));
            problems.push(problem.at("vocabulary").hint("keep one of the two"));
        }
        if terms.is_empty() {
            let problem = Problem::new(ErrorKind::InvalidSpec, "the vocabulary is empty");
            let hint = "list terms, or leave it out to learn them";
            problems.push(problem.at("vocabulary").hint(hint));
        }
        problems
    }

    /// An empty state to learn with.
    pub fn start(self) -> TermState {
        TermState {
            counts: TermCounts::default(),
            options: Options {
                ngrams: (self.ngrams.0, self.ngrams.1),
                min_df: self.min_df.into(),
                max_df: self.max_df.into(),
                max_features: self.max_features,
                vocabulary: self.vocabulary,
                binary: self.binary,
                smoothing: self.smoothing,
            },
        }
    }
}

/// The column of inverse document frequencies.
pub(super) const IDF: &str = "idf";

/// ln((`all` + s) / (`documents` + s)) + 1, and 0.0 for a term of no document without smoothing: the logarithm of a
/// division by zero says nothing.
fn idf(all: u64, documents: u64, smoothing: f64) -> f64 {
    if documents == 0 && smoothing == 0.0 {
        return 0.0;
    }
    math::ln((all as f64 + smoothing) / (documents as f64 + smoothing)) + 1.0
}

/// What was kept, read back from the step's tables.
pub(super) struct Selected {
    pub vocabulary: Vocabulary,
}

impl Selected {
    /// Reads and checks what [`TermState`] writes.
    ///
    /// # Errors
    /// `BZ_CORRUPT_ARTIFACT` when it is malformed.
    pub fn open(tables: &Tables) -> Result<Self> {
        let vocabulary = Vocabulary::open(tables)?;
        let documents = tables.i64("statistics", "documents")?;
        let frequencies = tables.i64s(vocabulary::TERMS, "document_frequency")?;
        if documents < 0 || frequencies.values().iter().any(|df| *df < 0 || *df > documents) {
            return Err(checks::corrupt(
                "document frequencies pass the number of documents",
            ));
        }
        Ok(Self { vocabulary })
    }
}

/// Term counts, with the options that select terms from them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct TermState {
    counts: TermCounts,
    options: Options,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Options {
    ngrams: (u8, u8),
    min_df: Limit,
    max_df: Limit,
    max_features: Option<u64>,
    vocabulary: Option<Vec<String>>,
    binary: bool,
    smoothing: Option<f64>,
}

/// [`Bound`] with a tag: the form between processes does not describe itself.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Limit {
    Count(u64),
    Share(f64),
}

impl From<Bound> for Limit {
    fn from(bound: Bound) -> Self {
        match bound {
            Bound::Count(count) => Limit::Count(count),
            Bound::Share(share) => Limit::Share(share),
        }
    }
}

impl From<Limit> for Bound {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Count(count) => Bound::Count(count),
            Limit::Share(share) => Bound::Share(share),
        }
    }
}

impl FitState for TermState {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let terms = args.terms(0)?;
        let (low, high) = self.options.ngrams;
        let mut rows = (0..args.len()).filter_map(|i| terms.get(i));
        rows.try_for_each(|row| self.counts.add(row, Ngrams(low, high)))
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.counts.merge(other.counts)
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let all = self.counts.documents();
        let smoothing = self.options.smoothing;
        let kept = self.options.select(self.counts)?;
        let terms: LargeBinaryArray = kept.iter().map(|(term, _)| Some(term)).collect();
        let frequencies: Int64Array = kept.iter().map(|(_, documents)| *documents as i64).collect();
        let mut tables = Tables::default();
        vocabulary::insert_lookup(&mut tables, &terms, "raise min_df or set max_features")?;
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("term", Arc::new(terms)),
            ("document_frequency", Arc::new(frequencies)),
        ];
        if let Some(smoothing) = smoothing {
            let idf = kept.iter().map(|(_, documents)| idf(all, *documents, smoothing));
            columns.push((IDF, Arc::new(Float64Array::from_iter_values(idf))));
        }
        tables.insert(vocabulary::TERMS, columns)?;
        tables.insert(
            "statistics",
            vec![("documents", Arc::new(Int64Array::from(vec![all as i64])))],
        )?;
        Ok(Outcome::Done(tables))
    }
}

impl Options {
    /// The terms to keep with their document frequencies, in column order.
    fn select(self, counts: TermCounts) -> Result<Vec<(Box<[u8]>, u64)>> {
        let invalid =
            |message: &str, hint: &str| Err(Error::new(ErrorKind::InvalidValue, message).hint(hint));
        let all = counts.documents();
        let mut sorted = counts.into_sorted();
        if let Some(given) = self.vocabulary {
            let found = |term: &str| sorted.binary_search_by(|(known, _)| (**known).cmp(term.as_bytes()));
            let frequency = |term: &String| found(term).map_or(0, |at| sorted[at].1.documents);
            return Ok(given
                .iter()
                .map(|term| (term.as_bytes().into(), frequency(term)))
                .collect());
        }
        let (low, high) = (Bound::from(self.min_df).of(all), Bound::from(self.max_df).of(all));
        if high < low {
            return invalid(
                "max_df keeps fewer documents than min_df asks for",
                "lower min_df or raise max_df",
            );
        }
        sorted.retain(|(_, counts)| (low..=high).contains(&(counts.documents as f64)));
        if let Some(limit) = self.max_features.filter(|limit| (*limit as usize) < sorted.len()) {
            let occurrences = |counts: &crate::fit::Counts| {
                if self.binary {
                    counts.documents
                } else {
                    counts.occurrences
                }
            };
            sorted.sort_by(|a, b| {
                occurrences(&b.1)
                    .cmp(&occurrences(&a.1))
                    .then_with(|| a.0.cmp(&b.0))
            });
            sorted.truncate(limit as usize);
            sorted.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        }
        if sorted.is_empty() {
            return invalid(
                "no term is left for the vocabulary",
                "the documents may be empty or all stop words; lower min_df or raise max_df",
            );
        }
        Ok(sorted
            .into_iter()
            .map(|(term, counts)| (term, counts.documents))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(documents: i64, frequencies: [i64; 2]) -> Result<Selected> {
        let terms = LargeBinaryArray::from(vec![&b"a"[..], b"b"]);
        let frequencies = Int64Array::from(frequencies.to_vec());
        let mut tables = Tables::default();
        vocabulary::insert_lookup(&mut tables, &terms, "fit on fewer documents")?;
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("term", Arc::new(terms)),
            ("document_frequency", Arc::new(frequencies)),
        ];
        tables.insert(vocabulary::TERMS, columns)?;
        let documents: ArrayRef = Arc::new(Int64Array::from(vec![documents]));
        tables.insert("statistics", vec![("documents", documents)])?;
        Selected::open(&tables)
    }

    #[test]
    fn document_frequencies_are_from_0_to_the_number_of_documents() {
        assert!(opened(3, [0, 3]).is_ok());
        assert!(opened(0, [0, 0]).is_ok());
        for (documents, frequencies) in [
            (3, [4, 1]),
            (3, [1, -1]),
            (-1, [0, 0]),
            (-1, [-1, -1]),
            (-2, [-2, -2]),
        ] {
            let error = opened(documents, frequencies).map(|_| ()).unwrap_err();
            assert_eq!(
                error.kind(),
                ErrorKind::CorruptArtifact,
                "{documents} {frequencies:?}"
            );
        }
    }
}
