//! `normalize_text`: text in one form, so that equal text has equal bytes.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::Result;
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::text::{CharFilters, CharScratch, Fold, Html, Normalize, is_whitespace, repair};
use crate::types::ValueType;

/// Text in one form: HTML stripped, normalized, case folded, accents stripped, white space squeezed, in this order.
///
/// The steps are those of an analyzer's parts of the same names, without splitting: what comes out is for exact and
/// prefix matches, and for keys. `fold` may leave text that is not in the form of `normalize`, as case folding and
/// normalization do not commute.
///
/// **Missing.** A missing text stays missing; an empty text, or one of white space alone, is empty.
///
/// **Example.** `normalize_text(["  Caf\u00e9  CR\u00c8ME ", "\ufb01ne", None], strip_accents=True)` gives
/// `["cafe creme", "fine", None]`.
///
/// **Oracle.** CPython's `html.unescape`, `unicodedata.normalize`, `str.casefold` and `str.lower`, scikit-learn's
/// `strip_accents_unicode`, and regular expressions, exactly.
///
/// **Source.** Unicode Standard Annex 15 (normalization forms), Unicode full case folding.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What is done about HTML.
    html: Html,
    /// The normalization form.
    normalize: Normalize,
    /// What is done about upper and lower case.
    fold: Fold,
    /// Whether accents go: compatibility decomposition, of which characters with a combining class are dropped.
    strip_accents: bool,
    /// Whether each run of white space (the Unicode property `White_Space`) becomes one space, and none is left at the
    /// ends.
    squeeze: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            html: Html::None,
            normalize: Normalize::Nfkc,
            fold: Fold::CaseFold,
            strip_accents: false,
            squeeze: true,
        }
    }
}

pub(super) struct NormalizeText {
    chars: CharFilters,
    squeeze: bool,
}

#[derive(Default)]
pub(super) struct Work {
    repaired: String,
    chars: CharScratch,
    squeezed: String,
}

impl Transform for NormalizeText {
    const NAME: &'static str = "normalize_text";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(
        _params: &Params,
        inputs: &[ValueType],
    ) -> std::result::Result<Signature, Vec<crate::error::Problem>> {
        let problems = checks::inputs(inputs, &[("text", ValueType::is_text)]);
        checks::done(problems, Signature::stateless(vec![Read::Text], ValueType::Text))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            chars: CharFilters {
                html: params.html,
                normalize: params.normalize,
                fold: params.fold,
                strip_accents: params.strip_accents,
            },
            squeeze: params.squeeze,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let text = args.text(0)?;
        let out = out.text()?;
        for i in 0..args.len() {
            let Some(bytes) = text.get(i) else {
                out.push(None);
                continue;
            };
            let text = repair(bytes, &mut work.repaired);
            let text = self.chars.apply(text, &mut work.chars);
            if self.squeeze {
                squeeze(text, &mut work.squeezed);
                out.push(Some(work.squeezed.as_bytes()));
            } else {
                out.push(Some(text.as_bytes()));
            }
        }
        Ok(())
    }
}

/// Replaces the contents of `out` by the text's words, with a space between two.
fn squeeze(text: &str, out: &mut String) {
    out.clear();
    for word in text.split(is_whitespace).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
}
