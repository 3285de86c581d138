//! Words by the Unicode rules for word boundaries (UAX #29).
//!
//! Tokens are the segments that hold a letter or digit (`Alphabetic`, or a general category of `N`), as
//! `unicode-segmentation` gives them. Its tables are its own wherever the compiler's are of another version,
//! so the compiler does not change the tokens.

use unicode_segmentation::UnicodeSegmentation;

use super::ascii::{Capitals, NonAscii, Outcome, Rule, ascii_prefix, scan};
use super::terms::{Span, Terms};
use crate::cpu::Level;

/// Version of the Unicode Character Database behind the segments.
pub const UNICODE_VERSION: &str = "17.0.0";

/// Appends the words of a text to the row being built. The caller has checked the arena's offsets.
///
/// The crate sees only the neighbourhood of characters outside ASCII. A text may be cut before an ASCII
/// space that follows another ASCII character: that is a boundary whatever comes before or after, and no
/// rule looks across it. (After any other character it may not be: white space joins, WB3d, and what
/// attaches to it, WB4, may hold an alphabetic mark.)
pub(super) fn push_words(level: Level, text: &str, terms: &mut Terms) {
    let mut rest = text;
    while !rest.is_empty() {
        let other = ascii_prefix(rest.as_bytes());
        if other == rest.len() {
            push_ascii(level, rest, terms);
            return;
        }
        let bytes = rest.as_bytes();
        let is_cut = |i: &usize| bytes[*i] == b' ' && bytes[*i - 1].is_ascii() && bytes[*i - 1] != b' ';
        let start = (1..other).rev().find(is_cut).unwrap_or(0);
        let end = (other + 1..rest.len()).find(is_cut).unwrap_or(rest.len());
        push_ascii(level, &rest[..start], terms);
        let (bytes, spans) = terms.parts();
        let base = bytes.len() as u32;
        let island = &rest[start..end];
        bytes.extend_from_slice(island.as_bytes());
        spans.extend(island.unicode_word_indices().map(|(offset, word)| Span {
            start: base + offset as u32,
            len: word.len() as u32,
        }));
        rest = &rest[end..];
    }
}

fn push_ascii(level: Level, text: &str, terms: &mut Terms) {
    let first = terms.mark().spans;
    let (bytes, spans) = terms.parts();
    let outcome = scan(
        level,
        (Rule::Unicode, Capitals::Keep),
        text.as_bytes(),
        classify,
        bytes,
        spans,
    );
    if outcome == (Outcome::Done { review: true }) {
        terms.retain_tokens(first, is_token);
    }
}

/// The rules of UAX #29 look around: the kernel leaves all else than ASCII to [`push_words`].
pub(super) fn classify(_: char) -> NonAscii {
    NonAscii::Unsupported
}

/// Whether a segment of the kernel has a letter or digit: one of underscores alone has not.
pub(super) fn is_token(segment: &[u8]) -> bool {
    segment.iter().any(|&byte| byte != b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_crate_has_the_version_named() {
        let (major, minor, patch) = unicode_segmentation::UNICODE_VERSION;
        assert_eq!(UNICODE_VERSION, format!("{major}.{minor}.{patch}"));
    }

    #[test]
    fn the_tables_are_frozen() {
        // FNV-1a over the words of each code point alone and between others: a change of the crate's data, or
        // of the compiler's where the crate asks it, shows.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for c in '\0'..=char::MAX {
            for text in [
                c.to_string(),
                format!("a{c}b"),
                format!("1{c}2"),
                format!("\u{5d0}{c}\u{5d0} {c}{c}"),
            ] {
                for (at, word) in text.unicode_word_indices() {
                    hash = (hash ^ (at * 64 + word.len()) as u64).wrapping_mul(0x100_0000_01b3);
                }
                hash = (hash ^ 0xFF).wrapping_mul(0x100_0000_01b3);
            }
        }
        assert_eq!(hash, 0x14cb_085d_e9e2_ac51);
    }
}
