//! The learnt state of one step: small named Arrow tables.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float32Type, Float64Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, Float32Array, Float64Array, Int64Array, LargeBinaryArray, RecordBatch, UInt32Array,
    UInt64Array,
};
use arrow_schema::{Field, Schema};

use crate::error::{Error, ErrorKind, Result};

/// Named tables; in an artifact each is `state/<step>.<name>.arrow`.
#[derive(Clone, Debug, Default)]
pub struct Tables(BTreeMap<String, RecordBatch>);

impl Tables {
    /// Adds a table of the given columns, which have the same length.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when the columns do not make a table.
    pub fn insert(&mut self, name: &str, columns: Vec<(&str, ArrayRef)>) -> Result<()> {
        let fields: Vec<Field> = columns
            .iter()
            .map(|(name, array)| Field::new(*name, array.data_type().clone(), false))
            .collect();
        let arrays = columns.into_iter().map(|(_, array)| array).collect();
        let batch = RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)
            .map_err(|e| Error::internal(format!("the state table {name} is malformed: {e}"), None))?;
        self.0.insert(name.to_owned(), batch);
        Ok(())
    }

    /// Adds a table as it is.
    pub fn put(&mut self, name: impl Into<String>, batch: RecordBatch) {
        self.0.insert(name.into(), batch);
    }

    /// All tables, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RecordBatch)> {
        self.0.iter().map(|(name, batch)| (name.as_str(), batch))
    }

    /// Whether there are no tables.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn column(&self, table: &str, column: &str) -> Result<&ArrayRef> {
        let corrupt = |what: &str| {
            Error::new(
                ErrorKind::CorruptArtifact,
                format!("the state table {table} has no {what}"),
            )
            .hint("fit the spec again")
        };
        let batch = self
            .0
            .get(table)
            .ok_or_else(|| corrupt("entry in the artifact"))?;
        let array = batch
            .column_by_name(column)
            .ok_or_else(|| corrupt(&format!("column {column}")))?;
        if array.null_count() > 0 {
            return Err(corrupt(&format!("complete column {column}")));
        }
        Ok(array)
    }

    fn wrong(table: &str, column: &str) -> Error {
        Error::new(
            ErrorKind::CorruptArtifact,
            format!("{table}.{column} has another type than the library writes"),
        )
        .hint("another build of the library wrote it: use wheel and jar of one build, or fit the spec again with this one")
    }

    /// A column of f64.
    ///
    /// # Errors
    /// `BZ_CORRUPT_ARTIFACT` when it is absent, has nulls, or another type.
    pub fn f64s(&self, table: &str, column: &str) -> Result<&Float64Array> {
        self.column(table, column)?
            .as_primitive_opt::<Float64Type>()
            .ok_or_else(|| Self::wrong(table, column))
    }

    /// A column of f32.
    ///
    /// # Errors
    /// As [`Tables::f64s`].
    pub fn f32s(&self, table: &str, column: &str) -> Result<&Float32Array> {
        self.column(table, column)?
            .as_primitive_opt::<Float32Type>()
            .ok_or_else(|| Self::wrong(table, column))
    }

    /// A column of i64.
    ///
    /// # Errors
    /// As [`Tables::f64s`].
    pub fn i64s(&self, table: &str, column: &str) -> Result<&Int64Array> {
        self.column(table, column)?
            .as_primitive_opt::<Int64Type>()
            .ok_or_else(|| Self::wrong(table, column))
    }

    /// A column of u32.
    ///
    /// # Errors
    /// As [`Tables::f64s`].
    pub fn u32s(&self, table: &str, column: &str) -> Result<&UInt32Array> {
        self.column(table, column)?
            .as_primitive_opt::<UInt32Type>()
            .ok_or_else(|| Self::wrong(table, column))
    }

    /// A column of unsigned 64-bit numbers.
    ///
    /// # Errors
    /// As [`Tables::f64s`].
    pub fn u64s(&self, table: &str, column: &str) -> Result<&UInt64Array> {
        self.column(table, column)?
            .as_primitive_opt::<UInt64Type>()
            .ok_or_else(|| Self::wrong(table, column))
    }

    /// A column of byte strings.
    ///
    /// # Errors
    /// As [`Tables::f64s`].
    pub fn bytes(&self, table: &str, column: &str) -> Result<&LargeBinaryArray> {
        self.column(table, column)?
            .as_binary_opt::<i64>()
            .ok_or_else(|| Self::wrong(table, column))
    }

    /// The only value of a one-row f64 column.
    ///
    /// # Errors
    /// As [`Tables::f64s`], and when there is not exactly one row.
    pub fn f64(&self, table: &str, column: &str) -> Result<f64> {
        let array = self.f64s(table, column)?;
        if array.len() == 1 {
            Ok(array.value(0))
        } else {
            Err(Self::wrong(table, column))
        }
    }

    /// The only value of a one-row i64 column.
    ///
    /// # Errors
    /// As [`Tables::f64`].
    pub fn i64(&self, table: &str, column: &str) -> Result<i64> {
        let array = self.i64s(table, column)?;
        if array.len() == 1 {
            Ok(array.value(0))
        } else {
            Err(Self::wrong(table, column))
        }
    }
}
