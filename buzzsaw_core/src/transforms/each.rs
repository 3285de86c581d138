//! `each`: a function of every item of a list of numbers.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Function {
    /// the absolute value
    Abs,
    /// -1, 0 or 1
    Sign,
    /// x * x
    Square,
    /// the square root; missing below 0
    Sqrt,
    /// ln(1 + x); missing below -1
    Log1p,
    /// x within `lower` and `upper`
    Clip,
    /// x * `scale` + `offset`
    Linear,
}

/// A list of numbers with a function applied to every item.
///
/// Functions: `abs`, `sign` (-1, 0 or 1), `square`, `sqrt`, `log1p` (ln(1 + x)), `clip` (within `lower` and `upper`),
/// `linear` (x * `scale` + `offset`). `sqrt` and `log1p` are correctly rounded.
///
/// **Missing.** A missing list stays missing, and so does a missing item. An item without a value becomes missing:
/// `sqrt` below 0, `log1p` below -1, and 0 times infinity. An empty list stays empty.
///
/// **Example.** `each([[4.0, None, -9.0], None, []], function="sqrt")` gives `[[2.0, None, None], None, []]`.
///
/// **Oracle.** `numpy.abs`, `sign`, `square`, `sqrt`, `clip` and f64 arithmetic, mpmath for `log1p`, exactly.
///
/// **Source.** NumPy's element-wise functions.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The function.
    function: Function,
    /// The smallest item that `clip` gives; none by default.
    #[serde(default)]
    lower: Option<f64>,
    /// The largest item that `clip` gives; none by default.
    #[serde(default)]
    upper: Option<f64>,
    /// What `linear` multiplies by; 1 by default.
    #[serde(default)]
    scale: Option<f64>,
    /// What `linear` adds; 0 by default.
    #[serde(default)]
    offset: Option<f64>,
}

pub(super) struct Each {
    params: Params,
}

impl Each {
    fn of(&self, x: f64) -> f64 {
        let Params {
            function,
            lower,
            upper,
            scale,
            offset,
        } = self.params;
        match function {
            Function::Abs => x.abs(),
            Function::Sign if x > 0.0 => 1.0,
            Function::Sign if x < 0.0 => -1.0,
            // A zero or NaN.
            Function::Sign => x,
            Function::Square => x * x,
            Function::Sqrt => math::sqrt(x),
            Function::Log1p => math::ln_1p(x),
            Function::Clip => match (lower, upper) {
                (Some(lower), _) if x < lower => lower,
                (_, Some(upper)) if x > upper => upper,
                _ => x,
            },
            Function::Linear => x * scale.unwrap_or(1.0) + offset.unwrap_or(0.0),
        }
    }
}

/// A parameter that is not finite, or that `function` does not have.
fn judge(value: Option<f64>, name: &str, of: &str, has: bool) -> Option<Problem> {
    let value = value?;
    if has {
        return checks::range(value.is_finite(), name, value, "give a finite number");
    }
    let problem = Problem::new(
        ErrorKind::InvalidSpec,
        format!("`{name}` belongs to the function `{of}`"),
    );
    Some(problem.at(name).hint("leave it out"))
}

impl Transform for Each {
    const NAME: &'static str = "each";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("a list of numbers", ValueType::is_vector)]);
        let (clips, scales) = (
            params.function == Function::Clip,
            params.function == Function::Linear,
        );
        problems.extend(judge(params.lower, "lower", "clip", clips));
        problems.extend(judge(params.upper, "upper", "clip", clips));
        problems.extend(judge(params.scale, "scale", "linear", scales));
        problems.extend(judge(params.offset, "offset", "linear", scales));
        match (params.lower, params.upper) {
            (None, None) if clips => {
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
        let width = match inputs.first() {
            Some(ValueType::Vector(width)) => *width,
            _ => None,
        };
        checks::done(
            problems,
            Signature::stateless(vec![Read::Vector], ValueType::Vector(width)),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self { params })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let lists = args.vector(0)?;
        let out = out.vectors()?;
        for i in 0..args.len() {
            match lists.get(i) {
                None => out.missing_row(),
                Some(items) => {
                    out.extend(items.iter().map(|item| self.of(*item)));
                    out.end_row();
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(params: &str) -> Vec<String> {
        let params: Params = serde_saphyr::from_str(params).unwrap();
        let problems = Each::signature(&params, &[ValueType::Vector(None)]).err();
        problems
            .into_iter()
            .flatten()
            .map(|problem| problem.place)
            .collect()
    }

    #[test]
    fn parameters_that_are_not_finite_are_refused() {
        assert_eq!(places("{function: clip, lower: -.inf}"), ["lower"]);
        assert_eq!(
            places("{function: clip, lower: .nan, upper: 1}"),
            ["lower", "lower"]
        );
        assert_eq!(places("{function: clip, upper: .inf}"), ["upper"]);
        assert_eq!(
            places("{function: linear, scale: .inf, offset: .nan}"),
            ["scale", "offset"]
        );
        assert_eq!(places("{function: linear, scale: 2, offset: 1}"), [""; 0]);
    }
}
