//! `compare`: whether one number is below, at or above another.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Operator {
    /// a < b
    Less,
    /// a <= b
    LessEqual,
    /// a = b
    Equal,
    /// a != b
    NotEqual,
    /// a > b
    #[default]
    Greater,
    /// a >= b
    GreaterEqual,
}

/// 1.0 when the first number compares as asked with the second or with `to`, else 0.0.
///
/// Reads two numbers, or one number and the constant `to`. Numbers are compared as f64: whole numbers past 2^53 are
/// rounded first, and -0.0 equals 0.0.
///
/// **Missing.** When a number is missing the outcome is missing, unless `missing` fills it before.
///
/// **Example.** `compare([3.0, 5.0, None], operator="less_equal", to=3)` gives `[1.0, 0.0, None]`.
///
/// **Oracle.** `numpy.less`, `numpy.less_equal` and so on, exactly.
///
/// **Source.** The comparisons of IEEE 754.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The comparison: `less`, `less_equal`, `equal`, `not_equal`, `greater` or `greater_equal`.
    operator: Operator,
    /// The number to compare with, for a step of one input; none by default, for a step of two.
    to: Option<f64>,
}

pub(super) struct Compare {
    params: Params,
}

impl Transform for Compare {
    const NAME: &'static str = "compare";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let wanted: [checks::Want; 2] = [("number", ValueType::is_number); 2];
        let constant = params.to.is_some();
        let mut problems = Vec::new();
        if !constant && inputs.len() == 1 {
            let problem = Problem::new(
                ErrorKind::InvalidSpec,
                "there is nothing to compare the number with",
            );
            problems.push(problem.at("to").hint("give `to`, or a second input"));
        }
        let count = if constant || inputs.len() == 1 { 1 } else { 2 };
        problems.extend(checks::inputs(inputs, &wanted[..count]));
        if let Some(to) = params.to {
            problems.extend(checks::range(to.is_finite(), "to", to, "give a finite number"));
        }
        let reads = vec![Read::Number; inputs.len()];
        checks::done(problems, Signature::stateless(reads, ValueType::Number))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self { params })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let compare: fn(f64, f64) -> bool = match self.params.operator {
            Operator::Less => |a, b| a < b,
            Operator::LessEqual => |a, b| a <= b,
            Operator::Equal => |a, b| a == b,
            Operator::NotEqual => |a, b| a != b,
            Operator::Greater => |a, b| a > b,
            Operator::GreaterEqual => |a, b| a >= b,
        };
        let outcome = |a: f64, b: f64| {
            if a.is_nan() || b.is_nan() {
                f64::NAN
            } else {
                f64::from(u8::from(compare(a, b)))
            }
        };
        let a = args.number(0)?;
        let out = out.numbers()?;
        match self.params.to {
            Some(to) => out.extend((0..args.len()).map(|i| outcome(a.get(i), to))),
            None => {
                let b = args.number(1)?;
                out.extend((0..args.len()).map(|i| outcome(a.get(i), b.get(i))));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_constant_is_finite() {
        for to in [f64::INFINITY, f64::NAN] {
            let params = Params {
                to: Some(to),
                ..Params::default()
            };
            let problems = Compare::signature(&params, &[ValueType::Number]).unwrap_err();
            assert_eq!(problems[0].place, "to");
        }
    }
}
