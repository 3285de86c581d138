//! White space, for the tokenizer that splits on nothing else.

/// The Unicode property `White_Space`. Its last change was in Unicode 6.3 and none is expected: the list is
/// kept here so that no table of the compiler stands in for it.
#[inline]
pub(crate) fn is_whitespace(c: char) -> bool {
    matches!(
        c,
        '\t'..='\r'
            | ' '
            | '\u{85}'
            | '\u{A0}'
            | '\u{1680}'
            | '\u{2000}'..='\u{200A}'
            | '\u{2028}'
            | '\u{2029}'
            | '\u{202F}'
            | '\u{205F}'
            | '\u{3000}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[allow(clippy::disallowed_methods)]
    fn equals_the_compilers_table_of_today() {
        for c in '\0'..=char::MAX {
            assert_eq!(is_whitespace(c), c.is_whitespace(), "U+{:04X}", c as u32);
        }
    }
}
