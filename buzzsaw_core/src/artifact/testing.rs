//! What the container's tests share.

use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};

use super::layout::{Layout, Record};
use super::{ArtifactInfo, ArtifactWriter, Kind, table_bytes};

pub(super) const SPEC: &[u8] = b"{\"buzzsaw\": 1}\n";
pub(super) const TABLE: &str = "state/terms.arrow";

pub(super) fn info() -> ArtifactInfo {
    ArtifactInfo {
        kind: Kind::Pipeline,
        library_version: "0.1.0".into(),
        unicode_version: "17.0.0".into(),
        snowball_version: "3.0.1".into(),
        transforms: [("log1p".to_string(), 1), ("bm25".to_string(), 2)].into(),
    }
}

pub(super) fn terms() -> RecordBatch {
    let term: ArrayRef = Arc::new(StringArray::from(vec!["chair", "", "table", "été"]));
    let df: ArrayRef = Arc::new(Int64Array::from(vec![Some(3), None, Some(-1), Some(i64::MAX)]));
    RecordBatch::try_from_iter([("term", term), ("df", df)]).unwrap()
}

/// A small artifact with every kind of entry: two tables of equal name length, text, and nothing.
pub(super) fn writer() -> ArtifactWriter {
    let mut writer = ArtifactWriter::new(info());
    let table = table_bytes(&terms()).unwrap();
    for (name, bytes) in [
        (TABLE, table.as_slice()),
        ("state/words.arrow", &table),
        ("spec.json", SPEC),
        ("a", b""),
    ] {
        writer.add(name, bytes).unwrap();
    }
    writer
}

/// A zip with exactly these entries, the manifest among them, whatever they hold.
pub(super) fn assemble(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let records: Vec<Record> = entries
        .iter()
        .map(|(name, bytes)| Record {
            name: name.to_string(),
            size: bytes.len() as u64,
            crc32: crc32fast::hash(bytes),
        })
        .collect();
    let layout = Layout::new(&records).unwrap();
    let mut file = Vec::new();
    for (placed, (_, bytes)) in layout.placed.iter().zip(entries) {
        file.extend_from_slice(&placed.header);
        file.extend_from_slice(bytes);
    }
    file.extend_from_slice(&layout.directory);
    file
}
