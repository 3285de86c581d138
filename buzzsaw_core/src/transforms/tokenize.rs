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

/// Splits text into tokens with an analyzer: fold, segment, filter by length, drop stop words, stem.
///
/// **Missing.** A missing text gives missing tokens; an empty text gives an empty list.
///
/// **Example.** `english` makes `[run, shoe, size, 9]` of "Running shoes, size 9".
///
/// **Source.** Unicode Standard Annex 29 (word boundaries), Unicode full case folding, the Snowball project's
/// English stemmer and stop words; `sklearn` equals scikit-learn's default `CountVectorizer` on CPython 3.11.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The analyzer, by name (`standard`, `english`, `sklearn`) or as a map of its parts.
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
            let place = format!("analyzer.{}", invalid.field);
            problems.push(Problem::new(ErrorKind::InvalidSpec, invalid.message).at(place));
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
                Some(bytes) => self.analyzer.tokenize(bytes, out, work)?,
                None => out.missing_row(),
            }
        }
        Ok(())
    }
}
