//! `hashed_terms`: tokens to a sparse vector by hashing.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::cpu::Level;
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::hash;
use crate::ngrams::{Grams, Ngrams};
use crate::slot::Slot;
use crate::sparse_row::{Keys, Norm, Scale};
use crate::text::Span;
use crate::types::ValueType;

/// The hash function, and with it the rule from hash to column and sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum HashName {
    /// XXH3-64 with `seed`: the column is its low bits, the sign its highest bit.
    #[default]
    Xxh3,
    /// MurmurHash3 with seed 0 as scikit-learn's `HashingVectorizer` and `FeatureHasher` use it.
    Sklearn,
}

/// Counts tokens (or word n-grams) in 2^bits columns chosen by a hash, so that no vocabulary is needed.
///
/// **Missing.** Missing tokens give an empty row, as does an empty list.
///
/// **Example.** With `bits: 20`, "red shoes red" gives two entries: 2.0 for `red`, 1.0 for `shoes`. With
/// `hash: sklearn, signed: true, norm: l2, bits: 20` after `analyzer: sklearn` the row equals scikit-learn's
/// `HashingVectorizer()` bit for bit, after one rounding to f32.
///
/// **Source.** Weinberger et al., "Feature Hashing for Large Scale Multitask Learning" (2009);
/// `sklearn.feature_extraction.text.HashingVectorizer`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The number of columns, as a power of two; 1 to 31.
    bits: u8,
    /// The hash function: `xxh3` or `sklearn`.
    hash: HashName,
    /// The seed of `xxh3`; `sklearn` has seed 0.
    seed: u64,
    /// Whether half of the tokens count as -1, so that collisions cancel in the mean (`alternate_sign`).
    signed: bool,
    /// Whether a column that occurs counts 1.0 however often it does.
    binary: bool,
    /// How the row is scaled: `none`, `l1` or `l2`.
    norm: Norm,
    /// The word n-grams that are counted, `[low, high]`.
    ngrams: Ngrams,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            bits: 18,
            hash: HashName::Xxh3,
            seed: 0,
            signed: false,
            binary: false,
            norm: Norm::None,
            ngrams: Ngrams::default(),
        }
    }
}

pub(super) struct HashedTerms {
    params: Params,
    columns: NonZeroU32,
    level: Level,
}

#[derive(Default)]
pub(crate) struct Work {
    keys: Keys,
    grams: Grams,
    hashes: Vec<u32>,
}

impl Transform for HashedTerms {
    const NAME: &'static str = "hashed_terms";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("terms", ValueType::is_terms)]);
        problems.extend(checks::range(
            (1..=31).contains(&params.bits),
            "bits",
            params.bits,
            "give 1 to 31 bits",
        ));
        problems.extend(params.ngrams.problem());
        if params.hash == HashName::Sklearn && params.seed != 0 {
            let problem = Problem::new(ErrorKind::InvalidSpec, "scikit-learn's hash has seed 0");
            problems.push(problem.at("seed").hint("leave the seed out, or use `hash: xxh3`"));
        }
        checks::done(
            problems,
            Signature::stateless(vec![Read::Terms], ValueType::Sparse),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        let columns = NonZeroU32::new(1 << params.bits.min(31)).unwrap_or(NonZeroU32::MIN);
        Ok(Self {
            params,
            columns,
            level: Level::detect(),
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let terms = args.terms(0)?;
        let out = out.sparse()?;
        let Work { keys, grams, hashes } = work;
        let ngrams = self.params.ngrams;
        let scale = Scale {
            binary: self.params.binary,
            norm: self.params.norm,
        };
        let columns = u64::from(self.columns.get());
        keys.clear();
        grams.clear();
        for i in 0..args.len() {
            if let Some(row) = terms.get(i) {
                if ngrams.are_tokens() {
                    grams.extend(row.spans());
                } else {
                    ngrams.lay_out(row, grams, |grams| {
                        if grams.is_batch() {
                            self.hash(grams.bytes(), grams.spans(), keys, hashes);
                            grams.clear();
                        }
                        Ok(())
                    })?;
                }
            }
            keys.end_row(grams.len());
            if keys.is_batch() || i + 1 == args.len() {
                let bytes = if ngrams.are_tokens() {
                    terms.arena()
                } else {
                    grams.bytes()
                };
                self.hash(bytes, grams.spans(), keys, hashes);
                grams.clear();
                keys.merge(self.level, columns, scale, out);
            }
        }
        Ok(())
    }

    fn columns(&self, _inputs: &[u32]) -> u32 {
        self.columns.get()
    }
}

impl HashedTerms {
    /// Adds the column and the sign of each span to `keys`.
    fn hash(&self, bytes: &[u8], spans: &[Span], keys: &mut Keys, hashes: &mut Vec<u32>) {
        let Params {
            bits,
            seed,
            signed,
            hash,
            ..
        } = self.params;
        match hash {
            HashName::Xxh3 => keys.extend(spans.iter().map(|span| {
                let hash = hash::xxh3_64(&bytes[span.range()], seed);
                (hash::bucket(hash, bits), signed && hash::sign(hash) < 0.0)
            })),
            HashName::Sklearn => {
                hashes.clear();
                hash::murmur3_32_spans(self.level, bytes, spans, 0, hashes);
                keys.extend(hashes.iter().map(|hash| {
                    let (column, negative) = hash::sklearn_slot(*hash, self.columns);
                    (column, signed && negative)
                }));
            }
        }
    }
}
