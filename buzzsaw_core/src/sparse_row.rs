//! Building one sparse row: merging equal columns, and norms as scikit-learn computes them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// Scales a row, adding in the order of the columns; a row whose norm is zero stays as it is.
    ///
    /// Source: `inplace_csr_row_normalize_l1` and `_l2` of scikit-learn, which add and divide in this order.
    pub fn apply(self, values: &mut [f64]) {
        let total = match self {
            Norm::None => return,
            Norm::L1 => values.iter().fold(0.0, |sum, value| sum + value.abs()),
            Norm::L2 => crate::math::sqrt(values.iter().fold(0.0, |sum, value| sum + value * value)),
        };
        if total != 0.0 {
            values.iter_mut().for_each(|value| *value /= total);
        }
    }
}

/// Rows with at most this many keys are sorted by rank.
const FEW: usize = 64;
/// Rows with more keys than this are sorted by the standard library.
const MANY: usize = 512;
/// Rank sorting needs room for a position beside the key.
const POSITION_BITS: u32 = FEW.trailing_zeros();

/// The keys of one row: a column in the high bits, a flag in the lowest.
#[derive(Default)]
pub(crate) struct Keys {
    keys: Vec<u32>,
    sorted: Vec<u32>,
}

impl Keys {
    /// Empties the row.
    #[inline]
    pub fn clear(&mut self) {
        self.keys.clear();
    }

    /// Makes room for `more` keys.
    pub fn reserve(&mut self, more: usize) {
        self.keys.reserve(more);
    }

    /// Adds an occurrence of `column`, which is below 2^31, counted as -1 when `negative`.
    #[inline]
    pub fn push(&mut self, column: u32, negative: bool) {
        self.keys.push(column << 1 | u32::from(negative));
    }

    /// Appends the merged row to `out`, without ending it: one entry a column with the sum of its occurrences.
    ///
    /// `columns` bounds every column and is at most 2^31. Zero sums stay: the caller's rule for them may be to count
    /// them.
    pub fn merge(&mut self, columns: u64, out: &mut SparseRows) {
        let sorted = self.sort(columns);
        let value = |key: u32| 1.0 - 2.0 * f64::from(key & 1);
        let mut keys = sorted.iter().copied();
        let Some(first) = keys.next() else { return };
        let (mut column, mut sum) = (first >> 1, value(first));
        for key in keys {
            if key >> 1 == column {
                sum += value(key);
            } else {
                out.push(column, sum);
                (column, sum) = (key >> 1, value(key));
            }
        }
        out.push(column, sum);
    }

    /// The keys in ascending order.
    ///
    /// Comparisons of hashes cannot be predicted, so short rows are sorted without branches: a key's place is the
    /// number of smaller ones, which the compiler counts several at a time. Longer rows spread evenly over buckets of
    /// their top bits, and an insertion pass settles the runs of one or two that are left.
    fn sort(&mut self, columns: u64) -> &[u32] {
        let n = self.keys.len();
        let bits = u64::BITS - (columns * 2 - 1).leading_zeros();
        if n <= FEW && bits + POSITION_BITS < 32 {
            self.sort_by_rank();
        } else if n <= MANY {
            self.sort_by_bucket(bits);
        } else {
            self.keys.sort_unstable();
            return &self.keys;
        }
        &self.sorted
    }

    fn sort_by_rank(&mut self) {
        // The position makes equal keys differ, so that every place is taken once. Padding ranks last.
        let mut padded = [i32::MAX; FEW];
        for (position, (slot, key)) in padded.iter_mut().zip(&self.keys).enumerate() {
            *slot = (key << POSITION_BITS | position as u32) as i32;
        }
        let n = self.keys.len();
        let filled = &padded[..n.next_multiple_of(8)];
        self.sorted.clear();
        self.sorted.resize(n, 0);
        for (key, unique) in self.keys.iter().zip(filled) {
            let rank: i32 = filled.iter().map(|other| i32::from(other < unique)).sum();
            self.sorted[rank as usize] = *key;
        }
    }

    fn sort_by_bucket(&mut self, bits: u32) {
        const BUCKETS: usize = 256;
        let shift = bits.saturating_sub(8);
        let mut starts = [0u16; BUCKETS + 1];
        let bucket = |key: u32| (u64::from(key) >> shift).min(BUCKETS as u64 - 1) as usize;
        for key in &self.keys {
            starts[bucket(*key) + 1] += 1;
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        self.sorted.clear();
        self.sorted.resize(self.keys.len(), 0);
        for key in &self.keys {
            let start = &mut starts[bucket(*key)];
            self.sorted[*start as usize] = *key;
            *start += 1;
        }
        insertion_sort(&mut self.sorted);
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::xxh3_64;

    #[test]
    fn every_sort_equals_a_plain_map() {
        for n in [0usize, 1, 7, 8, 60, 64, 65, 511, 512, 513, 2000] {
            for bits in [1u32, 4, 8, 18, 20, 24, 25, 31] {
                let mut keys = Keys::default();
                let mut plain = std::collections::BTreeMap::new();
                for i in 0..n as u64 {
                    let hash = xxh3_64(&i.to_le_bytes(), u64::from(bits));
                    let (column, negative) = (hash as u32 & ((1 << bits) - 1), hash >> 63 == 1);
                    keys.push(column, negative);
                    *plain.entry(column).or_insert(0.0) += if negative { -1.0 } else { 1.0 };
                }
                let mut rows = SparseRows::default();
                keys.merge(1 << bits, &mut rows);
                rows.end_row();
                let (indices, values) = rows.row(0);
                assert_eq!(indices, plain.keys().copied().collect::<Vec<_>>(), "{n} {bits}");
                assert_eq!(
                    values,
                    plain.values().copied().collect::<Vec<f64>>(),
                    "{n} {bits}"
                );
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
        let mut values = [0.0];
        Norm::L2.apply(&mut values);
        assert_eq!(values, [0.0]);
    }
}
