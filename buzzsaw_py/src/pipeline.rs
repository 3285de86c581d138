//! `Pipeline`: a compiled spec with its fitted state.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::RecordBatch;
use buzzsaw_core::artifact::{Artifact, Check};
use buzzsaw_core::types::Side;
use buzzsaw_core::{Error, ErrorKind, Folds, Frame};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::block::Block;
use crate::errors::{raise, refuse};
use crate::pool::Pool;
use crate::spec::Spec;
use crate::{batch, guard, inputs};

/// A compiled spec with its fitted state: immutable, usable from any thread and after a fork.
#[pyclass(frozen, module = "buzzsaw._buzzsaw")]
pub struct Pipeline {
    inner: buzzsaw_core::Pipeline,
    pool: Arc<Pool>,
}

impl Pipeline {
    /// The pipeline as Python holds it.
    pub fn new(inner: buzzsaw_core::Pipeline) -> Self {
        Self {
            inner,
            pool: Arc::default(),
        }
    }
}

/// The arguments of `transform` and `explain`, taken from Python.
fn rows(
    py: Python<'_>,
    batch: &Bound<'_, PyAny>,
    groups: Option<PyReadonlyArray1<'_, u32>>,
    folds: &str,
) -> PyResult<(RecordBatch, Option<Vec<u32>>, Folds)> {
    guard::attached(py, || {
        Ok((
            batch::record_batch(batch)?,
            batch::offsets(groups),
            batch::folds(py, folds)?,
        ))
    })
}

#[pymethods]
impl Pipeline {
    /// Reads an artifact file: checked in full once per host, then by size and manifest.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        guard::detached(py, || buzzsaw_core::Pipeline::load(&path)).map(Self::new)
    }

    /// Reads an artifact from memory, checked in full.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, artifact: &[u8]) -> PyResult<Self> {
        guard::detached(py, || buzzsaw_core::Pipeline::from_bytes(artifact.to_vec())).map(Self::new)
    }

    /// The pipeline of a spec none of whose steps learns anything.
    #[staticmethod]
    fn from_spec(py: Python<'_>, spec: &Spec) -> PyResult<Self> {
        let spec = spec.inner.as_ref().clone();
        guard::detached(py, || buzzsaw_core::Pipeline::from_spec(spec)).map(Self::new)
    }

    /// Checks an artifact's every checksum and recomputes its golden rows; says what it holds.
    #[staticmethod]
    fn verify<'py>(py: Python<'py>, path: PathBuf) -> PyResult<Bound<'py, PyDict>> {
        let (manifest, rows) = guard::detached(py, || {
            let artifact = Artifact::open_checked(&path, Check::Full)?;
            let pipeline = buzzsaw_core::Pipeline::from_artifact(&artifact)?;
            let rows = pipeline.verify_golden(&artifact)?;
            Ok((artifact.manifest().clone(), rows))
        })?;
        guard::attached(py, || {
            let report = PyDict::new(py);
            report.set_item("content_hash", manifest.content_hash.to_string())?;
            report.set_item("format_version", manifest.format_version)?;
            report.set_item("library_version", &manifest.library_version)?;
            report.set_item("unicode_version", &manifest.unicode_version)?;
            report.set_item("snowball_version", &manifest.snowball_version)?;
            report.set_item("transforms", &manifest.transforms)?;
            report.set_item("entries", manifest.entries.len())?;
            report.set_item("golden_rows", rows)?;
            Ok(report)
        })
    }

    /// The manifest of an artifact file, as JSON.
    #[staticmethod]
    fn manifest(py: Python<'_>, path: PathBuf) -> PyResult<String> {
        guard::detached(py, || {
            let manifest = Artifact::open(&path)?.manifest().to_json()?;
            Ok(String::from_utf8_lossy(&manifest).into_owned())
        })
    }

    /// Writes the artifact; the file appears whole or not at all.
    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        guard::detached(py, || self.inner.save(&path))
    }

    /// The artifact as bytes; equal pipelines give equal bytes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        guard::detached(py, || self.inner.to_bytes()).map(|bytes| PyBytes::new(py, &bytes))
    }

    /// The canonical JSON of the spec.
    fn spec_json(&self, py: Python<'_>) -> PyResult<String> {
        guard::attached(py, || Ok(self.inner.spec().to_json().to_string()))
    }

    /// The columns that `transform` reads, as served (`full`) or in training (`of_qid`).
    #[pyo3(signature = (folds = "full"))]
    fn inputs<'py>(&self, py: Python<'py>, folds: &str) -> PyResult<Vec<Bound<'py, PyDict>>> {
        guard::attached(py, || {
            inputs::to_dicts(py, self.inner.inputs(batch::folds(py, folds)?))
        })
    }

    /// Whether training rows see the fold of their qid, so that their values may differ from serving.
    #[getter]
    fn has_folds(&self) -> bool {
        self.inner.has_folds()
    }

    /// Whether a row's values depend on the other rows of its group.
    #[getter]
    fn needs_groups(&self) -> bool {
        self.inner.needs_groups()
    }

    /// The content hash of the artifact, `sha256:` and hex digits.
    #[getter]
    fn content_hash(&self) -> &str {
        self.inner.content_hash()
    }

    /// The names of the dense features, in the order of the matrix.
    #[getter]
    fn dense_names(&self) -> Vec<&str> {
        self.inner.dense_names()
    }

    /// The names and column counts of the sparse features.
    #[getter]
    fn sparse_columns(&self) -> Vec<(&str, u32)> {
        self.inner.sparse_columns()
    }

    /// The names of all features, in the order of the spec.
    #[getter]
    fn feature_names(&self) -> Vec<&str> {
        self.inner.feature_names()
    }

    /// The names of the spec's features that depend on `side` alone.
    fn features_of_side(&self, py: Python<'_>, side: &str) -> PyResult<Vec<&str>> {
        let known = [Side::Query, Side::Document, Side::Pair];
        let found = known
            .into_iter()
            .find(|known| known.name() == side)
            .ok_or_else(|| {
                let hint = "give `query`, `document` or `pair`";
                refuse(
                    py,
                    ErrorKind::InvalidValue,
                    format!("there is no side `{side}`"),
                    hint,
                )
            })?;
        Ok(self.inner.features_of_side(found))
    }

    /// The pipeline of some features, with the state that they learnt.
    fn select(&self, py: Python<'_>, features: Vec<String>) -> PyResult<Self> {
        guard::detached(py, || {
            let names: Vec<&str> = features.iter().map(String::as_str).collect();
            self.inner.select(&names)
        })
        .map(Self::new)
    }

    /// Computes the features of every row of a record batch.
    #[pyo3(signature = (batch, groups = None, folds = "full"))]
    fn transform(
        &self,
        py: Python<'_>,
        batch: &Bound<'_, PyAny>,
        groups: Option<PyReadonlyArray1<'_, u32>>,
        folds: &str,
    ) -> PyResult<Block> {
        let (batch, groups, folds) = rows(py, batch, groups, folds)?;
        guard::detached(py, || {
            let frame = Frame::from_record_batch(&batch, self.inner.inputs(folds), groups.as_deref(), folds)?;
            let mut block = self.pool.block();
            let mut scratch = self.pool.scratch(folds);
            self.inner.transform(&frame, &mut block, &mut scratch)?;
            self.pool
                .keep_scratch(scratch, folds, batch.get_array_memory_size());
            Ok(block)
        })
        .map(|block| Block::new(block, self.pool.clone()))
    }

    /// Explains one row: the value of every step and feature, as canonical JSON.
    #[pyo3(signature = (batch, row, groups = None, folds = "full"))]
    fn explain(
        &self,
        py: Python<'_>,
        batch: &Bound<'_, PyAny>,
        row: i64,
        groups: Option<PyReadonlyArray1<'_, u32>>,
        folds: &str,
    ) -> PyResult<String> {
        let (batch, groups, folds) = rows(py, batch, groups, folds)?;
        let row = usize::try_from(row).map_err(|_| {
            let error = Error::new(ErrorKind::InvalidValue, format!("there is no row {row}"));
            raise(py, &error.at("row").hint("rows are counted from 0"))
        })?;
        guard::detached(py, || {
            let frame = Frame::from_record_batch(&batch, self.inner.inputs(folds), groups.as_deref(), folds)?;
            self.inner.explain(&frame, row)
        })
    }
}
