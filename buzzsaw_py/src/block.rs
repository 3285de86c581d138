//! `Block`: the features of a batch.

use std::sync::Arc;

use buzzsaw_core::{ErrorKind, FeatureBlock};
use numpy::{PyArray1, PyArray2};
use pyo3::prelude::*;
use pyo3::types::{PyCapsule, PyTuple};

use crate::errors::refuse;
use crate::export::{self, Indices};
use crate::pool::Pool;
use crate::{guard, views};

/// A sparse part: name, columns, row starts, column indices, values.
type Part<'py> = (
    String,
    u32,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<u32>>,
    Bound<'py, PyArray1<f32>>,
);

/// The features of a batch. Arrays are read-only views of its memory and keep it alive.
#[pyclass(frozen, module = "buzzsaw._buzzsaw")]
pub struct Block {
    inner: FeatureBlock,
    /// Where the memory goes when Python drops the block and all views of it.
    pool: Arc<Pool>,
}

impl Drop for Block {
    fn drop(&mut self) {
        self.pool.keep_block(std::mem::take(&mut self.inner));
    }
}

impl Block {
    /// The block as Python holds it; it is never changed again.
    pub fn new(inner: FeatureBlock, pool: Arc<Pool>) -> Self {
        Self { inner, pool }
    }

    /// The core's block.
    pub fn features(&self) -> &FeatureBlock {
        &self.inner
    }
}

#[pymethods]
impl Block {
    /// The number of rows.
    #[getter]
    fn rows(&self) -> usize {
        self.inner.rows()
    }

    /// The names of the dense features, in the order of the columns.
    #[getter]
    fn dense_names(&self) -> Vec<String> {
        self.inner.dense_names().to_vec()
    }

    /// The dense features: float32, one row a row of the batch, NaN where missing.
    #[getter]
    fn dense<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyArray2<f32>>> {
        guard::attached(slf.py(), || views::dense(slf))
    }

    /// The sparse parts, in feature order.
    #[getter]
    fn sparse_parts<'py>(slf: &Bound<'py, Self>) -> PyResult<Vec<Part<'py>>> {
        guard::attached(slf.py(), || {
            let parts = slf.get().inner.sparse().iter().enumerate();
            parts
                .map(|(i, part)| {
                    let indptr = views::vector(slf, |block| block.inner.sparse()[i].indptr.as_slice())?;
                    let indices = views::vector(slf, |block| block.inner.sparse()[i].indices.as_slice())?;
                    let values = views::vector(slf, |block| block.inner.sparse()[i].values.as_slice())?;
                    Ok((part.name.clone(), part.columns, indptr, indices, values))
                })
                .collect()
        })
    }

    /// One signed 64-bit fingerprint a row.
    #[getter]
    fn fingerprints<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<i64>>> {
        let fingerprints = guard::detached(py, || {
            let mut out = Vec::with_capacity(self.inner.rows());
            self.inner.fingerprints(&mut out);
            Ok(out)
        })?;
        Ok(PyArray1::from_vec(py, fingerprints))
    }

    /// A `pyarrow.RecordBatch`: a float32 column for each dense feature, `struct<indices, values>` for each sparse one.
    ///
    /// `indices` is `"uint32"`, or `"int32"` for engines without unsigned integers.
    #[pyo3(signature = (indices = "uint32"))]
    fn to_arrow<'py>(&self, py: Python<'py>, indices: &str) -> PyResult<Bound<'py, PyAny>> {
        let indices = match indices {
            "uint32" => Indices::Unsigned,
            "int32" => Indices::Signed,
            other => {
                let message = format!("there is no index type `{other}`");
                return Err(refuse(
                    py,
                    ErrorKind::InvalidValue,
                    message,
                    "give `uint32` or `int32`",
                ));
            }
        };
        let batch = guard::detached(py, || export::record_batch(&self.inner, indices))?;
        guard::attached(py, || pyo3_arrow::PyRecordBatch::new(batch).into_pyarrow(py))
    }

    /// The Arrow PyCapsule interface; see `to_arrow`.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_array__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<Bound<'py, PyCapsule>>,
    ) -> PyResult<Bound<'py, PyTuple>> {
        let batch = guard::detached(py, || export::record_batch(&self.inner, Indices::Unsigned))?;
        guard::attached(py, || export::capsules(py, batch, requested_schema))
    }
}
