//! Tokenizers beside the kernel's: each takes text that is folded already and appends tokens to the row being built.

pub(super) mod lucene;
pub(super) mod spark;

use super::terms::{Span, Terms};
use super::whitespace::is_whitespace;

/// Each code point is a token, white space aside.
pub(super) fn push_characters(text: &str, out: &mut Terms) {
    push_spans(text, out, |push| {
        for (at, c) in text.char_indices() {
            if !is_whitespace(c) {
                push(at, at + c.len_utf8());
            }
        }
    });
}

/// Appends the text to the arena and a token for each range, in bytes, that `find` pushes. The caller has checked the
/// arena's offsets.
fn push_spans(text: &str, out: &mut Terms, find: impl FnOnce(&mut dyn FnMut(usize, usize))) {
    let (bytes, spans) = out.parts();
    let base = bytes.len();
    bytes.extend_from_slice(text.as_bytes());
    find(&mut |start, end| {
        spans.push(Span {
            start: (base + start) as u32,
            len: (end - start) as u32,
        });
    });
}
