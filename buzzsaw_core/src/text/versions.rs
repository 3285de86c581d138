//! The versions of the tables behind the text stack, as an artifact's manifest records them.

/// Versions of the Unicode Character Database: word segmentation, case folding, what CPython 3.11 has for scikit-learn's
/// words, normalization, and what JDK 17 and Lucene have. A difference in any means that tokens may differ.
pub const UNICODE_VERSION: &str = "words 17.0.0, fold 18.0.0, sklearn 14.0.0, normalize 18.0.0, jdk 17 (13.0.0), \
                                   lucene 9.12.3 (12.1.0)";

/// Whether this library has every table that an artifact names. An artifact from before a table was added names fewer,
/// and its values depend on those alone.
pub fn has_tables(written: &str) -> bool {
    written
        .split(", ")
        .all(|table| UNICODE_VERSION.split(", ").any(|own| own == table))
}

#[cfg(test)]
mod tests {
    use super::has_tables;
    use crate::text::tokenizer::lucene;
    use crate::text::{fold, java, normalize, python_words, words};

    #[test]
    fn names_the_version_of_each_table() {
        let (words, fold, sklearn, normalize) = (
            words::UNICODE_VERSION,
            fold::UNICODE_VERSION,
            python_words::UNICODE_VERSION,
            normalize::UNICODE_VERSION,
        );
        let (jdk, lucene) = (java::VERSION, lucene::VERSION);
        assert_eq!(
            super::UNICODE_VERSION,
            format!("words {words}, fold {fold}, sklearn {sklearn}, normalize {normalize}, {jdk}, {lucene}")
        );
    }

    #[test]
    fn artifacts_of_fewer_tables_are_known() {
        assert!(has_tables(super::UNICODE_VERSION));
        assert!(has_tables("words 17.0.0, fold 18.0.0, sklearn 14.0.0"));
        assert!(!has_tables("words 16.0.0, fold 18.0.0, sklearn 14.0.0"));
        assert!(!has_tables("words 17.0.0, thai 1.0"));
        assert!(!has_tables(""));
    }
}
