//! Writes artifacts: the same entries give the same bytes, and a file appears whole or not at all.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::Path;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use sha2::Digest;

use super::atomic_file;
use super::content_hash::Sha256;
use super::layout::{Layout, MAX_ENTRIES, Record};
use super::manifest::{ArtifactInfo, MANIFEST, MAX_MANIFEST, Manifest, ManifestEntry};
use super::name;
use super::table::{check_table, write_table};
use crate::error::{Error, ErrorKind, Result};

/// Collects entries and writes them as one artifact.
#[derive(Clone, Debug)]
pub struct ArtifactWriter {
    info: ArtifactInfo,
    entries: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    data: Data,
    size: u64,
    sha256: Sha256,
    crc32: u32,
}

#[derive(Clone, Debug)]
enum Data {
    Bytes(Buffer),
    /// Its bytes are made whenever they are written: tables may be most of what memory holds.
    Table(RecordBatch),
}

impl Data {
    fn put<W: Write + ?Sized>(&self, out: &mut W) -> io::Result<()> {
        match self {
            Data::Bytes(bytes) => out.write_all(bytes),
            Data::Table(table) => write_table(table, out),
        }
    }

    fn described(self) -> io::Result<Entry> {
        let mut sums = Sums::default();
        self.put(&mut sums)?;
        Ok(Entry {
            data: self,
            size: sums.size,
            sha256: Sha256::finish(sums.sha256),
            crc32: sums.crc32.finalize(),
        })
    }
}

/// What a container says of an entry's bytes, from the bytes as they come.
#[derive(Default)]
struct Sums {
    size: u64,
    sha256: sha2::Sha256,
    crc32: crc32fast::Hasher,
}

impl Write for Sums {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.size += bytes.len() as u64;
        self.sha256.update(bytes);
        self.crc32.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An artifact that only needs to be put somewhere.
struct Assembled<'a> {
    manifest: Manifest,
    json: Data,
    layout: Layout,
    /// The data of each entry, in stored order, after the manifest's.
    data: Vec<&'a Data>,
}

impl ArtifactWriter {
    /// An artifact without entries yet.
    pub fn new(info: ArtifactInfo) -> Self {
        Self {
            info,
            entries: BTreeMap::new(),
        }
    }

    /// Adds an entry; a `Vec<u8>` or a [`Buffer`] is taken without a copy.
    ///
    /// # Errors
    /// `InvalidValue`, with the name as place, when the name is taken, is that of the manifest, or has anything
    /// but lower-case ASCII letters, digits, `_`, `-`, `.` and `/`, or a part that is empty or starts with a
    /// dot; `ResourceLimit` for more entries than an artifact holds.
    pub fn add(&mut self, name: &str, bytes: impl Into<Buffer>) -> Result<&mut Self> {
        self.put(name, Data::Bytes(bytes.into()))
    }

    /// Adds an entry of the bytes of [`table_bytes`](super::table_bytes), without keeping them in memory.
    ///
    /// # Errors
    /// As [`ArtifactWriter::add`] and [`table_bytes`](super::table_bytes).
    pub fn add_table(&mut self, name: &str, table: &RecordBatch) -> Result<&mut Self> {
        check_table(table)?;
        self.put(name, Data::Table(table.clone()))
    }

    fn put(&mut self, name: &str, data: Data) -> Result<&mut Self> {
        let invalid = |message: &str| Err(Error::new(ErrorKind::InvalidValue, message).at(name));
        if let Some(fault) = name::fault(name.as_bytes()) {
            return invalid(fault);
        }
        if name == MANIFEST {
            return invalid("the manifest is written by the writer");
        }
        if self.entries.contains_key(name) {
            return invalid("the artifact already has an entry of this name");
        }
        if self.entries.len() + 1 >= MAX_ENTRIES {
            return Err(Error::new(
                ErrorKind::ResourceLimit,
                "an artifact holds 4,095 entries at most",
            )
            .at(name));
        }
        let entry = data
            .described()
            .map_err(|e| Error::internal(format!("cannot write an Arrow table: {e}"), None))?;
        self.entries.insert(name.to_owned(), entry);
        Ok(self)
    }

    /// The manifest this artifact will have.
    pub fn manifest(&self) -> Manifest {
        let entries = self.entries.iter().map(|(name, entry)| ManifestEntry {
            name: name.clone(),
            size: entry.size,
            sha256: entry.sha256,
        });
        Manifest::new(self.info.clone(), entries.collect())
    }

    /// The artifact as bytes.
    ///
    /// # Errors
    /// `InvalidValue` when an entry is also the folder of another; `ResourceLimit` when the manifest is too
    /// large.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let assembled = self.assemble()?;
        let mut bytes = Vec::with_capacity(usize::try_from(assembled.layout.len()).unwrap_or_default());
        assembled
            .put(&mut bytes)
            .map_err(|e| Error::internal(e.to_string(), None))?;
        Ok(bytes)
    }

    /// Writes the artifact to `path` and gives its manifest. The bytes go to a temporary file in the same
    /// folder, are synced to disk, and the file is then renamed, so `path` never holds half an artifact and
    /// a failure leaves what was there.
    ///
    /// # Errors
    /// Those of [`ArtifactWriter::to_bytes`]; `Io` with the path as place.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<Manifest> {
        let path = path.as_ref();
        let assembled = self.assemble()?;
        atomic_file::write(path, |out| assembled.put(out)).map_err(|e| {
            Error::new(ErrorKind::Io, format!("cannot write the artifact: {e}"))
                .at(path.display().to_string())
                .hint("nothing was written; check that the folder exists, is writable and has space")
        })?;
        Ok(assembled.manifest)
    }

    fn assemble(&self) -> Result<Assembled<'_>> {
        let manifest = self.manifest();
        let json = manifest.to_json()?;
        if json.len() as u64 > MAX_MANIFEST {
            return Err(Error::new(ErrorKind::ResourceLimit, "the manifest is over 8 MiB").at(MANIFEST));
        }
        let mut entries: Vec<(&str, &Entry)> = self
            .entries
            .iter()
            .map(|(name, entry)| (name.as_str(), entry))
            .collect();
        entries.sort_unstable_by(|a, b| name::stored_order(a.0).cmp(&name::stored_order(b.0)));
        let first = Record {
            name: MANIFEST.to_owned(),
            size: json.len() as u64,
            crc32: crc32fast::hash(&json),
        };
        let others = entries.iter().map(|(name, entry)| Record {
            name: (*name).to_owned(),
            size: entry.size,
            crc32: entry.crc32,
        });
        let records: Vec<Record> = [first].into_iter().chain(others).collect();
        let layout = Layout::new(&records).map_err(|fault| Error::new(ErrorKind::InvalidValue, fault))?;
        let data = entries.into_iter().map(|(_, entry)| &entry.data).collect();
        Ok(Assembled {
            manifest,
            json: Data::Bytes(Buffer::from_vec(json)),
            layout,
            data,
        })
    }
}

impl Assembled<'_> {
    fn put<W: Write + ?Sized>(&self, out: &mut W) -> io::Result<()> {
        let data = [&self.json].into_iter().chain(self.data.iter().copied());
        for (placed, data) in self.layout.placed.iter().zip(data) {
            out.write_all(&placed.header)?;
            data.put(out)?;
        }
        out.write_all(&self.layout.directory)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::{Cursor, Read};
    use std::sync::Arc;

    use arrow_schema::Schema;

    use super::super::Artifact;
    use super::super::table_bytes;
    use super::super::testing::{SPEC, TABLE, info, terms, writer};
    use super::*;

    #[test]
    fn a_table_is_the_entry_of_its_bytes() {
        let mut table = ArtifactWriter::new(info());
        table.add_table("a", &terms()).unwrap();
        let mut bytes = ArtifactWriter::new(info());
        bytes.add("a", table_bytes(&terms()).unwrap()).unwrap();
        assert_eq!(table.to_bytes().unwrap(), bytes.to_bytes().unwrap());
        assert_eq!(table.manifest(), bytes.manifest());
        let empty = RecordBatch::new_empty(Arc::new(Schema::empty()));
        assert_eq!(
            table.add_table("b", &empty).unwrap_err().kind(),
            ErrorKind::InvalidValue
        );
    }

    #[test]
    fn bytes_do_not_depend_on_the_order_of_adding() {
        let (a, b) = (b"1".as_slice(), b"2".as_slice());
        let mut one = ArtifactWriter::new(info());
        one.add("spec.json", a).unwrap().add("b", b).unwrap();
        let mut two = ArtifactWriter::new(info());
        two.add("b", b).unwrap().add("spec.json", a).unwrap();
        assert_eq!(one.to_bytes().unwrap(), two.to_bytes().unwrap());
        assert_eq!(writer().to_bytes().unwrap(), writer().to_bytes().unwrap());
    }

    #[test]
    fn the_content_hash_depends_on_names_and_bytes_only() {
        let hash = |info: ArtifactInfo, name: &str, bytes: &[u8]| {
            ArtifactWriter::new(info)
                .add(name, bytes)
                .unwrap()
                .manifest()
                .content_hash
        };
        let mut later = info();
        later.library_version = "9.0.0".into();
        let one = hash(info(), "a", b"1");
        assert_eq!(one, hash(later, "a", b"1"));
        assert_ne!(one, hash(info(), "a", b"2"));
        assert_ne!(one, hash(info(), "b", b"1"));
    }

    #[test]
    fn another_zip_reader_finds_stored_aligned_entries_in_order() {
        let bytes = writer().to_bytes().unwrap();
        let ours = Artifact::from_bytes(bytes.clone()).unwrap();
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
        assert_eq!(names, [MANIFEST, "spec.json", "a", TABLE, "state/words.arrow"]);
        for name in &names {
            let mut entry = zip.by_name(name).unwrap();
            assert_eq!(entry.compression(), zip::CompressionMethod::Stored);
            assert_eq!(entry.data_start().unwrap() % 64, 0);
            assert_eq!(entry.unix_mode(), Some(0o100_644));
            let time = entry.last_modified().unwrap();
            assert_eq!(
                (time.year(), time.month(), time.day(), time.hour()),
                (1980, 1, 1, 0)
            );
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            assert_eq!(ours.entry(name), Some(bytes.as_slice()), "{name}");
        }
    }

    #[test]
    fn bad_entries_are_refused() {
        let mut writer = writer();
        for name in ["spec.json", MANIFEST, "../a", "/a", "A", ""] {
            let error = writer.add(name, &b""[..]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidValue, "{name}: {error}");
        }
        writer.add("state", &b""[..]).unwrap();
        assert_eq!(writer.to_bytes().unwrap_err().kind(), ErrorKind::InvalidValue);

        let mut full = ArtifactWriter::new(info());
        for n in 1..MAX_ENTRIES {
            full.add(&format!("z{n}"), &b""[..]).unwrap();
        }
        assert_eq!(
            full.add("one_more", &b""[..]).unwrap_err().kind(),
            ErrorKind::ResourceLimit
        );
        Artifact::from_bytes(full.to_bytes().unwrap()).unwrap();
    }

    #[test]
    fn a_file_is_replaced_whole_and_old_readers_keep_theirs() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.buzzsaw");
        let written = writer().write(&path).unwrap();
        assert_eq!(fs::read(&path).unwrap(), writer().to_bytes().unwrap());
        let old = Artifact::open_remembering(&path, None).unwrap();
        assert_eq!(old.manifest(), &written);
        ArtifactWriter::new(info())
            .add("spec.json", &b"new"[..])
            .unwrap()
            .write(&path)
            .unwrap();
        assert_eq!(old.entry("spec.json"), Some(SPEC));
        assert_eq!(
            Artifact::open_remembering(&path, None)
                .unwrap()
                .entry("spec.json"),
            Some(&b"new"[..])
        );
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_unwritable_place_is_an_io_error() {
        let error = writer().write("/nonexistent/folder/a.buzzsaw").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io);
        assert!(
            format!("{error:?}").contains("/nonexistent/folder/a.buzzsaw"),
            "{error:?}"
        );
    }
}
