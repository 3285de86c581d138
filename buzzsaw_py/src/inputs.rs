//! Inputs as Python dictionaries.

use buzzsaw_core::spec::Input;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// One dictionary an input: `name`, `type`, `side`, and `role` or `None`.
pub fn to_dicts<'py>(py: Python<'py>, inputs: &[Input]) -> PyResult<Vec<Bound<'py, PyDict>>> {
    inputs
        .iter()
        .map(|input| {
            let dict = PyDict::new(py);
            dict.set_item("name", &input.name)?;
            dict.set_item("type", input.data_type.to_string())?;
            dict.set_item("side", input.side.name())?;
            dict.set_item("role", input.role.map(|role| role.name()))?;
            Ok(dict)
        })
        .collect()
}
