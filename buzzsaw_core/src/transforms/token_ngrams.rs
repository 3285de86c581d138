//! `token_ngrams`: runs of tokens as tokens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::ngrams::Ngrams;
use crate::slot::Slot;
use crate::text::{GramSpare, push_ngrams};
use crate::types::ValueType;

/// Word n-grams of a token list as tokens: runs of neighbouring tokens joined by a separator.
///
/// All n-grams of one length come in the order of the text, before those of the next length. The steps that count tokens
/// (`hashed_terms`, `tfidf`) make the same n-grams with their own `ngrams`, without this step.
///
/// More than 2^24 n-grams of one row are `BZ_RESOURCE_LIMIT`.
///
/// **Missing.** Missing tokens stay missing; a list of fewer tokens than the shortest n-gram gives no tokens.
///
/// **Example.** `token_ngrams([["usb", "c", "cable"], ["usb"], None], ngrams=[2, 3])` gives
/// `[["usb c", "c cable", "usb c cable"], [], None]`.
///
/// **Oracle.** scikit-learn's `CountVectorizer(ngram_range=...)`, `_word_ngrams`, exactly; with another separator Python's
/// `join`, exactly.
///
/// **Source.** `sklearn.feature_extraction.text.CountVectorizer`; Spark ML's `NGram` is the same for one length.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The fewest and most tokens of an n-gram, `[low, high]` with 1 <= low <= high <= 8.
    ngrams: Ngrams,
    /// What stands between two tokens.
    separator: String,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            ngrams: Ngrams(1, 2),
            separator: " ".to_owned(),
        }
    }
}

pub(super) struct TokenNgrams {
    params: Params,
}

impl Transform for TokenNgrams {
    const NAME: &'static str = "token_ngrams";
    type Params = Params;
    type Work = GramSpare;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("terms", ValueType::is_terms)]);
        problems.extend(params.ngrams.problem());
        checks::done(
            problems,
            Signature::stateless(vec![Read::Terms], ValueType::Terms),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self { params })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut GramSpare) -> Result<()> {
        let terms = args.terms(0)?;
        let out = out.terms()?;
        let Ngrams(low, high) = self.params.ngrams;
        let range = [u32::from(low), u32::from(high)];
        for i in 0..args.len() {
            let Some(row) = terms.get(i) else {
                out.missing_row();
                continue;
            };
            push_ngrams(row, range, self.params.separator.as_bytes(), out, work)
                .map_err(|overflow| checks::overflow(overflow, args.position(i)))?;
            out.end_row();
        }
        Ok(())
    }
}
