//! Reads the zip directory of a file that anybody may have written.
//!
//! Parsing believes nothing: it takes names, sizes and CRC-32 from the central directory, lays them out anew
//! and requires the file to hold exactly those records. Memory is bounded by the directory's own length.

use std::ops::Range;

use super::layout::{self, Layout, Record};
use super::manifest::{MANIFEST, MAX_MANIFEST, refuse_newer};
use crate::error::{Error, ErrorKind, Result};

/// One entry of a file whose records have been checked.
#[derive(Debug)]
pub(super) struct Stored {
    pub name: String,
    pub crc32: u32,
    /// Where the data lies in the file.
    pub range: Range<usize>,
}

/// Checks all records of `file` and gives its entries in stored order, the manifest first.
///
/// # Errors
/// `UnsupportedVersion` when the manifest at the head of the file is of a newer format; `CorruptArtifact`
/// when the file is anything but one artifact from its first byte to its last.
pub(super) fn read(file: &[u8]) -> Result<Vec<Stored>> {
    // A newer format may change the records, so its version is looked for before they are held against it.
    if let Some(json) = leading_manifest(file) {
        refuse_newer(json)?;
    }
    let records = records(file)?;
    let layout = Layout::new(&records).map_err(|fault| corrupt("zip directory", fault))?;
    if layout.len() != file.len() as u64 {
        let message = format!(
            "the entries make {} bytes, the file has {}",
            layout.len(),
            file.len()
        );
        return Err(corrupt("zip directory", message));
    }
    if slice(file, layout.directory_at, layout.directory.len()) != Some(&layout.directory) {
        return Err(corrupt(
            "zip directory",
            "its records are not those of its entries",
        ));
    }
    let mut stored = Vec::with_capacity(records.len());
    for (record, placed) in records.into_iter().zip(&layout.placed) {
        if slice(file, placed.header_at, placed.header.len()) != Some(&placed.header) {
            return Err(corrupt(
                record.name,
                "its local header differs from the zip directory",
            ));
        }
        let start = usize::try_from(placed.data_at).ok();
        let length = usize::try_from(record.size).ok();
        let range = start.and_then(|start| Some(start..start.checked_add(length?)?));
        let range = range.filter(|range| range.end <= file.len());
        let range = range.ok_or_else(|| corrupt(record.name.as_str(), "it reaches beyond the file"))?;
        stored.push(Stored {
            name: record.name,
            crc32: record.crc32,
            range,
        });
    }
    Ok(stored)
}

/// The error of a damaged artifact; `place` is the entry's name where there is one.
pub(super) fn corrupt(place: impl Into<String>, message: impl Into<String>) -> Error {
    Error::new(ErrorKind::CorruptArtifact, message)
        .at(place)
        .hint("copy the artifact again from where it was written, or write it again")
}

/// The bytes that a first entry named `manifest.json` holds, if there is one and its CRC-32 is right.
fn leading_manifest(file: &[u8]) -> Option<&[u8]> {
    let mut fields = Fields(file);
    if fields.u32()? != layout::LOCAL_SIGNATURE {
        return None;
    }
    fields.skip(10)?;
    let crc32 = fields.u32()?;
    let size = fields.u32()?;
    fields.skip(4)?;
    let (name, extra) = (fields.u16()?, fields.u16()?);
    if fields.take(name.into())? != MANIFEST.as_bytes() || u64::from(size) > MAX_MANIFEST {
        return None;
    }
    fields.skip(extra.into())?;
    let json = fields.take(size as usize)?;
    (crc32fast::hash(json) == crc32).then_some(json)
}

/// The entries the central directory names, in its order. How many it claims to hold is left to the comparison.
fn records(file: &[u8]) -> Result<Vec<Record>> {
    let Some(directory) = find_directory(file) else {
        let message =
            "the file does not end as an artifact does: it is truncated, or something was added to it";
        return Err(corrupt("zip directory", message));
    };
    let mut fields = Fields(directory);
    let mut records = Vec::new();
    while !fields.0.is_empty() {
        records.push(central_record(&mut fields)?);
    }
    Ok(records)
}

/// The bytes of the central directory.
fn find_directory(file: &[u8]) -> Option<&[u8]> {
    let end_at = file.len().checked_sub(layout::END_SIZE)?;
    let mut end = Fields(&file[end_at..]);
    if end.u32()? != layout::END_SIGNATURE {
        return None;
    }
    end.skip(8)?;
    let (length, start) = (end.u32()?, end.u32()?);
    if start != layout::IN_ZIP64 {
        return slice(file, start.into(), length as usize);
    }
    let end64_at = end_at.checked_sub(layout::LOCATOR64_SIZE + layout::END64_SIZE)?;
    let mut end64 = Fields(&file[end64_at..]);
    if end64.u32()? != layout::END64_SIGNATURE {
        return None;
    }
    end64.skip(36)?;
    let (length, start) = (end64.u64()?, end64.u64()?);
    slice(file, start, usize::try_from(length).ok()?)
}

fn central_record(fields: &mut Fields<'_>) -> Result<Record> {
    let truncated = || corrupt("zip directory", "it ends inside a record");
    let mut header = Fields(fields.take(layout::CENTRAL_SIZE).ok_or_else(truncated)?);
    let mut read = || -> Option<_> {
        let signature = header.u32()?;
        header.skip(4)?;
        let (flags, method) = (header.u16()?, header.u16()?);
        header.skip(4)?;
        let (crc32, _, size) = (header.u32()?, header.u32()?, header.u32()?);
        let (name, extra) = (header.u16()?, header.u16()?);
        Some((signature, flags, method, crc32, size, name, extra))
    };
    let (signature, flags, method, crc32, size, name, extra) = read().ok_or_else(truncated)?;
    if signature != layout::CENTRAL_SIGNATURE {
        return Err(corrupt("zip directory", "it holds something other than entries"));
    }
    let name = fields.take(name.into()).ok_or_else(truncated)?;
    let extra = fields.take(extra.into()).ok_or_else(truncated)?;
    if let Some(fault) = super::name::fault(name) {
        let shown: String = String::from_utf8_lossy(name).chars().take(80).collect();
        return Err(corrupt("zip directory", format!("entry {shown:?}: {fault}")));
    }
    let name = String::from_utf8_lossy(name).into_owned();
    // The records are compared as a whole later; these three say more than "differs" to whoever repacked.
    let repacked = match (flags & 1, flags & 8, method) {
        (0, 0, 0) => None,
        (0, 0, _) => Some("it is compressed, and the entries of an artifact are stored"),
        (0, _, _) => Some("it has a data descriptor, and the entries of an artifact have none"),
        _ => Some("it is encrypted"),
    };
    if let Some(message) = repacked {
        return Err(corrupt(name, message).hint("do not repack an artifact: use the file as it was written"));
    }
    let size = if size == layout::IN_ZIP64 {
        let mut field = Fields(extra);
        let header = field.skip(4);
        header.and_then(|()| field.u64()).ok_or_else(truncated)?
    } else {
        size.into()
    };
    Ok(Record { name, size, crc32 })
}

fn slice(file: &[u8], start: u64, length: usize) -> Option<&[u8]> {
    let start = usize::try_from(start).ok()?;
    file.get(start..start.checked_add(length)?)
}

/// Little-endian fields off the front of some bytes.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(head)
    }

    fn skip(&mut self, length: usize) -> Option<()> {
        self.take(length).map(|_| ())
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*head)
    }

    fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}
