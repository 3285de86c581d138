//! `Spec`: a validated feature spec.

use std::path::PathBuf;
use std::sync::Arc;

use buzzsaw_core::spec::Input;
use buzzsaw_core::{Folds, Frame};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::{batch, guard, inputs};

/// A validated feature spec.
#[pyclass(frozen, module = "buzzsaw._buzzsaw")]
pub struct Spec {
    /// The core's spec, shared with fitters and pipelines.
    pub inner: Arc<buzzsaw_core::Spec>,
}

#[pymethods]
impl Spec {
    /// Parses and validates a YAML or JSON document; every problem is in one exception. `base` is the folder of
    /// the files that the document names.
    #[staticmethod]
    #[pyo3(signature = (text, base=None))]
    fn parse(py: Python<'_>, text: &str, base: Option<PathBuf>) -> PyResult<Self> {
        guard::detached(py, || match &base {
            Some(base) => buzzsaw_core::Spec::parse_in(text, base),
            None => buzzsaw_core::Spec::parse(text),
        })
        .map(|spec| Self {
            inner: Arc::new(spec),
        })
    }

    /// The canonical JSON of the spec, with every default written out.
    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        guard::attached(py, || Ok(self.inner.to_json().to_string()))
    }

    /// The spec's name.
    #[getter]
    fn name(&self) -> &str {
        self.inner.name()
    }

    /// All inputs, those with a role among them.
    #[getter]
    fn inputs<'py>(&self, py: Python<'py>) -> PyResult<Vec<Bound<'py, PyDict>>> {
        guard::attached(py, || inputs::to_dicts(py, self.inner.inputs()))
    }

    /// The names of all features, in the order of the output.
    #[getter]
    fn feature_names(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        guard::attached(py, || Ok(self.inner.feature_names()))
    }
    /// Checks that the columns of a batch have types that the inputs of their names take; others are not looked at.
    fn check_types(&self, py: Python<'_>, batch: &Bound<'_, PyAny>) -> PyResult<()> {
        let batch = guard::attached(py, || batch::record_batch(batch))?;
        guard::detached(py, || {
            let schema = batch.schema_ref();
            let present = |input: &&Input| schema.index_of(&input.name).is_ok();
            let inputs: Vec<Input> = self.inner.inputs().iter().filter(present).cloned().collect();
            Frame::from_record_batch(&batch, &inputs, None, Folds::Full).map(|_| ())
        })
    }
}
