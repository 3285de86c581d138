//! `buzzsaw._buzzsaw`: the native module behind the Python package. It converts and guards; it holds no logic.

use pyo3::prelude::*;

mod batch;
mod block;
mod errors;
mod export;
mod fitter;
mod folds;
mod guard;
mod inputs;
mod partial;
mod pipeline;
mod pool;
mod spec;
mod tables;
mod views;

/// The native module; `buzzsaw` is its public face.
#[pymodule]
mod _buzzsaw {
    #[pymodule_export]
    use crate::block::Block;
    #[pymodule_export]
    use crate::fitter::Fitter;
    #[pymodule_export]
    use crate::folds::qid_folds;
    #[pymodule_export]
    use crate::guard::panic_inside_guard;
    #[pymodule_export]
    use crate::partial::Partial;
    #[pymodule_export]
    use crate::pipeline::Pipeline;
    #[pymodule_export]
    use crate::spec::Spec;
    #[pymodule_export]
    use crate::tables::{analyze, build_id, error_table, feature_spec_schema, transforms};

    #[pymodule_init]
    fn init() {
        crate::guard::install_hook();
    }
}
