//! The artifact container: one checksummed file of named entries (`docs/artifact.md`).
//!
//! The container knows nothing of transforms or specs. It stores bytes under names, says what they hash
//! to, and hands them back without a copy; what the entries mean is their owners' business.

mod atomic_file;
mod cache;
mod content_hash;
mod directory;
mod ipc_guard;
mod layout;
mod manifest;
mod mmap;
mod name;
mod reader;
mod table;
mod writer;

pub use cache::VerifiedCache;
pub use content_hash::{ContentHash, Sha256};
pub use manifest::{ArtifactInfo, FORMAT_VERSION, Kind, MANIFEST, Manifest, ManifestEntry};
pub use reader::{Artifact, Check};
pub use table::{read_table, table_bytes};
pub use writer::ArtifactWriter;

#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod testing;
