//! Choosing the terms of a vocabulary by their counts, as scikit-learn's vectorizers do.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use arrow_array::builder::LargeBinaryBuilder;
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, LargeBinaryArray};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::checks;
use crate::args::Args;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{FitState, Outcome, Runs, Tables, TermCounts};
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
        let mut seen = HashSet::new();
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
        let runs = self.counts.into_runs();
        let Kept { terms, frequencies } = self.options.select(all, &runs)?;
        drop(runs);
        let mut tables = Tables::default();
        vocabulary::insert_lookup(&mut tables, &terms, "raise min_df or set max_features")?;
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("term", Arc::new(terms)),
            ("document_frequency", Arc::new(frequencies.clone())),
        ];
        if let Some(smoothing) = smoothing {
            let idf = frequencies
                .values()
                .iter()
                .map(|documents| idf(all, *documents as u64, smoothing));
            columns.push((IDF, Arc::new(Float64Array::from_iter_values(idf))));
        }
        tables.insert(vocabulary::TERMS, columns)?;
        tables.insert(
            "statistics",
            vec![("documents", Arc::new(Int64Array::from(vec![all as i64])))],
        )?;
        Ok(Outcome::Done(tables))
    }

    fn keys(&self) -> usize {
        self.counts.terms()
    }

    fn key_bytes(&self) -> usize {
        self.counts.bytes()
    }

    fn split(&mut self, parts: usize) -> Vec<Self> {
        let counts = self.counts.split(parts).into_iter();
        let part = |counts| Self {
            counts,
            options: self.options.clone(),
        };
        counts.map(part).collect()
    }

    fn prune(&mut self, rest: Option<&Self>) {
        let all = rest.map(|rest| rest.counts.documents());
        self.options.prune(&mut self.counts, all);
    }

    fn prunes_by_rest(&self) -> bool {
        let (low, high) = self.options.bounds(None);
        // `max_df` drops few terms, but `max_features` comes after it.
        let by_rest = low.is_none() || high.is_none() && self.options.max_features.is_some();
        self.options.vocabulary.is_none() && by_rest
    }
}

/// The terms of a vocabulary, in column order.
struct Kept {
    terms: LargeBinaryArray,
    /// Documents that hold each.
    frequencies: Int64Array,
}

impl Kept {
    /// The given terms with their documents, some of those of `counted`.
    fn of<'a>(counted: &Runs<2>, kept: impl Iterator<Item = (&'a [u8], u64)>) -> Self {
        let mut terms = LargeBinaryBuilder::with_capacity(counted.keys(), counted.bytes());
        let mut frequencies = Vec::with_capacity(counted.keys());
        for (term, documents) in kept {
            terms.append_value(term);
            frequencies.push(documents as i64);
        }
        Self {
            terms: terms.finish(),
            frequencies: frequencies.into(),
        }
    }
}

impl Options {
    /// The terms to keep of those counted in `all` documents.
    fn select(self, all: u64, counted: &Runs<2>) -> Result<Kept> {
        let invalid =
            |message: &str, hint: &str| Err(Error::new(ErrorKind::InvalidValue, message).hint(hint));
        if let Some(given) = &self.vocabulary {
            let mut found: HashMap<&[u8], u64> = given.iter().map(|term| (term.as_bytes(), 0)).collect();
            for (term, [documents, _]) in counted.iter() {
                if let Some(frequency) = found.get_mut(term) {
                    *frequency = documents;
                }
            }
            let kept = given.iter().map(|term| (term.as_bytes(), found[term.as_bytes()]));
            return Ok(Kept::of(counted, kept));
        }
        let (low, high) = (Bound::from(self.min_df).of(all), Bound::from(self.max_df).of(all));
        if high < low {
            return invalid(
                "max_df keeps fewer documents than min_df asks for",
                "lower min_df or raise max_df",
            );
        }
        let within = counted
            .iter()
            .filter(|(_, [documents, _])| (low..=high).contains(&(*documents as f64)));
        let kept = match self.max_features {
            None => Kept::of(counted, within.map(|(term, [documents, _])| (term, documents))),
            Some(limit) => Kept::of(counted, self.most_frequent(within, limit).into_iter()),
        };
        if kept.terms.is_empty() {
            return invalid(
                "no term is left for the vocabulary",
                "the documents may be empty or all stop words; lower min_df or raise max_df",
            );
        }
        Ok(kept)
    }

    /// The `limit` most frequent terms, of equally frequent ones the first, with their documents; in ascending order.
    fn most_frequent<'a>(
        &self,
        terms: impl Iterator<Item = (&'a [u8], [u64; 2])>,
        limit: u64,
    ) -> Vec<(&'a [u8], u64)> {
        let mut terms: Vec<_> = terms.collect();
        if limit < terms.len() as u64 {
            let counted = usize::from(!self.binary);
            terms.sort_unstable_by(|a, b| b.1[counted].cmp(&a.1[counted]).then_with(|| a.0.cmp(b.0)));
            terms.truncate(limit as usize);
            terms.sort_unstable_by(|a, b| a.0.cmp(b.0));
        }
        terms
            .into_iter()
            .map(|(term, [documents, _])| (term, documents))
            .collect()
    }

    /// The fewest and the most documents of a term that is kept. A share is of `all` documents; where their number is not
    /// known, neither is the bound, but for those that drop nothing.
    fn bounds(&self, all: Option<u64>) -> (Option<f64>, Option<f64>) {
        let known = |limit, nothing, dropping_nothing| match limit {
            Limit::Count(count) => Some(count as f64),
            Limit::Share(share) if share == nothing => Some(dropping_nothing),
            Limit::Share(_) => all.map(|all| Bound::from(limit).of(all)),
        };
        (
            known(self.min_df, 0.0, 0.0),
            known(self.max_df, 1.0, f64::INFINITY),
        )
    }

    /// Drops terms that [`Options::select`] would not keep, whatever else there is; `all` documents, where it is known.
    fn prune(&self, counts: &mut TermCounts, all: Option<u64>) {
        if let Some(given) = &self.vocabulary {
            let given: HashSet<&[u8]> = given.iter().map(String::as_bytes).collect();
            return counts.retain(|term, _| given.contains(term));
        }
        let (low, high) = self.bounds(all);
        counts.retain(|_, counts| {
            let documents = counts.documents as f64;
            low.is_none_or(|low| low <= documents) && high.is_none_or(|high| documents <= high)
        });
        let (Some(limit), Some(_), Some(_)) = (self.max_features, low, high) else {
            return;
        };
        let runs = counts.clone().into_runs();
        let kept: HashSet<&[u8]> = self
            .most_frequent(runs.iter(), limit)
            .into_iter()
            .map(|(term, _)| term)
            .collect();
        counts.retain(|term, _| kept.contains(term));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Terms;

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

    /// A term that occurs `i` times in each of `i` documents, for `i` from 1.
    fn counted(terms: &[&str]) -> TermCounts {
        let mut counts = TermCounts::default();
        for document in 0..terms.len() {
            let mut row = Terms::new();
            for (i, term) in terms.iter().enumerate().filter(|(i, _)| document <= *i) {
                (0..=i).for_each(|_| row.push_token(term.as_bytes()).unwrap());
            }
            row.end_row();
            counts.add(row.row(0).unwrap(), Ngrams(1, 1)).unwrap();
        }
        counts
    }

    #[test]
    fn a_part_drops_what_no_vocabulary_keeps() {
        let terms = ["a", "b", "c", "d", "e", "f"];
        let selection = || Selection {
            ngrams: Ngrams(1, 1),
            min_df: Bound::Count(1),
            max_df: Bound::Share(1.0),
            max_features: None,
            vocabulary: None,
            binary: false,
            smoothing: None,
        };
        let state = |change: fn(&mut Selection)| {
            let mut selection = selection();
            change(&mut selection);
            let mut state = selection.start();
            state.counts = counted(&terms);
            assert_eq!(state.keys(), 6);
            state
        };
        let left = |mut state: TermState, rest: Option<&TermState>| {
            state.prune(rest);
            let runs = state.counts.into_runs();
            let left = runs.iter().flat_map(|(term, _)| term.to_vec()).collect();
            String::from_utf8(left).unwrap()
        };
        // What is left, with the number of documents or without, where that drops nothing more.
        let alike = |change: fn(&mut Selection)| {
            let state = state(change);
            assert!(!state.prunes_by_rest());
            let known = left(state.clone(), Some(&state));
            assert_eq!(left(state, None), known);
            known
        };
        assert_eq!(alike(|_| ()), "abcdef");
        assert_eq!(alike(|s| s.min_df = Bound::Count(3)), "cdef");
        assert_eq!(alike(|s| s.max_df = Bound::Count(3)), "abc");
        assert_eq!(alike(|s| s.max_features = Some(2)), "ef");
        assert_eq!(alike(|s| s.vocabulary = Some(vec!["d".into(), "x".into()])), "d");
        assert_eq!(
            alike(|s| (s.min_df, s.max_features) = (Bound::Share(0.0), Some(1))),
            "f"
        );
        // Shares are of all documents: without their number nothing can be dropped for one, nor for a limit after it.
        let both = |state: TermState| (left(state.clone(), None), left(state.clone(), Some(&state)));
        let by_rest = |change: fn(&mut Selection)| {
            let state = state(change);
            assert!(state.prunes_by_rest());
            both(state)
        };
        let is = |left: (String, String), without: &str, with: &str| {
            assert_eq!((left.0.as_str(), left.1.as_str()), (without, with));
        };
        is(by_rest(|s| s.min_df = Bound::Share(0.5)), "abcdef", "cdef");
        is(by_rest(|s| s.min_df = Bound::Share(1.0)), "abcdef", "f");
        // It drops few terms.
        let most = state(|s| s.max_df = Bound::Share(0.9));
        assert!(!most.prunes_by_rest());
        is(both(most), "abcdef", "abcde");
        let all = |s: &mut Selection| {
            (s.min_df, s.max_df, s.max_features) = (Bound::Count(2), Bound::Share(0.9), Some(1))
        };
        is(by_rest(all), "bcdef", "e");
    }
}
