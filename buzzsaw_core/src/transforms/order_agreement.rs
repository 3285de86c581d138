//! `order_agreement`: how far a document keeps the order of a query's tokens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::query_tokens::QueryTokens;
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::text::TermsRow;
use crate::types::ValueType;

/// The share of pairs of query tokens that stand in the document in the query's order.
///
/// The first input is the query, the second the document. Pairs are those of the different query tokens that the
/// document has; on each side the first occurrence of a token is its place.
///
/// **Missing.** When either side is missing the outcome is missing. With fewer than two common tokens it is 0.0.
///
/// **Example.** `order_agreement([["red", "desk", "lamp"]], [["lamp", "red", "desk"]])` gives `[0.33333333]`.
///
/// **Oracle.** `scipy.stats.kendalltau` of the places, (tau + 1) / 2, exactly in the number of pairs.
///
/// **Source.** Kendall, "A New Measure of Rank Correlation" (1938), as the share of concordant pairs.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct OrderAgreement;

#[derive(Default)]
pub(crate) struct Work {
    tokens: QueryTokens,
    seen: Vec<bool>,
    /// The places in the query of the tokens, in the document's order.
    places: Vec<usize>,
    merged: Vec<usize>,
}

/// Sorts `places` and counts the pairs that were in order.
fn pairs_in_order(places: &mut [usize], merged: &mut Vec<usize>) -> usize {
    if places.len() < 2 {
        return 0;
    }
    let middle = places.len() / 2;
    let (left, right) = places.split_at_mut(middle);
    let mut pairs = pairs_in_order(left, merged) + pairs_in_order(right, merged);
    merged.clear();
    let mut rest = right.iter().copied().peekable();
    for (smaller, place) in left.iter().enumerate() {
        while let Some(other) = rest.next_if(|other| other < place) {
            // Of the left side `smaller` places are below this one.
            pairs += smaller;
            merged.push(other);
        }
        merged.push(*place);
    }
    pairs += left.len() * rest.len();
    merged.extend(rest);
    places.copy_from_slice(merged);
    pairs
}

impl OrderAgreement {
    fn score(&self, query: TermsRow<'_>, document: TermsRow<'_>, work: &mut Work) -> f64 {
        let Work {
            tokens,
            seen,
            places,
            merged,
        } = work;
        seen.clear();
        seen.resize(tokens.len(), false);
        places.clear();
        for i in 0..document.len() {
            let Some(at) = tokens.find(query, document, i).filter(|at| !seen[*at]) else {
                continue;
            };
            seen[at] = true;
            places.push(tokens.positions()[at]);
        }
        let count = places.len();
        if count < 2 {
            return 0.0;
        }
        pairs_in_order(places, merged) as f64 / (count * (count - 1) / 2) as f64
    }
}

impl Transform for OrderAgreement {
    const NAME: &'static str = "order_agreement";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let terms: checks::Want = ("terms", ValueType::is_terms);
        let problems = checks::inputs(inputs, &[terms, terms]);
        checks::done(
            problems,
            Signature::stateless(vec![Read::Terms; 2], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(_params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self)
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let (queries, documents) = (args.terms(0)?, args.terms(1)?);
        let out = out.numbers()?;
        work.tokens.start();
        for i in 0..args.len() {
            out.push(match (queries.get(i), documents.get(i)) {
                (Some(query), Some(document)) => {
                    work.tokens.prepare(queries.source_row(i), query, |_| true);
                    self.score(query, document, work)
                }
                _ => f64::NAN,
            });
        }
        Ok(())
    }
}
