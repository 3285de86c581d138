//! Record batches and group offsets from Python.

use arrow_array::RecordBatch;
use buzzsaw_core::{ErrorKind, Folds};
use numpy::PyReadonlyArray1;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3_arrow::PyRecordBatch;

use crate::errors::refuse;

/// Borrows the columns of any object with `__arrow_c_array__`, without a copy.
///
/// The import builds arrays unchecked, so text arrives as it is; the frame reads it as bytes and repairs it.
pub fn record_batch(data: &Bound<'_, PyAny>) -> PyResult<RecordBatch> {
    let py = data.py();
    if !data.hasattr("__arrow_c_array__")? {
        let given = data.get_type().qualname()?;
        let message = format!("a record batch was expected, not {given}");
        let hint = "give an object with __arrow_c_array__, such as pyarrow.RecordBatch";
        return Err(refuse(py, ErrorKind::TypeMismatch, message, hint));
    }
    data.extract::<PyRecordBatch>()
        .map(PyRecordBatch::into_inner)
        .map_err(|error| {
            let arrow = error.is_instance_of::<PyTypeError>(py) || error.is_instance_of::<PyValueError>(py);
            if !arrow {
                return error;
            }
            let message = format!("the record batch cannot be read: {}", error.value(py));
            refuse(
                py,
                ErrorKind::TypeMismatch,
                message,
                "give a record batch whose columns match its schema",
            )
        })
}

/// Group offsets, copied so that nobody changes them while the GIL is released.
pub fn offsets(groups: Option<PyReadonlyArray1<'_, u32>>) -> Option<Vec<u32>> {
    groups.map(|groups| groups.as_array().iter().copied().collect())
}

/// Reads `"full"` or `"of_qid"`.
pub fn folds(py: Python<'_>, name: &str) -> PyResult<Folds> {
    match name {
        "full" => Ok(Folds::Full),
        "of_qid" => Ok(Folds::OfQid),
        other => {
            let message = format!("there is no way `{other}` to see folds");
            Err(refuse(
                py,
                ErrorKind::InvalidValue,
                message,
                "give `full` or `of_qid`",
            ))
        }
    }
}
