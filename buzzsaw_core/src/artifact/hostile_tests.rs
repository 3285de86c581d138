//! Files that somebody damaged or forged: each is refused with a code and a place, and none is a panic.

use super::layout::{CENTRAL_SIGNATURE, END_SIZE, END64_SIGNATURE, LOCAL_SIGNATURE, LOCATOR64_SIGNATURE};
use super::testing::{SPEC, TABLE, assemble, info, writer};
use super::{Artifact, Check, MANIFEST, Manifest, ManifestEntry, Sha256};
use crate::error::{Error, ErrorKind};

/// Requires `file` to be corrupt under both checks, and the error to mention `word`.
fn corrupt(file: Vec<u8>, word: &str) {
    for check in [Check::Manifest, Check::Full] {
        corrupt_under(check, file.clone(), word);
    }
}

fn corrupt_under(check: Check, file: Vec<u8>, word: &str) {
    let error = Artifact::from_bytes_checked(file, check).expect_err(word);
    assert_eq!(error.kind(), ErrorKind::CorruptArtifact, "{error}");
    assert!(format!("{error:?}").contains(word), "{word}: {error:?}");
}

fn positions(file: &[u8], pattern: &[u8]) -> Vec<usize> {
    (0..file.len())
        .filter(|&at| file[at..].starts_with(pattern))
        .collect()
}

/// The sample with `to` in place of every `from`, which is as long.
fn replaced(from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut file = writer().to_bytes().unwrap();
    let found = positions(&file, from);
    assert!(found.len() >= 2, "in both headers at least");
    for at in found {
        file[at..at + to.len()].copy_from_slice(to);
    }
    file
}

/// The sample with the bytes at `local` of every local header and `central` of every directory record changed.
fn headers_changed(local: usize, central: usize, to: &[u8]) -> Vec<u8> {
    let mut file = writer().to_bytes().unwrap();
    for (signature, offset) in [(LOCAL_SIGNATURE, local), (CENTRAL_SIGNATURE, central)] {
        let found = positions(&file, &signature.to_le_bytes());
        assert!(!found.is_empty());
        for at in found {
            file[at + offset..at + offset + to.len()].copy_from_slice(to);
        }
    }
    file
}

/// The sample with bytes of its end record changed.
fn end_changed(offset: usize, to: &[u8]) -> Vec<u8> {
    let mut file = writer().to_bytes().unwrap();
    let at = file.len() - END_SIZE + offset;
    file[at..at + to.len()].copy_from_slice(to);
    file
}

/// A zip whose manifest says `claims` of entries that hold `entries`.
fn forged(entries: &[(&str, &[u8])], claims: &[(&str, &[u8])]) -> Vec<u8> {
    let claims = claims.iter().map(|(name, bytes)| ManifestEntry {
        name: name.to_string(),
        size: bytes.len() as u64,
        sha256: Sha256::of(bytes),
    });
    let json = Manifest::new(info(), claims.collect()).to_json().unwrap();
    let mut all = vec![(MANIFEST, json.as_slice())];
    all.extend_from_slice(entries);
    assemble(&all)
}

#[test]
fn every_changed_byte_is_noticed() {
    let good = writer().to_bytes().unwrap();
    for at in 0..good.len() {
        for flip in [0x01, 0x20, 0x80, 0xff] {
            let mut file = good.clone();
            file[at] ^= flip;
            let found = Artifact::from_bytes(file).map(|_| ());
            let kind = found.as_ref().map_err(Error::kind);
            // One bit of the manifest may read as a newer version, were it not for the manifest's CRC-32.
            assert_eq!(
                kind,
                Err(ErrorKind::CorruptArtifact),
                "byte {at} ^ {flip:#x}: {found:?}"
            );
        }
    }
}

#[test]
fn every_truncation_and_extension_is_noticed() {
    let good = writer().to_bytes().unwrap();
    for length in 0..good.len() {
        corrupt_under(Check::Manifest, good[..length].to_vec(), "");
        corrupt_under(Check::Manifest, good[good.len() - length..].to_vec(), "");
    }
    for garbage in [&b"\0"[..], b"PK\x05\x06", &[0; 64], &good] {
        corrupt([&good, garbage].concat(), "");
        corrupt([garbage, &good].concat(), "");
    }
}

#[test]
fn hostile_names_are_refused() {
    let name = TABLE.as_bytes();
    let cases: [(&[u8], &str); 8] = [
        (b"../../terms.arrow", "dot"),
        (b"/tate/terms.arrow", "empty part"),
        (b"state//erms.arrow", "empty part"),
        (b"state/terms.arroW", "holds only"),
        (b"state\\terms.arrow", "holds only"),
        (b"state/term\0.arrow", "holds only"),
        (b"state/\xff\xferms.arrow", "holds only"),
        (b"state/\xc3\xa9rms.arrow", "holds only"),
    ];
    for (bad, word) in cases {
        corrupt(replaced(name, bad), word);
    }
    corrupt(replaced(b"state/words.arrow", name), "twice");
    corrupt(
        replaced(b"state/terms.arrow", b"state/zerms.arrow"),
        "out of order",
    );
    corrupt(replaced(MANIFEST.as_bytes(), b"manifesT.json"), "holds only");
    corrupt(replaced(MANIFEST.as_bytes(), b"manifest.jsoo"), "first entry");
}

#[test]
fn other_dialects_of_zip_are_refused() {
    corrupt(headers_changed(6, 8, &1u16.to_le_bytes()), "encrypted");
    corrupt(headers_changed(6, 8, &8u16.to_le_bytes()), "data descriptor");
    corrupt(headers_changed(6, 8, &0x800u16.to_le_bytes()), "records");
    corrupt(headers_changed(8, 10, &8u16.to_le_bytes()), "compressed");
    corrupt(headers_changed(10, 12, &[1, 1]), "records");
    corrupt(headers_changed(18, 20, &u32::MAX.to_le_bytes()), "records");
    corrupt(headers_changed(22, 24, &7u32.to_le_bytes()), "");
    corrupt(
        headers_changed(22, 24, &u32::MAX.to_le_bytes()),
        "inside a record",
    );
    corrupt(end_changed(20, &1u16.to_le_bytes()), "records");
}

#[test]
fn only_the_local_header_or_only_the_directory_changed() {
    let good = writer().to_bytes().unwrap();
    let local = positions(&good, &LOCAL_SIGNATURE.to_le_bytes());
    let mut file = good.clone();
    file[local[2] + 14] ^= 1;
    corrupt(file, "local header");
    // The directory's second entry placed where the first one lies.
    let central = positions(&good, &CENTRAL_SIGNATURE.to_le_bytes());
    let mut file = good;
    let first: [u8; 4] = file[central[0] + 42..central[0] + 46].try_into().unwrap();
    file[central[1] + 42..central[1] + 46].copy_from_slice(&first);
    corrupt(file, "zip directory");
}

#[test]
fn absurd_counts_and_lengths_are_refused() {
    for count in [0u16, 1, 4, 6, 4097, u16::MAX] {
        corrupt(end_changed(10, &count.to_le_bytes()), "records are not those");
    }
    for word in [0u32, 1, 45, 1 << 20, i32::MAX as u32, u32::MAX - 1, u32::MAX] {
        corrupt(end_changed(12, &word.to_le_bytes()), "");
        corrupt(end_changed(16, &word.to_le_bytes()), "");
    }
    for [count, length, start] in [
        [u64::MAX; 3],
        [1, u64::MAX, 0],
        [u64::MAX, 46, 0],
        [1 << 40, 0, 0],
    ] {
        corrupt(zip64_end(count, length, start), "");
    }
}

/// The sample with its end moved to a zip64 record that says this.
fn zip64_end(count: u64, length: u64, start: u64) -> Vec<u8> {
    let mut file = end_changed(16, &u32::MAX.to_le_bytes());
    let end = file.split_off(file.len() - END_SIZE);
    let end64_at = file.len() as u64;
    file.extend_from_slice(&END64_SIGNATURE.to_le_bytes());
    file.extend_from_slice(&[0; 28]);
    for value in [count, length, start] {
        file.extend_from_slice(&value.to_le_bytes());
    }
    assert_eq!(file.len() as u64, end64_at + 56);
    file.extend_from_slice(&LOCATOR64_SIGNATURE.to_le_bytes());
    file.extend_from_slice(&[0; 4]);
    file.extend_from_slice(&end64_at.to_le_bytes());
    file.extend_from_slice(&1u32.to_le_bytes());
    file.extend_from_slice(&end);
    file
}

#[test]
fn an_unneeded_zip64_record_is_refused_even_when_right() {
    let good = writer().to_bytes().unwrap();
    let number = |at: usize| u64::from(u32::from_le_bytes(good[at..at + 4].try_into().unwrap()));
    let end = good.len() - END_SIZE;
    corrupt(zip64_end(5, number(end + 12), number(end + 16)), "bytes");
}

#[test]
fn a_manifest_that_does_not_fit_its_entries_is_refused() {
    let spec = ("spec.json", SPEC);
    let a = ("a", b"123".as_slice());
    Artifact::from_bytes(forged(&[spec, a], &[spec, a])).unwrap();
    corrupt(forged(&[spec, a], &[spec]), "does not know");
    corrupt(forged(&[spec], &[spec, a]), "lacks it");
    corrupt(forged(&[spec, a], &[spec, ("a", b"1234")]), "3 bytes, and 4");
    corrupt(forged(&[spec, a], &[spec, ("b", b"123")]), "does not know");
    corrupt(forged(&[], &[spec]), "lacks it");
    corrupt(assemble(&[(MANIFEST, b"{}")]), "not a manifest");
    let deep = "[".repeat(1 << 20);
    corrupt(assemble(&[(MANIFEST, deep.as_bytes())]), "not a manifest");
    let long = vec![b' '; (8 << 20) + 1];
    corrupt(assemble(&[(MANIFEST, &long)]), "8 MiB");
}

#[test]
fn changed_content_with_a_right_crc_is_noticed_by_its_sha256() {
    let file = forged(&[("spec.json", b"124")], &[("spec.json", b"123")]);
    corrupt_under(Check::Full, file.clone(), "SHA-256");
    Artifact::from_bytes_checked(file, Check::Manifest).unwrap();
}

#[test]
fn a_wrong_crc_is_noticed_though_the_sha256_is_right() {
    let crc32 = crc32fast::hash(SPEC).to_le_bytes();
    let wrong = crc32.map(|byte| byte ^ 1);
    let file = replaced(&crc32, &wrong);
    corrupt_under(Check::Full, file, "CRC-32");
}

#[test]
fn a_newer_format_is_named_as_such_even_in_a_zip_of_another_dialect() {
    let json = br#"{"format_version": 7, "kind": "pipeline", "library_version": "3.1.0", "parts": 2}"#;
    let file = assemble(&[(MANIFEST, json)]);
    for file in [file.clone(), [&file[..], b"and more"].concat()] {
        let error = Artifact::from_bytes(file).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnsupportedVersion, "{error}");
        assert!(
            format!("{error:?}").contains("upgrade buzzsaw to 3.1.0"),
            "{error:?}"
        );
    }
}

#[test]
fn places_name_the_entry() {
    let good = writer().to_bytes().unwrap();
    let at = Artifact::from_bytes(good.clone()).unwrap().range_of(TABLE).start;
    let mut file = good;
    file[at + 100] ^= 1;
    let error = Artifact::from_bytes(file).unwrap_err();
    assert!(format!("{error:?}").contains(TABLE), "{error:?}");
}
