//! `missing_indicator`: whether inputs are missing.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Arg, Args, CategoryBuffer};
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// 1.0 where any of the inputs is missing, or all of them with `when: all`; else 0.0.
///
/// Inputs are of any type but sparse rows, in which a missing input does not show. A list is missing when there is
/// none; an empty one, or one with missing items, is not.
///
/// **Missing.** Never missing. A `missing` policy of the step fills numbers before they are looked at, so that they
/// are not missing.
///
/// **Example.** `missing_indicator([1.0, None, None], ["a", "b", None], when="all")` gives `[0.0, 0.0, 1.0]`.
///
/// **Oracle.** `MissingIndicator(features="all")` of each input, and any or all of them, exactly.
///
/// **Source.** `sklearn.impute.MissingIndicator`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// Whether one missing input is enough, or all must be missing.
    when: When,
}

/// How many inputs must be missing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum When {
    /// One or more.
    #[default]
    Any,
    /// All.
    All,
}

pub(super) struct MissingIndicator(When);

/// The reading that shows whether a value is missing.
fn reading(input: &ValueType) -> Option<Read> {
    if input.is_number() {
        Some(Read::Number)
    } else if input.is_category() {
        Some(Read::Category)
    } else if input.is_category_list() {
        Some(Read::Terms)
    } else if input.is_vector() {
        Some(Read::Vector)
    } else if input.is_time() {
        Some(Read::Time)
    } else if input.is_map() {
        Some(Read::Map)
    } else {
        None
    }
}

fn is_missing(arg: &Arg<'_>, i: usize, buffer: &mut CategoryBuffer) -> bool {
    match arg {
        Arg::Number(number) => number.get(i).is_nan(),
        Arg::Category(category) => category.get(i, buffer).is_none(),
        Arg::Text(text) => text.get(i).is_none(),
        Arg::Terms(terms) => terms.get(i).is_none(),
        Arg::Vector(vectors) => vectors.get(i).is_none(),
        Arg::Time(times) => times.is_missing(i),
        Arg::Map(maps) => maps.entries(i).is_none(),
        Arg::Sparse(_) | Arg::Absent => false,
    }
}

impl Transform for MissingIndicator {
    const NAME: &'static str = "missing_indicator";
    type Params = Params;
    type Work = CategoryBuffer;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = Vec::new();
        if inputs.is_empty() {
            let problem = Problem::new(ErrorKind::InvalidSpec, "it reads one input or more");
            problems.push(problem.at("inputs").hint("give `inputs: [a, b]`"));
        }
        let fits = |input: &ValueType| reading(input).is_some();
        let judged = inputs.iter().enumerate();
        problems.extend(
            judged.filter_map(|(i, v)| checks::input(i, v, ("a number, category, time, list or map", fits))),
        );
        let reads = inputs.iter().filter_map(reading).collect();
        checks::done(problems, Signature::stateless(reads, ValueType::Number))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self(params.when))
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, buffer: &mut CategoryBuffer) -> Result<()> {
        let out = out.numbers()?;
        for i in 0..args.len() {
            let mut flags = (0..args.inputs()).map(|k| is_missing(args.arg(k), i, buffer));
            let flag = match self.0 {
                When::Any => flags.any(|flag| flag),
                When::All => flags.all(|flag| flag),
            };
            out.push(f64::from(u8::from(flag)));
        }
        Ok(())
    }
}
