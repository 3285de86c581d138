//! Text of HTML: tags stripped, then character references decoded.
//!
//! What is markup, in the order in which it is tried at each `<`:
//! - a comment, `<!--` to the first `-->` after it;
//! - an element `script` or `style`: its start tag, all up to the first end tag of that name (`</script>`, with white
//!   space before the `>`), and that end tag;
//! - a tag or declaration: `<` and a letter, `/` and a letter, `!` or `?`, then characters other than `<`, `>` and
//!   quotes, and quoted strings, which may hold any character but their quote, up to `>`.
//!
//! Each becomes one space. Every other `<` is text. Letters of names are ASCII in either case; white space is tab, line
//! feed, form feed, carriage return and space. References are those of CPython's `html.unescape`, decoded once, in the text that is
//! left.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::tables::html5::{DROPPED, LONGEST, NAMES, REPLACED};

/// What is done about HTML.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Html {
    /// Text stays as it is.
    #[default]
    None,
    /// Tags, comments, scripts and styles become a space each; then character references are decoded.
    Strip,
}

/// Memory that stripping reuses.
#[derive(Debug, Default)]
pub(super) struct HtmlScratch {
    stripped: String,
    /// By byte and state of the tag machine (a bit each): no tag ends from here.
    hopeless: Vec<u8>,
}

/// Whether stripping can change the text.
#[inline]
pub(super) fn may_have_markup(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'<' | b'&'))
}

/// Appends the text without markup, references decoded.
pub(super) fn strip(text: &str, out: &mut String, scratch: &mut HtmlScratch) {
    if text.as_bytes().contains(&b'<') {
        scratch.stripped.clear();
        let mut markup = Markup {
            text,
            hopeless: &mut scratch.hopeless,
            unclosed: [false; 3],
        };
        markup.hopeless.clear();
        markup.strip(&mut scratch.stripped);
        unescape(&scratch.stripped, out);
    } else {
        unescape(text, out);
    }
}

/// The machine of one text. It remembers what it did not find, so that no text takes more than linear time.
struct Markup<'a> {
    text: &'a str,
    hopeless: &'a mut Vec<u8>,
    /// The end of a comment, `script` or `style` was looked for and is not ahead.
    unclosed: [bool; 3],
}

/// Where the tag machine is: outside quotes, or inside one kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Quote {
    None = 1,
    Single = 2,
    Double = 4,
}

impl Markup<'_> {
    fn strip(&mut self, out: &mut String) {
        let mut at = 0;
        while let Some(found) = self.text[at..].find('<') {
            let open = at + found;
            out.push_str(&self.text[at..open]);
            match self.end_of_markup(open) {
                Some(end) => {
                    out.push(' ');
                    at = end;
                }
                None => {
                    out.push('<');
                    at = open + 1;
                }
            }
        }
        out.push_str(&self.text[at..]);
    }

    /// The end of the markup that opens at `open`, if it is any.
    fn end_of_markup(&mut self, open: usize) -> Option<usize> {
        let text = self.text;
        let rest = &text.as_bytes()[open + 1..];
        if rest.starts_with(b"!--") && !self.unclosed[0] {
            match text[open + 4..].find("-->") {
                Some(found) => return Some(open + 4 + found + 3),
                None => self.unclosed[0] = true,
            }
        }
        let is_tag = match rest {
            [b'!' | b'?', ..] => true,
            [b'/', letter, ..] | [letter, ..] => letter.is_ascii_alphabetic(),
            [] => false,
        };
        if !is_tag {
            return None;
        }
        let name_end = open + if rest[0] == b'/' { 3 } else { 2 };
        let end = self.end_of_tag(name_end)?;
        for (i, name) in [(1, "script"), (2, "style")] {
            if starts_with_name(rest, name) && !self.unclosed[i] {
                match end_of_element(text, end, name) {
                    Some(end) => return Some(end),
                    None => self.unclosed[i] = true,
                }
            }
        }
        Some(end)
    }

    /// Past the `>` of a tag whose attributes are read from `start`.
    fn end_of_tag(&mut self, start: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut quote = Quote::None;
        for (i, &byte) in bytes.iter().enumerate().skip(start) {
            if self.hopeless.get(i).is_some_and(|seen| seen & quote as u8 != 0) {
                break;
            }
            match (quote, byte) {
                (Quote::None, b'>') => return Some(i + 1),
                (Quote::None, b'<') => break,
                (Quote::None, b'\'') => quote = Quote::Single,
                (Quote::None, b'"') => quote = Quote::Double,
                (Quote::Single, b'\'') | (Quote::Double, b'"') => quote = Quote::None,
                _ => {}
            }
        }
        self.give_up(start);
        None
    }

    /// Marks what a failed run saw.
    fn give_up(&mut self, start: usize) {
        let bytes = self.text.as_bytes();
        self.hopeless.resize(bytes.len(), 0);
        let mut quote = Quote::None;
        // Sliced first: `skip` after `zip` would walk there.
        for (seen, &byte) in self.hopeless[start..].iter_mut().zip(&bytes[start..]) {
            if *seen & quote as u8 != 0 {
                return;
            }
            *seen |= quote as u8;
            match (quote, byte) {
                (Quote::None, b'<') => return,
                (Quote::None, b'\'') => quote = Quote::Single,
                (Quote::None, b'"') => quote = Quote::Double,
                (Quote::Single, b'\'') | (Quote::Double, b'"') => quote = Quote::None,
                _ => {}
            }
        }
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

/// Whether a tag, from after its `<`, has the name.
fn starts_with_name(tag: &[u8], name: &str) -> bool {
    let ends = |&byte: &u8| is_space(byte) || matches!(byte, b'/' | b'>');
    tag.get(..name.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        && tag.get(name.len()).is_some_and(ends)
}

/// Past the first end tag of the name from `start` on.
fn end_of_element(text: &str, start: usize, name: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = start;
    loop {
        at += text.get(at..)?.find("</")? + 2;
        let named = bytes
            .get(at..at + name.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(name.as_bytes()));
        if named {
            at += name.len();
            at += bytes[at..].iter().take_while(|&&byte| is_space(byte)).count();
            if bytes.get(at) == Some(&b'>') {
                return Some(at + 1);
            }
        }
    }
}

/// Appends the text with its character references decoded, as CPython 3.11's `html.unescape`.
///
/// ```
/// # use buzzsaw_core::text::html::unescape;
/// let mut out = String::new();
/// unescape("&lt;b&gt; &eacute;&#233;&#xe9 &notit; &#150;", &mut out);
/// assert_eq!(out, "<b> ééé ¬it; –");
/// ```
pub fn unescape(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(found) = rest.find('&') {
        out.push_str(&rest[..found]);
        let reference = &rest[found + 1..];
        let consumed = match reference.strip_prefix('#') {
            Some(digits) => push_number(digits, out).map(|len| len + 1),
            None => push_name(reference, out),
        };
        match consumed {
            Some(consumed) => rest = &reference[consumed..],
            None => {
                out.push('&');
                rest = reference;
            }
        }
    }
    out.push_str(rest);
}

/// Decodes the number after `&#` and says how many bytes it took; `None` when there is none.
fn push_number(text: &str, out: &mut String) -> Option<usize> {
    let bytes = text.as_bytes();
    let (radix, prefix) = match bytes.first() {
        Some(b'x' | b'X') => (16, 1),
        _ => (10, 0),
    };
    let mut number = 0_u32;
    let mut at = prefix;
    while let Some(digit) = bytes.get(at).and_then(|&byte| char::from(byte).to_digit(radix)) {
        number = number.saturating_mul(radix).saturating_add(digit);
        at += 1;
    }
    if at == prefix {
        return None;
    }
    if let Ok(i) = REPLACED.binary_search_by_key(&number, |&(from, _)| from) {
        out.push_str(REPLACED[i].1);
    } else if let Some(c) = char::from_u32(number) {
        if DROPPED.binary_search(&number).is_err() {
            out.push(c);
        }
    } else {
        out.push('\u{FFFD}');
    }
    Some(at + usize::from(bytes.get(at) == Some(&b';')))
}

/// Decodes the longest name at the start of the text and says how many bytes it took; `None` when there is none.
fn push_name(text: &str, out: &mut String) -> Option<usize> {
    let bytes = text.as_bytes();
    let ends = |byte: &u8| !byte.is_ascii_alphanumeric();
    let letters = bytes
        .iter()
        .take(LONGEST)
        .position(ends)
        .unwrap_or(bytes.len().min(LONGEST));
    let with_semicolon = letters + usize::from(bytes.get(letters) == Some(&b';'));
    for len in (2..=with_semicolon).rev() {
        if let Ok(i) = NAMES.binary_search_by_key(&&bytes[..len], |(name, _)| name.as_bytes()) {
            out.push_str(NAMES[i].1);
            return Some(len);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(text: &str) -> String {
        let mut out = String::from(">");
        strip(text, &mut out, &mut HtmlScratch::default());
        out.split_off(1)
    }

    /// `tests/oracles/text_step_vectors.py` writes the vectors with CPython's `html.unescape` and regular expressions.
    #[test]
    fn equals_cpython() {
        let mut checked = 0;
        for line in include_str!("../../tests/vectors/html.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let fields: Vec<String> = line
                .split('\t')
                .map(|field| serde_json::from_str(field).unwrap())
                .collect();
            let mut out = String::new();
            unescape(&fields[0], &mut out);
            assert_eq!(out, fields[1], "{line}");
            assert_eq!(stripped(&fields[0]), fields[2], "{line}");
            checked += 1;
        }
        assert!(checked > 4000, "{checked} vectors");
    }

    #[test]
    fn hostile_text_takes_linear_time() {
        let piece = [
            "<a '\"",
            "<a \"'<b",
            "<!--",
            "<script>",
            "<style></style",
            "<a '<a\"",
            "&#",
            "&a",
            "</script ",
        ];
        for piece in piece {
            let text = piece.repeat(200_000);
            assert!(!stripped(&text).is_empty());
        }
    }
}
