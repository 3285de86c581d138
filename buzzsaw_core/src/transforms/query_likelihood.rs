//! `query_likelihood`: how likely a document's language model makes a query.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::collection::{Collection, CollectionState};
use super::query_terms::QueryTerms;
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::Tables;
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;

/// How a document's model is smoothed with that of all documents.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Smoothing {
    /// (tf + mu * p) / (length + mu)
    #[default]
    Dirichlet,
    /// (1 - weight) * tf / length + weight * p
    JelinekMercer,
}

/// The logarithm of the query's probability under a smoothed unigram model of the document.
///
/// The sum over the query's tokens, in order and with repetitions, of ln of the smoothed probability, where
/// p = (cf + 1) / (T + 1) is the token's share of all T tokens of the documents. The first input is the query, the second
/// the document.
///
/// **Missing.** When either side is missing the number is missing; an empty query gives 0.0. An empty document has no
/// occurrences: Jelinek-Mercer leaves weight * p.
///
/// **Example.** `query_likelihood([["red"]], [["red", "lamp"]], mu=2)` gives `[-0.538997]`.
///
/// **Oracle.** The formula in Python with logarithms of mpmath: exactly.
///
/// **Source.** Zhai and Lafferty, "A Study of Smoothing Methods for Language Models" (2001); the collection's probability
/// is that of Lucene's `LMSimilarity.DefaultCollectionModel`, so that no token has the probability zero. Lucene leaves out the
/// part that does not depend on the document and cuts off below zero; the LETOR sets and this do not.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How the model is smoothed: `dirichlet` or `jelinek_mercer`.
    smoothing: Smoothing,
    /// The weight of all documents for `dirichlet`, in tokens; 1e-6 or more.
    mu: f64,
    /// The weight of all documents for `jelinek_mercer`; 1e-6 to 1.
    weight: f64,
    /// Whether the sum is divided by the number of the query's tokens.
    average: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            smoothing: Smoothing::Dirichlet,
            mu: 2000.0,
            weight: 0.1,
            average: false,
        }
    }
}

/// The least weight of all documents: with less a token that a document lacks could have no probability in f64.
const LEAST: f64 = 1e-6;

pub(super) struct QueryLikelihood {
    params: Params,
    collection: Collection,
}

#[derive(Default)]
pub(crate) struct Work {
    terms: QueryTerms,
    /// The share among all tokens of each distinct token of the query.
    shares: Vec<f64>,
    /// The logarithm of each distinct token's probability in the document.
    logs: Vec<f64>,
}

impl QueryLikelihood {
    #[inline]
    fn probability(&self, count: f64, length: f64, share: f64) -> f64 {
        let Params {
            smoothing,
            mu,
            weight,
            ..
        } = self.params;
        match smoothing {
            Smoothing::Dirichlet => (count + mu * share) / (length + mu),
            Smoothing::JelinekMercer if length == 0.0 => weight * share,
            Smoothing::JelinekMercer => (1.0 - weight) * (count / length) + weight * share,
        }
    }
}

impl Transform for QueryLikelihood {
    const NAME: &'static str = "query_likelihood";
    type Params = Params;
    type Work = Work;
    type State = CollectionState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let terms: checks::Want = ("terms", ValueType::is_terms);
        let mut problems = checks::inputs(inputs, &[terms, terms]);
        problems.extend(checks::at_least(LEAST, "mu", params.mu));
        let weight = (LEAST..=1.0).contains(&params.weight);
        problems.extend(checks::range(weight, "weight", params.weight, "give 1e-6 to 1"));
        checks::done(
            problems,
            Signature::fitted(vec![Read::Terms; 2], ValueType::Number, vec![1]),
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
        let Work { terms, shares, logs } = work;
        terms.start();
        out.numbers()?.extend((0..args.len()).map(|i| {
            let (Some(query), Some(document)) = (queries.get(i), documents.get(i)) else {
                return f64::NAN;
            };
            if terms.prepare(queries.source_row(i), query) {
                shares.clear();
                shares.extend(
                    terms
                        .distinct(query)
                        .map(|token| self.collection.probability(token)),
                );
            }
            terms.count(query, document);
            let length = document.len() as f64;
            let counts = terms.counts().iter().zip(&*shares);
            logs.clear();
            logs.extend(
                counts.map(|(count, share)| math::ln(self.probability(f64::from(*count), length, *share))),
            );
            let total = terms.tokens().iter().fold(0.0, |total, at| total + logs[*at]);
            if self.params.average && !query.is_empty() {
                total / query.len() as f64
            } else {
                total
            }
        }));
        Ok(())
    }
}
