//! The one guard that every export goes through: panics and errors become values.

use std::backtrace::Backtrace;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use buzzsaw_core::{Error, Result};

thread_local! {
    static GUARDED: Cell<bool> = const { Cell::new(false) };
    static PANIC: RefCell<Option<(String, String)>> = const { RefCell::new(None) };
}

static HOOK: Once = Once::new();

/// Notes message and backtrace of a panic under the guard; any other panic goes to the hook that was there.
fn install_hook() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !GUARDED.get() {
                return before(info);
            }
            let payload = info.payload();
            let text = payload.downcast_ref::<&str>().copied();
            let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            let message = text.unwrap_or("a panic without message");
            let place = info.location().map(|at| format!(" at {at}")).unwrap_or_default();
            let noted = (
                format!("{message}{place}"),
                Backtrace::force_capture().to_string(),
            );
            PANIC.with(|panic| *panic.borrow_mut() = Some(noted));
        }));
    });
}

/// Runs `work`; a panic becomes `BZ_INTERNAL` with its backtrace.
///
/// Unwind safety: what a panic may leave half-done is a session, and [`crate::session::Session`] starts one anew
/// that a panic has poisoned; pipelines are immutable.
pub(crate) fn guard<T>(work: impl FnOnce() -> Result<T>) -> Result<T> {
    install_hook();
    GUARDED.set(true);
    let outcome = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(false);
    outcome.unwrap_or_else(|_| {
        let noted = PANIC.with(|panic| panic.borrow_mut().take());
        let (message, backtrace) = noted.unwrap_or_default();
        Err(Error::panicked(message, backtrace))
    })
}

#[cfg(test)]
mod tests {
    use buzzsaw_core::ErrorKind;

    use super::*;

    #[inline(never)]
    fn breaks(at: usize) -> usize {
        [1, 2, 3][at]
    }

    #[test]
    fn a_panic_becomes_an_error_with_its_backtrace() {
        let error = guard(|| Ok(breaks(std::hint::black_box(7)))).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert!(
            error.to_string().contains("index out of bounds") && error.to_string().contains("guard.rs"),
            "{error}"
        );
        assert!(error.backtrace().unwrap().contains("breaks"));
        assert_eq!(guard(|| Ok(breaks(1))).unwrap(), 2, "the thread goes on");
    }
}
