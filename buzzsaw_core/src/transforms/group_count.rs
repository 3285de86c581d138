//! `group_count`: how many rows of the group share the row's value.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::group_values::{self, Placed};
use super::{Read, Signature, Transform, checks};
use crate::args::{Arg, Args, CategoryArg, CategoryBuffer};
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Count {
    /// the rows of the group with an equal value, the row itself included
    #[default]
    Equal,
    /// the different values of the group
    Distinct,
    /// the rows of the group whose value is given
    Given,
}

/// How many rows of the row's group have an equal value, or how many different or given values the group has.
///
/// Texts, whole numbers, booleans and dates are compared exactly, as categories; other numbers as f64, where -0.0 equals
/// 0.0. The whole group is needed: a place that sees one document at a time refuses a spec with this step.
///
/// **Missing.** Missing values are not counted. A row whose value is missing has no equal ones: missing; `distinct` and
/// `given` are the group's and have a value in every row, 0.0 in a group without values. Only numbers that are read as
/// f64 can be filled by `missing`.
///
/// **Example.** `group_count(["acme", "acme", "bolt", None], groups=[0, 0, 0, 0])` gives `[2.0, 2.0, 1.0, None]`.
///
/// **Oracle.** `collections.Counter` of each group, exactly.
///
/// **Source.** SQL's `count(*) over (partition by group, value)`, `count(distinct value)` and `count(value)`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What is counted: rows with an `equal` value, `distinct` values, or `given` values.
    count: Count,
}

pub(super) struct GroupCount {
    count: Count,
}

#[derive(Default)]
pub(crate) struct Work {
    numbers: Vec<Placed>,
    texts: Texts,
}

/// The categories of a group.
#[derive(Default)]
struct Texts {
    bytes: Vec<u8>,
    /// Where each one lies in `bytes`, and its place in the group.
    sorted: Vec<(usize, usize, usize)>,
    buffer: CategoryBuffer,
}

impl Texts {
    fn read(&mut self, x: &CategoryArg<'_>, rows: std::ops::Range<usize>) {
        self.bytes.clear();
        self.sorted.clear();
        for (place, i) in rows.enumerate() {
            if let Some(text) = x.get(i, &mut self.buffer) {
                let start = self.bytes.len();
                self.bytes.extend_from_slice(text);
                self.sorted.push((start, self.bytes.len(), place));
            }
        }
        let bytes = &self.bytes;
        self.sorted
            .sort_unstable_by(|a, b| bytes[a.0..a.1].cmp(&bytes[b.0..b.1]));
    }

    fn runs(&self) -> impl Iterator<Item = &[(usize, usize, usize)]> {
        self.sorted
            .chunk_by(|a, b| self.bytes[a.0..a.1] == self.bytes[b.0..b.1])
    }
}

/// Fills the cells of a group from its runs of equal values, each as its places.
fn count<R: ExactSizeIterator<Item = usize>>(count: Count, runs: impl Iterator<Item = R>, cells: &mut [f64]) {
    let (mut distinct, mut given) = (0, 0);
    for run in runs {
        let equal = run.len();
        distinct += 1;
        given += equal;
        for place in run {
            if let Some(cell) = cells.get_mut(place) {
                *cell = equal as f64;
            }
        }
    }
    match count {
        Count::Equal => {}
        Count::Distinct => cells.fill(f64::from(distinct)),
        Count::Given => cells.fill(given as f64),
    }
}

impl Transform for GroupCount {
    const NAME: &'static str = "group_count";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let fits: fn(&ValueType) -> bool = |v| v.is_category() || v.is_number();
        let problems = checks::inputs(inputs, &[("a number or category", fits)]);
        let category = inputs.first().is_some_and(ValueType::is_category);
        let read = if category { Read::Category } else { Read::Number };
        let signature = Signature::stateless(vec![read], ValueType::Number);
        checks::done(
            problems,
            Signature {
                grouped: true,
                ..signature
            },
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self { count: params.count })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let out = out.numbers()?;
        for rows in args.groups()? {
            let cells = group_values::missing(out, rows.len());
            if let Arg::Number(x) = args.arg(0) {
                group_values::placed(*x, rows, &mut work.numbers);
                let runs = group_values::runs(&work.numbers);
                count(
                    self.count,
                    runs.map(|(_, run)| run.iter().map(|(_, place)| *place)),
                    cells,
                );
            } else {
                work.texts.read(&args.category(0)?, rows);
                let runs = work.texts.runs();
                count(
                    self.count,
                    runs.map(|run| run.iter().map(|(_, _, place)| *place)),
                    cells,
                );
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_without_groups_are_refused() {
        let signature = GroupCount::signature(&Params::default(), &[ValueType::Number]).unwrap();
        assert!(signature.grouped);
    }
}
