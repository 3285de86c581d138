//! `tfidf`: tokens to a sparse vector over a fitted vocabulary, weighted by inverse document frequency.

use arrow_array::Float64Array;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::term_columns::{TermColumns, Work};
use super::term_selection::{Bound, IDF, Selected, Selection, TermState};
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::cpu::Level;
use crate::error::{Problem, Result};
use crate::fit::Tables;
use crate::math;
use crate::ngrams::Ngrams;
use crate::slot::{Slot, SparseRows};
use crate::sparse_row::{Norm, Scale};
use crate::types::ValueType;
use crate::vocabulary::{self, Vocabulary};

/// Weighs tokens (or word n-grams) of a fitted vocabulary by frequency in the row and rarity in the documents.
///
/// The options are those of scikit-learn's `TfidfVectorizer`, and so are the values: bit for bit in f64 but for the
/// logarithm, which is correctly rounded here and within 1 ULP there. Columns are in the order of the terms' bytes.
///
/// **Missing.** Missing tokens give an empty row and are not counted as a document; an empty list is counted. Without
/// `smooth_idf` a term of a given `vocabulary` that no document holds weighs 0.0, where scikit-learn makes it infinite
/// and then refuses to scale the row.
///
/// **Example.** `tfidf([["red", "lamp"], ["red"]], norm="none")` gives `[{0: 1.405465, 1: 1.0}, {1: 1.0}]`.
///
/// **Oracle.** `sklearn.feature_extraction.text.TfidfVectorizer`, exactly without idf, within 1 ULP of f32 with it.
///
/// **Source.** `sklearn.feature_extraction.text.TfidfVectorizer`: tf * (ln((1 + n) / (1 + df)) + 1) with
/// `smooth_idf`, tf * (ln(n / df) + 1) without; of terms with equal counts at the `max_features` border those first
/// in byte order stay, where scikit-learn leaves the choice open.
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

impl Params {
    fn selection(&self) -> Selection {
        Selection {
            ngrams: self.ngrams,
            min_df: self.min_df,
            max_df: self.max_df,
            max_features: self.max_features,
            vocabulary: self.vocabulary.clone(),
            binary: self.binary,
            smoothing: self.use_idf.then_some(f64::from(u8::from(self.smooth_idf))),
        }
    }
}

pub(super) struct Tfidf {
    params: Params,
    vocabulary: Vocabulary,
    idf: Option<Float64Array>,
    level: Level,
}

impl Transform for Tfidf {
    const NAME: &'static str = "tfidf";
    type Params = Params;
    type Work = Work;
    type State = TermState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("terms", ValueType::is_terms)]);
        problems.extend(params.selection().problems());
        checks::done(
            problems,
            Signature::fitted(vec![Read::Terms], ValueType::Sparse, vec![0]),
        )
    }

    fn start(params: &Params) -> TermState {
        params.selection().start()
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let Selected { vocabulary } = Selected::open(tables)?;
        let idf = if params.use_idf {
            Some(tables.f64s(vocabulary::TERMS, IDF)?.clone())
        } else {
            None
        };
        let mut known = idf.iter().flat_map(|idf| idf.values());
        if known.any(|weight| !weight.is_finite()) {
            return Err(checks::corrupt(
                "an inverse document frequency is not a finite number",
            ));
        }
        Ok(Self {
            params,
            vocabulary,
            idf,
            level: Level::detect(),
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let columns = TermColumns {
            vocabulary: &self.vocabulary,
            ngrams: self.params.ngrams,
            level: self.level,
            scale: Scale::default(),
        };
        let weigh = |out: &mut SparseRows, lengths: &[usize]| {
            (out.rows() - lengths.len()..out.rows()).for_each(|row| self.weigh(out.row_mut(row)));
        };
        columns.count(args.terms(0)?, args.len(), work, out.sparse()?, weigh)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;
    use crate::fit::{FitState, Outcome};

    fn fitted(smooth_idf: bool) -> (Params, Tables) {
        let params = Params {
            vocabulary: Some(vec!["b".to_owned(), "a".to_owned()]),
            smooth_idf,
            ..Params::default()
        };
        let Outcome::Done(tables) = Tfidf::start(&params).finish().unwrap() else {
            panic!("one pass is enough");
        };
        (params, tables)
    }

    #[test]
    fn terms_of_no_document_weigh_nothing_without_smoothing() {
        let weighed = |smooth_idf| {
            let (params, tables) = fitted(smooth_idf);
            let mut values = [3.0, 4.0];
            let tfidf = Tfidf::build(params, &tables).unwrap();
            tfidf.weigh((&[0, 1], &mut values));
            values
        };
        assert_eq!(weighed(false), [0.0, 0.0]);
        assert_eq!(weighed(true), [0.6, 0.8]);
    }

    /// The table is memory-mapped and shared by processes; a copy would be each one's own.
    #[test]
    fn weights_stay_where_the_table_holds_them() {
        let (params, tables) = fitted(true);
        let held = tables.f64s(vocabulary::TERMS, IDF).unwrap().values().as_ptr();
        let tfidf = Tfidf::build(params, &tables).unwrap();
        assert_eq!(tfidf.idf.unwrap().values().as_ptr(), held);
    }

    #[test]
    fn weights_that_are_no_numbers_are_refused() {
        for bad in [f64::NAN, f64::INFINITY] {
            let (params, mut tables) = fitted(true);
            let (_, batch) = tables
                .iter()
                .find(|(name, _)| *name == vocabulary::TERMS)
                .unwrap();
            let names = batch.schema();
            let columns = names.fields().iter().zip(batch.columns());
            let columns: Vec<(String, arrow_array::ArrayRef)> = columns
                .map(|(field, column)| match field.name().as_str() {
                    IDF => (
                        IDF.to_owned(),
                        std::sync::Arc::new(Float64Array::from(vec![1.0, bad])) as _,
                    ),
                    name => (name.to_owned(), column.clone()),
                })
                .collect();
            let columns = columns
                .iter()
                .map(|(name, column)| (name.as_str(), column.clone()));
            tables.insert(vocabulary::TERMS, columns.collect()).unwrap();
            let error = Tfidf::build(params, &tables).err().unwrap();
            assert_eq!(error.kind(), ErrorKind::CorruptArtifact);
        }
    }
}
