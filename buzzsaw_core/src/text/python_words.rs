//! scikit-learn's default analyzer, as CPython 3.11 runs it.
//!
//! `CountVectorizer`, `HashingVectorizer` and `TfidfVectorizer` lower-case the whole document with
//! `str.lower()` and then find `(?u)\b\w\w+\b`: runs of two or more code points that are alphanumeric to
//! CPython or an underscore. `str.lower()` is full lower-casing, with the one rule that depends on context:
//! a capital sigma at the end of a word.

use super::ascii::{NonAscii, ascii_prefix};
use super::fold::push_ascii_lower;
pub use super::tables::cpython_3_11::UNICODE_VERSION;
use super::tables::cpython_3_11::{CASE_IGNORABLE, CASED, CHANGES_IN_LOWER, LOWER, WORD};

const CAPITAL_SIGMA: char = '\u{3A3}';
const SMALL_SIGMA: char = '\u{3C3}';
const FINAL_SIGMA: char = '\u{3C2}';

/// Whether CPython's regular expressions take the character for `\w`.
#[inline]
pub fn is_word(c: char) -> bool {
    WORD.contains(u32::from(c))
}

/// Replaces the contents of `lowered` by `text.lower()`. Does not allocate once `lowered` has the room.
///
/// ```
/// # use buzzsaw_core::text::python_words::lower;
/// let mut lowered = String::new();
/// lower("ΟΔΟΣ İ", &mut lowered);
/// assert_eq!(lowered, "οδος i\u{307}");
/// ```
pub fn lower(text: &str, lowered: &mut String) {
    lowered.clear();
    let mut at = 0;
    while at < text.len() {
        let (ascii, after) = text[at..].split_at(ascii_prefix(&text.as_bytes()[at..]));
        push_ascii_lower(ascii, lowered);
        at += ascii.len();
        let Some(c) = after.chars().next() else { break };
        if !CHANGES_IN_LOWER.contains(u32::from(c)) {
            lowered.push(c);
        } else if c == CAPITAL_SIGMA {
            lowered.push(lower_sigma(&text[..at], &text[at + c.len_utf8()..]));
        } else if let Ok(i) = LOWER.binary_search_by_key(&c, |&(from, _)| from) {
            lowered.push_str(LOWER[i].1);
        }
        at += c.len_utf8();
    }
}

/// A sigma is final after a cased letter and not before one, case-ignorable characters aside
/// (`handle_capital_sigma` in CPython's `unicodeobject.c`).
fn lower_sigma(before: &str, after: &str) -> char {
    let cased = |c: Option<char>| c.is_some_and(|c| CASED.contains(u32::from(c)));
    let counts = |c: &char| !CASE_IGNORABLE.contains(u32::from(*c));
    let is_final = cased(before.chars().rev().find(counts)) && !cased(after.chars().find(counts));
    if is_final { FINAL_SIGMA } else { SMALL_SIGMA }
}

/// For text that is still to be lower-cased.
pub(super) fn classify_lowering(c: char) -> NonAscii {
    if CHANGES_IN_LOWER.contains(u32::from(c)) {
        NonAscii::Unsupported
    } else {
        classify(c)
    }
}

/// For text whose case stays.
pub(super) fn classify(c: char) -> NonAscii {
    if is_word(c) {
        NonAscii::Token
    } else {
        NonAscii::Gap
    }
}

/// Whether a run of word characters, of two bytes or more, is a token: has two characters.
pub(super) fn is_token(run: &[u8]) -> bool {
    let width = match run.first().copied().unwrap_or(0) {
        0..=0x7F => 1,
        0x80..=0xDF => 2,
        0xE0..=0xEF => 3,
        0xF0..=0xFF => 4,
    };
    run.len() > width
}
