//! Building sparse rows from occurrences: merging equal columns, and norms as scikit-learn computes them.
//!
//! A batch of short rows is merged at once: each row is sorted without a branch, and all that follows runs over the batch without
//! a branch a row. [`Keys::merge_plainly`] is the simple twin, for long rows and for CPUs without AVX2.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::cpu::{Isa, Level};
use crate::slot::SparseRows;

/// How a sparse row is scaled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Norm {
    /// Not at all.
    #[default]
    None,
    /// To a sum of absolute values of 1.
    L1,
    /// To a Euclidean length of 1.
    L2,
}

impl Norm {
    /// Scales a row, adding in the order of the columns; a row whose norm is zero stays as it is. In a row with infinite
    /// numbers each of them counts as 1 with its sign, and finite numbers count as 0.
    ///
    /// Source: `inplace_csr_row_normalize_l1` and `_l2` of scikit-learn, which add and divide in this order.
    pub fn apply(self, values: &mut [f64]) {
        let Some(total) = self.total(values) else { return };
        // What squares below this have lost is no part of a sum above it.
        let safe = match self {
            Norm::L2 => (1e-140..f64::INFINITY).contains(&total),
            _ => total > 0.0 && total < f64::INFINITY,
        };
        if safe {
            values.iter_mut().for_each(|value| *value /= total);
        } else {
            self.apply_scaled(values);
        }
    }

    /// The norm, `None` for no norm at all.
    fn total(self, values: &[f64]) -> Option<f64> {
        match self {
            Norm::None => None,
            Norm::L1 => Some(values.iter().fold(0.0, |sum, value| sum + value.abs())),
            Norm::L2 => Some(crate::math::sqrt(
                values.iter().fold(0.0, |sum, value| sum + value * value),
            )),
        }
    }

    /// [`Norm::apply`] after a power of two that brings the largest number near 1.
    #[cold]
    fn apply_scaled(self, values: &mut [f64]) {
        let largest = values
            .iter()
            .fold(0.0f64, |largest, value| largest.max(value.abs()));
        if largest == f64::INFINITY {
            let limit = |value: f64| match value {
                value if value.is_finite() => 0.0,
                value => value.signum(),
            };
            values.iter_mut().for_each(|value| *value = limit(*value));
        } else {
            let power = power_of_two_for(largest);
            values.iter_mut().for_each(|value| *value *= power);
        }
        if let Some(total) = self.total(values).filter(|total| *total != 0.0) {
            values.iter_mut().for_each(|value| *value /= total);
        }
    }
}

/// A power of two that brings `largest` near 1: products with it are exact but for numbers 2^1000 times smaller.
#[inline]
pub(crate) fn power_of_two_for(largest: f64) -> f64 {
    let exponent = (largest.abs().to_bits() >> 52).clamp(1, 2045);
    f64::from_bits((2046 - exponent) << 52)
}

/// What becomes of the counts of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scale {
    /// Whether a column that occurs counts 1.0 however often it does.
    pub binary: bool,
    pub norm: Norm,
}

/// Rows with at most this many keys are sorted by rank.
const FEW: usize = 64;
/// Rows with more keys than this are sorted by the standard library.
const MANY: usize = 512;
/// Rank sorting needs room for a position beside the key.
const POSITION_BITS: u32 = FEW.trailing_zeros();
/// Keys that are gathered before they are merged.
const BATCH: usize = 2048;
/// In a batch of at most this many keys the square of a row's count fits 31 bits.
#[cfg(target_arch = "x86_64")]
const FLAT: usize = 1 << 15;

/// The keys of a batch of rows, and memory to merge them.
#[derive(Default)]
pub(crate) struct Keys {
    /// A column in the high bits, a flag in the lowest; the rows one after the other.
    keys: Vec<u32>,
    /// Where each row ends.
    ends: Vec<usize>,
    sorted: Vec<u32>,
    #[cfg(target_arch = "x86_64")]
    flat: x86::Flat,
}

impl Keys {
    /// Forgets all rows and keeps the memory.
    pub fn clear(&mut self) {
        self.keys.clear();
        self.ends.clear();
    }

    /// Adds an occurrence of each column, which is below 2^31, counted as -1 where the flag is set.
    #[inline]
    pub fn extend(&mut self, occurrences: impl Iterator<Item = (u32, bool)>) {
        self.keys
            .extend(occurrences.map(|(column, negative)| key(column, negative)));
    }

    /// The number of keys.
    #[inline]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Ends a row.
    #[inline]
    pub fn end_row(&mut self) {
        self.ends.push(self.keys.len());
    }

    /// Ends rows at `first` and so many keys after it.
    #[inline]
    pub fn end_rows(&mut self, first: usize, ends: &[usize]) {
        self.ends.extend(ends.iter().map(|end| first + end));
    }

    /// Whether the rows that ended are worth a merge.
    #[inline]
    pub fn is_batch(&self) -> bool {
        self.ends.last().is_some_and(|end| *end >= BATCH) || self.ends.len() >= BATCH
    }

    /// Appends the rows to `out`, each one entry a column with the scaled sum of its occurrences, and empties the batch.
    ///
    /// `columns` bounds every column and is at most 2^31. Zero sums stay entries: the rule for them is the output's.
    pub fn merge(&mut self, level: Level, columns: u64, scale: Scale, out: &mut SparseRows) {
        debug_assert_eq!(self.ends.last().copied().unwrap_or(0), self.keys.len());
        let bits = u64::BITS - (columns * 2 - 1).leading_zeros();
        match level.isa() {
            #[cfg(target_arch = "x86_64")]
            Isa::Avx2 if self.keys.len() <= FLAT => {
                // SAFETY: the function needs the CPU features that `Level::available` checked before it handed out
                // this level, and no other code builds it.
                unsafe { self.flat.merge(&mut self.keys, &self.ends, bits, scale, out) }
            }
            _ => self.merge_plainly(bits, scale, out),
        }
        self.clear();
    }

    /// Row by row.
    fn merge_plainly(&mut self, bits: u32, scale: Scale, out: &mut SparseRows) {
        let mut start = 0;
        for end in &self.ends {
            let row = &self.keys[start..*end];
            self.sorted.clear();
            self.sorted.resize(row.len(), 0);
            sort(row, bits, &mut self.sorted);
            for same in self.sorted.chunk_by(|a, b| a >> 1 == b >> 1) {
                let sum = same.iter().map(|key| 1.0 - 2.0 * f64::from(key & 1)).sum();
                out.push(same[0] >> 1, sum);
            }
            out.end_row();
            let (_, values) = out.row_mut(out.rows() - 1);
            if scale.binary {
                values.fill(1.0);
            }
            scale.norm.apply(values);
            start = *end;
        }
    }
}

#[inline]
fn key(column: u32, negative: bool) -> u32 {
    column << 1 | u32::from(negative)
}

/// Copies the keys of a row, which have at most `bits` bits, to `sorted` in ascending order.
///
/// Comparisons of hashes cannot be predicted, so short rows are sorted without branches: a key's place is the
/// number of smaller ones, which the compiler counts several at a time. Longer rows spread evenly over buckets of
/// their top bits, and an insertion pass settles the runs of one or two that are left.
fn sort(keys: &[u32], bits: u32, sorted: &mut [u32]) {
    let n = keys.len();
    if n <= FEW && bits + POSITION_BITS < 32 {
        sort_by_rank(keys, sorted);
    } else if n <= MANY {
        sort_by_bucket(keys, bits, sorted);
    } else {
        sorted.copy_from_slice(keys);
        sorted.sort_unstable();
    }
}

fn sort_by_rank(keys: &[u32], sorted: &mut [u32]) {
    // The position makes equal keys differ, so that every place is taken once. Padding ranks last.
    let mut padded = [i32::MAX; FEW];
    for (position, (slot, key)) in padded.iter_mut().zip(keys).enumerate() {
        *slot = (key << POSITION_BITS | position as u32) as i32;
    }
    let filled = &padded[..keys.len().next_multiple_of(8)];
    for (key, unique) in keys.iter().zip(filled) {
        let rank: i32 = filled.iter().map(|other| i32::from(other < unique)).sum();
        sorted[rank as usize] = *key;
    }
}

fn sort_by_bucket(keys: &[u32], bits: u32, sorted: &mut [u32]) {
    const BUCKETS: usize = 256;
    let shift = bits.saturating_sub(8);
    let mut starts = [0u16; BUCKETS + 1];
    let bucket = |key: u32| (u64::from(key) >> shift).min(BUCKETS as u64 - 1) as usize;
    for key in keys {
        starts[bucket(*key) + 1] += 1;
    }
    let mut total = 0;
    for start in &mut starts {
        total += *start;
        *start = total;
    }
    for key in keys {
        let start = &mut starts[bucket(*key)];
        sorted[*start as usize] = *key;
        *start += 1;
    }
    insertion_sort(sorted);
}

fn insertion_sort(keys: &mut [u32]) {
    for i in 1..keys.len() {
        let key = keys[i];
        let mut at = i;
        while at > 0 && keys[at - 1] > key {
            keys[at] = keys[at - 1];
            at -= 1;
        }
        keys[at] = key;
    }
}

#[cfg(target_arch = "x86_64")]
#[path = "sparse_row_x86.rs"]
mod x86;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::xxh3_64;

    /// Rows of hashes with the given lengths, merged by a plain map.
    struct Rows {
        keys: Vec<Vec<(u32, bool)>>,
        want: Vec<(Vec<u32>, Vec<f64>)>,
    }

    fn rows(lengths: &[usize], bits: u32, scale: Scale, spread: u64) -> Rows {
        let mut rows = Rows {
            keys: Vec::new(),
            want: Vec::new(),
        };
        for (r, n) in lengths.iter().enumerate() {
            let mut plain = std::collections::BTreeMap::new();
            let row = (0..*n as u64).map(|i| {
                let hash = xxh3_64(&(i % spread).to_le_bytes(), u64::from(bits) + ((r as u64) << 32));
                (hash as u32 & ((1 << bits) - 1), hash >> 63 == 1)
            });
            let row: Vec<_> = row.collect();
            for (column, negative) in &row {
                *plain.entry(*column).or_insert(0.0) += if *negative { -1.0 } else { 1.0 };
            }
            let mut values: Vec<f64> = plain.values().copied().collect();
            if scale.binary {
                values.fill(1.0);
            }
            scale.norm.apply(&mut values);
            rows.want.push((plain.into_keys().collect(), values));
            rows.keys.push(row);
        }
        rows
    }

    #[test]
    fn every_level_equals_a_plain_map() {
        let lengths = [
            0usize, 1, 7, 8, 9, 16, 0, 17, 24, 25, 33, 41, 49, 57, 60, 64, 65, 0, 511, 512, 513, 2000, 3, 0,
            0,
        ];
        let scales = [Norm::None, Norm::L1, Norm::L2]
            .into_iter()
            .flat_map(|norm| [false, true].map(|binary| Scale { binary, norm }));
        for (scale, bits) in
            scales.flat_map(|scale| [1u32, 4, 8, 18, 20, 23, 24, 25, 31].map(|bits| (scale, bits)))
        {
            for spread in [u64::MAX, 5] {
                let rows = rows(&lengths, bits, scale, spread);
                for level in Level::available() {
                    // In one batch, in small ones, and each row alone.
                    for batch in [lengths.len(), 4, 1] {
                        let (mut keys, mut out) = (Keys::default(), SparseRows::default());
                        for rows in rows.keys.chunks(batch) {
                            for row in rows {
                                keys.extend(row.iter().copied());
                                keys.end_row();
                            }
                            keys.merge(*level, 1 << bits, scale, &mut out);
                        }
                        for (i, (indices, values)) in rows.want.iter().enumerate() {
                            let place =
                                format!("{level:?} {scale:?} {bits} bits, row {i} of {} keys", lengths[i]);
                            assert_eq!(out.row(i).0, indices, "{place}");
                            assert_eq!(
                                out.row(i).1.iter().map(|v| v.to_bits()).collect::<Vec<_>>(),
                                values.iter().map(|v| v.to_bits()).collect::<Vec<_>>(),
                                "{place}"
                            );
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn columns_that_cancel_stay_zero_entries() {
        for level in Level::available() {
            for norm in [Norm::None, Norm::L1, Norm::L2] {
                let (mut keys, mut out) = (Keys::default(), SparseRows::default());
                keys.extend([(7, true)].into_iter());
                keys.extend([(7, false)].into_iter());
                keys.end_row();
                keys.merge(*level, 8, Scale { binary: false, norm }, &mut out);
                assert_eq!(out.row(0), (&[7][..], &[0.0][..]), "{level:?} {norm:?}");
            }
        }
    }

    #[test]
    fn norms_scale_and_leave_zero_rows() {
        let mut values = [3.0, -4.0];
        Norm::L2.apply(&mut values);
        assert_eq!(values, [0.6, -0.8]);
        let mut values = [3.0, -1.0];
        Norm::L1.apply(&mut values);
        assert_eq!(values, [0.75, -0.25]);
        for norm in [Norm::L1, Norm::L2] {
            let mut values = [0.0, -0.0];
            norm.apply(&mut values);
            assert_eq!(values, [0.0, 0.0]);
        }
    }

    #[test]
    fn norms_of_numbers_whose_squares_or_sums_leave_the_range() {
        let scaled = |norm: Norm, mut values: Vec<f64>| {
            norm.apply(&mut values);
            values
        };
        let power = |exponent: i32| f64::from_bits(((1023 + exponent) as u64) << 52);
        for unit in [-530, -600, -465, -1022, 509, 510, 600, 1020]
            .map(power)
            .into_iter()
            .chain([5e-324])
        {
            assert_eq!(
                scaled(Norm::L2, vec![3.0 * unit, -4.0 * unit]),
                [0.6, -0.8],
                "{unit:e}"
            );
            assert_eq!(
                scaled(Norm::L1, vec![3.0 * unit, -unit]),
                [0.75, -0.25],
                "{unit:e}"
            );
        }
        let max = f64::MAX;
        assert_eq!(
            scaled(Norm::L1, vec![max, max, 0.0, -max, max]),
            [0.25, 0.25, 0.0, -0.25, 0.25]
        );
        assert_eq!(scaled(Norm::L2, vec![max, max, -max, max]), [0.5, 0.5, -0.5, 0.5]);
        let inf = f64::INFINITY;
        assert_eq!(scaled(Norm::L1, vec![inf, 1e300, -inf]), [0.5, 0.0, -0.5]);
        assert_eq!(
            scaled(Norm::L2, vec![-inf, inf, inf, 7.0, inf]),
            [-0.5, 0.5, 0.5, 0.0, 0.5]
        );
        assert!(
            scaled(Norm::L2, vec![f64::NAN, inf])
                .iter()
                .all(|value| value.is_nan())
        );
        assert!(
            scaled(Norm::L2, vec![f64::NAN, 1e200])
                .iter()
                .all(|value| value.is_nan())
        );
    }
}
