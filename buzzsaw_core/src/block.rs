//! The output of a batch: a dense row-major f32 matrix and named sparse parts, and fingerprints over them.

use crate::hash::xxh3_64;

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
