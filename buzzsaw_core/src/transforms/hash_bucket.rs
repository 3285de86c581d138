//! `hash_bucket`: a category's hash among a number of buckets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::hash;
use crate::slot::Slot;
use crate::types::ValueType;

/// What a bucket is shown as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Shown {
    /// Its number.
    #[default]
    Index,
    /// 1.0 in its column.
    OneHot,
}

impl Shown {
    /// The most buckets: those that an f32 tells apart, or those that are columns.
    fn limit(self) -> u64 {
        match self {
            Shown::Index => 1 << 24,
            Shown::OneHot => 1 << 31,
        }
    }

    fn value_type(self) -> ValueType {
        match self {
            Shown::Index => ValueType::Number,
            Shown::OneHot => ValueType::Sparse,
        }
    }
}

/// The bucket of a category: its hash modulo the number of buckets.
///
/// Nothing is learnt, and different categories may share a bucket. Numbers and texts that are written alike are one category: 42
/// and "42".
///
/// **Missing.** A missing category stays missing, or with `output: one_hot` gives an empty row.
///
/// **Example.** `hash_bucket(["acme", "", None], buckets=100)` gives `[21.0, 38.0, None]`.
///
/// **Oracle.** The C library of xxHash by its Python bindings: exactly.
///
/// **Source.** XXH3-64 of the category's bytes with `seed`, modulo `buckets`; feature hashing as in Weinberger et al., "Feature
/// Hashing for Large Scale Multitask Learning" (2009).
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The number of buckets: 1 to 2^24, or with `output: one_hot` to 2^31.
    buckets: u64,
    /// The seed of the hash.
    seed: u64,
    /// What is made: `index`, the bucket's number, or `one_hot`, 1.0 in the bucket's column.
    output: Shown,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            buckets: 1 << 18,
            seed: 0,
            output: Shown::Index,
        }
    }
}

pub(super) struct HashBucket(Params);

impl Transform for HashBucket {
    const NAME: &'static str = "hash_bucket";
    type Params = Params;
    type Work = CategoryBuffer;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("a category", ValueType::is_category)]);
        let limit = params.output.limit();
        problems.extend(checks::range(
            (1..=limit).contains(&params.buckets),
            "buckets",
            params.buckets,
            &format!("give 1 to {limit} buckets"),
        ));
        checks::done(
            problems,
            Signature::stateless(vec![Read::Category], params.output.value_type()),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self(params))
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, buffer: &mut CategoryBuffer) -> Result<()> {
        let categories = args.category(0)?;
        let Params {
            buckets,
            seed,
            output,
        } = self.0;
        let mut bucket = |i| {
            let hash = hash::xxh3_64(categories.get(i, buffer)?, seed);
            hash.checked_rem(buckets)
        };
        match output {
            Shown::Index => {
                let numbers = (0..args.len()).map(|i| bucket(i).map_or(f64::NAN, |bucket| bucket as f64));
                out.numbers()?.extend(numbers);
            }
            Shown::OneHot => {
                let out = out.sparse()?;
                for i in 0..args.len() {
                    if let Some(bucket) = bucket(i) {
                        out.push(bucket as u32, 1.0);
                    }
                    out.end_row();
                }
            }
        }
        Ok(())
    }

    fn columns(&self, _inputs: &[u32]) -> u32 {
        match self.0.output {
            Shown::Index => 0,
            Shown::OneHot => self.0.buckets as u32,
        }
    }
}
