//! Feeds hostile bytes to the artifact reader.
//!
//! Checksums stop nearly all random bytes at the door, so the first byte of the input chooses how deep the rest
//! is let in: as the whole file, as its manifest behind a right CRC-32, or as a table behind right checksums.
//! Nothing may panic, and memory stays within a small multiple of the input (run with `-malloc_limit_mb`).
#![no_main]

use std::collections::BTreeMap;

use arrow_buffer::Buffer;
use buzzsaw_core::artifact::{Artifact, ArtifactInfo, ArtifactWriter, Check, Kind, Manifest, read_table};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((mode, bytes)) = input.split_first() else {
        return;
    };
    match mode % 4 {
        0 => open(bytes),
        1 => drop(Manifest::parse(bytes)),
        2 => table(bytes),
        _ => open(&artifact_with(bytes)),
    }
});

fn open(bytes: &[u8]) {
    let Ok(artifact) = Artifact::from_bytes_checked(bytes, Check::Manifest) else {
        return;
    };
    let verified = artifact.verify().is_ok();
    for entry in &artifact.manifest().entries {
        let bytes = artifact
            .entry(&entry.name)
            .expect("the manifest's entries are there");
        assert_eq!(bytes.len() as u64, entry.size);
        assert_eq!(bytes.as_ptr().align_offset(64), 0);
        let _ = artifact.table(&entry.name);
    }
    let full = Artifact::from_bytes(bytes);
    assert_eq!(full.is_ok(), verified);
}

/// A decoded table is walked through, so that a length or offset that validation missed is touched.
fn table(bytes: &[u8]) {
    match read_table(&Buffer::from_slice_ref(bytes)) {
        Ok(batch) => {
            let columns = batch.columns().iter();
            columns.for_each(|column| {
                column
                    .to_data()
                    .validate_full()
                    .expect("a decoded table is valid")
            });
            let _ = format!("{batch:?}");
        }
        // `read_table` catches a panic of arrow's; the checks before it are there so that none is left to catch.
        Err(error) => assert!(
            !error.to_string().contains("arrow cannot decode it"),
            "arrow panicked"
        ),
    }
}

fn artifact_with(table: &[u8]) -> Vec<u8> {
    let info = ArtifactInfo {
        kind: Kind::Pipeline,
        library_version: String::new(),
        unicode_version: String::new(),
        snowball_version: String::new(),
        transforms: BTreeMap::new(),
    };
    let mut writer = ArtifactWriter::new(info);
    writer.add("state/a.arrow", table).expect("a good name");
    writer.to_bytes().expect("a small artifact")
}
