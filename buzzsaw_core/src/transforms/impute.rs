//! `impute`: a number with its missing values filled.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The number itself, after the step's `missing` policy: what fills missing numbers before other steps read them.
///
/// The policy is not a parameter of this step, as every step has it: `{transform: impute, input: price, missing:
/// {impute: median}}`. It fills a constant, or the `mean`, `median`, `approximate_median` or `mode` of the numbers that
/// were fitted. The mean is of the finite numbers; the others count infinite ones too.
///
/// **Missing.** Missing numbers are filled; without a policy they stay missing.
///
/// **Example.** `impute([1.0, None, 4.0], missing={"impute": "mean"})` gives `[1.0, 2.5, 4.0]`.
///
/// **Oracle.** `SimpleImputer`, exactly; the approximate median is within 2^-11 of the median.
///
/// **Source.** `sklearn.impute.SimpleImputer`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct Impute;

impl Transform for Impute {
    const NAME: &'static str = "impute";
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
        out.numbers()?.extend((0..args.len()).map(|i| x.get(i)));
        Ok(())
    }
}
