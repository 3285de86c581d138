//! `bm25`: how well a document's field matches a query.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::collection::{Collection, CollectionState};
use super::query_terms::QueryTerms;
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::Tables;
use crate::slot::Slot;
use crate::types::ValueType;

/// The BM25 score of a document's tokens for a query's tokens, with statistics frozen in the artifact.
///
/// The first input is the query, the second the document. Document frequencies and the mean length are learnt from
/// the documents, each counted once. A query token that repeats counts each time; the sum runs in query order.
///
/// **Missing.** When either side is missing the score is missing; an empty side, or no common token, gives 0.0.
/// Missing documents are left out of the statistics.
///
/// **Example.** `bm25([["red"], ["red"]], [["red", "shoe"], ["desk", "lamp"]])` gives `[0.315067, 0.0]`.
///
/// **Oracle.** The formula in Python with logarithms of mpmath: exactly. Lucene itself through its jar, where lengths to 39 are
/// exact: within rounding to f32.
///
/// **Source.** Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), in Lucene's form since 8.0:
/// idf * tf / (tf + k1 * (1 - b + b * length / mean length)), without the factor k1 + 1, with idf = ln(1 + (N - df +
/// 0.5) / (df + 0.5)); lengths are exact here, where Lucene rounds them to one byte.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How soon further occurrences of a token stop to count; 0 or more.
    k1: f64,
    /// How much a document's length counts; 0 to 1.
    b: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self { k1: 1.2, b: 0.75 }
    }
}

pub(super) struct Bm25 {
    params: Params,
    collection: Collection,
}

#[derive(Default)]
pub(crate) struct Work {
    terms: QueryTerms,
    /// The inverse document frequency of each distinct token of the query.
    idf: Vec<f64>,
}

impl Transform for Bm25 {
    const NAME: &'static str = "bm25";
    type Params = Params;
    type Work = Work;
    type State = CollectionState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(
            inputs,
            &[("terms", ValueType::is_terms), ("terms", ValueType::is_terms)],
        );
        problems.extend(checks::at_least(0.0, "k1", params.k1));
        problems.extend(checks::range(
            (0.0..=1.0).contains(&params.b),
            "b",
            params.b,
            "give 0 to 1",
        ));
        checks::done(
            problems,
            Signature::fitted(vec![Read::Terms, Read::Terms], ValueType::Number, vec![1]),
        )
    }

    fn start(_params: &Params) -> CollectionState {
        CollectionState::default()
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let collection = Collection::open(tables, 1)?;
        Ok(Self { params, collection })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let (queries, documents) = (args.terms(0)?, args.terms(1)?);
        let out = out.numbers()?;
        let Work { terms, idf } = work;
        let Params { k1, b } = self.params;
        terms.start();
        for i in 0..args.len() {
            let (Some(query), Some(document)) = (queries.get(i), documents.get(i)) else {
                out.push(f64::NAN);
                continue;
            };
            if terms.prepare(queries.source_row(i), query) {
                idf.clear();
                idf.extend(terms.distinct(query).map(|token| self.collection.idf(token)));
            }
            let norm = k1 * (1.0 - b + b * self.collection.relative_length(0, document.len()));
            terms.count(query, document);
            let mut score = 0.0;
            for at in terms.tokens() {
                let count = f64::from(terms.counts()[*at]);
                if count > 0.0 {
                    score += idf[*at] * (count / (count + norm));
                }
            }
            out.push(score);
        }
        Ok(())
    }
}
