//! The fold of a qid, for tables that record it.

use buzzsaw_core::hash::xxh3_64;
use buzzsaw_core::text::repair;
use buzzsaw_core::{Error, ErrorKind};
use pyo3::prelude::*;

use crate::guard;

/// The fold of each qid (text as bytes) among `folds`, as out-of-fold steps see it: xxh3-64, seed 0, of the
/// repaired text, modulo `folds`. A missing qid counts as an empty one.
#[pyfunction]
pub fn qid_folds(py: Python<'_>, qids: Vec<Option<Vec<u8>>>, folds: u32) -> PyResult<Vec<u32>> {
    guard::detached(py, || {
        if folds == 0 {
            return Err(Error::new(ErrorKind::InvalidValue, "there must be at least one fold").at("folds"));
        }
        let mut buffer = String::new();
        let mut fold = |qid: &[u8]| {
            let hash = xxh3_64(repair(qid, &mut buffer).as_bytes(), 0);
            (hash % u64::from(folds)) as u32
        };
        Ok(qids
            .iter()
            .map(|qid| fold(qid.as_deref().unwrap_or_default()))
            .collect())
    })
}
