//! The native side of the `buzzsaw` jar: what `io.buzzsaw.internal.Native` declares.
//!
//! `docs/ffi.md` says who owns what over the boundary. `unsafe` lives in [`exports`], `env`, `lifetime` and
//! `memory` alone.

mod describe;
mod env;
pub mod exports;
mod guard;
mod handles;
mod lifetime;
mod memory;
mod output;
mod session;
