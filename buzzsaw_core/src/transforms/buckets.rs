//! What `bucketize` and `quantile_bucketize` share: the place of a number among ascending edges.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature};
use crate::args::Args;
use crate::error::Result;
use crate::slot::Slot;
use crate::types::ValueType;

/// The side of a bucket whose edge belongs to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Closed {
    /// A number equal to an edge is in the bucket above it.
    #[default]
    Left,
    /// A number equal to an edge is in the bucket below it.
    Right,
}

/// What shows the bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Output {
    /// Its number, from 0.
    #[default]
    Index,
    /// A sparse row with 1.0 in its column.
    OneHot,
}

impl Output {
    /// The type of the output.
    pub(super) fn value_type(self) -> ValueType {
        match self {
            Output::Index => ValueType::Number,
            Output::OneHot => ValueType::Sparse,
        }
    }

    /// The signature of a step without state that shows a bucket.
    pub(super) fn stateless(self) -> Signature {
        Signature::stateless(vec![Read::Number], self.value_type())
    }
}

/// Ascending edges; there is one bucket more.
pub(super) struct Buckets {
    pub(super) edges: Vec<f64>,
    pub(super) closed: Closed,
    pub(super) output: Output,
}

impl Buckets {
    /// The bucket of a number that is not missing.
    fn of(&self, x: f64) -> usize {
        match self.closed {
            Closed::Left => self.edges.partition_point(|edge| *edge <= x),
            Closed::Right => self.edges.partition_point(|edge| *edge < x),
        }
    }

    /// The number of columns of the output.
    pub(super) fn columns(&self) -> u32 {
        match self.output {
            Output::Index => 0,
            Output::OneHot => self.edges.len() as u32 + 1,
        }
    }

    /// Shows the buckets of input 0.
    pub(super) fn eval(&self, args: &Args<'_>, out: &mut Slot) -> Result<()> {
        let x = args.number(0)?;
        match self.output {
            Output::Index => out.numbers()?.extend((0..args.len()).map(|i| match x.get(i) {
                value if value.is_nan() => value,
                value => self.of(value) as f64,
            })),
            Output::OneHot => {
                let out = out.sparse()?;
                for i in 0..args.len() {
                    let value = x.get(i);
                    if !value.is_nan() {
                        out.push(self.of(value) as u32, 1.0);
                    }
                    out.end_row();
                }
            }
        }
        Ok(())
    }
}
