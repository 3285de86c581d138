//! `coverage`: the share of a query that a document covers, or of the document that the query covers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::collection::{Collection, CollectionState};
use super::query_terms::QueryTerms;
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::Tables;
use crate::slot::Slot;
use crate::text::TermsRow;
use crate::types::ValueType;

/// The side whose share is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Of {
    /// Of the query's different tokens, those that the document has.
    #[default]
    Query,
    /// Of the document's places, those that hold a token of the query.
    Document,
}

/// What a token counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Weight {
    /// One.
    #[default]
    None,
    /// Its inverse document frequency, as in `bm25`: ln(1 + (N - df + 0.5) / (df + 0.5)).
    Idf,
}

/// The share of the query's different tokens that the document has, or of the document's places that hold a token of the
/// query; with `weight: idf` rare tokens count more.
///
/// The first input is the query, the second the document. Sums run in the order of the side whose share is taken.
///
/// **Missing.** When either side is missing the share is missing; where the side whose share is taken is empty it is 0.0.
///
/// **Example.** `coverage([["red", "lamp"]], [["red", "desk", "red", "shoe"]], of="document")` gives `[0.5]`.
///
/// **Oracle.** Python's sets with logarithms of mpmath: exactly.
///
/// **Source.** Qin and Liu, "Introducing LETOR 4.0 Datasets" (2013), feature "covered query term ratio".
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The side whose share is taken: `query` or `document`.
    of: Of,
    /// What a token counts: `none` for one each, or `idf`, which is learnt from the documents.
    weight: Weight,
}

pub(super) struct Coverage {
    of: Of,
    /// What tokens are weighed by.
    collection: Option<Collection>,
}

#[derive(Default)]
pub(crate) struct Work {
    terms: QueryTerms,
    /// The weight of each distinct token of the query.
    weights: Vec<f64>,
}

impl Coverage {
    fn weight(&self, token: &[u8]) -> f64 {
        self.collection
            .as_ref()
            .map_or(1.0, |collection| collection.idf(token))
    }

    /// The share of the query.
    fn of_query(counts: &[u32], weights: &[f64]) -> f64 {
        let (mut covered, mut total) = (0.0, 0.0);
        for (count, weight) in counts.iter().zip(weights) {
            total += weight;
            covered += if *count > 0 { *weight } else { 0.0 };
        }
        if total > 0.0 { covered / total } else { 0.0 }
    }

    /// The share of the document.
    fn of_document(&self, query: TermsRow<'_>, document: TermsRow<'_>, terms: &QueryTerms) -> f64 {
        let (mut covered, mut total) = (0.0, 0.0);
        for (i, token) in document.iter().enumerate() {
            let weight = self.weight(token);
            total += weight;
            covered += if terms.find(query, document, i).is_some() {
                weight
            } else {
                0.0
            };
        }
        if total > 0.0 { covered / total } else { 0.0 }
    }
}

impl Transform for Coverage {
    const NAME: &'static str = "coverage";
    type Params = Params;
    type Work = Work;
    type State = CollectionState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let terms: checks::Want = ("terms", ValueType::is_terms);
        let problems = checks::inputs(inputs, &[terms, terms]);
        let reads = vec![Read::Terms; 2];
        let signature = match params.weight {
            Weight::None => Signature::stateless(reads, ValueType::Number),
            Weight::Idf => Signature::fitted(reads, ValueType::Number, vec![1]),
        };
        checks::done(problems, signature)
    }

    fn start(_params: &Params) -> CollectionState {
        CollectionState::default()
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let collection = match params.weight {
            Weight::None => None,
            Weight::Idf => Some(Collection::open(tables, 1)?),
        };
        Ok(Self {
            of: params.of,
            collection,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let (queries, documents) = (args.terms(0)?, args.terms(1)?);
        let Work { terms, weights } = work;
        terms.start();
        out.numbers()?.extend((0..args.len()).map(|i| {
            let (Some(query), Some(document)) = (queries.get(i), documents.get(i)) else {
                return f64::NAN;
            };
            if terms.prepare(queries.source_row(i), query) {
                weights.clear();
                weights.extend(terms.distinct(query).map(|token| self.weight(token)));
            }
            match self.of {
                Of::Query => {
                    terms.count(query, document);
                    Self::of_query(terms.counts(), weights)
                }
                Of::Document => self.of_document(query, document, terms),
            }
        }));
        Ok(())
    }
}
