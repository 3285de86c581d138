//! `tfidf_cosine`: the angle between a query and a document weighed by tf-idf.

use arrow_array::Float64Array;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::collection::{Collection, CollectionState, Weight};
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{FitState, Outcome, Tables};
use crate::math;
use crate::slot::Slot;
use crate::text::TermsRow;
use crate::types::ValueType;
use crate::vocabulary::{self, Finds, Vocabulary};

/// The cosine of the tf-idf vectors of query and document.
///
/// A token's weight is tf * (ln((1 + N) / (1 + df)) + 1), with tf = 1 + ln(tf) for `sublinear_tf`; tokens that no document
/// of the fit holds are left out of both vectors. Sums run in the order of the tokens' bytes. The first input is the query, the
/// second the document.
///
/// **Missing.** When either side is missing the cosine is missing; where a vector is empty it is 0.0.
///
/// **Example.** `tfidf_cosine([["red", "lamp"]], [["red", "red"]])` gives `[1.0]`.
///
/// **Oracle.** scikit-learn's `TfidfVectorizer` and `cosine_similarity`: within 2 ULP of f32.
///
/// **Source.** Salton and Buckley, "Term-weighting approaches in automatic text retrieval" (1988), with the smoothing of
/// `sklearn.feature_extraction.text.TfidfVectorizer`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// Whether the frequency in a side is 1 + ln(tf).
    sublinear_tf: bool,
}

pub(super) struct TfidfCosine {
    params: Params,
    collection: Collection,
    /// The inverse document frequency of each token of the vocabulary.
    idf: Float64Array,
}

/// The column of inverse document frequencies.
const IDF: Weight = ("idf", |documents, frequency| {
    math::ln((documents + 1.0) / (frequency + 1.0)) + 1.0
});

/// Counts of the documents' tokens.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct State(CollectionState);

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        self.0.update(args)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.0.merge(other.0)
    }

    fn finish(self) -> Result<Outcome<Self>> {
        Ok(Outcome::Done(self.0.tables(Some(IDF))?))
    }

    fn keys(&self) -> usize {
        self.0.keys()
    }

    fn key_bytes(&self) -> usize {
        self.0.key_bytes()
    }

    fn split(&mut self, parts: usize) -> Vec<Self> {
        self.0.split(parts).into_iter().map(Self).collect()
    }
}

/// Tokens by position in the vocabulary, ascending, with their weights; and the length of the vector.
#[derive(Debug, Default)]
struct Weighed {
    columns: Vec<u32>,
    entries: Vec<(u32, f64)>,
    length: f64,
}

#[derive(Default)]
pub(crate) struct Work {
    /// The source row whose query is weighed.
    source: Option<usize>,
    finds: Finds,
    query: Weighed,
    document: Weighed,
}

impl TfidfCosine {
    fn weigh(&self, row: TermsRow<'_>, finds: &mut Finds, into: &mut Weighed) {
        into.columns.clear();
        let found = self
            .collection
            .vocabulary()
            .find_all(row.arena(), row.spans(), finds);
        let known = found.iter().filter(|at| **at != Vocabulary::UNKNOWN);
        into.columns.extend(known);
        into.columns.sort_unstable();
        into.entries.clear();
        let mut squares = 0.0;
        for same in into.columns.chunk_by(|a, b| a == b) {
            let count = same.len() as f64;
            let tf = if self.params.sublinear_tf {
                1.0 + math::ln(count)
            } else {
                count
            };
            let weight = tf * self.idf.value(same[0] as usize);
            squares += weight * weight;
            into.entries.push((same[0], weight));
        }
        into.length = math::sqrt(squares);
    }
}

/// The cosine of two vectors, 0.0 where one is empty.
fn cosine(a: &Weighed, b: &Weighed) -> f64 {
    let (mut i, mut j, mut product) = (0, 0, 0.0);
    while let (Some((left, x)), Some((right, y))) = (a.entries.get(i), b.entries.get(j)) {
        if left == right {
            product += x * y;
        }
        i += usize::from(left <= right);
        j += usize::from(right <= left);
    }
    if product > 0.0 {
        product / (a.length * b.length)
    } else {
        0.0
    }
}

impl Transform for TfidfCosine {
    const NAME: &'static str = "tfidf_cosine";
    type Params = Params;
    type Work = Work;
    type State = State;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let terms: checks::Want = ("terms", ValueType::is_terms);
        let problems = checks::inputs(inputs, &[terms, terms]);
        checks::done(
            problems,
            Signature::fitted(vec![Read::Terms; 2], ValueType::Number, vec![1]),
        )
    }

    fn start(_params: &Params) -> State {
        State::default()
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let collection = Collection::open(tables, 1)?;
        let idf = tables.f64s(vocabulary::TERMS, IDF.0)?.clone();
        // Above zero, so that a vector with entries has a length.
        if idf.values().iter().any(|weight| !(1.0..=1e3).contains(weight)) {
            return Err(checks::corrupt("an inverse document frequency is out of range"));
        }
        Ok(Self {
            params,
            collection,
            idf,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let (queries, documents) = (args.terms(0)?, args.terms(1)?);
        work.source = None;
        out.numbers()?.extend((0..args.len()).map(|i| {
            let (Some(query), Some(document)) = (queries.get(i), documents.get(i)) else {
                return f64::NAN;
            };
            let source = queries.source_row(i);
            if work.source != Some(source) {
                self.weigh(query, &mut work.finds, &mut work.query);
                work.source = Some(source);
            }
            self.weigh(document, &mut work.finds, &mut work.document);
            cosine(&work.query, &work.document)
        }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Arg, Index, TermsArg};
    use crate::error::ErrorKind;
    use crate::text::Terms;

    /// The tables of one document, with its token's weight.
    fn fitted(weight: fn(f64, f64) -> f64) -> Tables {
        let mut terms = Terms::new();
        terms.push_token(b"red").unwrap();
        terms.end_row();
        let arg = || {
            Arg::Terms(TermsArg {
                terms: &terms,
                index: Index::Offset(0),
            })
        };
        let args = Args {
            len: 1,
            first: 0,
            items: [arg(), arg()].into_iter().collect(),
            groups: None,
            label: None,
            folds: None,
        };
        let mut state = State::default();
        state.update(&args).unwrap();
        state.0.tables(Some((IDF.0, weight))).unwrap()
    }

    /// The table is memory-mapped and shared by processes; a copy would be each one's own.
    #[test]
    fn weights_stay_where_the_table_holds_them() {
        let tables = fitted(IDF.1);
        let held = tables.f64s(vocabulary::TERMS, IDF.0).unwrap();
        let built = TfidfCosine::build(Params::default(), &tables).unwrap();
        assert_eq!(built.idf.values().as_ptr(), held.values().as_ptr());
        assert_eq!(built.idf.value(0), 1.0);
    }

    #[test]
    fn weights_out_of_range_are_refused() {
        let bad: [fn(f64, f64) -> f64; 4] = [|_, _| f64::NAN, |_, _| f64::INFINITY, |_, _| 0.5, |_, _| -1.0];
        for weight in bad {
            let error = TfidfCosine::build(Params::default(), &fitted(weight))
                .err()
                .unwrap();
            assert_eq!(error.kind(), ErrorKind::CorruptArtifact);
        }
    }
}
