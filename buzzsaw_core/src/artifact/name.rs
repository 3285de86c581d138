//! Which entry names an artifact may hold, and the order they are stored in.
//!
//! Names are lower-case ASCII paths without dots at the front of a part, so an artifact unpacks to the same
//! tree on every file system (no absolute path, no `..`, no clash by letter case, nothing to decode).

use std::collections::BTreeSet;

use super::manifest::MANIFEST;

/// The longest entry name in bytes.
pub(super) const MAX_NAME: usize = 255;

/// The entry that follows the manifest, so that the head of a file tells a reader what it holds.
const SPEC: &str = "spec.json";

/// Why `name` cannot be an entry name, or `None` when it can.
pub(super) fn fault(name: &[u8]) -> Option<&'static str> {
    if name.is_empty() || name.len() > MAX_NAME {
        return Some("an entry name has 1 to 255 bytes");
    }
    for part in name.split(|&byte| byte == b'/') {
        match part.first() {
            None => return Some("an entry name has no empty part: no `/` at either end, no `//`"),
            Some(b'.') => return Some("no part of an entry name starts with a dot"),
            Some(_) => {}
        }
        let allowed = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-' | b'.');
        if !part.iter().all(allowed) {
            return Some("an entry name holds only `a-z`, `0-9`, `_`, `-`, `.` and `/`");
        }
    }
    None
}

/// The sort key of the stored order: the manifest, the spec, then the rest by bytes.
pub(super) fn stored_order(name: &str) -> (u8, &str) {
    match name {
        MANIFEST => (0, name),
        SPEC => (1, name),
        _ => (2, name),
    }
}

/// The first of `names` that is also the folder of another one: such a file could not be unpacked.
pub(super) fn file_and_folder<'a>(names: &BTreeSet<&'a str>) -> Option<&'a str> {
    let folders = names
        .iter()
        .flat_map(|name| name.match_indices('/').map(|(end, _)| &name[..end]));
    folders.into_iter().find_map(|folder| names.get(folder).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_unpack_anywhere_pass() {
        for name in [
            "spec.json",
            "state/title_bm25.arrow",
            "a",
            "a.b/c-d/0_1",
            "..a".trim_start_matches('.'),
        ] {
            assert_eq!(fault(name.as_bytes()), None, "{name}");
        }
        assert_eq!(fault(&[b'a'; MAX_NAME]), None);
    }

    #[test]
    fn names_that_do_not_are_refused() {
        let bad: [&[u8]; 15] = [
            b"",
            b"/etc/passwd",
            b"a/",
            b"a//b",
            b"..",
            b"../a",
            b"a/../b",
            b".hidden",
            b"A",
            b"a b",
            b"a\\b",
            b"c:a",
            b"a\0b",
            b"\xff\xfe",
            "é".as_bytes(),
        ];
        for name in bad {
            assert!(fault(name).is_some(), "{:?}", String::from_utf8_lossy(name));
        }
        assert!(fault(&[b'a'; MAX_NAME + 1]).is_some());
    }

    #[test]
    fn a_file_that_is_also_a_folder_is_found() {
        let names = |list: &[&'static str]| list.iter().copied().collect::<BTreeSet<_>>();
        assert_eq!(
            file_and_folder(&names(&["state", "state.x", "state/a"])),
            Some("state")
        );
        assert_eq!(file_and_folder(&names(&["a/b/c", "a/b"])), Some("a/b"));
        assert_eq!(file_and_folder(&names(&["state.x", "state/a", "state/b"])), None);
    }
}
