//! What a step computes: one reused column of numbers, text, tokens or sparse rows.

use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::text::Terms;
use crate::types::ValueType;

/// Sparse rows under construction; values stay f64 until the output.
#[derive(Clone, Debug, Default)]
pub struct SparseRows {
    ends: Vec<usize>,
    indices: Vec<u32>,
    values: Vec<f64>,
}

impl SparseRows {
    /// Appends an entry to the row under construction. Indices of a row ascend and are unique.
    #[inline]
    pub fn push(&mut self, index: u32, value: f64) {
        debug_assert!(
            self.indices.len() == self.ends.last().copied().unwrap_or(0)
                || self.indices.last() < Some(&index)
        );
        self.indices.push(index);
        self.values.push(value);
    }

    /// Ends the row; a row without entries is how a missing input shows.
    #[inline]
    pub fn end_row(&mut self) {
        self.ends.push(self.indices.len());
    }

    /// The entries of row `i`.
    #[inline]
    pub fn row(&self, i: usize) -> (&[u32], &[f64]) {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        (
            &self.indices[start..self.ends[i]],
            &self.values[start..self.ends[i]],
        )
    }

    /// Where the entries of a range of rows lie, and where each of the rows ends.
    pub(crate) fn range(&self, rows: Range<usize>) -> (Range<usize>, &[usize]) {
        let start = if rows.start == 0 {
            0
        } else {
            self.ends[rows.start - 1]
        };
        let ends = &self.ends[rows];
        (start..ends.last().copied().unwrap_or(start), ends)
    }

    /// Columns and values of a range of entries.
    pub(crate) fn entries(&self, range: Range<usize>) -> (&[u32], &[f64]) {
        (&self.indices[range.clone()], &self.values[range])
    }

    /// The number of rows that ended.
    #[inline]
    pub fn rows(&self) -> usize {
        self.ends.len()
    }

    /// The entries of row `i`, values to change.
    #[inline]
    pub fn row_mut(&mut self, i: usize) -> (&[u32], &mut [f64]) {
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        let end = self.ends[i];
        (&self.indices[start..end], &mut self.values[start..end])
    }

    /// Ends, indices and values, for what writes many rows at once and keeps what [`SparseRows::push`] promises.
    pub(crate) fn parts(&mut self) -> (&mut Vec<usize>, &mut Vec<u32>, &mut Vec<f64>) {
        (&mut self.ends, &mut self.indices, &mut self.values)
    }

    fn value_bytes(&self) -> usize {
        size_of_val(&*self.ends) + size_of_val(&*self.indices) + size_of_val(&*self.values)
    }

    /// Empties the rows and keeps the memory.
    pub fn clear(&mut self) {
        self.ends.clear();
        self.indices.clear();
        self.values.clear();
    }
}

/// Repaired strings, one a row, in one reused buffer.
#[derive(Clone, Debug, Default)]
pub struct TextRows {
    bytes: Vec<u8>,
    ends: Vec<(usize, bool)>,
}

impl TextRows {
    /// Appends a row; `None` is missing.
    #[inline]
    pub fn push(&mut self, row: Option<&[u8]>) {
        self.bytes.extend_from_slice(row.unwrap_or_default());
        self.ends.push((self.bytes.len(), row.is_some()));
    }

    /// The bytes of row `i`; `None` when missing.
    #[inline]
    pub fn get(&self, i: usize) -> Option<&[u8]> {
        let start = if i == 0 { 0 } else { self.ends[i - 1].0 };
        let (end, given) = self.ends[i];
        given.then(|| &self.bytes[start..end])
    }

    fn value_bytes(&self) -> usize {
        self.bytes.len() + size_of_val(&*self.ends)
    }

    /// Empties the rows and keeps the memory.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }
}

/// Lists of numbers, one a row, in one reused buffer; NaN is a missing item.
#[derive(Clone, Debug, Default)]
pub struct VectorRows {
    values: Vec<f64>,
    ends: Vec<(usize, bool)>,
}

impl VectorRows {
    /// Appends an item to the row under construction.
    #[inline]
    pub fn push(&mut self, item: f64) {
        self.values.push(item);
    }

    /// Appends items to the row under construction.
    #[inline]
    pub fn extend(&mut self, items: impl IntoIterator<Item = f64>) {
        self.values.extend(items);
    }

    /// Appends `count` zeros to the row under construction and lends the whole row, to be filled in place.
    #[inline]
    pub fn zeros(&mut self, count: usize) -> &mut [f64] {
        let start = self.row_start();
        self.values.resize(self.values.len() + count, 0.0);
        &mut self.values[start..]
    }

    /// Ends the row.
    #[inline]
    pub fn end_row(&mut self) {
        self.ends.push((self.values.len(), true));
    }

    /// Adds a missing row; items pushed since the last row are dropped.
    #[inline]
    pub fn missing_row(&mut self) {
        self.values.truncate(self.row_start());
        self.ends.push((self.values.len(), false));
    }

    /// The items of row `i`; `None` when missing.
    #[inline]
    pub fn row(&self, i: usize) -> Option<&[f64]> {
        let start = if i == 0 { 0 } else { self.ends[i - 1].0 };
        let (end, given) = self.ends[i];
        given.then(|| &self.values[start..end])
    }

    fn value_bytes(&self) -> usize {
        size_of_val(&*self.values) + size_of_val(&*self.ends)
    }

    /// Empties the rows and keeps the memory.
    pub fn clear(&mut self) {
        self.values.clear();
        self.ends.clear();
    }

    fn row_start(&self) -> usize {
        self.ends.last().map_or(0, |(end, _)| *end)
    }
}

/// The output of one step for one tile of rows.
#[derive(Clone, Debug)]
pub enum Slot {
    /// One f64 a row; NaN is missing.
    Numbers(Vec<f64>),
    /// One string a row.
    Text(TextRows),
    /// A list of tokens a row.
    Terms(Terms),
    /// Sparse entries a row.
    Sparse(SparseRows),
    /// A list of numbers a row.
    Vectors(VectorRows),
}

impl Slot {
    /// An empty slot for values of `value_type`.
    pub fn of(value_type: &ValueType) -> Slot {
        match value_type {
            ValueType::Text => Slot::Text(TextRows::default()),
            ValueType::Terms => Slot::Terms(Terms::default()),
            ValueType::Sparse => Slot::Sparse(SparseRows::default()),
            ValueType::Vector(_) => Slot::Vectors(VectorRows::default()),
            ValueType::Number | ValueType::Column(_) => Slot::Numbers(Vec::new()),
        }
    }

    /// The bytes of the values in it.
    pub fn value_bytes(&self) -> usize {
        match self {
            Slot::Numbers(values) => size_of_val(&**values),
            Slot::Text(rows) => rows.value_bytes(),
            Slot::Terms(terms) => terms.value_bytes(),
            Slot::Sparse(rows) => rows.value_bytes(),
            Slot::Vectors(rows) => rows.value_bytes(),
        }
    }

    /// Empties the slot and keeps its memory.
    pub fn clear(&mut self) {
        match self {
            Slot::Numbers(values) => values.clear(),
            Slot::Text(rows) => rows.clear(),
            Slot::Terms(terms) => terms.clear(),
            Slot::Sparse(rows) => rows.clear(),
            Slot::Vectors(rows) => rows.clear(),
        }
    }

    /// The numbers to fill.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when the step's signature promised another type.
    pub fn numbers(&mut self) -> Result<&mut Vec<f64>> {
        match self {
            Slot::Numbers(values) => Ok(values),
            _ => Err(broken_promise()),
        }
    }

    /// The text to fill.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when the step's signature promised another type.
    pub fn text(&mut self) -> Result<&mut TextRows> {
        match self {
            Slot::Text(rows) => Ok(rows),
            _ => Err(broken_promise()),
        }
    }

    /// The tokens to fill.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when the step's signature promised another type.
    pub fn terms(&mut self) -> Result<&mut Terms> {
        match self {
            Slot::Terms(terms) => Ok(terms),
            _ => Err(broken_promise()),
        }
    }

    /// The sparse rows to fill.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when the step's signature promised another type.
    pub fn sparse(&mut self) -> Result<&mut SparseRows> {
        match self {
            Slot::Sparse(rows) => Ok(rows),
            _ => Err(broken_promise()),
        }
    }

    /// The lists of numbers to fill.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when the step's signature promised another type.
    pub fn vectors(&mut self) -> Result<&mut VectorRows> {
        match self {
            Slot::Vectors(rows) => Ok(rows),
            _ => Err(broken_promise()),
        }
    }
}

fn broken_promise() -> Error {
    Error::new(
        ErrorKind::Internal,
        "a step's output is not of the type that its signature names",
    )
}
