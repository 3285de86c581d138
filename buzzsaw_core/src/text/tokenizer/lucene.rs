//! Apache Lucene's `StandardTokenizer`.
//!
//! Lucene's scanner takes the longest match of its rules at each place and goes on after it; what no rule wants is passed
//! over a character at a time. It sees at most [`WINDOW`] UTF-16 units of a token, so longer ones are cut there, between
//! characters. The rules are an automaton of JFlex, read from Lucene's jar into `tables/lucene_9_12.rs`.

use super::push_spans;
use crate::text::tables::Accept;
pub use crate::text::tables::lucene_9_12::VERSION;
use crate::text::tables::lucene_9_12::{ACCEPT, CLASS, CLASSES, DEAD, NEXT};
use crate::text::terms::Terms;

/// `StandardAnalyzer.DEFAULT_MAX_TOKEN_LENGTH`, which is the size of the scanner's buffer too.
const WINDOW: usize = 255;

/// Appends the tokens of a text.
pub(in crate::text) fn push_lucene(text: &str, out: &mut Terms) {
    push_spans(text, out, |push| {
        let mut start = 0;
        while let Some(rest) = text.get(start..).filter(|rest| !rest.is_empty()) {
            let (accept, len) = longest(rest);
            if accept == Accept::Token {
                push(start, start + len);
            }
            start += len;
        }
    });
}

/// The longest match at the start of a text that is not empty.
#[inline]
fn longest(text: &str) -> (Accept, usize) {
    let mut state = 0;
    let mut units = 0;
    let mut found = (Accept::Skip, 0);
    for (at, c) in text.char_indices() {
        units += c.len_utf16();
        let next = NEXT[state * CLASSES + usize::from(CLASS.class(c))];
        if units > WINDOW || next == DEAD {
            break;
        }
        state = usize::from(next);
        if ACCEPT[state] != Accept::No {
            found = (ACCEPT[state], at + c.len_utf8());
        }
    }
    // Every character alone is a match, so the length is never 0; the rule keeps the loop finite whatever the table says.
    if found.1 == 0 {
        found.1 = text.chars().next().map_or(1, char::len_utf8);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<String> {
        let mut terms = Terms::new();
        push_lucene(text, &mut terms);
        terms.end_row();
        let row = terms.row(0).unwrap();
        row.iter()
            .map(|t| String::from_utf8(t.to_vec()).unwrap())
            .collect()
    }

    /// `tests/oracles/text_step_vectors.py` writes the vectors with Lucene: a text and its tokens a line.
    #[test]
    fn equals_lucene() {
        let mut checked = 0;
        for line in include_str!("../../../tests/vectors/lucene.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let (text, expected) = line.split_once('\t').unwrap();
            let text: String = serde_json::from_str(text).unwrap();
            let expected: Vec<String> = serde_json::from_str(expected).unwrap();
            assert_eq!(tokens(&text), expected, "{line}");
            checked += 1;
        }
        assert!(checked > 3000, "{checked} vectors");
    }

    /// A hash that `tests/oracles/text_step_vectors.py` computes from Lucene's own tokens of every code point, alone and in
    /// contexts.
    #[test]
    fn equals_lucene_on_every_code_point() {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for c in '\0'..=char::MAX {
            for text in [
                c.to_string(),
                format!("a{c}b"),
                format!("1{c}2"),
                format!("\u{5d0}{c}\u{5d0} {c}{c}"),
            ] {
                for byte in tokens(&text)
                    .iter()
                    .flat_map(|token| token.bytes().chain([0xFE]))
                    .chain([0xFF])
                {
                    hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
                }
            }
        }
        let expected = include_str!("../../../tests/vectors/lucene_hash.txt");
        assert_eq!(format!("{hash:016x}"), expected.trim());
    }
}
