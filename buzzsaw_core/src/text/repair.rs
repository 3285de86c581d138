//! UTF-8 repair: the one place where bytes become text.

/// The bytes as text: unchanged if they are valid UTF-8, else with each invalid part as U+FFFD.
///
/// An invalid part is a maximal subpart, as in the Unicode Standard (section 3.9, "U+FFFD Substitution of
/// Maximal Subparts"), WHATWG's decoder, CPython's `errors="replace"` and
/// [`String::from_utf8_lossy`]. There is one exception: a surrogate encoded as UTF-8 (`ED A0..BF 80..BF`,
/// what Java's unpaired surrogates look like) becomes one U+FFFD, not three. `buffer` holds repaired text;
/// it is not touched when the bytes are valid.
///
/// ```
/// # use buzzsaw_core::text::repair;
/// let mut buffer = String::new();
/// assert_eq!(repair(b"a\xED\xA0\x80b\xF0\x9F\x98c", &mut buffer), "a\u{FFFD}b\u{FFFD}c");
/// ```
pub fn repair<'a>(bytes: &'a [u8], buffer: &'a mut String) -> &'a str {
    if let Ok(text) = simdutf8::basic::from_utf8(bytes) {
        return text;
    }
    buffer.clear();
    let mut rest = bytes;
    while !rest.is_empty() {
        // `Utf8Chunk` ends at the first invalid part, so each step is linear in what it consumes.
        let Some(chunk) = rest.utf8_chunks().next() else {
            break;
        };
        buffer.push_str(chunk.valid());
        let invalid = &rest[chunk.valid().len()..];
        if !invalid.is_empty() {
            buffer.push('\u{FFFD}');
        }
        let consumed = if is_encoded_surrogate(invalid) {
            3
        } else {
            chunk.invalid().len()
        };
        rest = &invalid[consumed..];
    }
    buffer
}

fn is_encoded_surrogate(bytes: &[u8]) -> bool {
    matches!(bytes, [0xED, 0xA0..=0xBF, 0x80..=0xBF, ..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        (0..text.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&text[i..i + 2], 16).unwrap())
            .collect()
    }

    /// `tests/oracles/text_vectors.py` writes the vectors with CPython's decoder.
    #[test]
    fn equals_cpython_but_for_surrogates() {
        let vectors = include_str!("../../tests/vectors/utf8_repair.txt");
        let mut buffer = String::new();
        let mut checked = 0;
        for line in vectors.lines().filter(|line| !line.starts_with('#')) {
            let (bytes, expected) = line.split_once('\t').unwrap();
            let bytes = hex(bytes);
            assert_eq!(repair(&bytes, &mut buffer).as_bytes(), hex(expected), "{line}");
            checked += 1;
        }
        assert!(checked > 1000, "{checked} vectors");
    }

    #[test]
    fn valid_text_is_not_copied() {
        let text = "naïve \u{0}\u{FFFD}";
        let mut buffer = String::from("kept");
        assert!(std::ptr::eq(repair(text.as_bytes(), &mut buffer), text));
        assert_eq!(buffer, "kept");
    }

    #[test]
    fn long_invalid_text_takes_linear_time() {
        let mut buffer = String::new();
        assert_eq!(repair(&[0xFF; 1 << 20], &mut buffer).len(), 3 << 20);
    }
}
