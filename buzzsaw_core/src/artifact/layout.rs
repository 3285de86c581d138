//! The zip records of an artifact: where each entry lies and what stands around it, byte for byte.
//!
//! An artifact uses the one dialect of zip written down here, so its records follow from the entries' names,
//! sizes and CRC-32 alone. The writer writes these bytes and the reader requires them; that closes every
//! ambiguity of the format (overlapping entries, gaps, prefixes, data descriptors, two directories that
//! disagree) with a comparison instead of a rule each. Records: PKWARE APPNOTE.TXT 6.3.10, section 4.3.

use std::collections::BTreeSet;

use super::manifest::MANIFEST;
use super::name;

/// Every entry's data starts at a multiple of this, so that a mapped table needs no copy.
pub(super) const ALIGNMENT: u64 = 64;
/// The most entries an artifact holds; far above any real one, below zip's own limit of 65,534.
pub(super) const MAX_ENTRIES: usize = 4096;

pub(super) const LOCAL_SIGNATURE: u32 = 0x0403_4b50;
pub(super) const CENTRAL_SIGNATURE: u32 = 0x0201_4b50;
pub(super) const END_SIGNATURE: u32 = 0x0605_4b50;
pub(super) const END64_SIGNATURE: u32 = 0x0606_4b50;
pub(super) const LOCATOR64_SIGNATURE: u32 = 0x0706_4b50;
pub(super) const LOCAL_SIZE: usize = 30;
pub(super) const CENTRAL_SIZE: usize = 46;
pub(super) const END_SIZE: usize = 22;
pub(super) const END64_SIZE: usize = 56;
pub(super) const LOCATOR64_SIZE: usize = 20;

/// A 32-bit field that holds this has its value in the zip64 record.
pub(super) const IN_ZIP64: u32 = u32::MAX;
pub(super) const ZIP64_FIELD: u16 = 0x0001;
/// The alignment field of Apache Commons Compress: the alignment, then zeros up to it.
const ALIGNMENT_FIELD: u16 = 0xa11e;

/// Version 2.0, and 4.5 where zip64 is needed.
const VERSION: u16 = 20;
const VERSION_ZIP64: u16 = 45;
/// Written as if on Unix, where the external attributes hold the file mode: a regular file, 0644.
const MADE_ON_UNIX: u16 = 3 << 8;
const MODE: u32 = 0o100_644 << 16;
/// 1980-01-01 00:00:00, the first time that zip knows.
const DOS_TIME: u16 = 0;
const DOS_DATE: u16 = 1 << 5 | 1;

/// What the records say of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Record {
    pub name: String,
    pub size: u64,
    pub crc32: u32,
}

/// One entry's header and place.
#[derive(Debug)]
pub(super) struct Placed {
    pub header_at: u64,
    pub header: Vec<u8>,
    pub data_at: u64,
}

/// All bytes of an artifact other than its entries' data.
#[derive(Debug)]
pub(super) struct Layout {
    /// For each record, in order.
    pub placed: Vec<Placed>,
    /// Where the last entry's data ends and the directory starts.
    pub directory_at: u64,
    /// The central directory and the end records.
    pub directory: Vec<u8>,
}

impl Layout {
    /// Lays `records` out in the order given.
    ///
    /// # Errors
    /// What is wrong with the records, in words: their names, number, order, or a length beyond 64 bits.
    pub fn new(records: &[Record]) -> Result<Self, String> {
        check_names(records)?;
        let too_long = || "the entries are longer than any file".to_string();
        let mut placed = Vec::with_capacity(records.len());
        let mut at = 0;
        for record in records {
            let entry = place(record, at).ok_or_else(too_long)?;
            at = entry.data_at.checked_add(record.size).ok_or_else(too_long)?;
            placed.push(entry);
        }
        let directory = directory(records, &placed, at);
        at.checked_add(directory.len() as u64).ok_or_else(too_long)?;
        Ok(Self {
            placed,
            directory_at: at,
            directory,
        })
    }

    /// The length of the whole file.
    pub fn len(&self) -> u64 {
        self.directory_at + self.directory.len() as u64
    }
}

fn check_names(records: &[Record]) -> Result<(), String> {
    if records.len() > MAX_ENTRIES {
        return Err(format!(
            "{} entries, and an artifact holds {MAX_ENTRIES} at most",
            records.len()
        ));
    }
    if let Some((name, fault)) = records
        .iter()
        .find_map(|r| Some((&r.name, name::fault(r.name.as_bytes())?)))
    {
        return Err(format!("entry {name:?}: {fault}"));
    }
    if records.first().is_none_or(|first| first.name != MANIFEST) {
        return Err(format!("the first entry is not {MANIFEST}"));
    }
    if !records.is_sorted_by(|a, b| name::stored_order(&a.name) < name::stored_order(&b.name)) {
        return Err("an entry is out of order, or there twice".into());
    }
    let names: BTreeSet<&str> = records.iter().map(|record| record.name.as_str()).collect();
    match name::file_and_folder(&names) {
        Some(both) => Err(format!("`{both}` is both an entry and the folder of another")),
        None => Ok(()),
    }
}

/// The local header of `record` at `header_at`, padded so that the data is aligned; `None` on overflow.
fn place(record: &Record, header_at: u64) -> Option<Placed> {
    let mut extra = Vec::with_capacity(2 * ALIGNMENT as usize);
    let size = narrow(record.size);
    if size == IN_ZIP64 {
        put16(&mut extra, ZIP64_FIELD);
        put16(&mut extra, 16);
        put64(&mut extra, record.size);
        put64(&mut extra, record.size);
    }
    let unpadded = LOCAL_SIZE + record.name.len() + extra.len() + 6;
    let data_at = header_at
        .checked_add(unpadded as u64)?
        .checked_next_multiple_of(ALIGNMENT)?;
    let padding = (data_at - header_at) as usize - unpadded;
    put16(&mut extra, ALIGNMENT_FIELD);
    put16(&mut extra, 2 + padding as u16);
    put16(&mut extra, ALIGNMENT as u16);
    extra.resize(extra.len() + padding, 0);

    let mut header = Vec::with_capacity(unpadded + padding);
    put32(&mut header, LOCAL_SIGNATURE);
    put_common(&mut header, record, size == IN_ZIP64);
    put32(&mut header, size);
    put32(&mut header, size);
    put16(&mut header, record.name.len() as u16);
    put16(&mut header, extra.len() as u16);
    header.extend_from_slice(record.name.as_bytes());
    header.extend_from_slice(&extra);
    Some(Placed {
        header_at,
        header,
        data_at,
    })
}

fn directory(records: &[Record], placed: &[Placed], at: u64) -> Vec<u8> {
    let mut out = Vec::new();
    for (record, placed) in records.iter().zip(placed) {
        let (size, offset) = (narrow(record.size), narrow(placed.header_at));
        let mut extra = Vec::new();
        if size == IN_ZIP64 || offset == IN_ZIP64 {
            put16(&mut extra, ZIP64_FIELD);
            put16(
                &mut extra,
                if size == IN_ZIP64 { 16 } else { 0 } + if offset == IN_ZIP64 { 8 } else { 0 },
            );
            if size == IN_ZIP64 {
                put64(&mut extra, record.size);
                put64(&mut extra, record.size);
            }
            if offset == IN_ZIP64 {
                put64(&mut extra, placed.header_at);
            }
        }
        put32(&mut out, CENTRAL_SIGNATURE);
        put16(
            &mut out,
            MADE_ON_UNIX | if extra.is_empty() { VERSION } else { VERSION_ZIP64 },
        );
        put_common(&mut out, record, !extra.is_empty());
        put32(&mut out, size);
        put32(&mut out, size);
        put16(&mut out, record.name.len() as u16);
        put16(&mut out, extra.len() as u16);
        put16(&mut out, 0); // comment
        put16(&mut out, 0); // disk
        put16(&mut out, 0); // internal attributes
        put32(&mut out, MODE);
        put32(&mut out, offset);
        out.extend_from_slice(record.name.as_bytes());
        out.extend_from_slice(&extra);
    }
    let (count, length) = (records.len() as u64, out.len() as u64);
    if narrow(at) == IN_ZIP64 {
        put32(&mut out, END64_SIGNATURE);
        put64(&mut out, END64_SIZE as u64 - 12);
        put16(&mut out, MADE_ON_UNIX | VERSION_ZIP64);
        put16(&mut out, VERSION_ZIP64);
        put32(&mut out, 0); // this disk
        put32(&mut out, 0); // the directory's disk
        put64(&mut out, count);
        put64(&mut out, count);
        put64(&mut out, length);
        put64(&mut out, at);
        put32(&mut out, LOCATOR64_SIGNATURE);
        put32(&mut out, 0);
        put64(&mut out, at.saturating_add(length));
        put32(&mut out, 1); // disks in total
    }
    put32(&mut out, END_SIGNATURE);
    put16(&mut out, 0);
    put16(&mut out, 0);
    put16(&mut out, count as u16);
    put16(&mut out, count as u16);
    put32(&mut out, length as u32);
    put32(&mut out, narrow(at));
    put16(&mut out, 0); // comment
    out
}

/// The fields that the local and the central header share, from the version to the CRC-32.
fn put_common(out: &mut Vec<u8>, record: &Record, zip64: bool) {
    put16(out, if zip64 { VERSION_ZIP64 } else { VERSION });
    put16(out, 0); // flags: not encrypted, no data descriptor, ASCII names
    put16(out, 0); // method: stored
    put16(out, DOS_TIME);
    put16(out, DOS_DATE);
    put32(out, record.crc32);
}

fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(IN_ZIP64)
}

fn put16(out: &mut Vec<u8>, value: u16) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put32(out: &mut Vec<u8>, value: u32) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn put64(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Seek, SeekFrom, Write};

    use super::super::content_hash::Sha256;
    use super::super::manifest::{Manifest, ManifestEntry};
    use super::super::testing::info;
    use super::super::{Artifact, Check};
    use super::*;

    fn record(name: &str, size: u64) -> Record {
        Record {
            name: name.into(),
            size,
            crc32: 7,
        }
    }

    #[test]
    fn data_is_aligned_whatever_the_names_and_sizes() {
        for length in 1..=130 {
            let names = ["b".repeat(length), "c".repeat(length)];
            let records = [
                record(MANIFEST, length as u64),
                record(&names[0], 1),
                record(&names[1], 64),
            ];
            let layout = Layout::new(&records).unwrap();
            for (placed, record) in layout.placed.iter().zip(&records) {
                assert_eq!(placed.data_at % ALIGNMENT, 0);
                assert_eq!(placed.header_at + placed.header.len() as u64, placed.data_at);
                let gap = placed.header.len() - LOCAL_SIZE - record.name.len();
                assert!((6..6 + ALIGNMENT as usize).contains(&gap), "{gap}");
            }
        }
    }

    #[test]
    fn lengths_beyond_64_bits_are_refused() {
        for size in [u64::MAX, u64::MAX - 64, u64::MAX - 200] {
            assert!(Layout::new(&[record(MANIFEST, size)]).is_err(), "{size}");
        }
        assert!(
            Layout::new(&[
                record(MANIFEST, 1),
                record("a", u64::MAX / 2),
                record("b", u64::MAX / 2)
            ])
            .is_err()
        );
    }

    #[test]
    fn bad_sets_of_entries_are_refused() {
        let refused = |names: &[&str], word: &str| {
            let records: Vec<Record> = names.iter().map(|name| record(name, 1)).collect();
            let fault = Layout::new(&records).unwrap_err();
            assert!(fault.contains(word), "{fault}");
        };
        refused(&[], "first entry");
        refused(&["spec.json"], "first entry");
        refused(&[MANIFEST, "b", "a"], "out of order");
        refused(&[MANIFEST, "a", "spec.json"], "out of order");
        refused(&[MANIFEST, "a", "a"], "twice");
        refused(&[MANIFEST, "a", "a/b"], "folder");
        let many: Vec<String> = (0..MAX_ENTRIES).map(|n| format!("z{n:05}")).collect();
        let many: Vec<&str> = [MANIFEST]
            .into_iter()
            .chain(many.iter().map(String::as_str))
            .collect();
        refused(&many, "4097 entries");
    }

    /// An artifact of 9 GiB in a sparse file: one entry beyond 4 GiB, one that starts beyond it.
    #[test]
    fn zip64_opens_here_and_in_another_reader() {
        const LARGE: u64 = 9 << 30;
        let sizes = [("large", LARGE), ("small", 5)];
        let entries = sizes.map(|(name, size)| ManifestEntry {
            name: name.into(),
            size,
            sha256: Sha256::of(b"unread"),
        });
        let json = Manifest::new(info(), entries.into()).to_json().unwrap();
        let manifest = Record {
            name: MANIFEST.into(),
            size: json.len() as u64,
            crc32: crc32fast::hash(&json),
        };
        let small = Record {
            name: "small".into(),
            size: 5,
            crc32: crc32fast::hash(b"small"),
        };
        let layout = Layout::new(&[manifest, record("large", LARGE), small]).unwrap();

        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("sparse");
        let mut file = File::create(&path).unwrap();
        for (placed, data) in layout.placed.iter().zip([&json[..], b"", b"small"]) {
            file.seek(SeekFrom::Start(placed.header_at)).unwrap();
            file.write_all(&placed.header).unwrap();
            file.write_all(data).unwrap();
        }
        file.seek(SeekFrom::Start(layout.directory_at)).unwrap();
        file.write_all(&layout.directory).unwrap();
        drop(file);

        let artifact = Artifact::open_checked(&path, Check::Manifest).unwrap();
        assert_eq!(artifact.entry("small"), Some(&b"small"[..]));
        assert_eq!(artifact.entry("large").map(<[u8]>::len), Some(LARGE as usize));

        let mut other = zip::ZipArchive::new(File::open(&path).unwrap()).unwrap();
        assert_eq!(other.by_name("large").unwrap().size(), LARGE);
        let mut small = Vec::new();
        std::io::copy(&mut other.by_name("small").unwrap(), &mut small).unwrap();
        assert_eq!(small, b"small");
    }
}
