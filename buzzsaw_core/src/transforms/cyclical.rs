//! `cyclical`: a number on a circle.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;

/// A number that comes round, such as an hour or a day of the week, as the sine and cosine of 2 pi x / period.
///
/// Hour 23 is then as near to hour 0 as hour 1 is. The output is a list of two numbers. x modulo `period` is exact,
/// and so are the values at the quarters of the period.
///
/// **Missing.** A missing or infinite number gives a missing list, which is two missing numbers as a feature; `missing` fills
/// missing numbers, not infinite ones.
///
/// **Example.** `cyclical([0, 6, 12, 27, None], period=24)` gives `[[0.0, 1.0], [1.0, 0.0], [0.0, -1.0], [0.70711,
/// 0.70711], None]`.
///
/// **Oracle.** mpmath on the exact part of the turn, within 1 ULP of f32.
///
/// **Source.** scikit-learn's example "Time-related feature engineering", trigonometric features.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The number at which the circle closes: 24 for hours, 7 for days of the week; 1e-300 to 1e300.
    period: f64,
}

pub(super) struct Cyclical {
    period: f64,
}

impl Transform for Cyclical {
    const NAME: &'static str = "cyclical";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
        problems.extend(checks::range(
            (1e-300..=1e300).contains(&params.period),
            "period",
            params.period,
            "give a number from 1e-300 to 1e300",
        ));
        checks::done(
            problems,
            Signature::stateless(vec![Read::Number], ValueType::Vector(Some(2))),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            period: params.period,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let x = args.number(0)?;
        let out = out.vectors()?;
        for i in 0..args.len() {
            let x = x.get(i);
            if !x.is_finite() {
                out.missing_row();
                continue;
            }
            let (sine, cosine) = math::sin_cos_of_turn(x, self.period);
            out.push(sine);
            out.push(cosine);
            out.end_row();
        }
        Ok(())
    }
}
