//! `Fitter`: learns the state of a spec, pass by pass.

use std::sync::{RwLock, RwLockReadGuard};

use buzzsaw_core::fit::Source;
use buzzsaw_core::{ErrorKind, Frame};
use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict};

use crate::errors::refuse;
use crate::partial::Partial;
use crate::pipeline::Pipeline;
use crate::spec::Spec;
use crate::{batch, guard, inputs};

/// Learns the state of a spec, pass by pass; `update` may run in many threads at once, each with its own partial.
#[pyclass(frozen, module = "buzzsaw._buzzsaw")]
pub struct Fitter {
    inner: RwLock<Option<buzzsaw_core::fit::Fitter>>,
}

/// Shared use of a fitter, held for one call.
struct Shared<'a>(RwLockReadGuard<'a, Option<buzzsaw_core::fit::Fitter>>);

impl Shared<'_> {
    fn get(&self, py: Python<'_>) -> PyResult<&buzzsaw_core::fit::Fitter> {
        self.0.as_ref().ok_or_else(|| gone(py))
    }
}

fn gone(py: Python<'_>) -> PyErr {
    refuse(
        py,
        ErrorKind::Closed,
        "the fitter has become a pipeline, or an error ended it",
        "make a new Fitter",
    )
}

fn busy(py: Python<'_>) -> PyErr {
    let hint = "finish a pass only when every update has returned";
    refuse(
        py,
        ErrorKind::InvalidValue,
        "other threads are using this fitter",
        hint,
    )
}

fn source(py: Python<'_>, name: &str) -> PyResult<Source> {
    [Source::Pairs, Source::Documents]
        .into_iter()
        .find(|source| source.name() == name)
        .ok_or_else(|| {
            refuse(
                py,
                ErrorKind::InvalidValue,
                format!("there is no source `{name}`"),
                "give `pairs` or `documents`",
            )
        })
}

impl Fitter {
    fn new(inner: buzzsaw_core::fit::Fitter) -> Self {
        Self {
            inner: RwLock::new(Some(inner)),
        }
    }

    fn shared(&self, py: Python<'_>) -> PyResult<Shared<'_>> {
        self.inner.try_read().map(Shared).map_err(|_| busy(py))
    }

    fn take(&self, py: Python<'_>) -> PyResult<buzzsaw_core::fit::Fitter> {
        self.inner
            .try_write()
            .map_err(|_| busy(py))?
            .take()
            .ok_or_else(|| gone(py))
    }
}

#[pymethods]
impl Fitter {
    /// A fitter for `spec`; `has_documents` says whether a table of documents will be given.
    #[new]
    fn create(py: Python<'_>, spec: &Spec, has_documents: bool) -> PyResult<Self> {
        let spec = spec.inner.clone();
        guard::detached(py, || buzzsaw_core::fit::Fitter::new(spec, has_documents)).map(Self::new)
    }

    /// Things that the caller should know before fitting.
    fn warnings(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let fitter = self.shared(py)?;
        guard::attached(py, || Ok(fitter.get(py)?.warnings()))
    }

    /// The tables to read in this round, `pairs` or `documents`; empty when everything is learnt.
    fn pending(&self, py: Python<'_>) -> PyResult<Vec<&'static str>> {
        let fitter = self.shared(py)?;
        guard::attached(py, || {
            Ok(fitter.get(py)?.pending().into_iter().map(Source::name).collect())
        })
    }

    /// The names of the lookup tables that are still to be given.
    fn tables(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        let fitter = self.shared(py)?;
        guard::attached(py, || {
            Ok(fitter.get(py)?.tables().into_iter().map(str::to_owned).collect())
        })
    }

    /// Gives the lookup table `name` as record batches. An error ends the fitter.
    fn give_table(&self, py: Python<'_>, name: &str, batches: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
        let batches = guard::attached(py, || {
            batches
                .iter()
                .map(batch::record_batch)
                .collect::<PyResult<Vec<_>>>()
        })?;
        let mut fitter = self.take(py)?;
        guard::detached(py, || fitter.give_table(name, &batches))?;
        self.put(py, fitter)
    }

    /// The number of this round, from 1.
    #[getter]
    fn round(&self, py: Python<'_>) -> PyResult<u64> {
        let fitter = self.shared(py)?;
        guard::attached(py, || Ok(fitter.get(py)?.round()))
    }

    /// The columns that this round reads of `source`.
    fn inputs<'py>(&self, py: Python<'py>, source: &str) -> PyResult<Vec<Bound<'py, PyDict>>> {
        let fitter = self.shared(py)?;
        let (fitter, source) = (fitter.get(py)?, self::source(py, source)?);
        let read = guard::detached(py, || fitter.inputs(source))?;
        guard::attached(py, || inputs::to_dicts(py, read))
    }

    /// Whether batches of `source` need groups in this round.
    fn needs_groups(&self, py: Python<'_>, source: &str) -> PyResult<bool> {
        let fitter = self.shared(py)?;
        let (fitter, source) = (fitter.get(py)?, self::source(py, source)?);
        guard::detached(py, || fitter.needs_groups(source))
    }

    /// An empty partial for this round.
    fn partial(&self, py: Python<'_>, source: &str) -> PyResult<Partial> {
        let fitter = self.shared(py)?;
        let (fitter, source) = (fitter.get(py)?, self::source(py, source)?);
        guard::detached(py, || fitter.partial(source)).map(Partial::new)
    }

    /// Takes the rows of a record batch into `partial`.
    #[pyo3(signature = (partial, batch, groups = None))]
    fn update(
        &self,
        py: Python<'_>,
        partial: &Partial,
        batch: &Bound<'_, PyAny>,
        groups: Option<PyReadonlyArray1<'_, u32>>,
    ) -> PyResult<()> {
        let fitter = self.shared(py)?;
        let fitter = fitter.get(py)?;
        let (batch, groups) =
            guard::attached(py, || Ok((batch::record_batch(batch)?, batch::offsets(groups))))?;
        partial.with(py, |partial| {
            let inputs = fitter.inputs(partial.source())?;
            let frame = Frame::from_record_batch(&batch, inputs, groups.as_deref(), fitter.folds())?;
            fitter.update(partial, &frame)
        })
    }

    /// A partial from `Partial.to_bytes`.
    fn partial_from_bytes(&self, py: Python<'_>, partial: &[u8]) -> PyResult<Partial> {
        let fitter = self.shared(py)?;
        let fitter = fitter.get(py)?;
        guard::detached(py, || fitter.partial_from_bytes(partial)).map(Partial::new)
    }

    /// Ends the pass over the partial's table; `partial` is used up. An error ends the fitter.
    fn finish(&self, py: Python<'_>, partial: &Partial) -> PyResult<()> {
        let mut fitter = self.take(py)?;
        let partial = match partial.take(py) {
            Ok(partial) => partial,
            Err(error) => {
                self.put(py, fitter)?;
                return Err(error);
            }
        };
        guard::detached(py, || fitter.finish(partial))?;
        self.put(py, fitter)
    }

    /// The pipeline, once nothing is pending; the fitter is used up.
    #[pyo3(name = "into_pipeline")]
    fn take_pipeline(&self, py: Python<'_>) -> PyResult<Pipeline> {
        let fitter = self.take(py)?;
        if !fitter.pending().is_empty() {
            self.put(py, fitter)?;
            let hint = "finish a partial for every source in pending()";
            return Err(refuse(
                py,
                ErrorKind::NotFitted,
                "the fit has further passes to do",
                hint,
            ));
        }
        guard::detached(py, || fitter.into_pipeline()).map(Pipeline::new)
    }

    /// The fitter as bytes, for workers in other processes.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let fitter = self.shared(py)?;
        let fitter = fitter.get(py)?;
        guard::detached(py, || fitter.to_bytes()).map(|bytes| PyBytes::new(py, &bytes))
    }

    /// A fitter from `to_bytes`.
    #[staticmethod]
    fn from_bytes(py: Python<'_>, fitter: &[u8]) -> PyResult<Self> {
        guard::detached(py, || buzzsaw_core::fit::Fitter::from_bytes(fitter)).map(Self::new)
    }
}

impl Fitter {
    fn put(&self, py: Python<'_>, fitter: buzzsaw_core::fit::Fitter) -> PyResult<()> {
        *self.inner.try_write().map_err(|_| busy(py))? = Some(fitter);
        Ok(())
    }
}
