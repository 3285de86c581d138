//! Full Unicode case folding, without normalisation.

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use writeable::Writeable;

use super::ascii::ascii_prefix;

/// Version of the Unicode Character Database whose `CaseFolding.txt` this is.
pub const UNICODE_VERSION: &str = "18.0.0";

const MAPPER: CaseMapperBorrowed<'static> = CaseMapper::new();

/// Replaces the contents of `folded` by the text with full case folding (statuses C and F of
/// `CaseFolding.txt`, never the Turkic ones): `Straße` to `strasse`. Does not allocate once `folded` has the
/// room.
///
/// ```
/// # use buzzsaw_core::text::fold::case_fold;
/// let mut folded = String::new();
/// case_fold("Straße ΣΑΣ", &mut folded);
/// assert_eq!(folded, "strasse σασ");
/// ```
pub fn case_fold(text: &str, folded: &mut String) {
    folded.clear();
    let mut rest = text;
    while !rest.is_empty() {
        let (ascii, after) = rest.split_at(ascii_prefix(rest.as_bytes()));
        push_ascii_lower(ascii, folded);
        let end = after
            .bytes()
            .position(|byte| byte.is_ascii())
            .unwrap_or(after.len());
        let (other, after) = after.split_at(end);
        // Writing to a `String` cannot fail.
        let _ = MAPPER.fold(other).write_to(folded);
        rest = after;
    }
}

/// Appends ASCII text with its capitals lowered.
pub(super) fn push_ascii_lower(ascii: &str, out: &mut String) {
    let start = out.len();
    out.push_str(ascii);
    out[start..].make_ascii_lowercase();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fold(text: &str) -> String {
        let mut folded = String::from("dropped");
        case_fold(text, &mut folded);
        folded
    }

    /// `tests/oracles/text_vectors.py` writes the vectors with CPython's `str.casefold()`: every code point
    /// that Unicode 14 assigns, as ranges that fold to themselves and single mappings.
    #[test]
    fn equals_cpython_where_it_knows_the_character() {
        let mut checked = 0;
        for line in include_str!("../../tests/vectors/case_fold.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let (code_points, expected) = line.split_once('\t').unwrap();
            let (first, last) = code_points.split_once("..").unwrap_or((code_points, code_points));
            let hex = |text: &str| u32::from_str_radix(text, 16).unwrap();
            for c in hex(first)..=hex(last) {
                let c = char::from_u32(c).unwrap();
                let expected = match expected {
                    "=" => c.to_string(),
                    list => list.split(' ').map(|c| char::from_u32(hex(c)).unwrap()).collect(),
                };
                assert_eq!(fold(&c.to_string()), expected, "U+{:04X}", c as u32);
                checked += 1;
            }
        }
        assert!(checked > 140_000, "{checked} code points");
    }

    #[test]
    fn the_table_is_frozen() {
        // FNV-1a over the folded form of every code point in order: a change of the crate's data shows.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for c in '\0'..=char::MAX {
            for byte in fold(c.encode_utf8(&mut [0; 4])).bytes() {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
            }
        }
        assert_eq!(hash, 0xfe64_d830_e153_11c4);
    }

    #[test]
    fn runs_are_folded_in_place() {
        assert_eq!(fold(""), "");
        assert_eq!(
            fold("ÀB C\u{130}Dßẞ\u{1F88}e"),
            "àb ci\u{307}dssss\u{1F00}\u{3B9}e"
        );
    }
}
