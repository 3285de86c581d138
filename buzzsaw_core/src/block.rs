//! The output of a batch: a dense row-major f32 matrix and named sparse parts, and fingerprints over them.

use std::ops::Range;

use crate::args::Index;
use crate::hash::xxh3_64;
use crate::slot::SparseRows;

/// The one NaN that stands for a missing value.
pub const MISSING: f32 = f32::from_bits(0x7fc0_0000);

/// A named sparse part in compressed rows.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SparsePart {
    /// The feature's name.
    pub name: String,
    /// The number of columns.
    pub columns: u32,
    /// Where each row's entries start, and the total: rows + 1 values.
    pub indptr: Vec<i64>,
    /// Column indices, ascending and unique in a row.
    pub indices: Vec<u32>,
    /// Values; none is zero.
    pub values: Vec<f32>,
}

impl SparsePart {
    /// The entries of row `i`.
    pub fn row(&self, i: usize) -> (&[u32], &[f32]) {
        let range = self.indptr[i] as usize..self.indptr[i + 1] as usize;
        (&self.indices[range.clone()], &self.values[range])
    }

    /// Appends `count` rows, without entries that are zero in the output.
    pub(crate) fn append(&mut self, rows: &SparseRows, index: Index<'_>, count: usize) {
        if let Index::Offset(first) = index
            && self.append_all(rows, first..first + count)
        {
            return;
        }
        for i in 0..count {
            let (indices, values) = rows.row(index.get(i));
            for (column, value) in indices.iter().zip(values) {
                let value = output_bits(*value);
                if value != 0.0 {
                    self.indices.push(*column);
                    self.values.push(value);
                }
            }
            self.indptr.push(self.indices.len() as i64);
        }
    }

    /// Appends rows at once; false, and nothing appended, when there is a zero among them.
    fn append_all(&mut self, rows: &SparseRows, range: Range<usize>) -> bool {
        let (entries, ends) = rows.range(range);
        let start = self.values.len();
        let (indices, values) = rows.entries(entries.clone());
        self.values.extend(values.iter().map(|value| output_bits(*value)));
        let zeros = self.values[start..].iter().filter(|value| **value == 0.0).count();
        if zeros > 0 {
            self.values.truncate(start);
            return false;
        }
        self.indices.extend_from_slice(indices);
        self.indptr
            .extend(ends.iter().map(|end| (start + end - entries.start) as i64));
        true
    }
}

/// The features of a batch.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FeatureBlock {
    pub(crate) owner: u64,
    pub(crate) rows: usize,
    pub(crate) dense_names: Vec<String>,
    pub(crate) dense: Vec<f32>,
    pub(crate) sparse: Vec<SparsePart>,
}

impl FeatureBlock {
    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The bytes of memory that it has for values, used or not.
    pub fn capacity_bytes(&self) -> usize {
        let sparse = |part: &SparsePart| {
            part.indptr.capacity() * 8 + part.indices.capacity() * 4 + part.values.capacity() * 4
        };
        self.dense.capacity() * 4 + self.sparse.iter().map(sparse).sum::<usize>()
    }

    /// The bytes of its values.
    pub fn value_bytes(&self) -> usize {
        let sparse = |part: &SparsePart| {
            size_of_val(&*part.indptr) + size_of_val(&*part.indices) + size_of_val(&*part.values)
        };
        size_of_val(&*self.dense) + self.sparse.iter().map(sparse).sum::<usize>()
    }

    /// The names of the dense features, in the order of the columns.
    pub fn dense_names(&self) -> &[String] {
        &self.dense_names
    }

    /// The dense features, row after row; missing values are [`MISSING`].
    pub fn dense(&self) -> &[f32] {
        &self.dense
    }

    /// The dense features of row `i`.
    pub fn dense_row(&self, i: usize) -> &[f32] {
        let width = self.dense_names.len();
        &self.dense[i * width..(i + 1) * width]
    }

    /// The sparse parts, in feature order.
    pub fn sparse(&self) -> &[SparsePart] {
        &self.sparse
    }

    /// The matrix and the parts by value.
    pub fn into_parts(self) -> (Vec<String>, Vec<f32>, Vec<SparsePart>) {
        (self.dense_names, self.dense, self.sparse)
    }

    /// Writes the bytes that the fingerprint of row `i` is taken over: dense bits (little-endian) in feature order,
    /// then for each sparse part its name (u32 length and UTF-8 bytes), count (u32), indices and value bits.
    pub fn row_bytes(&self, i: usize, out: &mut Vec<u8>) {
        out.clear();
        for value in self.dense_row(i) {
            out.extend_from_slice(&value.to_bits().to_le_bytes());
        }
        for part in &self.sparse {
            let (indices, values) = part.row(i);
            out.extend_from_slice(&(part.name.len() as u32).to_le_bytes());
            out.extend_from_slice(part.name.as_bytes());
            out.extend_from_slice(&(indices.len() as u32).to_le_bytes());
            for index in indices {
                out.extend_from_slice(&index.to_le_bytes());
            }
            for value in values {
                out.extend_from_slice(&value.to_bits().to_le_bytes());
            }
        }
    }

    /// Appends the fingerprint of every row to `out`: xxh3-64 with seed 0 over [`FeatureBlock::row_bytes`].
    pub fn fingerprints(&self, out: &mut Vec<i64>) {
        let mut bytes = Vec::with_capacity(self.dense_names.len() * 4);
        for i in 0..self.rows {
            self.row_bytes(i, &mut bytes);
            out.push(xxh3_64(&bytes, 0) as i64);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.rows = 0;
        self.dense.clear();
        for part in &mut self.sparse {
            part.indptr.clear();
            part.indptr.push(0);
            part.indices.clear();
            part.values.clear();
        }
    }
}

/// The output form of an f64: rounded to f32 once, one NaN, no negative zero.
#[inline]
pub(crate) fn output_bits(value: f64) -> f32 {
    if value.is_nan() {
        MISSING
    } else {
        value as f32 + 0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_have_one_nan_and_no_negative_zero() {
        let strange_nan = f64::from_bits(0xfff8_dead_beef_0001);
        assert_eq!(output_bits(strange_nan).to_bits(), 0x7fc0_0000);
        assert_eq!(output_bits(-0.0).to_bits(), 0);
        assert_eq!(
            output_bits(-1e-60).to_bits(),
            0,
            "an underflow to -0.0 is 0.0 too"
        );
        assert_eq!(output_bits(1e300), f32::INFINITY);
        assert_eq!(output_bits(0.1), 0.1_f32);
    }

    #[test]
    fn zero_entries_are_dropped() {
        // A zero in a row of each kind: one that rounds to zero, one alone in its row.
        let mut with_zeros = SparseRows::default();
        let mut without = SparseRows::default();
        for row in [
            &[(1, 2.0), (3, 0.0), (9, -1.0)][..],
            &[],
            &[(4, 1e-60)],
            &[(5, 7.0)],
        ] {
            for (column, value) in row {
                with_zeros.push(*column, *value);
                if *value as f32 != 0.0 {
                    without.push(*column, *value);
                }
            }
            with_zeros.end_row();
            without.end_row();
        }
        let part = |rows: &SparseRows, index: Index<'_>, count: usize| {
            let mut part = SparsePart {
                indptr: vec![0],
                ..SparsePart::default()
            };
            part.append(rows, index, count);
            part.append(rows, index, count);
            part
        };
        let want = part(&without, Index::Table(&[0, 1, 2, 3]), 4);
        assert_eq!(want.indices, [1, 9, 5, 1, 9, 5]);
        assert_eq!(want.indptr, [0, 2, 2, 2, 3, 5, 5, 5, 6]);
        for rows in [&with_zeros, &without] {
            assert_eq!(part(rows, Index::Offset(0), 4), want);
        }
        assert_eq!(part(&without, Index::Offset(1), 3).indptr, [0, 0, 0, 1, 1, 1, 2]);
    }

    #[test]
    fn fingerprints_cover_names_counts_and_bits() {
        let part = SparsePart {
            name: "ab".into(),
            columns: 8,
            indptr: vec![0, 1],
            indices: vec![3],
            values: vec![1.5],
        };
        let block = FeatureBlock {
            owner: 0,
            rows: 1,
            dense_names: vec!["x".into()],
            dense: vec![2.0],
            sparse: vec![part],
        };
        let mut bytes = Vec::new();
        block.row_bytes(0, &mut bytes);
        let want = [
            &2f32.to_le_bytes()[..],
            &[2, 0, 0, 0],
            b"ab",
            &[1, 0, 0, 0, 3, 0, 0, 0],
            &1.5f32.to_le_bytes(),
        ];
        assert_eq!(bytes, want.concat());
        let mut fingerprints = Vec::new();
        block.fingerprints(&mut fingerprints);
        assert_eq!(fingerprints, [xxh3_64(&want.concat(), 0) as i64]);
    }
}
