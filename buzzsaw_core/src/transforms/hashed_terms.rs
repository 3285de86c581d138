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
use crate::math;
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
    /// MurmurHash3 with seed 42 as Spark ML's `HashingTF` uses it since Spark 3.
    Spark,
}

/// Counts tokens (or word n-grams) in columns chosen by a hash, so that no vocabulary is needed.
///
/// With `hash: sklearn, signed: true, norm: l2, bits: 20` after `analyzer: sklearn` the row equals scikit-learn's
/// `HashingVectorizer()` bit for bit, after one rounding to f32. With `hash: spark, columns: n` it is that of Spark ML's
/// `HashingTF(numFeatures=n)`.
///
/// With `sublinear_tf` a count c is 1 + ln|c| with the sign of c, and 0 where the signs cancel.
///
/// **Missing.** Missing tokens give an empty row, as does an empty list.
///
/// **Example.** `hashed_terms([["red", "shoes", "red"], None], bits=4)` gives `[{5: 2.0, 9: 1.0}, {}]`.
///
/// **Oracle.** scikit-learn's `HashingVectorizer` and Spark ML's `HashingTF`, exactly; the C library of xxHash, exactly;
/// with `sublinear_tf` scikit-learn's `TfidfTransformer`, within 1 ULP of f32.
///
/// **Source.** Weinberger et al., "Feature Hashing for Large Scale Multitask Learning" (2009);
/// `sklearn.feature_extraction.text.HashingVectorizer`; `org.apache.spark.ml.feature.HashingTF`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The number of columns, as a power of two; 1 to 31.
    bits: u8,
    /// The number of columns, 1 to 2^31 - 1, in place of `bits` where it is no power of two; for `sklearn` and `spark`.
    columns: Option<u32>,
    /// The hash function: `xxh3`, `sklearn` or `spark`.
    hash: HashName,
    /// The seed of `xxh3`; `sklearn` has seed 0 and `spark` seed 42, so they take none.
    seed: u64,
    /// Whether half of the tokens count as -1, so that collisions cancel in the mean (`alternate_sign`).
    signed: bool,
    /// Whether a column that occurs counts 1.0 however often it does.
    binary: bool,
    /// Whether a count is 1 + ln(count); the norm comes after.
    sublinear_tf: bool,
    /// How the row is scaled: `none`, `l1` or `l2`.
    norm: Norm,
    /// The word n-grams that are counted, `[low, high]` with 1 <= low <= high <= 8.
    ngrams: Ngrams,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            bits: 18,
            columns: None,
            hash: HashName::Xxh3,
            seed: 0,
            signed: false,
            binary: false,
            sublinear_tf: false,
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
        problems.extend(params.columns.and_then(|columns| {
            let most = i32::MAX as u32;
            checks::range(
                (1..=most).contains(&columns),
                "columns",
                columns,
                "give 1 to 2147483647 columns",
            )
        }));
        problems.extend(params.ngrams.problem());
        problems.extend(params.contradictions());
        checks::done(
            problems,
            Signature::stateless(vec![Read::Terms], ValueType::Sparse),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        let columns = params.columns.unwrap_or(1 << params.bits.min(31));
        let columns = NonZeroU32::new(columns).unwrap_or(NonZeroU32::MIN);
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
        let raw = self.params.sublinear_tf && !self.params.binary;
        let scale = if raw {
            Scale::default()
        } else {
            Scale {
                binary: self.params.binary,
                norm: self.params.norm,
            }
        };
        let columns = u64::from(self.columns.get());
        keys.clear();
        self.params.ngrams.for_batches(terms, args.len(), grams, |batch| {
            let first = keys.len();
            self.hash(batch.arena, batch.spans, keys, hashes);
            keys.end_rows(first, batch.ends);
            if batch.is_whole() {
                let first = out.rows();
                keys.merge(self.level, columns, scale, out);
                if raw {
                    (first..out.rows()).for_each(|row| self.dampen(out.row_mut(row).1));
                }
            }
            Ok(())
        })
    }

    fn columns(&self, _inputs: &[u32]) -> u32 {
        self.columns.get()
    }
}

impl Params {
    /// Parameters that the hash does not have.
    fn contradictions(&self) -> Vec<Problem> {
        let refuse = |message: &str, place: &str, hint: &str| {
            Problem::new(ErrorKind::InvalidSpec, message).at(place).hint(hint)
        };
        let mut problems = Vec::new();
        let fixed = match self.hash {
            HashName::Xxh3 => None,
            HashName::Sklearn => Some("scikit-learn's hash has seed 0"),
            HashName::Spark => Some("Spark's hash has seed 42"),
        };
        if let (Some(message), true) = (fixed, self.seed != 0) {
            problems.push(refuse(message, "seed", "leave the seed out, or use `hash: xxh3`"));
        }
        if self.hash == HashName::Spark && self.signed {
            let hint = "leave `signed` out, or use another hash";
            problems.push(refuse("Spark's `HashingTF` has no signs", "signed", hint));
        }
        if self.hash == HashName::Xxh3 && self.columns.is_some() {
            let hint = "give `bits`, or use `hash: spark` or `hash: sklearn`";
            problems.push(refuse("`xxh3` has a power of two of columns", "columns", hint));
        }
        problems
    }
}

impl HashedTerms {
    /// Turns counts into weights that grow with their logarithm.
    fn dampen(&self, counts: &mut [f64]) {
        for count in counts.iter_mut().filter(|count| count.abs() > 1.0) {
            *count = (1.0 + math::ln(count.abs())).copysign(*count);
        }
        self.params.norm.apply(counts);
    }

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
            HashName::Spark => {
                hashes.clear();
                hash::murmur3_32_spans(self.level, bytes, spans, hash::SPARK_SEED, hashes);
                keys.extend(
                    hashes
                        .iter()
                        .map(|hash| (hash::spark_column(*hash, self.columns), false)),
                );
            }
        }
    }
}
