//! `Partial`: what one worker has learnt in one pass.

use std::sync::{Mutex, MutexGuard};

use buzzsaw_core::{ErrorKind, Result};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::errors::refuse;
use crate::guard;

/// What one worker has learnt in one pass. Used by one thread at a time; gone once merged or finished.
#[pyclass(frozen, module = "buzzsaw._buzzsaw")]
pub struct Partial {
    inner: Mutex<Option<buzzsaw_core::fit::Partial>>,
}

type Held<'a> = MutexGuard<'a, Option<buzzsaw_core::fit::Partial>>;

impl Partial {
    /// The partial as Python holds it.
    pub fn new(inner: buzzsaw_core::fit::Partial) -> Self {
        Self {
            inner: Mutex::new(Some(inner)),
        }
    }

    fn hold(&self, py: Python<'_>) -> PyResult<Held<'_>> {
        self.inner.try_lock().map_err(|_| {
            let hint = "give each thread its own partial and merge them";
            refuse(
                py,
                ErrorKind::InvalidValue,
                "another thread is using this partial",
                hint,
            )
        })
    }

    /// The partial by value; later uses are `BZ_CLOSED`.
    pub fn take(&self, py: Python<'_>) -> PyResult<buzzsaw_core::fit::Partial> {
        self.hold(py)?.take().ok_or_else(|| gone(py))
    }

    /// What `read` says of the partial.
    fn look<T>(&self, py: Python<'_>, read: impl FnOnce(&buzzsaw_core::fit::Partial) -> T) -> PyResult<T> {
        self.hold(py)?.as_ref().map(read).ok_or_else(|| gone(py))
    }

    /// Runs `work` on the partial with the GIL released; a failure ends the partial.
    pub fn with<T: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut buzzsaw_core::fit::Partial) -> Result<T> + Send,
    ) -> PyResult<T> {
        let mut held = self.hold(py)?;
        let mut partial = held.take().ok_or_else(|| gone(py))?;
        let (outcome, partial) = guard::detached(py, || {
            let outcome = work(&mut partial)?;
            Ok((outcome, partial))
        })?;
        *held = Some(partial);
        Ok(outcome)
    }
}

fn gone(py: Python<'_>) -> PyErr {
    let hint = "make a new one with Fitter.partial";
    refuse(
        py,
        ErrorKind::Closed,
        "the partial was merged, finished, or ended by an error",
        hint,
    )
}

#[pymethods]
impl Partial {
    /// Takes in what another worker has learnt; `other` is used up.
    fn merge(&self, py: Python<'_>, other: &Partial) -> PyResult<()> {
        let mut held = self.hold(py)?;
        let mut mine = held.take().ok_or_else(|| gone(py))?;
        let theirs = match other.take(py) {
            Ok(theirs) => theirs,
            Err(error) => {
                *held = Some(mine);
                return Err(error);
            }
        };
        // A merge that fails half way ends this partial too.
        *held = Some(guard::detached(py, || mine.merge(theirs).map(|()| mine))?);
        Ok(())
    }

    /// How many rows it has seen.
    #[getter]
    fn rows(&self, py: Python<'_>) -> PyResult<u64> {
        self.look(py, buzzsaw_core::fit::Partial::rows)
    }

    /// How many keys it holds of steps whose state grows with the data, such as terms and categories.
    #[getter]
    fn keys(&self, py: Python<'_>) -> PyResult<usize> {
        self.look(py, buzzsaw_core::fit::Partial::keys)
    }

    /// About how many bytes of memory those take.
    #[getter]
    fn key_bytes(&self, py: Python<'_>) -> PyResult<usize> {
        self.look(py, buzzsaw_core::fit::Partial::key_bytes)
    }

    /// Moves what it holds by key into `parts` partials without rows: equal keys of any partials of a pass go to the
    /// partials of one position.
    fn split(&self, py: Python<'_>, parts: usize) -> PyResult<Vec<Partial>> {
        let split = self.with(py, |partial| Ok(partial.split(parts)))?;
        Ok(split.into_iter().map(Partial::new).collect())
    }

    /// Drops keys that no pipeline would keep. Only when those of its position, of all partials, are merged; with the
    /// rest, what the splits left behind, merged, more can be dropped if it `prunes_by_rest`.
    #[pyo3(signature = (rest=None))]
    fn prune(&self, py: Python<'_>, rest: Option<&Partial>) -> PyResult<()> {
        let Some(rest) = rest else {
            return self.with(py, |partial| partial.prune(None));
        };
        // Both are held throughout; of one that is given twice the second is in use.
        let (mut held, mut lent) = (self.hold(py)?, rest.hold(py)?);
        if held.is_none() {
            return Err(gone(py));
        }
        let theirs = lent.take().ok_or_else(|| gone(py))?;
        let mut mine = held.take().ok_or_else(|| gone(py))?;
        let (mine, theirs) = guard::detached(py, move || {
            mine.prune(Some(&theirs))?;
            Ok((mine, theirs))
        })?;
        (*held, *lent) = (Some(mine), Some(theirs));
        Ok(())
    }

    /// What `prune` needs of this rest, as bytes, for another process.
    fn to_prune_by<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.with(py, |partial| partial.to_prune_by())?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// Whether `prune` drops more with the rest than without.
    #[getter]
    fn prunes_by_rest(&self, py: Python<'_>) -> PyResult<bool> {
        self.look(py, buzzsaw_core::fit::Partial::prunes_by_rest)
    }

    /// The partial as bytes, for another process.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.with(py, |partial| partial.to_bytes())?;
        Ok(PyBytes::new(py, &bytes))
    }
}
