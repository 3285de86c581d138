//! What the library has: transforms, errors, the schema of a spec, the build.

use buzzsaw_core::{ErrorKind, registry};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::guard;

/// Every transform: name, version, summary, Markdown documentation, and the JSON Schema of its parameters.
#[pyfunction]
pub fn transforms(py: Python<'_>) -> PyResult<Vec<Bound<'_, PyDict>>> {
    guard::attached(py, || {
        let entries = registry::all().iter();
        entries
            .map(|entry| {
                let dict = PyDict::new(py);
                dict.set_item("name", entry.name)?;
                dict.set_item("version", entry.version)?;
                dict.set_item("summary", entry.summary())?;
                dict.set_item("documentation", entry.documentation())?;
                dict.set_item("schema", (entry.schema)().to_string())?;
                Ok(dict)
            })
            .collect()
    })
}

/// The error table: name, code and description of every kind, in its order.
#[pyfunction]
pub fn error_table() -> Vec<(&'static str, &'static str, &'static str)> {
    ErrorKind::ALL
        .iter()
        .map(|kind| (kind.name(), kind.code(), kind.description()))
        .collect()
}

/// The JSON Schema of a feature spec.
#[pyfunction]
pub fn feature_spec_schema(py: Python<'_>) -> PyResult<String> {
    guard::attached(py, || Ok(buzzsaw_core::spec::feature_spec_schema().to_string()))
}

/// The library's version and what it was built for; `buzzsaw.build_id()` adds the hash of the file.
#[pyfunction]
pub fn build_id() -> String {
    let profile = if cfg!(debug_assertions) {
        "debug"
    } else {
        "release"
    };
    format!(
        "{}-{}-{}-{profile}",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::ARCH,
        std::env::consts::OS
    )
}

/// What each part of an analyzer makes of a text: the part's name and the tokens after it.
#[pyfunction]
pub fn analyze(py: Python<'_>, analyzer: &str, text: &str) -> PyResult<Vec<(&'static str, Vec<String>)>> {
    guard::detached(py, || {
        let stages = buzzsaw_core::text::stages_of_json(analyzer, text.as_bytes())?;
        Ok(stages
            .into_iter()
            .map(|stage| (stage.name, stage.tokens))
            .collect())
    })
}
