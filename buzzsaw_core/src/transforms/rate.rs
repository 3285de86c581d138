//! `rate`: clicks over impressions, pulled towards a prior.

use std::sync::Arc;

use arrow_array::{Float64Array, Int64Array};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{BetaMoments, FitState, Outcome, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The most that alpha or beta may be.
const MAX_PRIOR: f64 = 1e15;

/// Where the prior comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Prior {
    /// From `alpha` and `beta`.
    #[default]
    Given,
    /// From the moments of the fitted rows.
    Moments,
}

/// (clicks + alpha) / (impressions + alpha + beta): a rate that few impressions leave near the prior's.
///
/// With `prior: moments` alpha and beta are learnt from the fitted rows that have a rate and impressions above 0, as a
/// beta-binomial by the method of moments. For k rows of c clicks in n impressions, w = Σ n, p = Σ c / w, q = 1 - p and
/// S = Σ n (c / n - p)²:
/// rho = (S - p q (k - 1)) / (p q (w - Σ n² / w - (k - 1))), alpha + beta = 1 / rho - 1, and alpha = p (alpha + beta).
/// The parameters `alpha` and `beta` stand where the moments define no prior: no rows, rates that differ no more than chance makes
/// them (rho not above 0), rho of 1 and more, or alpha + beta past 1e15. Sums are exact, so that the prior does not depend on the
/// order of the rows.
///
/// **Missing.** A missing, negative or infinite number of clicks or impressions gives a missing value and is not learnt from. Clicks
/// above impressions count as many as the impressions; with `clip: false` they stay as they are in the value, not in what is learnt.
/// Without impressions the value is the prior's rate, and missing where alpha and beta are 0.
///
/// **Example.** `rate([3.0, 0.0, 9.0, None], [10.0, 0.0, 6.0, 5.0], alpha=1, beta=9)` gives `[0.2, 0.1, 0.4375, None]`.
///
/// **Oracle.** Exact fractions: within 1 ULP of f32, since each operation is rounded to f64.
///
/// **Source.** Kleinman, "Proportions with Extraneous Variance: Single and Independent Samples" (1973), with weights n.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The prior's clicks; 0 to 1e15.
    alpha: f64,
    /// The prior's impressions without a click; 0 to 1e15.
    beta: f64,
    /// Where the prior comes from: `given`, the two parameters, or `moments`, the fitted rows.
    prior: Prior,
    /// Whether clicks count at most as many as the impressions.
    clip: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            alpha: 1.0,
            beta: 1.0,
            prior: Prior::Given,
            clip: true,
        }
    }
}

/// Moments of the rates seen, and the prior where they define none.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    moments: BetaMoments,
    alpha: f64,
    beta: f64,
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let (clicks, impressions) = (args.number(0)?, args.number(1)?);
        for i in 0..args.len() {
            let (clicks, impressions) = (clicks.get(i), impressions.get(i));
            if is_amount(clicks) && is_amount(impressions) && impressions > 0.0 {
                self.moments.add(clicks.min(impressions), impressions);
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.moments.merge(&other.moments);
        Ok(())
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let (alpha, beta) = self.moments.prior().unwrap_or((self.alpha, self.beta));
        let one = |value: f64| Arc::new(Float64Array::from(vec![value]));
        let rows = Int64Array::from(vec![self.moments.rows() as i64]);
        let mut tables = Tables::default();
        tables.insert(
            "prior",
            vec![
                ("rows", Arc::new(rows)),
                ("alpha", one(alpha)),
                ("beta", one(beta)),
            ],
        )?;
        Ok(Outcome::Done(tables))
    }
}

/// Whether a number can be a number of clicks or impressions.
#[inline]
fn is_amount(x: f64) -> bool {
    (0.0..f64::INFINITY).contains(&x)
}

fn is_prior(x: f64) -> bool {
    (0.0..=MAX_PRIOR).contains(&x)
}

pub(super) struct Rate {
    alpha: f64,
    beta: f64,
    clip: bool,
}

impl Transform for Rate {
    const NAME: &'static str = "rate";
    type Params = Params;
    type Work = ();
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let number = ("number", ValueType::is_number as fn(&_) -> _);
        let mut problems = checks::inputs(inputs, &[number, number]);
        for (value, place) in [(params.alpha, "alpha"), (params.beta, "beta")] {
            problems.extend(checks::range(is_prior(value), place, value, "give 0 to 1e15"));
        }
        let reads = vec![Read::Number, Read::Number];
        let signature = match params.prior {
            Prior::Given => Signature::stateless(reads, ValueType::Number),
            Prior::Moments => Signature::fitted(reads, ValueType::Number, vec![0, 1]),
        };
        checks::done(problems, signature)
    }

    fn start(params: &Params) -> State {
        State {
            moments: BetaMoments::default(),
            alpha: params.alpha,
            beta: params.beta,
        }
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let (alpha, beta) = match params.prior {
            Prior::Given => (params.alpha, params.beta),
            Prior::Moments => (tables.f64("prior", "alpha")?, tables.f64("prior", "beta")?),
        };
        if !is_prior(alpha) || !is_prior(beta) {
            return Err(checks::corrupt("alpha or beta of the prior is out of range"));
        }
        Ok(Self {
            alpha,
            beta,
            clip: params.clip,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let (clicks, impressions) = (args.number(0)?, args.number(1)?);
        let rate = |i| {
            let (clicks, impressions) = (clicks.get(i), impressions.get(i));
            if !is_amount(clicks) || !is_amount(impressions) {
                return f64::NAN;
            }
            let clicks = if self.clip {
                clicks.min(impressions)
            } else {
                clicks
            };
            let weight = impressions + self.alpha + self.beta;
            if weight == 0.0 {
                return f64::NAN;
            }
            (clicks + self.alpha) / weight
        };
        out.numbers()?.extend((0..args.len()).map(rate));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn numbers_that_a_document_cannot_hold_are_refused() {
        let inputs = [ValueType::Number, ValueType::Number];
        for value in [f64::NAN, f64::INFINITY] {
            let params = Params {
                alpha: value,
                beta: value,
                ..Params::default()
            };
            let problems = Rate::signature(&params, &inputs).unwrap_err();
            let places: Vec<_> = problems.into_iter().map(|problem| problem.place).collect();
            assert_eq!(places, ["alpha", "beta"], "{value}");
        }
    }

    #[test]
    fn a_prior_out_of_range_is_a_corrupt_table() {
        let params = Params {
            prior: Prior::Moments,
            ..Params::default()
        };
        let built = |alpha: f64, beta: f64| {
            let one = |value: f64| Arc::new(Float64Array::from(vec![value]));
            let mut tables = Tables::default();
            tables
                .insert("prior", vec![("alpha", one(alpha)), ("beta", one(beta))])
                .unwrap();
            Rate::build(params, &tables).err().map(|error| error.kind())
        };
        assert_eq!(built(0.0, MAX_PRIOR), None);
        for bad in [-1.0, f64::NAN, f64::INFINITY, 2.0 * MAX_PRIOR] {
            assert_eq!(built(bad, 1.0), Some(ErrorKind::CorruptArtifact), "{bad}");
            assert_eq!(built(1.0, bad), Some(ErrorKind::CorruptArtifact), "{bad}");
        }
    }
}
