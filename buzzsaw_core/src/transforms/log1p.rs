//! `log1p`: the natural logarithm of 1 + x.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;

/// The natural logarithm of 1 + x, correctly rounded.
///
/// **Missing.** Missing stays missing unless `missing` fills it. Below -1 there is no value: missing. At -1 the
/// value is minus infinity.
///
/// **Example.** `log1p([0.0, 9.0, None], missing={"impute": 99.0})` gives `[0.0, 2.302585, 4.605170]`.
///
/// **Oracle.** mpmath at 400 bits, rounded once to f64: exactly.
///
/// **Source.** IEEE 754-2019, `logp1`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct Log1p;

impl Transform for Log1p {
    const NAME: &'static str = "log1p";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
        checks::done(
            problems,
            Signature::stateless(vec![Read::Number], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(_params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self)
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let x = args.number(0)?;
        out.numbers()?
            .extend((0..args.len()).map(|i| math::ln_1p(x.get(i))));
        Ok(())
    }
}
