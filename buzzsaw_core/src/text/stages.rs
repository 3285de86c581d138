//! What each part of an analyzer makes of a text, to look at.

use super::analyzer::{Analyzer, TextScratch};
use super::char_filter::{CharFilters, CharScratch};
use super::html::Html;
use super::normalize::Normalize;
use super::repair::repair;
use super::spec::{AnalyzerRef, AnalyzerSpec, Fold, InvalidAnalyzer, StemmerName, StopWordsSpec};
use super::terms::Terms;
use super::token_spec::{Lines, Units, Within};
use crate::error::{Error, ErrorKind};

/// The tokens after a part of an analyzer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stage {
    /// The part: `html`, `normalize`, `fold` and `strip_accents` (their one token is the text), `tokenizer`, then the options that are used, in the order in which they apply.
    pub name: &'static str,
    /// The tokens after it.
    pub tokens: Vec<String>,
}

/// Takes an option from the whole spec.
type Take = fn(&mut AnalyzerSpec, &AnalyzerSpec);

#[rustfmt::skip]
const PARTS: [(&str, Take); 9] = [
    ("units", |part, whole| part.units = whole.units),
    ("synonyms", |part, whole| {
        part.synonyms = whole.synonyms.clone();
        part.expand = whole.expand;
    }),
    ("phrases", |part, whole| {
        part.phrases = whole.phrases.clone();
        part.phrase_separator.clone_from(&whole.phrase_separator);
    }),
    ("length", |part, whole| {
        part.min_length = whole.min_length;
        part.max_length = whole.max_length;
    }),
    ("stop_words", |part, whole| part.stop_words = whole.stop_words.clone()),
    ("stemmer", |part, whole| part.stemmer = whole.stemmer),
    ("ngrams", |part, whole| part.ngrams = whole.ngrams),
    ("affixes", |part, whole| part.affixes = whole.affixes),
    ("char_ngrams", |part, whole| {
        part.char_ngrams = whole.char_ngrams;
        part.char_ngrams_within = whole.char_ngrams_within;
    }),
];

/// The tokens after each part of an analyzer that the spec uses. The last are those of the analyzer.
///
/// # Errors
/// [`InvalidAnalyzer`] as [`Analyzer::compile`].
pub fn stages(spec: &AnalyzerSpec, text: &[u8]) -> Result<Vec<Stage>, InvalidAnalyzer> {
    Analyzer::compile(spec)?;
    let default = AnalyzerSpec::default();
    let mut part = AnalyzerSpec {
        stop_words: StopWordsSpec::None,
        stemmer: StemmerName::None,
        min_length: default.min_length,
        max_length: None,
        units: Units::None,
        synonyms: Lines::default(),
        expand: default.expand,
        phrases: Lines::default(),
        phrase_separator: default.phrase_separator,
        ngrams: None,
        char_ngrams: None,
        char_ngrams_within: Within::Token,
        affixes: None,
        unique: false,
        ..spec.clone()
    };
    let mut made = before_tokens(spec, text);
    made.push(stage("tokenizer", &part, text)?);
    for (name, take) in PARTS {
        let before = part.clone();
        take(&mut part, spec);
        if part != before {
            made.push(stage(name, &part, text)?);
        }
    }
    if spec.unique {
        made.push(stage("unique", spec, text)?);
    }
    Ok(made)
}

/// [`stages`] of an analyzer as JSON: a name, or a map of parts.
///
/// # Errors
/// `BZ_INVALID_SPEC` when it is no analyzer.
pub fn stages_of_json(analyzer: &str, text: &[u8]) -> crate::Result<Vec<Stage>> {
    let invalid = |error: String| Error::new(ErrorKind::InvalidSpec, error).at("analyzer");
    let analyzer: AnalyzerRef = serde_json::from_str(analyzer).map_err(|error| invalid(error.to_string()))?;
    stages(&analyzer.spec(), text).map_err(|error| invalid(error.to_string()))
}

/// The text after each step before tokenization that the spec uses; the folding is always shown.
fn before_tokens(spec: &AnalyzerSpec, text: &[u8]) -> Vec<Stage> {
    let mut repaired = String::new();
    let text = repair(text, &mut repaired);
    let mut chars = CharFilters {
        html: Html::None,
        normalize: Normalize::None,
        fold: Fold::None,
        strip_accents: false,
    };
    let mut made = Vec::new();
    let mut show = |name, chars: &CharFilters| {
        let tokens = vec![chars.apply(text, &mut CharScratch::default()).to_owned()];
        made.push(Stage { name, tokens });
    };
    chars.html = spec.html;
    if spec.html != Html::None {
        show("html", &chars);
    }
    chars.normalize = spec.normalize;
    if spec.normalize != Normalize::None {
        show("normalize", &chars);
    }
    chars.fold = spec.fold();
    show("fold", &chars);
    chars.strip_accents = spec.strip_accents;
    if spec.strip_accents {
        show("strip_accents", &chars);
    }
    made
}

fn stage(name: &'static str, spec: &AnalyzerSpec, text: &[u8]) -> Result<Stage, InvalidAnalyzer> {
    let mut terms = Terms::new();
    let analyzer = Analyzer::compile(spec)?;
    // One text's tokens beyond 4 GiB: none are shown.
    let _ = analyzer.tokenize(text, &mut terms, &mut TextScratch::default());
    let row = terms.row(0);
    let tokens = row.map(|row| {
        row.iter()
            .map(|token| String::from_utf8_lossy(token).into_owned())
            .collect()
    });
    Ok(Stage {
        name,
        tokens: tokens.unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::NamedAnalyzer;

    #[test]
    fn each_part_has_its_tokens() {
        let made = stages(&NamedAnalyzer::English.spec(), b"The running shoes").unwrap();
        let shown: Vec<(&str, String)> = made
            .iter()
            .map(|stage| (stage.name, stage.tokens.join(" ")))
            .collect();
        let expected = [
            ("fold", "the running shoes"),
            ("tokenizer", "the running shoes"),
            ("stop_words", "running shoes"),
            ("stemmer", "run shoe"),
        ];
        assert_eq!(shown, expected.map(|(name, tokens)| (name, tokens.to_owned())));
    }
}
