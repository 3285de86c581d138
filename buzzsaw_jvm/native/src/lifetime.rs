//! How long the library stays in memory: at least as long as a thread that calls into it at its end.
//!
//! A thread runs the destructors of its thread-local data when it ends. From version 2.18 on glibc keeps a library that
//! has some; before, Rust's standard library registers them with the thread alone, which after `dlclose` would call
//! memory that is no longer mapped. There the library therefore stays until the process ends.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::MaybeUninit;

use buzzsaw_core::{Error, ErrorKind, Result};

/// What glibc has that keeps libraries for the ends of threads.
const KEEPS: &std::ffi::CStr = c"__cxa_thread_atexit_impl";

/// Called whenever a class loader has loaded the library.
pub(crate) fn outlive_threads() -> Result<()> {
    // SAFETY: the name is a C string; the address is not used.
    let keeps = unsafe { !libc::dlsym(libc::RTLD_DEFAULT, KEEPS.as_ptr()).is_null() };
    if keeps && !planted() {
        return Ok(());
    }
    let here: fn() -> Result<()> = outlive_threads;
    let mut found = MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: `found` is written when the call says so; the name in it lives as long as the library, which runs this.
    let loaded = unsafe {
        libc::dladdr(here as *const c_void, found.as_mut_ptr()) != 0
            && !libc::dlopen(
                found.assume_init().dli_fname,
                libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE,
            )
            .is_null()
    };
    if loaded {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::Io, "the library cannot be kept in memory").at("native library"))
    }
}

/// Whether a test asks for what an old glibc needs.
fn planted() -> bool {
    cfg!(feature = "planted-faults") && std::env::var_os("BUZZSAW_PLANTED_OLD_GLIBC").is_some()
}
