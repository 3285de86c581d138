//! `tokenize`: text to tokens, by an analyzer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform};
use crate::args::Args;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::text::{Analyzer, AnalyzerRef, TextScratch};
use crate::types::ValueType;

use super::checks;

/// Splits text into tokens with an analyzer.
///
/// An analyzer strips HTML, normalizes, folds case, strips accents, segments, replaces synonyms and phrases, filters by
/// length, drops stop words, stems and makes n-grams, in this order; each part is optional.
///
/// **Missing.** A missing text gives missing tokens; an empty text gives an empty list, but one empty token with the
/// tokenizer `spark`, as in Spark.
///
/// **Example.** `tokenize(["Running shoes, size 9", None], analyzer="english")` gives
/// `[["run", "shoe", "size", "9"], None]`.
///
/// **Oracle.** scikit-learn and CPython 3.11, Spark ML, JDK 17, Lucene 9.12.3, the Snowball project's stemmers, the rules of
/// UAX #29 written out, and plain Python references for synonyms, phrases and units: exactly, on characters that the oracle's
/// Unicode version knows.
///
/// **Source.** Unicode Standard Annexes 15 (normalization forms) and 29 (word boundaries), Unicode full case folding,
/// the Snowball project's stemmers and stop words, Solr's format of synonyms; `sklearn` equals scikit-learn's default
/// `CountVectorizer` on CPython 3.11, `spark` Spark ML's `Tokenizer` on JDK 17; the tokenizer `lucene` is Lucene
/// 9.12.3's `StandardTokenizer`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The analyzer, by name (`standard`, `english`, `sklearn`, `spark`, `lucene`) or as a map of its parts.
    analyzer: AnalyzerRef,
}

pub(super) struct Tokenize {
    analyzer: Analyzer,
}

impl Transform for Tokenize {
    const NAME: &'static str = "tokenize";
    type Params = Params;
    type Work = TextScratch;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("text", ValueType::is_text)]);
        if let Err(invalid) = Analyzer::compile(&params.analyzer.spec()) {
            let problem = Problem::new(ErrorKind::InvalidSpec, invalid.message);
            let hint = format!(
                "`buzzsaw transforms tokenize` says what `{}` takes",
                invalid.field
            );
            problems.push(problem.at(format!("analyzer.{}", invalid.field)).hint(hint));
        }
        checks::done(problems, Signature::stateless(vec![Read::Text], ValueType::Terms))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        let analyzer = Analyzer::compile(&params.analyzer.spec())
            .map_err(|invalid| Error::new(ErrorKind::InvalidSpec, invalid.message).at("analyzer"))?;
        Ok(Self { analyzer })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut TextScratch) -> Result<()> {
        let text = args.text(0)?;
        let out = out.terms()?;
        for i in 0..args.len() {
            match text.get(i) {
                Some(bytes) => self
                    .analyzer
                    .tokenize(bytes, out, work)
                    .map_err(|overflow| checks::overflow(overflow, args.position(i)))?,
                None => out.missing_row(),
            }
        }
        Ok(())
    }
}
