//! The versions of the tables behind the text stack, as an artifact's manifest records them.

/// Versions of the Unicode Character Database: word segmentation, case folding, and what CPython 3.11 has
/// for scikit-learn's words. A difference in any means that tokens may differ.
pub const UNICODE_VERSION: &str = "words 17.0.0, fold 18.0.0, sklearn 14.0.0";

#[cfg(test)]
mod tests {
    use crate::text::{fold, python_words, words};

    #[test]
    fn names_the_version_of_each_table() {
        let (words, fold, sklearn) = (
            words::UNICODE_VERSION,
            fold::UNICODE_VERSION,
            python_words::UNICODE_VERSION,
        );
        assert_eq!(
            super::UNICODE_VERSION,
            format!("words {words}, fold {fold}, sklearn {sklearn}")
        );
    }
}
