//! What an analyzer does to tokens beside length limits, stop words and stemming.

use super::analyzer::{Analyzer, TextScratch};
use super::char_filter::{CharFilters, CharScratch};
use super::grams::{self, Grams, MOST_CHARS, MOST_WORDS, Spare};
use super::html::Html;
use super::normalize::Normalize;
use super::repair::repair;
use super::rules::Rules;
use super::spec::{AnalyzerSpec, Fold, InvalidAnalyzer};
use super::synonyms::{self, Entry};
use super::terms::{Overflow, Span, Terms};
use super::token_spec::{Units, Within, check_range};
use super::units;
use super::whitespace::is_whitespace;

/// Memory that is reused.
#[derive(Debug, Default)]
pub(super) struct TokenScratch {
    repaired: String,
    chars: CharScratch,
    token: String,
    spare: Spare,
}

/// The options compiled. An analyzer that uses none has none.
#[derive(Clone, Debug)]
pub(super) struct TokenFilters {
    units: Units,
    synonyms: Option<Rules>,
    phrases: Option<Rules>,
    grams: Option<Grams>,
    unique: bool,
}

fn invalid(field: &'static str) -> impl Fn(String) -> InvalidAnalyzer {
    move |message| InvalidAnalyzer { field, message }
}

impl TokenFilters {
    /// Compiles the options of a spec; `plain` folds and segments as the spec says and does no more.
    pub(super) fn compile(
        spec: &AnalyzerSpec,
        plain: &Analyzer,
    ) -> Result<Option<Box<Self>>, InvalidAnalyzer> {
        let mut filters = Self {
            units: spec.units,
            synonyms: None,
            phrases: None,
            grams: grams(spec)?,
            unique: spec.unique,
        };
        let mut scratch = TextScratch::default();
        let mut terms = Terms::new();
        let mut analyze = |entry: &str| -> Entry {
            terms.clear();
            let done = segment(spec.units, plain, entry.as_bytes(), &mut terms, &mut scratch);
            terms.end_row();
            let row = terms.row(0).filter(|_| done.is_ok());
            row.map(|row| row.iter().map(Box::from).collect())
                .unwrap_or_default()
        };
        if !spec.synonyms.0.is_empty() {
            let rules = synonyms::compile(&spec.synonyms.0, spec.expand, &mut analyze);
            filters.synonyms = Some(rules.map_err(invalid("synonyms"))?);
        } else if !spec.expand {
            return Err(invalid("expand")(
                "there are no `synonyms` to expand or not".to_owned(),
            ));
        }
        if !spec.phrases.0.is_empty() {
            let rules = synonyms::phrases(&spec.phrases.0, &spec.phrase_separator, &mut analyze);
            filters.phrases = Some(rules.map_err(invalid("phrases"))?);
        } else if spec.phrase_separator != "_" {
            return Err(invalid("phrase_separator")(
                "there are no `phrases` to join".to_owned(),
            ));
        }
        let any = filters.units != Units::None
            || filters.synonyms.is_some()
            || filters.phrases.is_some()
            || filters.grams.is_some()
            || filters.unique;
        Ok(any.then(|| Box::new(filters)))
    }

    /// As [`Analyzer::tokenize`].
    pub(super) fn tokenize(
        &self,
        analyzer: &Analyzer,
        text: &[u8],
        out: &mut Terms,
        scratch: &mut TextScratch,
    ) -> Result<(), Overflow> {
        let start = out.mark();
        let result = self.run(analyzer, text, out, start.spans, scratch);
        match result {
            Ok(()) => out.end_row(),
            Err(_) => out.rewind(start),
        }
        result
    }

    fn run(
        &self,
        analyzer: &Analyzer,
        text: &[u8],
        out: &mut Terms,
        first: usize,
        scratch: &mut TextScratch,
    ) -> Result<(), Overflow> {
        if let Some(Grams::Text(_)) = self.grams {
            whole_text(analyzer, text, out, &mut scratch.more)?;
        } else {
            segment(self.units, analyzer, text, out, scratch)?;
        }
        if let Some(synonyms) = &self.synonyms {
            synonyms.apply(out, first, &mut scratch.more.spare.spans)?;
        }
        if let Some(phrases) = &self.phrases {
            phrases.apply(out, first, &mut scratch.more.spare.spans)?;
        }
        if let Some(filters) = &analyzer.filters {
            filters.apply(out, first, &mut scratch.stems)?;
        }
        if let Some(grams) = self.grams {
            grams.apply(out, first, &mut scratch.more.spare)?;
        }
        if self.unique {
            grams::unique(out, first, &mut scratch.more.spare);
        }
        Ok(())
    }
}

fn grams(spec: &AnalyzerSpec) -> Result<Option<Grams>, InvalidAnalyzer> {
    if spec.char_ngrams.is_none() && spec.char_ngrams_within != Within::Token {
        let message = "there are no `char_ngrams`".to_owned();
        return Err(invalid("char_ngrams_within")(message));
    }
    let given = [
        ("ngrams", spec.ngrams.is_some()),
        ("char_ngrams", spec.char_ngrams.is_some()),
        ("affixes", spec.affixes.is_some()),
    ];
    let mut given = given.iter().filter(|(_, given)| *given);
    if let (Some((one, _)), Some((other, _))) = (given.next(), given.next()) {
        let message = format!("`{one}` is given too; an analyzer makes one of them");
        return Err(invalid(other)(message));
    }
    if let Some(range) = spec.ngrams {
        check_range(range, MOST_WORDS).map_err(invalid("ngrams"))?;
        return Ok(Some(Grams::Words(range)));
    }
    if let Some(affixes) = spec.affixes {
        for range in [affixes.prefixes, affixes.suffixes].into_iter().flatten() {
            check_range(range, MOST_CHARS).map_err(invalid("affixes"))?;
        }
        if affixes.prefixes.is_none() && affixes.suffixes.is_none() {
            return Err(invalid("affixes")(
                "give `prefixes`, `suffixes` or both".to_owned(),
            ));
        }
        return Ok(Some(Grams::Affixes(affixes)));
    }
    let Some(range) = spec.char_ngrams else {
        return Ok(None);
    };
    check_range(range, MOST_CHARS).map_err(invalid("char_ngrams"))?;
    Ok(Some(match spec.char_ngrams_within {
        Within::Token => Grams::Chars(range),
        Within::Word => Grams::Padded(range),
        Within::Text => {
            let plain = AnalyzerSpec {
                html: spec.html,
                normalize: spec.normalize,
                fold: spec.fold,
                strip_accents: spec.strip_accents,
                tokenizer: spec.tokenizer,
                char_ngrams: spec.char_ngrams,
                char_ngrams_within: spec.char_ngrams_within,
                unique: spec.unique,
                ..AnalyzerSpec::default()
            };
            if *spec != plain {
                let message =
                    "`text` segments nothing: no other option for tokens than `unique` applies".to_owned();
                return Err(invalid("char_ngrams_within")(message));
            }
            Grams::Text(range)
        }
    }))
}

/// Segments; with units the text between measures is segmented by itself, and each measure is a token.
fn segment(
    units: Units,
    analyzer: &Analyzer,
    text: &[u8],
    out: &mut Terms,
    scratch: &mut TextScratch,
) -> Result<(), Overflow> {
    if units == Units::None {
        return analyzer.segment(text, out, scratch);
    }
    // Markup and normalization may reach over a measure, so they come first, for the whole text; case and accents are
    // those of the pieces between measures.
    let before = CharFilters {
        fold: Fold::None,
        strip_accents: false,
        ..analyzer.chars
    };
    let after = CharFilters {
        html: Html::None,
        normalize: Normalize::None,
        ..analyzer.chars
    };
    let mut repaired = std::mem::take(&mut scratch.more.repaired);
    let mut token = std::mem::take(&mut scratch.more.token);
    let mut chars = std::mem::take(&mut scratch.more.chars);
    let text = before.apply(repair(text, &mut repaired), &mut chars);
    let mut pieces = |piece: Piece<'_>| match piece {
        Piece::Text(text) => analyzer.segment_after(&after, text.as_bytes(), out, scratch),
        Piece::Measure(token) => push(token, out),
    };
    let result = measured(units, text, &mut token, &mut pieces);
    scratch.more.repaired = repaired;
    scratch.more.token = token;
    scratch.more.chars = chars;
    result
}

/// What a text with measures is made of.
enum Piece<'a> {
    Text(&'a str),
    Measure(&'a str),
}

fn measured(
    units: Units,
    text: &str,
    token: &mut String,
    visit: &mut impl FnMut(Piece<'_>) -> Result<(), Overflow>,
) -> Result<(), Overflow> {
    let mut from = 0;
    while let Some((start, end)) = units::next(units, text, from, token) {
        if start > from {
            visit(Piece::Text(text.get(from..start).unwrap_or_default()))?;
        }
        visit(Piece::Measure(token))?;
        from = end;
    }
    // Nothing before or after a measure is no text; an empty text is one.
    if from > 0 && from == text.len() {
        return Ok(());
    }
    visit(Piece::Text(text.get(from..).unwrap_or_default()))
}

fn push(token: &str, out: &mut Terms) -> Result<(), Overflow> {
    out.reserve_offsets(token.len())?;
    let (bytes, spans) = out.parts();
    spans.push(Span {
        start: bytes.len() as u32,
        len: token.len() as u32,
    });
    bytes.extend_from_slice(token.as_bytes());
    Ok(())
}

/// One token: the text after the steps before tokenization, with each run of two or more white-space characters as one space.
fn whole_text(
    analyzer: &Analyzer,
    text: &[u8],
    out: &mut Terms,
    scratch: &mut TokenScratch,
) -> Result<(), Overflow> {
    let repaired = repair(text, &mut scratch.repaired);
    let text = analyzer.chars.apply(repaired, &mut scratch.chars);
    scratch.token.clear();
    let mut chars = text.chars().peekable();
    // What CPython's `\s` matches.
    let is_space = |c: char| is_whitespace(c) || matches!(c, '\u{1c}'..='\u{1f}');
    while let Some(c) = chars.next() {
        let run = is_space(c) && chars.peek().copied().is_some_and(is_space);
        while run && chars.next_if(|&next| is_space(next)).is_some() {}
        scratch.token.push(if run { ' ' } else { c });
    }
    push(&scratch.token, out)
}
