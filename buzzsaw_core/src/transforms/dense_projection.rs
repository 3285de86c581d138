//! `dense_projection`: tokens or sparse rows to a short dense vector by random signs.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Arg, Args};
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::hash;
use crate::math;
use crate::slot::Slot;
use crate::sparse_row::Norm;
use crate::types::ValueType;

/// Projects tokens or sparse rows onto a few dimensions with random signs, which keeps inner products on average.
///
/// Number j is the sum, over the tokens (each counting 1) or over the row's columns (each counting its value), of their
/// value with sign s_j, divided by sqrt(`dimensions`). The sign is minus where bit j mod 64, counted from the lowest, of
/// word j div 64 is set; word k is output k of SplitMix64, counted from 0, whose state is the XXH3-64 with `seed` of the
/// token, or of the column as four little-endian bytes. Columns are added in ascending order. With a `norm` the sums are
/// divided by their norm instead.
///
/// **Missing.** Missing tokens give a missing list; an empty list and an empty sparse row give zeros. Infinite values of
/// both signs in one sum give a missing number, and with a `norm` a missing number leaves all of the list missing. With a
/// `norm`, infinite sums count as 1 with their sign, and finite ones beside them as 0; sums of any size neither overflow
/// nor vanish.
///
/// **Example.** `dense_projection([["red", "lamp", "red"], []], dimensions=4)` gives
/// `[[1.5, 1.5, 0.5, 0.5], [0.0, 0.0, 0.0, 0.0]]`.
///
/// **Oracle.** The formula in Python over the C library of xxHash, exactly.
///
/// **Source.** Achlioptas, "Database-friendly random projections" (2003), with signs computed in place of a stored matrix.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The length of the vector, 1 to 4096.
    dimensions: u32,
    /// The seed of the hash.
    seed: u64,
    /// How the sums are scaled: `none` (by 1 / sqrt(dimensions)), `l1` or `l2`.
    norm: Norm,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            dimensions: 64,
            seed: 0,
            norm: Norm::None,
        }
    }
}

pub(super) struct DenseProjection {
    params: Params,
    length: f64,
}

impl Transform for DenseProjection {
    const NAME: &'static str = "dense_projection";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let fits: fn(&ValueType) -> bool = |input| input.is_sparse() || input.is_category_list();
        let mut problems = checks::inputs(inputs, &[("terms or sparse rows", fits)]);
        problems.extend(checks::range(
            (1..=4096).contains(&params.dimensions),
            "dimensions",
            params.dimensions,
            "give 1 to 4096 dimensions",
        ));
        let sparse = inputs.first().is_some_and(ValueType::is_sparse);
        let read = if sparse { Read::Sparse } else { Read::Terms };
        let output = ValueType::Vector(Some(params.dimensions));
        checks::done(problems, Signature::stateless(vec![read], output))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        let length = math::sqrt(f64::from(params.dimensions));
        Ok(Self { params, length })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let out = out.vectors()?;
        let dimensions = self.params.dimensions as usize;
        if let Arg::Sparse(rows) = args.arg(0) {
            for i in 0..args.len() {
                let sums = out.zeros(dimensions);
                let (columns, values) = rows.get(i);
                for (column, value) in columns.iter().zip(values) {
                    self.add(&column.to_le_bytes(), *value, sums);
                }
                self.scale(sums);
                out.end_row();
            }
            return Ok(());
        }
        let terms = args.terms(0)?;
        for i in 0..args.len() {
            let Some(row) = terms.get(i) else {
                out.missing_row();
                continue;
            };
            let sums = out.zeros(dimensions);
            row.iter().for_each(|token| self.add(token, 1.0, sums));
            self.scale(sums);
            out.end_row();
        }
        Ok(())
    }
}

impl DenseProjection {
    /// Adds `value` with the signs of `name`.
    fn add(&self, name: &[u8], value: f64, sums: &mut [f64]) {
        let hash = hash::xxh3_64(name, self.params.seed);
        for (k, sums) in (0..).zip(sums.chunks_mut(64)) {
            let word = hash::member(hash, k);
            for (bit, sum) in sums.iter_mut().enumerate() {
                // Flips the sign bit where the word's bit is set.
                *sum += f64::from_bits(value.to_bits() ^ (word >> bit) << 63);
            }
        }
    }

    fn scale(&self, sums: &mut [f64]) {
        if self.params.norm == Norm::None {
            sums.iter_mut().for_each(|sum| *sum /= self.length);
        } else {
            self.params.norm.apply(sums);
        }
    }
}
