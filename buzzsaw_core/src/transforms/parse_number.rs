//! `parse_number`: the number that a text is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The number that a text is, such as an attribute's value: `33.0`, `-1.5e3`, `+7`.
///
/// A text is a number when all of it, but for ASCII white space around it, is an optional sign, digits with at most one
/// decimal point, and an optional exponent. It is read as the nearest f64 (ties to even); past the range of f64 that is
/// infinite.
///
/// **Missing.** A missing text, and one that is no number (`12 kg`, `1,5`, `inf`, `nan`, an empty one), is missing.
///
/// **Example.** `parse_number(["33.0", " -1.5e3 ", "12 kg", None])` gives `[33.0, -1500.0, None, None]`.
///
/// **Oracle.** Python's `float` of texts that match a regular expression: exactly.
///
/// **Source.** IEEE 754-2019, section 5.12.2 (conversion from decimal character sequences), correctly rounded.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct ParseNumber;

/// The number that `text` is.
fn parse(text: &[u8]) -> Option<f64> {
    let text = text.trim_ascii();
    // The standard library also reads words: `inf`, `nan`, `infinity`. A digit must lead, after a sign or a point.
    let starts = text
        .iter()
        .copied()
        .find(|byte| !matches!(byte, b'+' | b'-' | b'.'));
    if !starts.is_some_and(|byte| byte.is_ascii_digit()) {
        return None;
    }
    std::str::from_utf8(text).ok()?.parse().ok()
}

impl Transform for ParseNumber {
    const NAME: &'static str = "parse_number";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let problems = checks::inputs(inputs, &[("text", ValueType::is_text)]);
        checks::done(
            problems,
            Signature::stateless(vec![Read::Text], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(_params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self)
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let text = args.text(0)?;
        let number = |i: usize| text.get(i).and_then(parse).unwrap_or(f64::NAN);
        out.numbers()?.extend((0..args.len()).map(number));
        Ok(())
    }
}
