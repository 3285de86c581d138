//! `hashed_cross`: combinations of categories and tokens, hashed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::combinations::{self, Combinations, Join};
use super::{Signature, Transform, checks};
use crate::args::Args;
use crate::cpu::Level;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::hash;
use crate::slot::Slot;
use crate::sparse_row::{Keys, Scale};
use crate::types::ValueType;

/// Counts combinations of two or more categories or token lists in 2^bits columns chosen by a hash.
///
/// A token list stands for each of its tokens, so that `[supplier, query_terms]` has an entry for each query term
/// with the supplier. The order of inputs matters, and equal parts do not cancel. Numbers and texts that are written
/// alike are one category: 42 and "42".
///
/// **Missing.** When any input is missing the row is empty, as it is when a token list is empty.
///
/// **Example.** `hashed_cross(["acme", None], [["red", "lamp"], ["red"]], bits=8)` gives `[{94: 1.0, 120: 1.0}, {}]`.
///
/// **Oracle.** `itertools.product` with XXH3 of its C library: exactly.
///
/// **Source.** The hash of the parts p1, p2, ... is cross(cross(h(p1), h(p2)), ...) with h = XXH3-64 of the part's
/// bytes with `seed`; feature crosses as in Cheng et al., "Wide & Deep Learning" (2016).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The number of columns, as a power of two; 1 to 31.
    bits: u8,
    /// The seed of the hash.
    seed: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self { bits: 18, seed: 0 }
    }
}

pub(super) struct HashedCross {
    params: Params,
    level: Level,
}

/// Combinations as hashes; the seed.
struct Hashes(u64);

impl Join for Hashes {
    type Item = u64;

    #[inline]
    fn part(&mut self, bytes: &[u8]) -> u64 {
        hash::xxh3_64(bytes, self.0)
    }

    #[inline]
    fn join(&mut self, left: u64, right: u64) -> u64 {
        hash::cross(left, right)
    }
}

#[derive(Default)]
pub(crate) struct Work {
    keys: Keys,
    combinations: Combinations<u64>,
}

impl Transform for HashedCross {
    const NAME: &'static str = "hashed_cross";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = combinations::problems(inputs);
        problems.extend(checks::range(
            (1..=31).contains(&params.bits),
            "bits",
            params.bits,
            "give 1 to 31 bits",
        ));
        let reads = combinations::reads(inputs);
        checks::done(problems, Signature::stateless(reads, ValueType::Sparse))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            params,
            level: Level::detect(),
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let out = out.sparse()?;
        work.keys.clear();
        for i in 0..args.len() {
            let bits = self.params.bits;
            let mut hashes = Hashes(self.params.seed);
            if let Some(row) = work.combinations.of_row(args, i, &mut hashes)? {
                let occurrences = row.iter().map(|hash| (hash::bucket(*hash, bits), false));
                work.keys.extend(occurrences);
            }
            work.keys.end_row();
            if work.keys.is_batch() || i + 1 == args.len() {
                work.keys.merge(self.level, 1 << bits, Scale::default(), out);
            }
        }
        Ok(())
    }

    fn columns(&self, _inputs: &[u32]) -> u32 {
        1 << self.params.bits
    }
}
