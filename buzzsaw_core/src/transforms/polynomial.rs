//! `polynomial`: a polynomial of a number.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The most coefficients.
const MOST: usize = 64;

/// c0 + c1 x + c2 x^2 + ... of the number, with given coefficients.
///
/// Evaluated by Horner's rule from the highest coefficient that is not 0, each operation rounded to f64. What passes f64
/// on the way is infinite.
///
/// **Missing.** Missing stays missing unless `missing` fills it.
///
/// **Example.** `polynomial([2.0, -1.0, None], coefficients=[1, 0, 3])` gives `[13.0, 4.0, None]`.
///
/// **Oracle.** `numpy.polynomial.polynomial.polyval`, exactly, and Horner's rule for infinite numbers.
///
/// **Source.** Horner's rule, as `numpy.polynomial.polynomial.polyval` applies it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The coefficients, that of the lowest power first: 1 to 64 finite numbers.
    coefficients: Vec<f64>,
}

pub(super) struct Polynomial {
    /// The highest coefficient that is not 0, or the lowest of all.
    highest: f64,
    /// The others, from high to low.
    others: Vec<f64>,
}

impl Transform for Polynomial {
    const NAME: &'static str = "polynomial";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
        let count = params.coefficients.len();
        if !(1..=MOST).contains(&count) {
            let problem = Problem::new(ErrorKind::InvalidSpec, format!("there are {count} coefficients"));
            problems.push(problem.at("coefficients").hint("give 1 to 64 coefficients"));
        }
        problems.extend(params.coefficients.iter().enumerate().filter_map(|(i, value)| {
            let place = format!("coefficients[{i}]");
            checks::range(value.is_finite(), &place, value, "give a finite number")
        }));
        checks::done(
            problems,
            Signature::stateless(vec![Read::Number], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        let mut others = params.coefficients;
        others.reverse();
        let zeros = others.iter().take_while(|value| **value == 0.0).count();
        others.drain(..zeros);
        let highest = if others.is_empty() { 0.0 } else { others.remove(0) };
        Ok(Self { highest, others })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let x = args.number(0)?;
        let value = |x: f64| {
            if x.is_nan() {
                return x;
            }
            self.others.iter().fold(self.highest, |sum, c| sum * x + c)
        };
        out.numbers()?.extend((0..args.len()).map(|i| value(x.get(i))));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(coefficients: &[f64]) -> Vec<String> {
        let coefficients = coefficients.to_vec();
        match Polynomial::signature(&Params { coefficients }, &[ValueType::Number]) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.into_iter().map(|problem| problem.place).collect(),
        }
    }

    #[test]
    fn coefficients_are_finite_and_at_most_64() {
        assert!(places(&[1.0; 64]).is_empty());
        assert_eq!(places(&[1.0; 65]), ["coefficients"]);
        assert_eq!(
            places(&[1.0, f64::INFINITY, 2.0, f64::NAN]),
            ["coefficients[1]", "coefficients[3]"]
        );
    }
}
