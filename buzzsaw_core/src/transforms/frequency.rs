//! `frequency`: how often a category occurs in the fitted rows.

use std::sync::Arc;

use arrow_array::Int64Array;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{Problem, Result};
use crate::fit::{CategoryCounts, FitState, Keep, Outcome, Tables, vocabulary_tables};
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;
use crate::vocabulary::{self, Vocabulary};

/// What is made of a count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Shown {
    /// The number of rows.
    Count,
    /// The share of the rows that have a category.
    #[default]
    Share,
    /// ln(1 + the number of rows).
    Log,
}

/// How many of the fitted rows hold the category: their share, their number, or ln(1 + number).
///
/// **Missing.** A missing category stays missing, and is counted nowhere: shares are of the rows that have a category. An unseen
/// one gives 0.0.
///
/// **Example.** `frequency(["a", "b", "a", None, "a"], output="share")` gives `[0.75, 0.25, 0.75, None, 0.75]`.
///
/// **Oracle.** Counts in Python, the logarithm by mpmath: exactly.
///
/// **Source.** Count encoding, as in `category_encoders.CountEncoder` with and without `normalize`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What is made of the count: `share`, `count`, or `log` for ln(1 + count).
    output: Shown,
}

/// Counts of categories.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct State(CategoryCounts);

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        self.0.add_rows(args)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.0.merge(other.0);
        Ok(())
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let rows = Int64Array::from(vec![self.0.rows() as i64]);
        let mut tables = vocabulary_tables(&self.0.sorted(Keep {
            top_k: None,
            min_count: 1,
        }))?;
        tables.insert("statistics", vec![("rows", Arc::new(rows))])?;
        Ok(Outcome::Done(tables))
    }

    fn keys(&self) -> usize {
        self.0.categories()
    }

    fn key_bytes(&self) -> usize {
        self.0.bytes()
    }

    fn split(&mut self, parts: usize) -> Vec<Self> {
        let counts = self.0.split(parts);
        counts.into_iter().map(Self).collect()
    }
}

pub(super) struct Frequency {
    vocabulary: Vocabulary,
    counts: Int64Array,
    rows: f64,
    output: Shown,
}

impl Transform for Frequency {
    const NAME: &'static str = "frequency";
    type Params = Params;
    type Work = CategoryBuffer;
    type State = State;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let problems = checks::inputs(inputs, &[("a category", ValueType::is_category)]);
        checks::done(
            problems,
            Signature::fitted(vec![Read::Category], ValueType::Number, vec![0]),
        )
    }

    fn start(_params: &Params) -> State {
        State::default()
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let vocabulary = Vocabulary::open(tables)?;
        let rows = tables.i64("statistics", "rows")?;
        let counts = tables.i64s(vocabulary::TERMS, "count")?.clone();
        if counts.values().iter().any(|count| !(1..=rows).contains(count)) {
            return Err(checks::corrupt(
                "counts of categories do not lie between 1 and the number of rows",
            ));
        }
        Ok(Self {
            vocabulary,
            counts,
            rows: rows as f64,
            output: params.output,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, buffer: &mut CategoryBuffer) -> Result<()> {
        let categories = args.category(0)?;
        let out = out.numbers()?;
        for i in 0..args.len() {
            let value = match categories.get(i, buffer) {
                None => f64::NAN,
                Some(category) => self.vocabulary.find(category).map_or(0.0, |at| self.value(at)),
            };
            out.push(value);
        }
        Ok(())
    }
}

impl Frequency {
    /// What is made of the count of the category at `at`.
    fn value(&self, at: usize) -> f64 {
        let count = self.counts.value(at) as f64;
        match self.output {
            Shown::Count => count,
            Shown::Share => count / self.rows,
            Shown::Log => math::ln(1.0 + count),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    /// The table is memory-mapped and shared by processes; a copy would be each one's own.
    #[test]
    fn counts_stay_where_the_table_holds_them() {
        let mut tables = vocabulary_tables(&[(b"a"[..].into(), 2)]).unwrap();
        let rows = Int64Array::from(vec![2]);
        tables
            .insert("statistics", vec![("rows", Arc::new(rows))])
            .unwrap();
        let held = tables.i64s(vocabulary::TERMS, "count").unwrap().values().as_ptr();
        let frequency = Frequency::build(Params::default(), &tables).unwrap();
        assert_eq!(frequency.counts.values().as_ptr(), held);
    }

    #[test]
    fn counts_that_no_fit_gives_are_refused() {
        let built = |count: i64, rows: i64| {
            let mut tables = vocabulary_tables(&[(b"a"[..].into(), count as u64)]).unwrap();
            let rows = Int64Array::from(vec![rows]);
            tables
                .insert("statistics", vec![("rows", Arc::new(rows))])
                .unwrap();
            Frequency::build(Params::default(), &tables)
                .err()
                .map(|error| error.kind())
        };
        assert_eq!((built(1, 1), built(2, 3)), (None, None));
        for (count, rows) in [(0, 3), (-1, 3), (4, 3), (1, 0), (1, -1)] {
            assert_eq!(
                built(count, rows),
                Some(ErrorKind::CorruptArtifact),
                "{count} {rows}"
            );
        }
    }
}
