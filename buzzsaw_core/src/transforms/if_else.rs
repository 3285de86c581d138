//! `if_else`: one of two numbers, by a condition.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// What a missing condition gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum MissingCondition {
    /// missing
    #[default]
    Missing,
    /// the second input
    Then,
    /// the third input
    Else,
}

/// The second number when the first one, the condition, is not 0, else the third.
///
/// The condition is a boolean or a number, such as a `compare` step; infinite numbers are not 0, -0.0 is.
///
/// **Missing.** A missing condition gives what `missing_condition` says. When the number that is chosen is missing the
/// outcome is missing; the other one does not matter. `missing` fills all three inputs before.
///
/// **Example.** `if_else([True, False, None], [1.0, 1.0, 1.0], [2.0, None, 3.0], missing_condition="else")` gives
/// `[1.0, None, 3.0]`.
///
/// **Oracle.** `numpy.where`, exactly.
///
/// **Source.** `numpy.where`; SQL's `case when condition then a else b end`, where a missing condition chooses the
/// third.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What a missing condition gives: `missing`, or the number that `then` or `else` names.
    missing_condition: MissingCondition,
}

pub(super) struct IfElse {
    missing_condition: MissingCondition,
}

impl Transform for IfElse {
    const NAME: &'static str = "if_else";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let wanted: [checks::Want; 3] = [("number", ValueType::is_number); 3];
        let problems = checks::inputs(inputs, &wanted);
        checks::done(
            problems,
            Signature::stateless(vec![Read::Number; 3], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            missing_condition: params.missing_condition,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let (condition, then, otherwise) = (args.number(0)?, args.number(1)?, args.number(2)?);
        // The condition in place of a missing one.
        let fill = match self.missing_condition {
            MissingCondition::Missing => f64::NAN,
            MissingCondition::Then => 1.0,
            MissingCondition::Else => 0.0,
        };
        let choose = |i: usize| {
            let given = condition.get(i);
            let condition = if given.is_nan() { fill } else { given };
            if condition.is_nan() {
                condition
            } else if condition != 0.0 {
                then.get(i)
            } else {
                otherwise.get(i)
            }
        };
        out.numbers()?.extend((0..args.len()).map(choose));
        Ok(())
    }
}
