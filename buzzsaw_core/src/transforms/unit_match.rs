//! `unit_match`: the numbers and units of a query, such as `2tb` and `15.6`, in a document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::query_tokens::QueryTokens;
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Count {
    /// those that the document has
    #[default]
    Matched,
    /// those that it lacks
    Unmatched,
    /// the share of those that it has
    Share,
}

/// How many of the query's different tokens with a number in front the document has.
///
/// The first input is the query, the second the document. A token counts when it begins with an ASCII digit, or with one
/// of `.` and `,` and then an ASCII digit: `2tb`, `1080p`, `15.6`, `3x4`, `.5l`, but not `x2` or `usb3`. It is in the
/// document when a token there is equal byte for byte; a token that repeats counts once.
///
/// **Missing.** When either side is missing the outcome is missing. A query without such tokens gives 0.0, for `share`
/// too.
///
/// **Example.** `unit_match([["2tb", "ssd", "7200"]], [["ssd", "2tb", "sata3"]], count="share")` gives `[0.5]`.
///
/// **Oracle.** A regular expression and sets in Python, exactly.
///
/// **Source.** The definition above.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What is counted: the tokens that are `matched`, those `unmatched`, or the `share` that is matched.
    count: Count,
}

pub(super) struct UnitMatch {
    count: Count,
}

/// Whether a token has a number in front.
fn is_unit(token: &[u8]) -> bool {
    matches!(token, [b'0'..=b'9', ..] | [b'.' | b',', b'0'..=b'9', ..])
}

impl Transform for UnitMatch {
    const NAME: &'static str = "unit_match";
    type Params = Params;
    type Work = QueryTokens;
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
        Ok(Self { count: params.count })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, units: &mut QueryTokens) -> Result<()> {
        let (queries, documents) = (args.terms(0)?, args.terms(1)?);
        units.start();
        let mut count = |i: usize| {
            let (Some(query), Some(document)) = (queries.get(i), documents.get(i)) else {
                return f64::NAN;
            };
            units.prepare(queries.source_row(i), query, is_unit);
            let matched = units.count_in(query, document);
            match self.count {
                Count::Matched => matched as f64,
                Count::Unmatched => (units.len() - matched) as f64,
                Count::Share if matched == 0 => 0.0,
                Count::Share => matched as f64 / units.len() as f64,
            }
        };
        out.numbers()?.extend((0..args.len()).map(&mut count));
        Ok(())
    }
}
