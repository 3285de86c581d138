//! `decay`: a number that falls with the distance from an origin.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;

/// How the value falls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Shape {
    /// decay^u
    #[default]
    Exponential,
    /// decay^(u^2)
    Gaussian,
    /// max(0, 1 - (1 - decay) u)
    Linear,
}

/// A number from 1 down to 0 that falls with the distance of the input from `origin`, such as an age or a distance.
///
/// With u = max(0, |x - origin| - offset) / scale the value is decay^u (`exponential`), decay^(u^2) (`gaussian`) or
/// max(0, 1 - (1 - decay) u) (`linear`): 1 up to `offset` and `decay` at `offset` + `scale`. With the default `decay`
/// of 0.5 and the exponential shape, `scale` is the half-life.
///
/// **Missing.** Missing stays missing unless `missing` fills it. An infinite number gives 0.0.
///
/// **Example.** `decay([0.0, 7.0, 14.0, None], scale=7)` gives `[1.0, 0.5, 0.25, None]`.
///
/// **Oracle.** The formulas of Elasticsearch in mpmath, within 1 ULP of f32; the linear shape in f64, exactly.
///
/// **Source.** The decay functions `exp`, `gauss` and `linear` of Elasticsearch's `function_score` query.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The distance past `offset` at which the value is `decay`; above 0.
    scale: f64,
    /// The shape: `exponential`, `gaussian` or `linear`.
    #[serde(default)]
    shape: Shape,
    /// Where the value is 1; within -1e290 and 1e290.
    #[serde(default)]
    origin: f64,
    /// The distance up to which the value stays 1; 0 or more.
    #[serde(default)]
    offset: f64,
    /// The value at the distance `offset` + `scale`; above 0 and below 1.
    #[serde(default = "half")]
    decay: f64,
}

fn half() -> f64 {
    0.5
}

pub(super) struct Decay {
    params: Params,
    ln_decay: f64,
}

impl Decay {
    fn of(&self, x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        let Params {
            scale,
            shape,
            origin,
            offset,
            decay,
        } = self.params;
        let past = (x - origin).abs() - offset;
        let u = if past > 0.0 { past / scale } else { 0.0 };
        match shape {
            Shape::Exponential => math::exp(self.ln_decay * u),
            Shape::Gaussian => math::exp(self.ln_decay * (u * u)),
            Shape::Linear => (1.0 - (1.0 - decay) * u).max(0.0),
        }
    }
}

impl Transform for Decay {
    const NAME: &'static str = "decay";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let Params {
            scale,
            origin,
            offset,
            decay,
            ..
        } = *params;
        let mut problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
        let finite_scale = scale > 0.0 && scale.is_finite();
        problems.extend(checks::range(
            finite_scale,
            "scale",
            scale,
            "give a number above 0",
        ));
        problems.extend(checks::range(
            origin.abs() <= 1e290,
            "origin",
            origin,
            "give a number within -1e290 and 1e290",
        ));
        problems.extend(checks::at_least(0.0, "offset", offset));
        problems.extend(checks::range(
            decay > 0.0 && decay < 1.0,
            "decay",
            decay,
            "give a number above 0 and below 1",
        ));
        checks::done(
            problems,
            Signature::stateless(vec![Read::Number], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            ln_decay: math::ln(params.decay),
            params,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let x = args.number(0)?;
        out.numbers()?.extend((0..args.len()).map(|i| self.of(x.get(i))));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_are_not_finite_are_refused() {
        for params in [
            "{scale: .inf}",
            "{scale: .nan}",
            "{scale: 1, origin: .nan}",
            "{scale: 1, offset: .inf}",
            "{scale: 1, offset: .nan}",
            "{scale: 1, decay: .nan}",
        ] {
            let read: Params = serde_saphyr::from_str(params).unwrap();
            let problems = Decay::signature(&read, &[ValueType::Number]).err();
            assert_eq!(problems.map(|problems| problems.len()), Some(1), "{params}");
        }
    }
}
