//! `min_hash`: a set of tokens to a short signature whose equal places estimate the sets' overlap.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::hash;
use crate::ngrams::{Grams, Ngrams};
use crate::slot::Slot;
use crate::types::ValueType;

/// Signs a set of tokens (or word n-grams) by the smallest of its hashes, for each of several hash functions.
///
/// Place i is the lowest `bits` bits of the smallest h_i(t) over all tokens t, as a whole number. h_i(t) is output i of
/// SplitMix64, counted from 0, whose state is the XXH3-64 of the token with `seed`. Two sets agree in a place with the
/// probability of their Jaccard similarity, and by chance with 2^-bits. How often a token occurs does not matter.
///
/// **Missing.** Missing tokens give a missing list. An empty list has no smallest hash and gives 2^bits - 1 in every
/// place, the lowest bits of 2^64 - 1; so does a list of fewer tokens than the shortest n-gram has.
///
/// **Example.** `min_hash([["red", "lamp"], ["lamp", "red", "red"], []], hashes=2, bits=8)` gives
/// `[[192.0, 128.0], [192.0, 128.0], [255.0, 255.0]]`.
///
/// **Oracle.** The formula in Python over the C library of xxHash, exactly.
///
/// **Source.** Broder, "On the resemblance and containment of documents" (1997); Li and König, "b-Bit Minwise Hashing"
/// (2010).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The number of hash functions, and of places; 1 to 1024.
    hashes: u32,
    /// How many bits of each hash are kept, 1 to 24: f32 holds whole numbers of 24 bits exactly.
    bits: u8,
    /// The seed of the tokens' hash.
    seed: u64,
    /// The word n-grams that are the set's members, `[low, high]` with 1 <= low <= high <= 8.
    ngrams: Ngrams,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            hashes: 16,
            bits: 24,
            seed: 0,
            ngrams: Ngrams::default(),
        }
    }
}

pub(super) struct MinHash {
    params: Params,
    mask: u64,
}

#[derive(Default)]
pub(crate) struct Work {
    grams: Grams,
    smallest: Vec<u64>,
}

impl Transform for MinHash {
    const NAME: &'static str = "min_hash";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("terms", ValueType::is_category_list)]);
        problems.extend(checks::range(
            (1..=1024).contains(&params.hashes),
            "hashes",
            params.hashes,
            "give 1 to 1024 hashes",
        ));
        problems.extend(checks::range(
            (1..=24).contains(&params.bits),
            "bits",
            params.bits,
            "give 1 to 24 bits",
        ));
        problems.extend(params.ngrams.problem());
        let output = ValueType::Vector(Some(params.hashes));
        checks::done(problems, Signature::stateless(vec![Read::Terms], output))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        let mask = (1 << params.bits.min(24)) - 1;
        Ok(Self { params, mask })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let terms = args.terms(0)?;
        let out = out.vectors()?;
        let Work { grams, smallest } = work;
        for i in 0..args.len() {
            let Some(row) = terms.get(i) else {
                out.missing_row();
                continue;
            };
            smallest.clear();
            smallest.resize(self.params.hashes as usize, u64::MAX);
            self.params.ngrams.for_each(row, grams, |gram| {
                let hash = hash::xxh3_64(gram, self.params.seed);
                for (place, least) in (0..).zip(smallest.iter_mut()) {
                    *least = hash::member(hash, place).min(*least);
                }
            })?;
            out.extend(smallest.iter().map(|least| (least & self.mask) as f64));
            out.end_row();
        }
        Ok(())
    }
}
