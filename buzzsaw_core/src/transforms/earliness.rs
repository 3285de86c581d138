//! `earliness`: how near the beginning of a document a query's tokens stand.

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

/// Which token of the document counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Of {
    /// the first query token in it
    #[default]
    First,
    /// the first occurrence of each query token, on average
    Mean,
}

/// 1 - p / n for the place p, from 0, of a query token in a document of n tokens.
///
/// The first input is the query, the second the document. 1.0 is a document that begins with a query token. `first`
/// takes the first place of any query token, `mean` the mean over the different query tokens that the document has of
/// the first place of each.
///
/// **Missing.** When either side is missing the outcome is missing. Without a common token it is 0.0.
///
/// **Example.** `earliness([["red", "lamp"], ["blue"]], [["big", "lamp", "red", "x"], ["red"]])` gives `[0.75, 0.0]`.
///
/// **Oracle.** `list.index` in Python and exact fractions, exactly.
///
/// **Source.** The formula.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// Which places count: the `first` of any query token, or the `mean` of the first place of each.
    of: Of,
}

pub(super) struct Earliness {
    params: Params,
}

#[derive(Default)]
pub(crate) struct Work {
    tokens: QueryTokens,
    seen: Vec<bool>,
}

impl Earliness {
    fn score(&self, query: TermsRow<'_>, document: TermsRow<'_>, work: &mut Work) -> f64 {
        let Work { tokens, seen } = work;
        seen.clear();
        seen.resize(tokens.len(), false);
        let (mut found, mut places) = (0, 0);
        for place in 0..document.len() {
            let first = tokens
                .find(query, document, place)
                .and_then(|at| seen.get_mut(at));
            if let Some(seen) = first.filter(|seen| !**seen) {
                *seen = true;
                found += 1;
                places += place;
                if self.params.of == Of::First {
                    break;
                }
            }
        }
        if found == 0 {
            return 0.0;
        }
        let whole = found * document.len();
        (whole - places) as f64 / whole as f64
    }
}

impl Transform for Earliness {
    const NAME: &'static str = "earliness";
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

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self { params })
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
