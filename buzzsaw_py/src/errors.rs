//! Errors of the core as exceptions of the generated module `buzzsaw.errors`.

use buzzsaw_core::{Error, ErrorKind};
use pyo3::prelude::*;

/// The exception for `error`; what goes wrong while it is made is raised instead.
pub fn raise(py: Python<'_>, error: &Error) -> PyErr {
    let problems: Vec<_> = error
        .problems()
        .iter()
        .map(|p| {
            (
                p.kind.code(),
                p.message.as_str(),
                p.place.as_str(),
                p.hint.as_str(),
            )
        })
        .collect();
    py.import("buzzsaw.errors")
        .and_then(|module| module.getattr("from_native"))
        .and_then(|make| make.call1((problems, error.backtrace())))
        .map_or_else(|failure| failure, PyErr::from_value)
}

/// An error of the binding itself, in the core's terms.
pub fn refuse(py: Python<'_>, kind: ErrorKind, message: impl Into<String>, hint: &str) -> PyErr {
    raise(py, &Error::new(kind, message).hint(hint))
}
