//! Text in, one row of tokens out.

use super::ascii::{Capitals, NonAscii, Outcome, Rule, scan};
use super::char_filter::{CharFilters, CharScratch, fold_into};
use super::filter::Filters;
use super::repair::repair;
use super::spec::{AnalyzerSpec, Fold, InvalidAnalyzer, StopWordsSpec, Tokenizer};
use super::stem::StemCache;
use super::stop_words::StopWords;
use super::terms::{Mark, Overflow, Terms};
use super::token_filters::{TokenFilters, TokenScratch};
use super::tokenizer::spark::SparkPattern;
use super::tokenizer::{lucene, push_characters, spark};
use super::whitespace::is_whitespace;
use super::{python_words, words};
use crate::cpu::Level;

/// Tells which of the kernel's runs are tokens.
type IsToken = fn(&[u8]) -> bool;

/// Memory that tokenizing reuses; one a thread. What it has seen changes no value.
#[derive(Debug, Default)]
pub struct TextScratch {
    repaired: String,
    folded: String,
    chars: CharScratch,
    pub(super) stems: StemCache,
    pub(super) more: TokenScratch,
}

/// A compiled [`AnalyzerSpec`]: immutable, shared between threads.
#[derive(Clone, Debug)]
pub struct Analyzer {
    tokenizer: Tokenizer,
    pattern: SparkPattern,
    /// What the tokenizer itself, not [`Filters`], drops: of `spark_regex`, in UTF-16 units.
    min_units: usize,
    pub(super) chars: CharFilters,
    /// `None` when tokens stay as they are segmented.
    pub(super) filters: Option<Filters>,
    /// `None` when nothing more is done to tokens.
    more: Option<Box<TokenFilters>>,
    level: Level,
}

impl Analyzer {
    /// Compiles a spec for this CPU.
    ///
    /// # Errors
    /// [`InvalidAnalyzer`] when the length limits leave no token, or a stop word is none after folding.
    pub fn compile(spec: &AnalyzerSpec) -> Result<Self, InvalidAnalyzer> {
        Self::compile_for(spec, Level::detect())
    }

    /// Compiles a spec for a given [`Level`]: tests run the same text through all of them.
    ///
    /// # Errors
    /// As [`Analyzer::compile`].
    pub fn compile_for(spec: &AnalyzerSpec, level: Level) -> Result<Self, InvalidAnalyzer> {
        if spec.min_length == 0 {
            let message = "must be at least 1: tokens are never empty".to_owned();
            return Err(InvalidAnalyzer {
                field: "min_length",
                message,
            });
        }
        if let Some(max) = spec.max_length
            && max < spec.min_length
        {
            let message = format!(
                "{max} is below min_length ({}): no token would be left",
                spec.min_length
            );
            return Err(InvalidAnalyzer {
                field: "max_length",
                message,
            });
        }
        if spec.pattern.is_some() && spec.tokenizer != Tokenizer::SparkRegex {
            let message = "only the tokenizer `spark_regex` has a pattern".to_owned();
            return Err(InvalidAnalyzer {
                field: "pattern",
                message,
            });
        }
        let chars = CharFilters {
            html: spec.html,
            normalize: spec.normalize,
            fold: spec.fold(),
            strip_accents: spec.strip_accents,
        };
        let min_length = spec.min_length as usize;
        let by_units = spec.tokenizer == Tokenizer::SparkRegex;
        let filters = Filters {
            min_length: if by_units { 1 } else { min_length },
            max_length: spec.max_length.map_or(usize::MAX, |max| max as usize),
            stop_words: stop_words(&spec.stop_words, &chars)?,
            stemmer: spec.stemmer.stemmer(),
        };
        let filters = if filters.are_none() { None } else { Some(filters) };
        let mut analyzer = Self {
            tokenizer: spec.tokenizer,
            pattern: spec.pattern.unwrap_or_default(),
            min_units: min_length,
            chars,
            filters: None,
            more: None,
            level,
        };
        analyzer.more = TokenFilters::compile(spec, &analyzer)?;
        analyzer.filters = filters;
        Ok(analyzer)
    }

    /// Appends one row with the tokens of a text.
    ///
    /// Bytes that are not UTF-8 are repaired as by [`repair`]; text without tokens gives an empty row.
    /// Allocates nothing once `out` and `scratch` have the room.
    ///
    /// # Errors
    /// [`Overflow`] when the tokens do not fit `out`; no row is appended then.
    pub fn tokenize(&self, text: &[u8], out: &mut Terms, scratch: &mut TextScratch) -> Result<(), Overflow> {
        let start = out.mark();
        if let Some(more) = &self.more {
            return more.tokenize(self, text, out, scratch);
        }
        let result = self
            .segment(text, out, scratch)
            .and_then(|()| match &self.filters {
                Some(filters) => filters.apply(out, start.spans, &mut scratch.stems),
                None => Ok(()),
            });
        match result {
            Ok(()) => out.end_row(),
            Err(_) => out.rewind(start),
        }
        result
    }

    /// One pass where the kernel can do all: ASCII, and for most analyzers text whose other characters do
    /// not change case. Else the text goes through the steps before tokenization first and is segmented then.
    #[inline]
    pub(super) fn segment(
        &self,
        text: &[u8],
        out: &mut Terms,
        scratch: &mut TextScratch,
    ) -> Result<(), Overflow> {
        self.segment_after(&self.chars, text, out, scratch)
    }

    /// As [`Analyzer::segment`] with other steps before tokenization: some may be done already.
    #[inline]
    pub(super) fn segment_after(
        &self,
        chars: &CharFilters,
        text: &[u8],
        out: &mut Terms,
        scratch: &mut TextScratch,
    ) -> Result<(), Overflow> {
        out.reserve_offsets(text.len())?;
        let start = out.mark();
        let only_fold = chars.only_fold(text);
        if only_fold && self.has_kernel() {
            let capitals = if chars.fold == Fold::None {
                Capitals::Keep
            } else {
                Capitals::Lower
            };
            if self.scan(capitals, self.classify(), text, start, out) {
                return Ok(());
            }
            out.rewind(start);
        }
        let text = repair(text, &mut scratch.repaired);
        let text = if !only_fold {
            chars.apply(text, &mut scratch.chars)
        } else if chars.fold == Fold::None {
            text
        } else {
            fold_into(chars.fold, text, &mut scratch.folded);
            &scratch.folded
        };
        out.reserve_offsets(text.len())?;
        match self.tokenizer {
            Tokenizer::UnicodeWords => words::push_words(self.level, text, out),
            Tokenizer::Whitespace | Tokenizer::Sklearn => {
                self.scan(
                    Capitals::Keep,
                    self.classify_folded(),
                    text.as_bytes(),
                    start,
                    out,
                );
            }
            Tokenizer::Characters => push_characters(text, out),
            Tokenizer::Spark => spark::push_split(text, out),
            Tokenizer::SparkRegex => spark::push_regex(self.pattern, self.min_units, text, out),
            Tokenizer::Lucene => lucene::push_lucene(text, out),
        }
        Ok(())
    }

    /// Whether the tokenizer is one of the kernel's.
    #[inline]
    fn has_kernel(&self) -> bool {
        matches!(
            self.tokenizer,
            Tokenizer::UnicodeWords | Tokenizer::Whitespace | Tokenizer::Sklearn
        )
    }

    /// Runs the kernel; false when it could not do all.
    #[inline]
    fn scan(
        &self,
        capitals: Capitals,
        classify: fn(char) -> NonAscii,
        text: &[u8],
        start: Mark,
        out: &mut Terms,
    ) -> bool {
        let (rule, is_token): (Rule, Option<IsToken>) = match self.tokenizer {
            Tokenizer::Sklearn => (Rule::Python, Some(python_words::is_token)),
            Tokenizer::UnicodeWords => (Rule::Unicode, Some(words::is_token)),
            // The others never come here.
            _ => (Rule::Whitespace, None),
        };
        let (bytes, spans) = out.parts();
        match scan(self.level, (rule, capitals), text, classify, bytes, spans) {
            Outcome::Done { review } => {
                if let (true, Some(is_token)) = (review, is_token) {
                    out.retain_tokens(start.spans, is_token);
                }
                true
            }
            Outcome::Unsupported | Outcome::Invalid => false,
        }
    }

    /// What characters outside ASCII are to the kernel before folding.
    fn classify(&self) -> fn(char) -> NonAscii {
        match (self.tokenizer, self.chars.fold) {
            // The kernel knows no table of these: all text outside ASCII is folded first.
            (Tokenizer::UnicodeWords, _) | (_, Fold::CaseFold | Fold::JavaLower) => words::classify,
            (Tokenizer::Sklearn, Fold::PythonLower) => python_words::classify_lowering,
            (_, Fold::PythonLower) => |c| match python_words::classify_lowering(c) {
                NonAscii::Unsupported => NonAscii::Unsupported,
                NonAscii::Token | NonAscii::Gap => classify_whitespace(c),
            },
            (_, Fold::None) => self.classify_folded(),
        }
    }

    fn classify_folded(&self) -> fn(char) -> NonAscii {
        match self.tokenizer {
            Tokenizer::UnicodeWords => words::classify,
            Tokenizer::Sklearn => python_words::classify,
            _ => classify_whitespace,
        }
    }
}

fn classify_whitespace(c: char) -> NonAscii {
    if is_whitespace(c) {
        NonAscii::Gap
    } else {
        NonAscii::Token
    }
}

fn stop_words(spec: &StopWordsSpec, chars: &CharFilters) -> Result<Option<StopWords>, InvalidAnalyzer> {
    let words: Vec<&str> = match spec {
        StopWordsSpec::None => return Ok(None),
        StopWordsSpec::English => return Ok(Some(StopWords::english())),
        StopWordsSpec::Language(language) => super::stop_words::of_language(language)
            .unwrap_or_default()
            .to_vec(),
        StopWordsSpec::Words(words) => words.iter().map(String::as_str).collect(),
    };
    let mut folded = Vec::with_capacity(words.len());
    let mut scratch = CharScratch::default();
    for word in words {
        let buffer = chars.for_words().apply(word, &mut scratch).to_owned();
        if buffer.is_empty() {
            let message = "an empty word matches no token; remove it".to_owned();
            return Err(InvalidAnalyzer {
                field: "stop_words",
                message,
            });
        }
        folded.push(buffer);
    }
    Ok(Some(StopWords::new(folded.iter().map(String::as_str))))
}

#[cfg(test)]
#[path = "analyzer_tests.rs"]
mod tests;
