//! Unicode normalization forms, and text without accents.

use icu_normalizer::properties::CanonicalCombiningClassMapBorrowed;
use icu_normalizer::{ComposingNormalizerBorrowed, DecomposingNormalizerBorrowed};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Version of the Unicode Character Database behind the forms and the combining classes.
pub const UNICODE_VERSION: &str = "18.0.0";

const NFC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfc();
const NFKC: ComposingNormalizerBorrowed<'static> = ComposingNormalizerBorrowed::new_nfkc();
const NFKD: DecomposingNormalizerBorrowed<'static> = DecomposingNormalizerBorrowed::new_nfkd();
const COMBINING_CLASS: CanonicalCombiningClassMapBorrowed<'static> =
    CanonicalCombiningClassMapBorrowed::new();

/// A Unicode normalization form (UAX #15).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Normalize {
    /// Text stays as it is.
    #[default]
    None,
    /// Canonical composition: `e` and U+0301 to `é`.
    Nfc,
    /// Compatibility composition, which also unifies forms of a character: `ﬁ` to `fi`, `ｶ` to `カ`, `²` to `2`.
    Nfkc,
}

/// Appends the text in a form.
///
/// ```
/// # use buzzsaw_core::text::normalize::{Normalize, normalize};
/// let mut out = String::new();
/// normalize(Normalize::Nfkc, "ﬁle e\u{301} ²", &mut out);
/// assert_eq!(out, "file é 2");
/// ```
pub fn normalize(form: Normalize, text: &str, out: &mut String) {
    let normalizer = match form {
        Normalize::Nfc if !text.is_ascii() => &NFC,
        Normalize::Nfkc if !text.is_ascii() => &NFKC,
        _ => {
            out.push_str(text);
            return;
        }
    };
    // Writing to a `String` cannot fail.
    let _ = normalizer.normalize_to(text, out);
}

/// Appends the text without accents, as scikit-learn's `strip_accents_unicode`: compatibility decomposition, of
/// which characters with a combining class other than 0 are dropped. ASCII text stays as it is.
///
/// ```
/// # use buzzsaw_core::text::normalize::strip_accents;
/// let mut out = String::new();
/// strip_accents("Crème brûlée ½", &mut out);
/// assert_eq!(out, "Creme brulee 1⁄2");
/// ```
pub fn strip_accents(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.push_str(text);
        return;
    }
    let _ = NFKD.normalize_to(text, &mut WithoutMarks(out));
}

/// Passes on what has no combining class.
struct WithoutMarks<'a>(&'a mut String);

impl std::fmt::Write for WithoutMarks<'_> {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for c in text.chars() {
            self.write_char(c)?;
        }
        Ok(())
    }

    fn write_char(&mut self, c: char) -> std::fmt::Result {
        if c.is_ascii() || COMBINING_CLASS.get_u8(c) == 0 {
            self.0.push(c);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Step = fn(&str, &mut String);
    const NFC_STEP: Step = |text, out| normalize(Normalize::Nfc, text, out);
    const NFKC_STEP: Step = |text, out| normalize(Normalize::Nfkc, text, out);

    fn of(step: Step, text: &str) -> String {
        let mut out = String::from(">");
        step(text, &mut out);
        out.split_off(1)
    }

    /// `tests/oracles/text_step_vectors.py` writes the vectors with CPython's `unicodedata` and scikit-learn: every code
    /// point that Unicode 14 assigns and a step changes, and texts.
    #[test]
    fn equals_cpython_and_sklearn_where_they_know_the_character() {
        let mut checked = 0;
        for line in include_str!("../../tests/vectors/normalize.txt")
            .lines()
            .filter(|line| !line.starts_with('#'))
        {
            let fields: Vec<String> = line
                .split('\t')
                .map(|field| serde_json::from_str(field).unwrap())
                .collect();
            assert_eq!(of(NFC_STEP, &fields[0]), fields[1], "{line}");
            assert_eq!(of(NFKC_STEP, &fields[0]), fields[2], "{line}");
            assert_eq!(of(strip_accents, &fields[0]), fields[3], "{line}");
            checked += 1;
        }
        assert!(checked > 15_000, "{checked} vectors");
    }

    #[test]
    fn the_tables_are_frozen() {
        // FNV-1a over what becomes of every code point, alone and after a letter: a change of the crate's data shows.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for c in '\0'..=char::MAX {
            for text in [c.to_string(), format!("e\u{323}{c}")] {
                for step in [NFC_STEP, NFKC_STEP, strip_accents] {
                    for byte in of(step, &text).bytes().chain([0xFF]) {
                        hash = (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3);
                    }
                }
            }
        }
        assert_eq!(hash, 0x273a_c2ec_b4c7_a973);
    }

    #[test]
    fn none_is_a_copy() {
        assert_eq!(
            of(|text, out| normalize(Normalize::None, text, out), "ﬁe\u{301}"),
            "ﬁe\u{301}"
        );
    }
}
