//! `polynomial_features`: products of numbers up to a degree.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Args, NumberArg};
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The highest degree.
const MAX_DEGREE: u8 = 8;
/// The most products of one row.
const MAX_PRODUCTS: usize = 1024;

/// Every product of up to `degree` of the numbers, each as a column of its own.
///
/// The order is scikit-learn's: the constant 1.0, the numbers themselves, then by degree and, within one, by the
/// positions of the factors: of a and b with degree 2 it is 1, a, b, a^2, a b, b^2. A product is made from its last
/// factor to its first: a (b c).
///
/// **Missing.** A product with a missing factor is missing, unless `missing` fills it before. A product with a factor 0
/// is 0.0 when no factor is missing, also beside an infinite one.
///
/// **Example.** `polynomial_features([2.0, None], [3.0, 5.0], degree=2, include_bias=False)` gives
/// `[[2.0, 3.0, 4.0, 6.0, 9.0], [None, 5.0, None, None, 25.0]]`.
///
/// **Oracle.** `sklearn.preprocessing.PolynomialFeatures`, exactly, and the formula for what it refuses.
///
/// **Source.** `sklearn.preprocessing.PolynomialFeatures`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The most factors of a product; 1 to 8. There may be at most 1,024 products.
    degree: u8,
    /// Whether each number is in a product at most once.
    interaction_only: bool,
    /// Whether the first column is the constant 1.0.
    include_bias: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            degree: 2,
            interaction_only: false,
            include_bias: true,
        }
    }
}

pub(super) struct PolynomialFeatures {
    params: Params,
}

/// A product of degree 2 or more: its first factor, and where the product of the others stands.
#[derive(Clone, Copy)]
pub(crate) struct Product {
    first: usize,
    others: usize,
}

#[derive(Default)]
pub(crate) struct Work {
    /// The number of inputs that `products` is for.
    inputs: usize,
    products: Vec<Product>,
}

/// The number of products without the constant, of 16 inputs at most.
fn count(params: &Params, inputs: usize) -> usize {
    let degree = usize::from(params.degree);
    (1..=degree)
        .map(|degree| {
            // The ways to choose `degree` of `from`, exact at every step.
            let from = if params.interaction_only {
                inputs
            } else {
                inputs + degree - 1
            };
            (0..degree).fold(1, |ways, k| ways * from.saturating_sub(k) / (k + 1))
        })
        .sum()
}

impl Params {
    fn products(&self, inputs: usize, products: &mut Vec<Product>) {
        products.clear();
        // Where the products of the last degree stand, by their first factor.
        let mut last: Vec<usize> = (0..=inputs).collect();
        let mut end = inputs;
        for _ in 1..self.degree {
            let mut starts = Vec::with_capacity(inputs + 1);
            for first in 0..inputs {
                starts.push(end);
                let from = first + usize::from(self.interaction_only);
                for others in last[from]..last[inputs] {
                    products.push(Product { first, others });
                    end += 1;
                }
            }
            starts.push(end);
            last = starts;
        }
    }
}

impl Transform for PolynomialFeatures {
    const NAME: &'static str = "polynomial_features";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let want: checks::Want = ("number", ValueType::is_number);
        let mut problems: Vec<Problem> = inputs
            .iter()
            .enumerate()
            .filter_map(|(i, input)| checks::input(i, input, want))
            .collect();
        if inputs.is_empty() {
            let problem = Problem::new(ErrorKind::InvalidSpec, "it has no inputs").at("inputs");
            problems.push(problem.hint("give one number or more"));
        }
        let fits = (1..=MAX_DEGREE).contains(&params.degree);
        problems.extend(checks::range(fits, "degree", params.degree, "give 1 to 8"));
        let mut width = usize::from(params.include_bias);
        if fits {
            width += count(params, inputs.len());
            if width > MAX_PRODUCTS {
                let message = format!("{} numbers make {width} products", inputs.len());
                let problem = Problem::new(ErrorKind::InvalidSpec, message).at("degree");
                problems.push(problem.hint("at most 1,024 are made: give a lower degree or fewer numbers"));
            }
        }
        let output = ValueType::Vector(Some(width as u32));
        checks::done(
            problems,
            Signature::stateless(vec![Read::Number; inputs.len()], output),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self { params })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let out = out.vectors()?;
        let inputs = args.inputs();
        if work.inputs != inputs {
            self.params.products(inputs, &mut work.products);
            work.inputs = inputs;
        }
        let numbers: arrayvec::ArrayVec<NumberArg<'_>, { crate::spec::MAX_STEP_INPUTS }> = (0..inputs)
            .map(|input| args.number(input))
            .collect::<Result<_>>()?;
        let bias = usize::from(self.params.include_bias);
        for i in 0..args.len() {
            let row = out.zeros(bias + inputs + work.products.len());
            let (constant, row) = row.split_at_mut(bias);
            constant.fill(1.0);
            for (cell, number) in row.iter_mut().zip(&numbers) {
                *cell = number.get(i);
            }
            for (at, Product { first, others }) in work.products.iter().enumerate() {
                let (factor, rest) = (row[*first], row[*others]);
                let product = factor * rest;
                // Not a number though no factor is missing: 0 times infinite.
                let indefinite = product.is_nan() && !factor.is_nan() && !rest.is_nan();
                row[inputs + at] = if indefinite { 0.0 } else { product };
            }
            out.end_row();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_are_counted_as_they_are_made() {
        let mut products = Vec::new();
        for interaction_only in [false, true] {
            for degree in 1..=MAX_DEGREE {
                for inputs in 1..=6 {
                    let params = Params {
                        degree,
                        interaction_only,
                        include_bias: false,
                    };
                    params.products(inputs, &mut products);
                    assert_eq!(
                        count(&params, inputs),
                        inputs + products.len(),
                        "{params:?} of {inputs}"
                    );
                }
            }
        }
    }
}
