//! `planted_panic`: a defect, for tests that nothing of it crosses to Python or the JVM. Libraries that are shipped are
//! built without it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// 20, and a panic where x is [`PANICS_AT`].
///
/// **Missing.** Missing gives 20.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

/// No golden row has it, as those are eighths: the pipeline compiles.
const PANICS_AT: f64 = 0.1;

pub(super) struct PlantedPanic;

impl Transform for PlantedPanic {
    const NAME: &'static str = "planted_panic";
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
        out.numbers()?.extend((0..args.len()).map(|i| item(x.get(i))));
        Ok(())
    }
}

/// A frame of its own, for a backtrace to name.
#[inline(never)]
fn item(x: f64) -> f64 {
    let items = [10.0, 20.0, 30.0];
    items[if x == PANICS_AT { items.len() } else { 1 }]
}
