//! `arithmetic`: numbers added, multiplied or compared.

use arrayvec::ArrayVec;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Args, NumberArg};
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::spec::MAX_STEP_INPUTS;
use crate::types::ValueType;

/// One number from two or more, in the order of the inputs: their sum, difference, product, minimum, maximum or mean.
///
/// `subtract` takes all further numbers from the first. Sums overflow to infinity as in IEEE 754; infinity less
/// infinity, and zero times infinity, are missing. The mean is the sum divided by the count.
///
/// **Missing.** Any missing number makes the output missing. With `skip_missing` missing numbers are left out, and the
/// output is missing when all are: a missing first number of `subtract` counts as 0.0.
///
/// **Example.** `arithmetic([1.0, 5.0, None], [2.0, 3.0, 4.0], operation="subtract")` gives `[-1.0, 2.0, None]`.
///
/// **Oracle.** `numpy.add`, `subtract`, `multiply`, `minimum`, `maximum` (`fmin` and `fmax` with `skip_missing`) and
/// `mean`, exactly.
///
/// **Source.** NumPy's functions of these names.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// What is computed.
    operation: Operation,
    /// Whether missing numbers are left out.
    #[serde(default)]
    skip_missing: bool,
}

/// What is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Operation {
    /// The sum.
    Add,
    /// The first less the others.
    Subtract,
    /// The product.
    Multiply,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// The sum divided by how many there are.
    Mean,
}

impl Operation {
    /// The first number, and a further one.
    fn join(self, so_far: f64, x: f64) -> f64 {
        match self {
            Operation::Add | Operation::Mean => so_far + x,
            Operation::Subtract => so_far - x,
            Operation::Multiply => so_far * x,
            Operation::Min => {
                if x < so_far {
                    x
                } else {
                    so_far
                }
            }
            Operation::Max => {
                if x > so_far {
                    x
                } else {
                    so_far
                }
            }
        }
    }
}

pub(super) struct Arithmetic(Params);

impl Arithmetic {
    fn row(&self, values: impl Iterator<Item = f64>) -> f64 {
        let Params {
            operation,
            skip_missing,
        } = self.0;
        let (mut so_far, mut count) = (f64::NAN, 0u32);
        for (at, x) in values.enumerate() {
            if x.is_nan() {
                if skip_missing {
                    continue;
                }
                return f64::NAN;
            }
            so_far = match (count, operation) {
                (0, Operation::Subtract) if at > 0 => 0.0 - x,
                (0, _) => x,
                _ => operation.join(so_far, x),
            };
            count += 1;
        }
        if operation == Operation::Mean {
            so_far / f64::from(count)
        } else {
            so_far
        }
    }
}

impl Transform for Arithmetic {
    const NAME: &'static str = "arithmetic";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = Vec::new();
        if inputs.len() < 2 {
            let problem = Problem::new(ErrorKind::InvalidSpec, "arithmetic reads two inputs or more");
            problems.push(problem.at("inputs").hint("give `inputs: [a, b]`"));
        }
        let numbers = inputs.iter().enumerate();
        problems.extend(numbers.filter_map(|(i, v)| checks::input(i, v, ("number", ValueType::is_number))));
        checks::done(
            problems,
            Signature::stateless(vec![Read::Number; inputs.len()], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self(params))
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let numbers: ArrayVec<NumberArg<'_>, MAX_STEP_INPUTS> = (0..args.inputs())
            .map(|i| args.number(i))
            .collect::<Result<_>>()?;
        let row = |i: usize| self.row(numbers.iter().map(|number| number.get(i)));
        out.numbers()?.extend((0..args.len()).map(row));
        Ok(())
    }
}
