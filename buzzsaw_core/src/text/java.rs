//! Java's lower case and character classes, as JDK 17 has them.
//!
//! `String.toLowerCase(Locale.ROOT)` maps each code point by itself, but for a capital sigma: that is final when,
//! within its word, a cased letter stands before it and none after it. A word is what
//! `BreakIterator.getWordInstance(Locale.ROOT)` makes of the text, an automaton of the JDK that follows no version of
//! UAX #29; its tables are read from the JDK.

use std::ops::Range;

use super::ascii::ascii_prefix;
use super::fold::push_ascii_lower;
pub use super::tables::jdk_17::VERSION;
use super::tables::jdk_17::{CASED, CATEGORIES, CATEGORY, ENDS, LETTER, LOWER, NUMBER, STATES};

const CAPITAL_SIGMA: char = '\u{3A3}';
const SMALL_SIGMA: char = '\u{3C3}';
const FINAL_SIGMA: char = '\u{3C2}';
/// The category that the automaton passes over.
const IGNORED: u8 = 255;
/// What a `CharacterIterator` returns past the end: the automaton stops there, also inside a text.
const DONE: char = '\u{FFFF}';

/// `\p{L}` of `java.util.regex`.
#[inline]
pub(super) fn is_letter(c: char) -> bool {
    LETTER.contains(u32::from(c))
}

/// `\p{N}` of `java.util.regex`.
#[inline]
pub(super) fn is_number(c: char) -> bool {
    NUMBER.contains(u32::from(c))
}

/// Appends `text.toLowerCase(Locale.ROOT)`.
///
/// ```
/// # use buzzsaw_core::text::java::lower;
/// let mut lowered = String::new();
/// lower("ΟΔΟΣ İ", &mut lowered);
/// assert_eq!(lowered, "οδος i\u{307}");
/// ```
pub fn lower(text: &str, lowered: &mut String) {
    let mut at = 0;
    // The word around the last capital sigma.
    let mut word = 0..0;
    while at < text.len() {
        let (ascii, after) = text[at..].split_at(ascii_prefix(&text.as_bytes()[at..]));
        push_ascii_lower(ascii, lowered);
        at += ascii.len();
        let Some(c) = after.chars().next() else { break };
        if c == CAPITAL_SIGMA {
            while word.end <= at {
                word = word.end..word.end + word_len(&text[word.end..]);
            }
            let is_final = is_final(text, at, &word);
            lowered.push(if is_final { FINAL_SIGMA } else { SMALL_SIGMA });
        } else if let Ok(i) = LOWER.binary_search_by_key(&c, |&(from, _)| from) {
            lowered.push_str(LOWER[i].1);
        } else {
            lowered.push(c);
        }
        at += c.len_utf8();
    }
}

/// Whether the capital sigma at `at` is final in its word.
///
/// The JDK walks from the sigma and asks at each place whether a word ends there. After a character of two UTF-16 units it
/// asks from between the two, and the answer is yes, unless the text or the automaton started at that character.
fn is_final(text: &str, at: usize, word: &Range<usize>) -> bool {
    let is_cased = |c: char| CASED.contains(u32::from(c));
    let cased_before = text[word.start..at]
        .char_indices()
        .rev()
        .take_while(|&(i, c)| {
            c.len_utf16() == 1 || matches!(text[..word.start + i].chars().next_back(), None | Some(DONE))
        })
        .any(|(_, c)| is_cased(c));
    if !cased_before {
        return false;
    }
    for c in text[at + CAPITAL_SIGMA.len_utf8()..word.end].chars() {
        if is_cased(c) {
            return false;
        }
        if c.len_utf16() == 2 {
            break;
        }
    }
    true
}

/// Length in bytes of the first word of a text that is not empty: at least a character.
fn word_len(text: &str) -> usize {
    let mut state = 1;
    let mut end = text.chars().next().map_or(1, char::len_utf8);
    for (at, c) in text.char_indices() {
        if c == DONE || state == 0 {
            break;
        }
        let category = CATEGORY.class(c);
        if category != IGNORED {
            state = usize::from(STATES[state * CATEGORIES + usize::from(category)]);
        }
        if ENDS[state] {
            end = at + c.len_utf8();
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `tests/oracles/text_step_vectors.py` writes the vectors with JDK 17: texts and their lower case.
    #[test]
    fn equals_the_jdk() {
        let mut checked = 0;
        for line in include_str!("../../tests/vectors/java_lower.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let (text, expected) = line.split_once('\t').unwrap();
            let text: String = serde_json::from_str(text).unwrap();
            let expected: String = serde_json::from_str(expected).unwrap();
            let mut lowered = String::from(">");
            lower(&text, &mut lowered);
            assert_eq!(&lowered[1..], expected, "{line}");
            checked += 1;
        }
        assert!(checked > 3000, "{checked} vectors");
    }

    /// A hash that `tests/oracles/text_step_vectors.py` has the JDK compute over every code point in these contexts.
    #[test]
    fn equals_the_jdk_on_every_code_point() {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        let mut lowered = String::new();
        for c in '\0'..=char::MAX {
            for text in [
                c.to_string(),
                format!("A{c}Σ"),
                format!("{c}Σ"),
                format!("AΣ{c}B"),
                format!("AΣ{c}"),
                format!("{c}AΣ {c}ΣB"),
            ] {
                lowered.clear();
                lower(&text, &mut lowered);
                for byte in lowered.bytes().chain([0xFE, 0xFF]) {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
                }
            }
        }
        let expected = include_str!("../../tests/vectors/java_lower_hash.txt");
        assert_eq!(format!("{hash:016x}"), expected.trim());
    }

    #[test]
    fn many_sigmas_take_linear_time() {
        let mut lowered = String::new();
        lower(&"Σ ".repeat(200_000), &mut lowered);
        assert_eq!(lowered.len(), 600_000);
    }
}
