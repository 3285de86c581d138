//! A block as an Arrow record batch.

use std::sync::Arc;

use arrow_array::{
    Array, ArrayRef, Float32Array, Int32Array, ListArray, RecordBatch, RecordBatchOptions, StructArray,
    UInt32Array,
};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields, Schema};
use buzzsaw_core::{Error, ErrorKind, FeatureBlock, Result, SparsePart};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};
use pyo3_arrow::ffi::to_array_pycapsules;

/// The type of a sparse part's column indices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indices {
    /// As the core holds them.
    Unsigned,
    /// For engines without unsigned integers.
    Signed,
}

fn malformed(error: ArrowError) -> Error {
    Error::internal(format!("the features do not form a record batch: {error}"), None)
}

/// One float32 column for each dense feature (NaN where missing, never null), then for each sparse part a
/// `struct<indices: list<uint32 or int32>, values: list<float32>>`.
///
/// # Errors
/// `BZ_RESOURCE_LIMIT` when a part has more entries or columns than 32-bit offsets or signed indices can hold.
pub fn record_batch(block: &FeatureBlock, indices: Indices) -> Result<RecordBatch> {
    let width = block.dense_names().len();
    let mut fields = Vec::with_capacity(width + block.sparse().len());
    let mut columns: Vec<ArrayRef> = Vec::with_capacity(fields.capacity());
    for (at, name) in block.dense_names().iter().enumerate() {
        let values: Vec<f32> = block.dense().iter().skip(at).step_by(width).copied().collect();
        columns.push(Arc::new(Float32Array::from(values)));
        fields.push(Field::new(name, DataType::Float32, false));
    }
    for part in block.sparse() {
        let column = sparse(part, indices).map_err(|e| e.at(format!("features.{}", part.name)))?;
        fields.push(Field::new(&part.name, column.data_type().clone(), false));
        columns.push(Arc::new(column));
    }
    let options = RecordBatchOptions::new().with_row_count(Some(block.rows()));
    RecordBatch::try_new_with_options(Arc::new(Schema::new(fields)), columns, &options).map_err(malformed)
}

fn sparse(part: &SparsePart, indices: Indices) -> Result<StructArray> {
    let narrow = |at: &i64| i32::try_from(*at).ok();
    let offsets: Option<Vec<i32>> = part.indptr.iter().map(narrow).collect();
    let too_many = |what: &str| {
        Error::new(
            ErrorKind::ResourceLimit,
            format!("more {what} than Arrow's 32-bit numbers can hold"),
        )
        .hint("transform fewer rows at a time, or read the part's arrays instead")
    };
    let offsets = offsets.ok_or_else(|| too_many("entries in one batch"))?;
    let offsets = OffsetBuffer::new(ScalarBuffer::from(offsets));
    let columns: ArrayRef = match indices {
        Indices::Unsigned => Arc::new(UInt32Array::from(part.indices.clone())),
        Indices::Signed => {
            let signed: Option<Vec<i32>> = part
                .indices
                .iter()
                .map(|index| i32::try_from(*index).ok())
                .collect();
            Arc::new(Int32Array::from(signed.ok_or_else(|| too_many("columns"))?))
        }
    };
    let values: ArrayRef = Arc::new(Float32Array::from(part.values.clone()));
    let mut fields = Vec::new();
    let mut lists: Vec<ArrayRef> = Vec::new();
    for (name, child) in [("indices", columns), ("values", values)] {
        let item = Arc::new(Field::new_list_field(child.data_type().clone(), false));
        let list = ListArray::try_new(item, offsets.clone(), child, None).map_err(malformed)?;
        fields.push(Field::new(name, list.data_type().clone(), false));
        lists.push(Arc::new(list));
    }
    StructArray::try_new(Fields::from(fields), lists, None).map_err(malformed)
}

/// The batch as capsules of the Arrow C data interface.
pub fn capsules<'py>(
    py: Python<'py>,
    batch: RecordBatch,
    requested_schema: Option<Bound<'py, PyCapsule>>,
) -> PyResult<Bound<'py, PyTuple>> {
    let field = Field::new_struct("", batch.schema_ref().fields().clone(), false);
    let array = StructArray::from(batch);
    Ok(to_array_pycapsules(
        py,
        Arc::new(field),
        &array,
        requested_schema,
    )?)
}
