//! `ratio`: one number divided by another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// numerator / (denominator + `smoothing`), with a rule for a divisor of zero.
///
/// The rule is for a divisor, after smoothing, of 0.0 or -0.0, whatever number is divided. Infinity divided by infinity is
/// missing; a finite number divided by infinity is 0.0.
///
/// **Missing.** When either input is missing the output is missing; a missing numerator stays missing over a divisor of
/// zero, too. The rule's `missing` makes it missing for given numbers.
///
/// **Example.** `ratio([1.0, 3.0, None], [4.0, 0.0, 2.0], zero=-1)` gives `[0.25, -1.0, None]`.
///
/// **Oracle.** `numpy.divide`, exactly.
///
/// **Source.** IEEE 754 division, as `numpy.divide`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The output where the divisor is zero: `missing`, `zero`, `numerator`, or a number.
    zero: Zero,
    /// What is added to the denominator; 0 or more.
    smoothing: f64,
}

/// The output where the divisor is zero.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum Zero {
    /// A rule.
    Rule(Rule),
    /// This number.
    Value(f64),
}

/// A rule for a divisor of zero.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Rule {
    /// Missing.
    Missing,
    /// 0.0.
    Zero,
    /// The numerator itself, as if divided by one.
    Numerator,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            zero: Zero::Rule(Rule::Missing),
            smoothing: 0.0,
        }
    }
}

pub(super) struct Ratio(Params);

impl Transform for Ratio {
    const NAME: &'static str = "ratio";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let number: checks::Want = ("number", ValueType::is_number);
        let mut problems = checks::inputs(inputs, &[number, number]);
        if let Zero::Value(value) = params.zero {
            problems.extend(checks::range(
                value.is_finite(),
                "zero",
                value,
                "give a finite number, or `missing`, `zero` or `numerator`",
            ));
        }
        problems.extend(checks::at_least(0.0, "smoothing", params.smoothing));
        checks::done(
            problems,
            Signature::stateless(vec![Read::Number; 2], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self(params))
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let (numerator, denominator) = (args.number(0)?, args.number(1)?);
        let Params { zero, smoothing } = self.0;
        let ratio = |numerator: f64, divisor: f64| {
            if divisor != 0.0 || numerator.is_nan() {
                return numerator / divisor;
            }
            match zero {
                Zero::Rule(Rule::Missing) => f64::NAN,
                Zero::Rule(Rule::Zero) => 0.0,
                Zero::Rule(Rule::Numerator) => numerator,
                Zero::Value(value) => value,
            }
        };
        let row = |i: usize| ratio(numerator.get(i), denominator.get(i) + smoothing);
        out.numbers()?.extend((0..args.len()).map(row));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// YAML can say `.nan` and `.inf`, which the specs of the case, as JSON, cannot.
    #[test]
    fn parameters_that_are_not_finite_are_refused() {
        let signature = |params: Params| Ratio::signature(&params, &[ValueType::Number, ValueType::Number]);
        for bad in [f64::NAN, f64::INFINITY] {
            let zero = Zero::Value(bad);
            assert!(
                signature(Params {
                    zero,
                    ..Params::default()
                })
                .is_err()
            );
            let smoothing = bad;
            assert!(
                signature(Params {
                    smoothing,
                    ..Params::default()
                })
                .is_err()
            );
        }
    }
}
