//! `coalesce`: the first value that is given.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::text::repair;
use crate::types::ValueType;

/// The first of two or more values that is not missing.
///
/// Numbers give a number. Texts and categories give text: whole numbers, booleans and dates among them as their decimal
/// text, bytes with each invalid part of UTF-8 as U+FFFD. Whole numbers and booleans alone are numbers.
///
/// **Missing.** Missing when every value is missing. An empty text is not missing. `missing` fills each number before,
/// so that the first one is always given.
///
/// **Example.** `coalesce([None, 2.5, None], [7.0, 1.0, None])` gives `[7.0, 2.5, None]`.
///
/// **Oracle.** `pandas.DataFrame.bfill` over the inputs for numbers, a plain loop for texts; exactly.
///
/// **Source.** SQL's `coalesce`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct Coalesce;

#[derive(Default)]
pub(crate) struct Work {
    category: CategoryBuffer,
    repaired: String,
}

impl Transform for Coalesce {
    const NAME: &'static str = "coalesce";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = Vec::new();
        if inputs.len() < 2 {
            let problem = Problem::new(ErrorKind::InvalidSpec, "there is only one value to choose from");
            problems.push(problem.at("inputs").hint("give `inputs: [a, b]` or more"));
        }
        // Whole numbers are both; they are read as the others of the inputs are.
        let numbers = inputs.iter().all(ValueType::is_number)
            || inputs
                .iter()
                .any(|input| input.is_number() && !input.is_category());
        let (want, read, output): (checks::Want, _, _) = if numbers {
            (("number", ValueType::is_number), Read::Number, ValueType::Number)
        } else {
            (
                ("a text or category", ValueType::is_category),
                Read::Category,
                ValueType::Text,
            )
        };
        problems.extend(
            inputs
                .iter()
                .enumerate()
                .filter_map(|(i, input)| checks::input(i, input, want)),
        );
        checks::done(problems, Signature::stateless(vec![read; inputs.len()], output))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(_params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self)
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        if let Slot::Numbers(out) = out {
            out.resize(args.len(), f64::NAN);
            for input in 0..args.inputs() {
                let numbers = args.number(input)?;
                for (i, value) in out.iter_mut().enumerate().filter(|(_, value)| value.is_nan()) {
                    *value = numbers.get(i);
                }
            }
            return Ok(());
        }
        let out = out.text()?;
        for i in 0..args.len() {
            let mut given = false;
            for input in 0..args.inputs() {
                let category = args.category(input)?;
                if let Some(bytes) = category.get(i, &mut work.category) {
                    out.push(Some(repair(bytes, &mut work.repaired).as_bytes()));
                    given = true;
                    break;
                }
            }
            if !given {
                out.push(None);
            }
        }
        Ok(())
    }
}
