//! The one guard that every export goes through: errors become exceptions, and so do panics.

use std::any::Any;
use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use buzzsaw_core::{Error, Result};
use pyo3::prelude::*;

use crate::errors::raise;

thread_local! {
    /// How many guards the thread is inside of.
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    /// The backtrace of the panic that is on its way to the guard.
    static BACKTRACE: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Lets panics inside a guard leave their backtrace there instead of on stderr.
pub fn install_hook() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let outside = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if DEPTH.get() == 0 {
                outside(info);
            } else {
                let text = format!("{info}\n{}", Backtrace::force_capture());
                BACKTRACE.with(|slot| *slot.borrow_mut() = Some(text));
            }
        }));
    });
}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    let text = text.or_else(|| payload.downcast_ref::<String>().cloned());
    text.unwrap_or_else(|| "a panic without a message".to_owned())
}

/// Runs `work`; a panic becomes `BZ_INTERNAL` with its backtrace.
fn caught<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    DEPTH.set(DEPTH.get() + 1);
    // What a panic leaves half-changed is never used again: partials and blocks are dropped on every error.
    let outcome = catch_unwind(AssertUnwindSafe(work));
    DEPTH.set(DEPTH.get() - 1);
    outcome.unwrap_or_else(|payload| {
        let backtrace = BACKTRACE.with(|slot| slot.borrow_mut().take());
        Err(Error::panicked(
            format!("the library panicked: {}", message(payload.as_ref())),
            backtrace.unwrap_or_default(),
        ))
    })
}

/// Runs `work` with the GIL released.
pub fn detached<T: Send>(py: Python<'_>, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    py.detach(|| caught(work)).map_err(|error| raise(py, &error))
}

/// Runs `work` with the GIL held, for work on Python objects and for look-ups too short to release it.
pub fn attached<T>(py: Python<'_>, work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    caught(|| Ok(work())).unwrap_or_else(|error| Err(raise(py, &error)))
}

/// Panics inside the guard, so that a test can see what reaches Python.
#[pyfunction]
#[pyo3(name = "_panic_inside_guard")]
#[expect(clippy::panic, reason = "the panic is what the function is for")]
pub fn panic_inside_guard(py: Python<'_>, message: String) -> PyResult<()> {
    detached(py, move || std::panic::panic_any(message))
}
