//! Opens artifacts: memory-mapped, checked, and handed out entry by entry without a copy.

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use sha2::Digest;

use super::cache::{FileState, VerifiedCache};
use super::content_hash::Sha256;
use super::directory::{self, Stored, corrupt};
use super::layout::ALIGNMENT;
use super::manifest::{MANIFEST, MAX_MANIFEST, Manifest};
use super::mmap::Mapping;
use super::table;
use crate::error::{Error, ErrorKind, Result};

/// Both checksums of an entry are taken in one pass over pieces of this many bytes, which stay in the cache.
const PIECE: usize = 128 << 10;
/// Pages of entries at least this long are given back after a pass over them.
const WORTH_RELEASING: usize = 1 << 20;

/// How much of an artifact is checked before it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// The file's structure, and that its entries and their sizes are those of the manifest.
    Manifest,
    /// That, and the CRC-32 and SHA-256 of every entry.
    Full,
}

/// An open artifact: immutable and safe to share between threads.
#[derive(Debug)]
pub struct Artifact {
    file: Buffer,
    mapping: Option<Mapping>,
    manifest: Manifest,
    manifest_range: Range<usize>,
    /// Of each of the manifest's entries, in its order.
    stored: Vec<Stored>,
}

impl Artifact {
    /// Opens the artifact at `path`, mapped into memory. It is checked in full when this host has not yet done so
    /// for this state of the file (see [`VerifiedCache`]), else by its manifest.
    ///
    /// The file must not be changed in place while it is open; replacing it by rename is fine.
    ///
    /// # Errors
    /// `Io` when the file cannot be read; `UnsupportedVersion` when a newer library wrote it;
    /// `CorruptArtifact`, with the entry's name as place, when it is damaged or not an artifact.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::open_remembering(path, VerifiedCache::of_user().as_ref())
    }

    /// [`Artifact::open`] with another place for the markers, or none, which means a full check.
    ///
    /// # Errors
    /// Those of [`Artifact::open`].
    pub fn open_remembering(path: impl AsRef<Path>, cache: Option<&VerifiedCache>) -> Result<Self> {
        let path = path.as_ref();
        let (file, artifact) = Self::map(path)?;
        let state = || FileState::of(path, &file, artifact.manifest.content_hash).ok();
        let before = state();
        let known = cache.zip(before.as_ref());
        if known.is_some_and(|(cache, state)| cache.holds(state)) {
            return Ok(artifact);
        }
        artifact.verify()?;
        if let Some((cache, checked)) = known
            && state().as_ref() == Some(checked)
        {
            // A marker that cannot be written costs the next process a full check and nothing else.
            let _ = cache.remember(checked);
        }
        Ok(artifact)
    }

    /// [`Artifact::open`] with the given check, whatever is remembered of the file.
    ///
    /// # Errors
    /// Those of [`Artifact::open`].
    pub fn open_checked(path: impl AsRef<Path>, check: Check) -> Result<Self> {
        let (_, artifact) = Self::map(path.as_ref())?;
        artifact.checked(check)
    }

    /// Reads an artifact from memory, checked in full. A `Vec<u8>` or [`Buffer`] is used as it is when it happens
    /// to start at a multiple of 64 bytes, and copied once when it does not.
    ///
    /// # Errors
    /// Those of [`Artifact::open`] but for `Io`.
    pub fn from_bytes(bytes: impl Into<Buffer>) -> Result<Self> {
        Self::from_bytes_checked(bytes, Check::Full)
    }

    /// [`Artifact::from_bytes`] with the given check.
    ///
    /// # Errors
    /// Those of [`Artifact::from_bytes`].
    pub fn from_bytes_checked(bytes: impl Into<Buffer>, check: Check) -> Result<Self> {
        let bytes: Buffer = bytes.into();
        let aligned = bytes.as_ptr().align_offset(ALIGNMENT as usize) == 0;
        let bytes = if aligned {
            bytes
        } else {
            Buffer::from_slice_ref(bytes.as_slice())
        };
        Self::new(bytes, None)?.checked(check)
    }

    fn map(path: &Path) -> Result<(File, Self)> {
        let unreadable = |e: io::Error| {
            Error::new(ErrorKind::Io, format!("cannot open the artifact: {e}")).at(path.display().to_string())
        };
        // Asked before opening, since opening a pipe would wait for its writer.
        if !fs::metadata(path).map_err(unreadable)?.is_file() {
            return Err(unreadable(io::Error::other("not a regular file")));
        }
        let file = File::open(path).map_err(unreadable)?;
        if file.metadata().map_err(unreadable)?.len() == 0 {
            return Err(corrupt("zip directory", "the file is empty"));
        }
        let mapping = Mapping::of(&file).map_err(unreadable)?;
        let artifact = Self::new(mapping.buffer(), Some(mapping))?;
        Ok((file, artifact))
    }

    fn checked(self, check: Check) -> Result<Self> {
        if check == Check::Full {
            self.verify()?;
        }
        Ok(self)
    }

    fn new(file: Buffer, mapping: Option<Mapping>) -> Result<Self> {
        let mut stored = directory::read(&file)?;
        // The directory reader has required the manifest to be the first entry.
        let first = stored.remove(0);
        let json = &file[first.range.clone()];
        if json.len() as u64 > MAX_MANIFEST {
            return Err(corrupt(MANIFEST, "the manifest is over 8 MiB"));
        }
        if crc32fast::hash(json) != first.crc32 {
            return Err(corrupt(MANIFEST, "its CRC-32 differs from the zip directory's"));
        }
        let manifest = Manifest::parse(json)?;
        stored.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        match_manifest(&manifest, &stored)?;
        Ok(Self {
            file,
            mapping,
            manifest,
            manifest_range: first.range,
            stored,
        })
    }

    /// Checks every entry's CRC-32 and SHA-256, however the artifact was opened.
    ///
    /// # Errors
    /// `CorruptArtifact` with the first damaged entry as place.
    pub fn verify(&self) -> Result<()> {
        for (entry, stored) in self.manifest.entries.iter().zip(&self.stored) {
            let (mut crc32, mut sha256) = (crc32fast::Hasher::new(), sha2::Sha256::new());
            for piece in self.file[stored.range.clone()].chunks(PIECE) {
                crc32.update(piece);
                sha256.update(piece);
            }
            self.release(&stored.range);
            if Sha256::finish(sha256) != entry.sha256 {
                return Err(corrupt(
                    entry.name.as_str(),
                    "its SHA-256 differs from the manifest's",
                ));
            }
            if crc32.finalize() != stored.crc32 {
                return Err(corrupt(
                    entry.name.as_str(),
                    "its CRC-32 differs from the zip directory's",
                ));
            }
        }
        Ok(())
    }

    /// What the artifact holds and what wrote it.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The whole file, as [`Artifact::from_bytes`] takes it.
    pub fn as_bytes(&self) -> &[u8] {
        &self.file
    }

    /// The bytes of an entry, aligned to 64 bytes in memory; `None` when there is no such entry.
    pub fn entry(&self, name: &str) -> Option<&[u8]> {
        Some(&self.file[self.range(name)?])
    }

    /// [`Artifact::entry`] as a buffer that shares the file's memory and keeps it alive.
    pub fn entry_buffer(&self, name: &str) -> Option<Buffer> {
        let range = self.range(name)?;
        Some(self.file.slice_with_length(range.start, range.len()))
    }

    /// Reads an entry that is an Arrow IPC file of one record batch. The arrays are slices of the artifact's
    /// memory and keep it alive; all values are validated, so this reads the whole entry once.
    ///
    /// # Errors
    /// `CorruptArtifact` with the entry as place when it is missing or no such table.
    pub fn table(&self, name: &str) -> Result<RecordBatch> {
        let range = self
            .range(name)
            .ok_or_else(|| corrupt(name, "the artifact has no such entry"))?;
        let file = self.file.slice_with_length(range.start, range.len());
        let batch = table::read_table(&file).map_err(|e| e.at(name));
        self.release(&range);
        batch
    }

    fn range(&self, name: &str) -> Option<Range<usize>> {
        if name == MANIFEST {
            return Some(self.manifest_range.clone());
        }
        let found = self
            .stored
            .binary_search_by(|stored| stored.name.as_str().cmp(name))
            .ok()?;
        Some(self.stored.get(found)?.range.clone())
    }

    /// A pass over a large entry should not stay in the resident set of every process that made it.
    fn release(&self, range: &Range<usize>) {
        if let Some(mapping) = self.mapping.as_ref().filter(|_| range.len() >= WORTH_RELEASING) {
            mapping.release(range.clone());
        }
    }
}

/// Requires the file's entries to be the manifest's, both sorted by name.
fn match_manifest(manifest: &Manifest, stored: &[Stored]) -> Result<()> {
    if let Some(extra) = stored
        .iter()
        .find(|stored| manifest.entry(&stored.name).is_none())
    {
        return Err(corrupt(
            extra.name.as_str(),
            "the manifest does not know this entry",
        ));
    }
    for (at, entry) in manifest.entries.iter().enumerate() {
        let Some(stored) = stored.get(at).filter(|stored| stored.name == entry.name) else {
            return Err(corrupt(
                entry.name.as_str(),
                "the manifest names this entry and the file lacks it",
            ));
        };
        if stored.range.len() as u64 != entry.size {
            let message = format!(
                "it has {} bytes, and {} in the manifest",
                stored.range.len(),
                entry.size
            );
            return Err(corrupt(entry.name.as_str(), message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use arrow_array::cast::AsArray;

    use super::super::ArtifactWriter;
    use super::super::testing::{SPEC, TABLE, info, terms, writer};
    use super::*;

    impl Artifact {
        pub(in super::super) fn range_of(&self, name: &str) -> Range<usize> {
            self.range(name).unwrap()
        }
    }

    /// Whether `part` lies inside `whole` in memory.
    fn inside(whole: &[u8], part: &[u8]) -> bool {
        let (whole, part) = (whole.as_ptr_range(), part.as_ptr_range());
        whole.start <= part.start && part.end <= whole.end
    }

    fn check_sample(artifact: &Artifact) {
        assert_eq!(artifact.entry("spec.json"), Some(SPEC));
        assert_eq!(artifact.entry("a"), Some(&b""[..]));
        assert_eq!(artifact.entry("absent"), None);
        assert!(artifact.entry_buffer("absent").is_none());
        assert_eq!(
            artifact.entry(MANIFEST).unwrap(),
            artifact.manifest().to_json().unwrap()
        );
        let names = artifact
            .manifest()
            .entries
            .iter()
            .map(|entry| entry.name.as_str());
        for name in names.chain([MANIFEST]) {
            let bytes = artifact.entry(name).unwrap();
            assert_eq!(bytes.as_ptr().align_offset(64), 0, "{name}");
            assert_eq!(
                artifact.entry_buffer(name).unwrap().as_ptr(),
                bytes.as_ptr(),
                "{name}"
            );
        }
        let table = artifact.table(TABLE).unwrap();
        assert_eq!(table, terms());
        let values = table.column(0).as_string::<i32>().value_data();
        assert!(inside(artifact.entry(TABLE).unwrap(), values), "a copy");
    }

    #[test]
    fn entries_come_back_from_file_and_memory() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.buzzsaw");
        writer().write(&path).unwrap();
        let opened = Artifact::open_remembering(&path, None).unwrap();
        check_sample(&opened);
        assert_eq!(opened.as_bytes(), writer().to_bytes().unwrap());

        let bytes = writer().to_bytes().unwrap();
        check_sample(&Artifact::from_bytes(bytes.clone()).unwrap());
        let shifted = Buffer::from_vec([&[0], bytes.as_slice()].concat()).slice(1);
        check_sample(&Artifact::from_bytes(shifted).unwrap());
    }

    #[test]
    fn tables_and_buffers_outlive_the_artifact_and_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.buzzsaw");
        writer().write(&path).unwrap();
        let artifact = Artifact::open_remembering(&path, None).unwrap();
        let (table, buffer) = (
            artifact.table(TABLE).unwrap(),
            artifact.entry_buffer("spec.json").unwrap(),
        );
        drop(artifact);
        fs::remove_file(&path).unwrap();
        assert_eq!(table, terms());
        assert_eq!(buffer.as_slice(), SPEC);
    }

    #[test]
    fn large_entries_survive_the_release_of_their_pages() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.buzzsaw");
        let large: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
        ArtifactWriter::new(info())
            .add("large", large.clone())
            .unwrap()
            .write(&path)
            .unwrap();
        let artifact = Artifact::open_remembering(&path, None).unwrap();
        assert_eq!(artifact.entry("large"), Some(large.as_slice()));
        artifact.verify().unwrap();
        assert_eq!(artifact.entry("large"), Some(large.as_slice()));
    }

    /// An artifact whose one entry does not hold what the manifest says; only a full check can tell.
    fn write_damaged(path: &Path) {
        let bytes = writer().to_bytes().unwrap();
        let at = Artifact::from_bytes(bytes.clone()).unwrap().range_of(TABLE).start;
        let mut damaged = bytes;
        damaged[at + 100] ^= 1;
        fs::write(path, damaged).unwrap();
    }

    #[test]
    fn a_file_is_checked_in_full_until_it_has_passed() {
        let folder = tempfile::tempdir().unwrap();
        let cache = VerifiedCache::at(folder.path().join("cache"));
        let path = folder.path().join("a.buzzsaw");
        let open = || {
            Artifact::open_remembering(&path, Some(&cache))
                .map(|_| ())
                .map_err(|e| e.kind())
        };

        write_damaged(&path);
        assert_eq!(open(), Err(ErrorKind::CorruptArtifact));
        assert_eq!(
            open(),
            Err(ErrorKind::CorruptArtifact),
            "a failed check leaves no marker"
        );
        assert!(!folder.path().join("cache").exists());

        writer().write(&path).unwrap();
        assert_eq!(open(), Ok(()));
        assert_eq!(fs::read_dir(folder.path().join("cache")).unwrap().count(), 1);
        write_damaged(&path);
        assert_eq!(
            open(),
            Err(ErrorKind::CorruptArtifact),
            "another state of the file"
        );
    }

    #[test]
    fn a_remembered_file_is_opened_by_its_manifest() {
        let folder = tempfile::tempdir().unwrap();
        let cache = VerifiedCache::at(folder.path().join("cache"));
        let path = folder.path().join("a.buzzsaw");
        write_damaged(&path);
        let content = writer().manifest().content_hash;
        cache
            .remember(&FileState::of(&path, &File::open(&path).unwrap(), content).unwrap())
            .unwrap();
        let artifact = Artifact::open_remembering(&path, Some(&cache)).unwrap();
        assert_eq!(artifact.verify().unwrap_err().kind(), ErrorKind::CorruptArtifact);
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.buzzsaw");
        writer().write(&path).unwrap();
        let cache = VerifiedCache::at(path.join("a file is no folder"));
        check_sample(&Artifact::open_remembering(&path, Some(&cache)).unwrap());
    }

    #[test]
    fn what_is_no_file_is_an_io_error_and_an_empty_one_is_corrupt() {
        let folder = tempfile::tempdir().unwrap();
        let kind = |path: &Path| Artifact::open_remembering(path, None).unwrap_err().kind();
        assert_eq!(kind(folder.path()), ErrorKind::Io);
        assert_eq!(kind(&folder.path().join("absent")), ErrorKind::Io);
        let empty = folder.path().join("empty");
        File::create(&empty).unwrap();
        assert_eq!(kind(&empty), ErrorKind::CorruptArtifact);
    }

    #[test]
    fn tables_that_are_none_say_which_entry() {
        let artifact = Artifact::from_bytes(writer().to_bytes().unwrap()).unwrap();
        for name in ["absent", "spec.json", "a"] {
            let error = artifact.table(name).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CorruptArtifact);
            assert!(format!("{error:?}").contains(name), "{error:?}");
        }
    }
}
