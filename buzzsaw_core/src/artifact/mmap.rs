//! Read-only memory maps of artifact files: the only `unsafe` code of the container.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::ptr::NonNull;
use std::sync::Arc;

use arrow_buffer::Buffer;
use memmap2::Mmap;

/// A file mapped into memory, shared by every buffer that was cut from it.
#[derive(Clone, Debug)]
pub(super) struct Mapping(Arc<Mmap>);

impl Mapping {
    /// Maps the whole of `file`.
    ///
    /// The file must not be changed in place while it is mapped. [`super::ArtifactWriter`] never does: it
    /// replaces a file by renaming a new one over it, and the map keeps the old one. Someone else who
    /// truncates a mapped file makes the process fail with a bus error when it touches the lost pages.
    pub fn of(file: &File) -> io::Result<Self> {
        // SAFETY: `Mmap::map` asks that nobody changes the file while it is mapped, in this process or
        // another. Whoever owns the artifact's path keeps that (see above and docs/artifact.md); artifacts
        // are replaced by rename, never rewritten.
        let map = unsafe { Mmap::map(file) }?;
        Ok(Self(Arc::new(map)))
    }

    /// The mapped bytes; the buffer and all its slices keep the map alive.
    pub fn buffer(&self) -> Buffer {
        let bytes: &[u8] = &self.0;
        let start = NonNull::from(bytes).cast::<u8>();
        // SAFETY: `start` is valid for reads of `bytes.len()` bytes for as long as the map lives, and the
        // buffer owns a reference to the map. A custom allocation is never written to or freed by arrow.
        unsafe { Buffer::from_custom_allocation(start, bytes.len(), Arc::new(self.clone())) }
    }

    /// Gives the pages of `range` back to the page cache, so that a pass over all of it does not stay in this
    /// process's resident set. The bytes are the same when touched again. A hint: where the platform has
    /// nothing like it, or refuses, nothing changes.
    pub fn release(&self, range: Range<usize>) {
        #[cfg(unix)]
        if !range.is_empty() && range.end <= self.0.len() {
            // SAFETY: dropping pages may lose what was written to them; these are a shared, read-only map of
            // a file, to which nothing can be written, and are read from that file again.
            let _ = unsafe {
                self.0
                    .unchecked_advise_range(memmap2::UncheckedAdvice::DontNeed, range.start, range.len())
            };
        }
        #[cfg(not(unix))]
        let _ = range;
    }
}
