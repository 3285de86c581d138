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

/// Rows with more keys than this are sorted by the standard library.
const SMALL: usize = 512;

/// The keys of one row: a column in the high bits, a flag in the lowest.
#[derive(Default)]
pub(crate) struct Keys {
    keys: Vec<u64>,
    sorted: Vec<u64>,
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

    /// Adds an occurrence of `column`, counted as -1 when `negative`.
    #[inline]
    pub fn push(&mut self, column: u32, negative: bool) {
        self.keys.push(u64::from(column) << 1 | u64::from(negative));
    }

    /// Appends the merged row to `out`, without ending it: one entry a column with the sum of its occurrences.
    ///
    /// `columns` bounds every column. Zero sums stay: the caller's rule for them may be to count them.
    pub fn merge(&mut self, columns: u64, out: &mut SparseRows) {
        let sorted = self.sort(columns);
        let mut at = 0;
        while let Some(first) = sorted.get(at) {
            let column = first >> 1;
            let mut sum = 0i64;
            while let Some(key) = sorted.get(at).filter(|key| **key >> 1 == column) {
                sum += 1 - 2 * (*key & 1) as i64;
                at += 1;
            }
            out.push(column as u32, sum as f64);
        }
    }

    /// The keys in ascending order.
    ///
    /// Keys come from a hash, so they spread evenly: a counting pass over their top bits leaves runs of one or two
    /// that an insertion pass settles. That beats a comparison sort threefold on rows of product text.
    fn sort(&mut self, columns: u64) -> &[u64] {
        const BUCKETS: usize = 256;
        let n = self.keys.len();
        if !(8..=SMALL).contains(&n) {
            self.keys.sort_unstable();
            return &self.keys;
        }
        let bits = 64 - (columns * 2 - 1).leading_zeros();
        let shift = bits.saturating_sub(8);
        let mut starts = [0u16; BUCKETS + 1];
        let bucket = |key: u64| ((key >> shift) as usize).min(BUCKETS - 1);
        for key in &self.keys {
            starts[bucket(*key) + 1] += 1;
        }
        let mut total = 0;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        self.sorted.clear();
        self.sorted.resize(n, 0);
        for key in &self.keys {
            let start = &mut starts[bucket(*key)];
            self.sorted[*start as usize] = *key;
            *start += 1;
        }
        insertion_sort(&mut self.sorted);
        &self.sorted
    }
}

fn insertion_sort(keys: &mut [u64]) {
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
    fn the_bucket_sort_equals_the_standard_sort() {
        for n in [0usize, 1, 7, 8, 60, 511, 512, 513, 2000] {
            for bits in [1u32, 4, 8, 18, 20, 31] {
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
