//! `term_statistics`: a statistic of the query's tokens in a document, as in the LETOR sets.

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

/// What a token of the query has in the document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Value {
    /// Its occurrences in the document.
    #[default]
    Tf,
    /// Its occurrences divided by the document's length; 0.0 in an empty one.
    TfNormalised,
    /// Its inverse document frequency, as in `bm25`: ln(1 + (N - df + 0.5) / (df + 0.5)).
    Idf,
    /// Occurrences times inverse document frequency.
    TfIdf,
}

/// What is taken of the values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Statistic {
    /// Their sum, in query order.
    #[default]
    Sum,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// Their sum divided by their number.
    Mean,
    /// The mean squared distance from the mean (ddof 0).
    Variance,
}

/// Which tokens are looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Over {
    /// All of the query; those that the document lacks have a frequency of 0.
    #[default]
    Query,
    /// Those that the document has.
    Matched,
}

/// A statistic (sum, min, max, mean, variance) of a value (tf, idf, tf-idf) of the query's different tokens in the document.
///
/// The first input is the query, the second the document. Document frequencies are learnt from the documents, each counted
/// once.
///
/// **Missing.** When either side is missing the number is missing; without a token to look at it is 0.0.
///
/// **Example.** `term_statistics([["red", "lamp"]], [["red", "red", "shoe"]], statistic="mean")` gives `[1.0]`.
///
/// **Oracle.** NumPy over the values in query order, with logarithms of mpmath: every smallest and
/// largest and the sum and mean of tf exactly, the others within 1 ULP of f32.
///
/// **Source.** Qin and Liu, "Introducing LETOR 4.0 Datasets" (2013), and the feature list of MSLR-WEB30K (sum, min, max,
/// mean and variance of term frequency, of stream length normalised term frequency, and of tf*idf).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What a token has: `tf`, `tf_normalised`, `idf` or `tf_idf`.
    value: Value,
    /// What is taken of the values: `sum`, `min`, `max`, `mean` or `variance`.
    statistic: Statistic,
    /// Which tokens are looked at: all of the `query`, or the `matched` ones.
    over: Over,
}

pub(super) struct TermStatistics {
    params: Params,
    collection: Option<Collection>,
}

#[derive(Default)]
pub(crate) struct Work {
    terms: QueryTerms,
    /// The inverse document frequency of each distinct token of the query.
    idf: Vec<f64>,
    values: Vec<f64>,
}

impl Params {
    fn needs_idf(self) -> bool {
        matches!(self.value, Value::Idf | Value::TfIdf)
    }
}

impl Statistic {
    fn of(self, values: &[f64]) -> f64 {
        if values.is_empty() {
            return 0.0;
        }
        let count = values.len() as f64;
        let sum = || values.iter().fold(0.0, |sum, value| sum + value);
        match self {
            Statistic::Sum => sum(),
            Statistic::Min => values.iter().copied().fold(f64::INFINITY, f64::min),
            Statistic::Max => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
            Statistic::Mean => sum() / count,
            Statistic::Variance => {
                let mean = sum() / count;
                let squares = values.iter().map(|value| (value - mean) * (value - mean));
                squares.fold(0.0, |sum, square| sum + square) / count
            }
        }
    }
}

impl Transform for TermStatistics {
    const NAME: &'static str = "term_statistics";
    type Params = Params;
    type Work = Work;
    type State = CollectionState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let terms: checks::Want = ("terms", ValueType::is_terms);
        let problems = checks::inputs(inputs, &[terms, terms]);
        let reads = vec![Read::Terms; 2];
        let signature = if params.needs_idf() {
            Signature::fitted(reads, ValueType::Number, vec![1])
        } else {
            Signature::stateless(reads, ValueType::Number)
        };
        checks::done(problems, signature)
    }

    fn start(_params: &Params) -> CollectionState {
        CollectionState::default()
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let collection = if params.needs_idf() {
            Some(Collection::open(tables, 1)?)
        } else {
            None
        };
        Ok(Self { params, collection })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let (queries, documents) = (args.terms(0)?, args.terms(1)?);
        let Work { terms, idf, values } = work;
        let Params {
            value,
            statistic,
            over,
        } = self.params;
        terms.start();
        out.numbers()?.extend((0..args.len()).map(|i| {
            let (Some(query), Some(document)) = (queries.get(i), documents.get(i)) else {
                return f64::NAN;
            };
            if terms.prepare(queries.source_row(i), query)
                && let Some(collection) = &self.collection
            {
                idf.clear();
                idf.extend(terms.distinct(query).map(|token| collection.idf(token)));
            }
            terms.count(query, document);
            values.clear();
            for (at, count) in terms.counts().iter().enumerate() {
                if over == Over::Matched && *count == 0 {
                    continue;
                }
                let tf = f64::from(*count);
                let rarity = idf.get(at).copied().unwrap_or(0.0);
                values.push(match value {
                    Value::Tf => tf,
                    Value::TfNormalised => tf / document.len().max(1) as f64,
                    Value::Idf => rarity,
                    Value::TfIdf => tf * rarity,
                });
            }
            statistic.of(values)
        }));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_is_learnt_only_for_weights() {
        let lists = vec![ValueType::Terms; 2];
        for value in [Value::Tf, Value::TfNormalised, Value::Idf, Value::TfIdf] {
            let params = Params {
                value,
                ..Params::default()
            };
            let fit = TermStatistics::signature(&params, &lists).unwrap().fit;
            assert_eq!(fit.is_some(), matches!(params.value, Value::Idf | Value::TfIdf));
        }
    }
}
