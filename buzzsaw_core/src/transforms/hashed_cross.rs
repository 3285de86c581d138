//! `hashed_cross`: combinations of categories and tokens, hashed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Arg, Args, CategoryBuffer};
use crate::cpu::Level;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::hash;
use crate::slot::Slot;
use crate::sparse_row::{Keys, Scale};
use crate::types::ValueType;

/// The most combinations of one row.
const MAX_COMBINATIONS: usize = 1 << 22;

/// Counts combinations of two or more categories or token lists in 2^bits columns chosen by a hash.
///
/// A token list stands for each of its tokens, so that `[supplier, query_terms]` has an entry for each query term
/// with the supplier. The order of inputs matters, and equal parts do not cancel. Numbers and texts that are written
/// alike are one category: 42 and "42".
///
/// **Missing.** When any input is missing the row is empty, as it is when a token list is empty.
///
/// **Example.** `{transform: hashed_cross, inputs: [supplier, query_terms], bits: 18}` gives for supplier "acme" and
/// query terms `[red, lamp]` an entry for (acme, red) and one for (acme, lamp).
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

#[derive(Default)]
pub(crate) struct Work {
    keys: Keys,
    /// Hashes of the combinations of the inputs so far, and of one input more.
    left: Vec<u64>,
    next: Vec<u64>,
    buffer: CategoryBuffer,
}

impl Transform for HashedCross {
    const NAME: &'static str = "hashed_cross";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = Vec::new();
        if inputs.len() < 2 {
            let problem = Problem::new(ErrorKind::InvalidSpec, "a cross reads two inputs or more");
            problems.push(problem.at("inputs").hint("give `inputs: [a, b]`"));
        }
        let fits = |input: &ValueType| input.is_category() || input.is_terms();
        problems.extend(
            inputs
                .iter()
                .enumerate()
                .filter_map(|(i, v)| checks::input(i, v, ("a category or terms", fits))),
        );
        problems.extend(checks::range(
            (1..=31).contains(&params.bits),
            "bits",
            params.bits,
            "give 1 to 31 bits",
        ));
        let read = |input: &ValueType| {
            if input.is_terms() {
                Read::Terms
            } else {
                Read::Category
            }
        };
        let reads = inputs.iter().map(read).collect();
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
            if self.combine(args, i, work)? {
                let occurrences = work.left.iter().map(|hash| (hash::bucket(*hash, bits), false));
                work.keys.extend(occurrences);
            }
            work.keys.end_row(0);
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

impl HashedCross {
    /// Fills `work.left` with the hash of every combination of row `i`; false when an input is missing.
    fn combine(&self, args: &Args<'_>, i: usize, work: &mut Work) -> Result<bool> {
        let seed = self.params.seed;
        work.left.clear();
        for input in 0..args.inputs() {
            work.next.clear();
            let left = &work.left;
            let next = &mut work.next;
            let mut join = |part: u64| {
                if input == 0 {
                    next.push(part);
                } else {
                    next.extend(left.iter().map(|left| hash::cross(*left, part)));
                }
            };
            match args.arg(input) {
                Arg::Terms(terms) => {
                    let Some(row) = terms.get(i) else { return Ok(false) };
                    if row.len().saturating_mul(left.len().max(1)) > MAX_COMBINATIONS {
                        return Err(Error::new(
                            ErrorKind::ResourceLimit,
                            format!(
                                "row {} has more than {MAX_COMBINATIONS} combinations",
                                args.position(i)
                            ),
                        )
                        .hint("cross fewer inputs, or drop tokens before: `stop_words`, a shorter text"));
                    }
                    row.iter().for_each(|token| join(hash::xxh3_64(token, seed)));
                }
                _ => match args.category(input)?.get(i, &mut work.buffer) {
                    Some(bytes) => join(hash::xxh3_64(bytes, seed)),
                    None => return Ok(false),
                },
            }
            std::mem::swap(&mut work.left, &mut work.next);
        }
        Ok(true)
    }
}
