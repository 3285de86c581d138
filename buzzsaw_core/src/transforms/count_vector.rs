//! `count_vector`: tokens to counts over a fitted vocabulary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::term_columns::{self, TermColumns};
use super::term_selection::{Bound, Selected, Selection, TermState};
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::cpu::Level;
use crate::error::{Problem, Result};
use crate::fit::Tables;
use crate::ngrams::Ngrams;
use crate::slot::{Slot, SparseRows};
use crate::sparse_row::Scale;
use crate::types::ValueType;
use crate::vocabulary::Vocabulary;

/// Counts tokens (or word n-grams) of a fitted vocabulary.
///
/// The options are those of scikit-learn's `CountVectorizer`, and `min_tf` is that of Spark ML's: a term that occurs
/// fewer times in the row is left out, a share being one of all the row's terms, known or not. Columns are in the order
/// of the terms' bytes.
///
/// **Missing.** Missing tokens give an empty row and are not counted as a document; an empty list is counted.
///
/// **Example.** `count_vector([["red", "lamp", "red"], ["red"], None])` gives `[{0: 1.0, 1: 2.0}, {1: 1.0}, {}]`.
///
/// **Oracle.** `sklearn.feature_extraction.text.CountVectorizer`, exactly; `min_tf` by its formula, exactly.
///
/// **Source.** `sklearn.feature_extraction.text.CountVectorizer`; of terms with equal counts at the `max_features` border
/// those first in byte order stay, where scikit-learn leaves the choice open. `org.apache.spark.ml.feature.CountVectorizer`
/// for `min_tf`, where a number with a point is a count from 1.0 on.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The word n-grams that are terms, `[low, high]` with 1 <= low <= high <= 8.
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
    /// Terms that occur fewer times in the row are left out of it: a count, or a share of the row's terms with a point.
    min_tf: Bound,
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
            min_tf: Bound::Count(1),
        }
    }
}

impl Params {
    fn selection(&self) -> Selection {
        Selection {
            ngrams: self.ngrams,
            min_df: self.min_df,
            max_df: self.max_df,
            max_features: self.max_features,
            vocabulary: self.vocabulary.clone(),
            binary: self.binary,
            smoothing: None,
        }
    }
}

pub(super) struct CountVector {
    params: Params,
    vocabulary: Vocabulary,
    level: Level,
    /// Whether every term that occurs is kept.
    keeps_all: bool,
}

#[derive(Default)]
pub(crate) struct Work {
    columns: term_columns::Work,
    /// The counts before terms are left out.
    counts: SparseRows,
}

impl Transform for CountVector {
    const NAME: &'static str = "count_vector";
    type Params = Params;
    type Work = Work;
    type State = TermState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("terms", ValueType::is_terms)]);
        problems.extend(params.selection().problems());
        problems.extend(params.min_tf.problem("min_tf"));
        checks::done(
            problems,
            Signature::fitted(vec![Read::Terms], ValueType::Sparse, vec![0]),
        )
    }

    fn start(params: &Params) -> TermState {
        params.selection().start()
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        Ok(Self {
            vocabulary: Selected::open(tables)?.vocabulary,
            level: Level::detect(),
            keeps_all: matches!(params.min_tf, Bound::Count(0 | 1)),
            params,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let (terms, out) = (args.terms(0)?, out.sparse()?);
        let columns = TermColumns {
            vocabulary: &self.vocabulary,
            ngrams: self.params.ngrams,
            level: self.level,
            scale: Scale {
                binary: self.params.binary && self.keeps_all,
                ..Scale::default()
            },
        };
        if self.keeps_all {
            return columns.count(terms, args.len(), &mut work.columns, out, |_, _| {});
        }
        work.counts.clear();
        columns.count(
            terms,
            args.len(),
            &mut work.columns,
            &mut work.counts,
            |counts, lengths| {
                for (row, length) in lengths.iter().enumerate() {
                    self.keep(counts.row(row), *length, out);
                }
                counts.clear();
            },
        )
    }

    fn columns(&self, _inputs: &[u32]) -> u32 {
        self.vocabulary.len() as u32
    }
}

impl CountVector {
    /// Appends the terms of a row that occur often enough.
    fn keep(&self, (columns, counts): (&[u32], &[f64]), length: usize, out: &mut SparseRows) {
        let least = self.params.min_tf.of(length as u64);
        for (column, count) in columns.iter().zip(counts).filter(|(_, count)| **count >= least) {
            out.push(*column, if self.params.binary { 1.0 } else { *count });
        }
        out.end_row();
    }
}
