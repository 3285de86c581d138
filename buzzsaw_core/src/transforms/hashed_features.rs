//! `hashed_features`: the entries of a map, categories or tokens to a sparse vector by hashing.

use std::num::NonZeroU32;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Arg, Args, CategoryBuffer, MapArg};
use crate::cpu::Level;
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::hash;
use crate::slot::{Slot, SparseRows};
use crate::sparse_row::{Keys, Scale};
use crate::text::repair;
use crate::types::{DataType, ValueType};

/// The hash function, and with it the rule from hash to column and sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum HashName {
    /// XXH3-64 with `seed`: the column is its low bits, the sign its highest bit.
    #[default]
    Xxh3,
    /// MurmurHash3 with seed 0 as scikit-learn's `FeatureHasher` uses it.
    Sklearn,
}

/// Hashes named values into 2^bits columns, as scikit-learn's `FeatureHasher` does.
///
/// An entry of a map of numbers adds its value to the column of its key; an entry of a map of strings adds 1 to the
/// column of the text `key=value`; a category, and each token of a list, adds 1 to its own column. With `alternate_sign`
/// the hash decides whether it is added or subtracted. What meets in one column is added in ascending order of the signed
/// values, so that the order of a map's entries does not matter. Each entry of a repeated key counts.
///
/// **Missing.** A missing map, list or category gives an empty row. Entries whose value is missing or zero are skipped.
/// Infinities of both signs in one column give a missing entry, as in scikit-learn.
///
/// **Example.** `hashed_features([{"width": 2.5, "depth": 0.0, "height": 4.0}, None], bits=4)` gives
/// `[{6: -2.5, 9: 4.0}, {}]`.
///
/// **Oracle.** scikit-learn's `FeatureHasher` entry by entry, added in the stated order, exactly; for `xxh3` the C library
/// of xxHash, exactly.
///
/// **Source.** `sklearn.feature_extraction.FeatureHasher`; Weinberger et al., "Feature Hashing for Large Scale Multitask
/// Learning" (2009).
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The number of columns, as a power of two; 1 to 31.
    bits: u8,
    /// The hash function: `xxh3` or `sklearn`.
    hash: HashName,
    /// The seed of `xxh3`; `sklearn` has seed 0.
    seed: u64,
    /// Whether half of the names count negatively, so that collisions cancel in the mean.
    alternate_sign: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            bits: 20,
            hash: HashName::Xxh3,
            seed: 0,
            alternate_sign: true,
        }
    }
}

pub(super) struct HashedFeatures {
    params: Params,
    columns: NonZeroU32,
    level: Level,
}

#[derive(Default)]
pub(crate) struct Work {
    entries: Vec<(u32, f64)>,
    keys: Keys,
    name: Vec<u8>,
    key: String,
    value: String,
}

fn read(input: &ValueType) -> Option<Read> {
    match input {
        ValueType::Column(DataType::Map(item)) => {
            (item.is_number() || **item == DataType::String).then_some(Read::Map)
        }
        input if input.is_category_list() => Some(Read::Terms),
        input => input.is_category().then_some(Read::Category),
    }
}

impl Transform for HashedFeatures {
    const NAME: &'static str = "hashed_features";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let fits: fn(&ValueType) -> bool = |input| read(input).is_some();
        let word = "a map of strings or numbers, terms or a category";
        let mut problems = checks::inputs(inputs, &[(word, fits)]);
        problems.extend(checks::range(
            (1..=31).contains(&params.bits),
            "bits",
            params.bits,
            "give 1 to 31 bits",
        ));
        if params.hash == HashName::Sklearn && params.seed != 0 {
            let problem = Problem::new(ErrorKind::InvalidSpec, "scikit-learn's hash has seed 0");
            problems.push(problem.at("seed").hint("leave the seed out, or use `hash: xxh3`"));
        }
        let reads = inputs.iter().filter_map(read).collect();
        checks::done(problems, Signature::stateless(reads, ValueType::Sparse))
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
        let out = out.sparse()?;
        if let Arg::Map(maps) = args.arg(0) {
            for i in 0..args.len() {
                self.map(*maps, i, work);
                end_row(&mut work.entries, out);
            }
        } else if let Arg::Terms(terms) = args.arg(0) {
            let columns = u64::from(self.columns.get());
            work.keys.clear();
            for i in 0..args.len() {
                let tokens = terms.get(i).into_iter().flat_map(|row| row.iter());
                work.keys.extend(tokens.map(|token| self.slot(token)));
                work.keys.end_row();
                if work.keys.is_batch() || i + 1 == args.len() {
                    work.keys.merge(self.level, columns, Scale::default(), out);
                }
            }
        } else {
            let categories = args.category(0)?;
            let mut buffer = CategoryBuffer::default();
            for i in 0..args.len() {
                if let Some(category) = categories.get(i, &mut buffer) {
                    let (column, value) = self.entry(category, 1.0);
                    out.push(column, value);
                }
                out.end_row();
            }
        }
        Ok(())
    }

    fn columns(&self, _inputs: &[u32]) -> u32 {
        self.columns.get()
    }
}

impl HashedFeatures {
    /// The column of `name`, and whether what it adds is negated.
    #[inline]
    fn slot(&self, name: &[u8]) -> (u32, bool) {
        let (column, negative) = match self.params.hash {
            HashName::Xxh3 => {
                let hash = hash::xxh3_64(name, self.params.seed);
                (hash::bucket(hash, self.params.bits), hash::sign(hash) < 0.0)
            }
            HashName::Sklearn => hash::sklearn_slot(hash::murmur3_32(name, 0), self.columns),
        };
        (column, negative && self.params.alternate_sign)
    }

    /// The column of `name` and what `value` adds to it.
    #[inline]
    fn entry(&self, name: &[u8], value: f64) -> (u32, f64) {
        let (column, negated) = self.slot(name);
        (column, if negated { -value } else { value })
    }

    /// Adds the entries of a map to `work.entries`.
    fn map(&self, maps: MapArg<'_>, i: usize, work: &mut Work) {
        let Work {
            entries,
            name,
            key: key_buffer,
            value: value_buffer,
            ..
        } = work;
        for (key, values, at) in maps.entries(i).into_iter().flatten() {
            let key = repair(key, key_buffer).as_bytes();
            if let Some(text) = values.bytes(at) {
                name.clear();
                name.extend_from_slice(key);
                name.push(b'=');
                name.extend_from_slice(repair(text, value_buffer).as_bytes());
                entries.push(self.entry(name, 1.0));
                continue;
            }
            let value = values.number(at);
            if value != 0.0 && !value.is_nan() {
                entries.push(self.entry(key, value));
            }
        }
    }
}

/// Appends a row with the sum of each column, and empties `entries`.
fn end_row(entries: &mut Vec<(u32, f64)>, out: &mut SparseRows) {
    entries.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.total_cmp(&b.1)));
    for same in entries.chunk_by(|a, b| a.0 == b.0) {
        out.push(same[0].0, same.iter().map(|(_, value)| value).sum());
    }
    out.end_row();
    entries.clear();
}
