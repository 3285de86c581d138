//! `clip`: a number kept within bounds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The number itself within `lower` and `upper`, the nearer bound outside of them.
///
/// **Missing.** Missing stays missing unless `missing` fills it; what fills it is clipped too.
///
/// **Example.** `clip([2500.0, 7.0, None], upper=100)` gives `[100.0, 7.0, None]`.
///
/// **Oracle.** `numpy.clip`: exactly.
///
/// **Source.** `numpy.clip`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The smallest output; none by default.
    lower: Option<f64>,
    /// The largest output; none by default.
    upper: Option<f64>,
}

pub(super) struct Clip {
    lower: f64,
    upper: f64,
}

impl Transform for Clip {
    const NAME: &'static str = "clip";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
        match (params.lower, params.upper) {
            (None, None) => {
                let problem = Problem::new(ErrorKind::InvalidSpec, "there is no bound to clip to");
                problems.push(problem.hint("give `lower`, `upper` or both"));
            }
            (Some(lower), Some(upper)) => {
                problems.extend(checks::range(
                    lower <= upper,
                    "lower",
                    lower,
                    "give a lower bound below `upper`",
                ));
            }
            _ => {}
        }
        checks::done(
            problems,
            Signature::stateless(vec![Read::Number], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        let (lower, upper) = (
            params.lower.unwrap_or(f64::NEG_INFINITY),
            params.upper.unwrap_or(f64::INFINITY),
        );
        Ok(Self { lower, upper })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let x = args.number(0)?;
        let clip = |x: f64| if x < self.lower { self.lower } else { x };
        let both = |x: f64| if x > self.upper { self.upper } else { clip(x) };
        out.numbers()?.extend((0..args.len()).map(|i| both(x.get(i))));
        Ok(())
    }
}
