//! How long the library stays in memory: at least as long as a thread that calls into it at its end.
//!
//! A thread runs the destructors of its thread-local data when it ends. From version 2.18 on glibc keeps a library that
//! has some; before, Rust's standard library registers them with the thread alone, which after `dlclose` would call
//! memory that is no longer mapped. There the library therefore stays until the process ends.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_void};
use std::mem::MaybeUninit;

use buzzsaw_core::{Error, ErrorKind, Result};

/// What glibc has that keeps libraries for the ends of threads.
const KEEPS: &CStr = c"__cxa_thread_atexit_impl";

/// Called whenever a class loader has loaded the library.
pub(crate) fn outlive_threads() -> Result<()> {
    // SAFETY: the name is a C string; the address is not used.
    let keeps = unsafe { !libc::dlsym(libc::RTLD_DEFAULT, KEEPS.as_ptr()).is_null() };
    if keeps && !planted() {
        return Ok(());
    }
    let here: fn() -> Result<()> = outlive_threads;
    let mut found = MaybeUninit::<libc::Dl_info>::uninit();
    // SAFETY: `found` is for the call to write.
    let is_found = unsafe { libc::dladdr(here as *const c_void, found.as_mut_ptr()) } != 0;
    if !is_found {
        return Err(refused("it does not find itself"));
    }
    // SAFETY: the call has written `found`, whose name lives as long as the library, which runs this. What is loaded
    // already runs no initialiser again, and the handle is kept on purpose: to close it would undo nothing.
    let kept = unsafe {
        let file = found.assume_init().dli_fname;
        libc::dlopen(file, libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE)
    };
    if kept.is_null() {
        return Err(refused(&last_error()));
    }
    Ok(())
}

fn refused(why: &str) -> Error {
    Error::new(
        ErrorKind::Io,
        format!("the library cannot be kept in memory: {why}"),
    )
    .at("native library")
    .hint("set -Dbuzzsaw.native.path to a file that stays where it is, or use glibc 2.18 or newer")
}

/// What the dynamic linker last failed at, in this thread.
fn last_error() -> String {
    // SAFETY: the call gives null or a C string that is the thread's until its next call of the linker.
    unsafe {
        let told = libc::dlerror();
        if told.is_null() {
            String::from("no reason is given")
        } else {
            CStr::from_ptr(told).to_string_lossy().into()
        }
    }
}

/// Whether a test asks for what an old glibc needs.
fn planted() -> bool {
    cfg!(feature = "planted-faults") && std::env::var_os("BUZZSAW_PLANTED_OLD_GLIBC").is_some()
}
