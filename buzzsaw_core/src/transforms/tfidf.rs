//! `tfidf`: tokens to a sparse vector over a fitted vocabulary, weighted by inverse document frequency.

use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, LargeBinaryArray};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::cpu::Level;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{FitState, Outcome, Tables, TermCounts};
use crate::math;
use crate::ngrams::{Grams, Ngrams};
use crate::slot::Slot;
use crate::sparse_row::{Keys, Norm, Scale};
use crate::text::Span;
use crate::types::ValueType;
use crate::vocabulary::{self, Lookups, Vocabulary};

/// A bound on document frequency: a whole number counts documents, a number with a point is a share of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Bound {
    /// This many documents.
    Count(u64),
    /// This share of all documents, 0.0 to 1.0.
    Share(f64),
}

impl Bound {
    fn documents(self, all: u64) -> f64 {
        match self {
            Bound::Count(count) => count as f64,
            Bound::Share(share) => share * all as f64,
        }
    }

    fn problem(self, place: &str) -> Option<Problem> {
        match self {
            Bound::Share(share) if !(0.0..=1.0).contains(&share) => checks::range(
                false,
                place,
                share,
                "give a whole number of documents, or a share from 0.0 to 1.0",
            ),
            _ => None,
        }
    }
}

/// Weighs tokens (or word n-grams) of a fitted vocabulary by frequency in the row and rarity in the documents.
///
/// The options are those of scikit-learn's `TfidfVectorizer`, and so are the values: bit for bit in f64 but for the
/// logarithm, which is correctly rounded here and within 1 ULP there. Columns are in the order of the terms' bytes.
///
/// **Missing.** Missing tokens give an empty row and are not counted as a document; an empty list is counted.
///
/// **Example.** `{transform: tfidf, input: title_terms, min_df: 2, max_features: 10000}`.
///
/// **Source.** `sklearn.feature_extraction.text.TfidfVectorizer`: tf * (ln((1 + n) / (1 + df)) + 1) with
/// `smooth_idf`, tf * (ln(n / df) + 1) without; of terms with equal counts at the `max_features` border those first
/// in byte order stay, where scikit-learn leaves the choice open.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The word n-grams that are terms, `[low, high]`.
    ngrams: Ngrams,
    /// Terms in fewer documents are left out: a count, or a share with a point.
    min_df: Bound,
    /// Terms in more documents are left out: a count, or a share with a point.
    max_df: Bound,
    /// How many terms are kept, the most frequent over all documents; all by default.
    max_features: Option<u64>,
    /// The terms to use, instead of learning them; their order is the order of the columns.
    vocabulary: Option<Vec<String>>,
    /// Whether a term that occurs counts 1 however often it does.
    binary: bool,
    /// How the row is scaled: `l2`, `l1` or `none`.
    norm: Norm,
    /// Whether the inverse document frequency is used at all.
    use_idf: bool,
    /// Whether one is added to document frequencies, as if one more document held every term.
    smooth_idf: bool,
    /// Whether the frequency in the row is 1 + ln(tf).
    sublinear_tf: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            ngrams: Ngrams::default(),
            min_df: Bound::Count(1),
            max_df: Bound::Share(1.0),
            max_features: None,
            vocabulary: None,
            binary: false,
            norm: Norm::L2,
            use_idf: true,
            smooth_idf: true,
            sublinear_tf: false,
        }
    }
}

/// Term counts, with the options that select terms from them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    counts: TermCounts,
    selection: Selection,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Selection {
    ngrams: (u8, u8),
    min_df: Limit,
    max_df: Limit,
    max_features: Option<u64>,
    vocabulary: Option<Vec<String>>,
    binary: bool,
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

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let terms = args.terms(0)?;
        let (low, high) = self.selection.ngrams;
        let mut rows = (0..args.len()).filter_map(|i| terms.get(i));
        rows.try_for_each(|row| self.counts.add(row, Ngrams(low, high)))
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.counts.merge(other.counts)
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let all = self.counts.documents();
        let kept = self.selection.select(self.counts)?;
        let terms: LargeBinaryArray = kept.iter().map(|(term, _)| Some(term)).collect();
        let frequencies: Int64Array = kept.iter().map(|(_, documents)| *documents as i64).collect();
        let mut tables = Tables::default();
        vocabulary::insert_lookup(&mut tables, &terms)?;
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("term", Arc::new(terms)),
            ("document_frequency", Arc::new(frequencies)),
        ];
        tables.insert(vocabulary::TERMS, columns)?;
        tables.insert(
            "statistics",
            vec![("documents", Arc::new(Int64Array::from(vec![all as i64])))],
        )?;
        Ok(Outcome::Done(tables))
    }
}

impl Selection {
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
        let (low, high) = (
            Bound::from(self.min_df).documents(all),
            Bound::from(self.max_df).documents(all),
        );
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

pub(super) struct Tfidf {
    params: Params,
    vocabulary: Vocabulary,
    idf: Option<Float64Array>,
    level: Level,
}

#[derive(Default)]
pub(crate) struct Work {
    keys: Keys,
    grams: Grams,
    lookups: Lookups,
}

impl Transform for Tfidf {
    const NAME: &'static str = "tfidf";
    type Params = Params;
    type Work = Work;
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("terms", ValueType::is_terms)]);
        problems.extend(params.ngrams.problem());
        problems.extend(params.min_df.problem("min_df"));
        problems.extend(params.max_df.problem("max_df"));
        problems.extend(checks::range(
            params.max_features != Some(0),
            "max_features",
            0,
            "give 1 or more",
        ));
        if let Some(terms) = &params.vocabulary {
            let mut seen = std::collections::HashSet::new();
            if let Some(term) = terms.iter().find(|term| !seen.insert(term.as_str())) {
                let problem = Problem::new(ErrorKind::InvalidSpec, format!("`{term}` is listed twice"));
                problems.push(problem.at("vocabulary").hint("keep one of the two"));
            }
            if terms.is_empty() {
                let problem = Problem::new(ErrorKind::InvalidSpec, "the vocabulary is empty");
                problems.push(
                    problem
                        .at("vocabulary")
                        .hint("list terms, or leave it out to learn them"),
                );
            }
        }
        checks::done(
            problems,
            Signature::fitted(vec![Read::Terms], ValueType::Sparse, vec![0]),
        )
    }

    fn start(params: &Params) -> State {
        State {
            counts: TermCounts::default(),
            selection: Selection {
                ngrams: (params.ngrams.0, params.ngrams.1),
                min_df: params.min_df.into(),
                max_df: params.max_df.into(),
                max_features: params.max_features,
                vocabulary: params.vocabulary.clone(),
                binary: params.binary,
            },
        }
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let vocabulary = Vocabulary::open(tables)?;
        let documents = tables.i64("statistics", "documents")?;
        let frequencies = tables.i64s(vocabulary::TERMS, "document_frequency")?;
        if documents < 0 || frequencies.values().iter().any(|df| *df < 0 || *df > documents) {
            return Err(Error::new(
                ErrorKind::CorruptArtifact,
                "document frequencies pass the number of documents",
            )
            .hint("fit the spec again"));
        }
        let smooth = f64::from(u8::from(params.smooth_idf));
        let all = documents as f64 + smooth;
        let idf = |frequency: &i64| math::ln(all / (*frequency as f64 + smooth)) + 1.0;
        let idf = params
            .use_idf
            .then(|| frequencies.values().iter().map(idf).collect::<Vec<_>>().into());
        Ok(Self {
            params,
            vocabulary,
            idf,
            level: Level::detect(),
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let terms = args.terms(0)?;
        let out = out.sparse()?;
        let columns = self.vocabulary.len().max(1) as u64;
        work.keys.clear();
        for i in 0..args.len() {
            let Work { keys, grams, lookups } = work;
            let mut find = |arena: &[u8], spans: &[Span]| {
                self.vocabulary
                    .find_all(arena, spans, lookups, |column| keys.push(column as u32, false));
            };
            match terms.get(i) {
                None => {}
                Some(row) if self.params.ngrams.are_tokens() => find(row.arena(), row.spans()),
                Some(row) => {
                    grams.clear();
                    self.params.ngrams.lay_out(row, grams, |grams| {
                        find(grams.bytes(), grams.spans());
                        grams.clear();
                        Ok(())
                    })?;
                }
            }
            keys.end_row(0);
            if keys.is_batch() || i + 1 == args.len() {
                let first = out.rows();
                keys.merge(self.level, columns, Scale::default(), out);
                (first..out.rows()).for_each(|row| self.weigh(out.row_mut(row)));
            }
        }
        Ok(())
    }

    fn columns(&self, _inputs: &[u32]) -> u32 {
        self.vocabulary.len() as u32
    }
}

impl Tfidf {
    /// Turns counts into weights, in scikit-learn's order of operations.
    fn weigh(&self, (columns, values): (&[u32], &mut [f64])) {
        if self.params.binary {
            values.fill(1.0);
        }
        if self.params.sublinear_tf {
            values
                .iter_mut()
                .for_each(|value| *value = math::ln(*value) + 1.0);
        }
        if let Some(idf) = &self.idf {
            values
                .iter_mut()
                .zip(columns)
                .for_each(|(value, column)| *value *= idf.value(*column as usize));
        }
        self.params.norm.apply(values);
    }
}
