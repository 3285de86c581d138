//! NumPy views of a block's memory. The only unsafe code of this crate.

use numpy::ndarray::{ArrayView1, ArrayView2};
use numpy::{Element, PyArray1, PyArray2, PyArrayMethods};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::block::Block;

/// The dense matrix, rows x features, read-only.
pub fn dense<'py>(block: &Bound<'py, Block>) -> PyResult<Bound<'py, PyArray2<f32>>> {
    let features = block.get().features();
    let shape = (features.rows(), features.dense_names().len());
    let view = ArrayView2::from_shape(shape, features.dense())
        .map_err(|e| PyRuntimeError::new_err(e.to_string()))?;
    // SAFETY: the view covers a Vec of the frozen `block`, which nothing changes or reallocates; the array holds a
    // reference to `block` as its base object, so the Vec outlives the array.
    let array = unsafe { PyArray2::borrow_from_array(&view, block.clone().into_any()) };
    array
        .try_readwrite()
        .map_err(|e| PyRuntimeError::new_err(e.to_string()))?
        .make_nonwriteable();
    Ok(array)
}

/// One of the block's vectors, read-only.
pub fn vector<'py, T: Element>(
    block: &Bound<'py, Block>,
    of: impl for<'b> FnOnce(&'b Block) -> &'b [T],
) -> PyResult<Bound<'py, PyArray1<T>>> {
    let view = ArrayView1::from(of(block.get()));
    // SAFETY: `of` can only return memory that lives as long as the frozen `block`, which nothing changes or
    // reallocates; the array holds a reference to `block` as its base object, so that memory outlives the array.
    let array = unsafe { PyArray1::borrow_from_array(&view, block.clone().into_any()) };
    array
        .try_readwrite()
        .map_err(|e| PyRuntimeError::new_err(e.to_string()))?
        .make_nonwriteable();
    Ok(array)
}
