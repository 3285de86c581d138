//! The tokenizers of Apache Spark ML: `Tokenizer` and `RegexTokenizer`.
//!
//! `Tokenizer` is `text.toLowerCase(Locale.ROOT).split("\\s")`. Java's `split` gives the empty string between two
//! separators and before one at the start, drops empty strings at the end, and makes one empty string of an empty text.
//! `RegexTokenizer` splits at a pattern, or finds it, and keeps tokens of `minTokenLength` UTF-16 units or more. As that
//! is at least 1, every listed pattern comes down to the runs of one class of characters.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::push_spans;
use crate::text::java::{is_letter, is_number};
use crate::text::terms::Terms;

/// What `RegexTokenizer` splits at (`gaps: true`), as a pattern of `java.util.regex`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Gaps {
    /// White space of ASCII: Spark's default.
    #[serde(rename = r"\s+")]
    Spaces,
    /// What is not a letter or digit of ASCII or an underscore.
    #[serde(rename = r"\W+")]
    NonWords,
    /// What is not a letter or digit of ASCII.
    #[serde(rename = "[^a-zA-Z0-9]+")]
    NonAlphanumerics,
    /// What is not a letter or number of Unicode.
    #[serde(rename = r"[^\p{L}\p{N}]+")]
    NonLettersNumbers,
    /// A comma.
    #[serde(rename = ",")]
    Comma,
}

/// What `RegexTokenizer` finds (`gaps: false`), as a pattern of `java.util.regex`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Matches {
    /// Letters and digits of ASCII and underscores.
    #[serde(rename = r"\w+")]
    Words,
    /// Letters and digits of ASCII.
    #[serde(rename = "[a-zA-Z0-9]+")]
    Alphanumerics,
    /// Letters of Unicode.
    #[serde(rename = r"\p{L}+")]
    Letters,
}

/// The settings of Spark's `RegexTokenizer`: `pattern` with `gaps`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SparkPattern {
    /// Tokens stand between matches.
    Gaps(Gaps),
    /// Tokens are the matches.
    Matches(Matches),
}

impl Default for SparkPattern {
    fn default() -> Self {
        Self::Gaps(Gaps::Spaces)
    }
}

/// `\s` of `java.util.regex`.
fn is_space(c: char) -> bool {
    matches!(c, '\t'..='\r' | ' ')
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// As `split("\\s")`.
pub(in crate::text) fn push_split(text: &str, out: &mut Terms) {
    if text.is_empty() {
        push_spans(text, out, |push| push(0, 0));
        return;
    }
    let end = text.trim_end_matches(is_space).len();
    push_spans(text, out, |push| {
        let mut start = 0;
        for (at, _) in text[..end].match_indices(is_space) {
            push(start, at);
            start = at + 1;
        }
        // Text of separators alone has no token.
        if end > 0 {
            push(start, end);
        }
    });
}

/// As `RegexTokenizer`, with a `minTokenLength` of `min_units`.
pub(in crate::text) fn push_regex(pattern: SparkPattern, min_units: usize, text: &str, out: &mut Terms) {
    let in_token: fn(char) -> bool = match pattern {
        SparkPattern::Gaps(Gaps::Spaces) => |c| !is_space(c),
        SparkPattern::Gaps(Gaps::NonWords) | SparkPattern::Matches(Matches::Words) => is_word,
        SparkPattern::Gaps(Gaps::NonAlphanumerics) | SparkPattern::Matches(Matches::Alphanumerics) => {
            |c| c.is_ascii_alphanumeric()
        }
        SparkPattern::Gaps(Gaps::NonLettersNumbers) => |c| is_letter(c) || is_number(c),
        SparkPattern::Gaps(Gaps::Comma) => |c| c != ',',
        SparkPattern::Matches(Matches::Letters) => is_letter,
    };
    push_spans(text, out, |push| {
        let mut start = 0;
        let mut units = 0;
        for (at, c) in text.char_indices() {
            if in_token(c) {
                units += c.len_utf16();
                continue;
            }
            if units >= min_units && units > 0 {
                push(start, at);
            }
            units = 0;
            start = at + c.len_utf8();
        }
        if units >= min_units && units > 0 {
            push(start, text.len());
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::java::lower;

    fn tokens(push: impl FnOnce(&mut Terms)) -> Vec<String> {
        let mut terms = Terms::new();
        push(&mut terms);
        terms.end_row();
        let row = terms.row(0).unwrap();
        row.iter()
            .map(|token| String::from_utf8(token.to_vec()).unwrap())
            .collect()
    }

    /// `tests/oracles/text_step_vectors.py` writes the vectors with Spark: a text, the tokens of `Tokenizer`, then those of
    /// `RegexTokenizer` with each pattern, for `minTokenLength` 1 with `toLowercase`, and 2 without.
    #[test]
    fn equals_spark() {
        let vectors = include_str!("../../../tests/vectors/spark.txt");
        let (_, columns) = vectors
            .lines()
            .find_map(|line| line.split_once("# columns\t"))
            .unwrap();
        let columns: Vec<Option<(String, String, usize)>> = serde_json::from_str(columns).unwrap();
        let mut checked = 0;
        for line in vectors.lines().filter(|line| !line.starts_with('#')) {
            let mut fields = line.split('\t');
            let text: String = serde_json::from_str(fields.next().unwrap()).unwrap();
            let mut lowered = String::new();
            lower(&text, &mut lowered);
            for (column, expected) in columns.iter().zip(fields) {
                let expected: Vec<String> = serde_json::from_str(expected).unwrap();
                let made = tokens(|terms| match column {
                    None => push_split(&lowered, terms),
                    Some((kind, pattern, least)) => {
                        let pattern = serde_json::json!({ kind: pattern });
                        let pattern = serde_json::from_value(pattern).unwrap();
                        let text = if *least == 1 { &lowered } else { &text };
                        push_regex(pattern, *least, text, terms);
                    }
                });
                assert_eq!(made, expected, "{text:?} {column:?}");
                checked += 1;
            }
        }
        assert!(checked > 20_000, "{checked} vectors");
    }
}
