//! `concatenate`: several texts, or several lists of tokens, as one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Args, TermsArg, TextArg};
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::spec::MAX_STEP_INPUTS;
use crate::types::ValueType;

/// Two or more texts joined, or two or more lists of tokens one after the other, in the order of the inputs.
///
/// Texts have a separator between them. Joining the tokens of fields costs less than tokenizing their joined texts, and
/// gives the same tokens wherever no token, n-gram, phrase or synonym reaches over the end of a text.
///
/// **Missing.** Missing inputs are left out, with their separator; when all are missing the output is missing. An empty
/// text is joined as it is.
///
/// **Example.** `concatenate(["red", "red", None], ["lamp", None, None])` gives `["red lamp", "red", None]`.
///
/// **Oracle.** Python's `str.join` and `list.__add__` over the inputs that are given: exactly.
///
/// **Source.** Apache Spark's `concat_ws`, which gives an empty text where all inputs are null, and `concat` of arrays.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What stands between two texts, a space by default; lists take none.
    separator: Option<String>,
}

pub(super) struct Concatenate {
    separator: String,
}

impl Transform for Concatenate {
    const NAME: &'static str = "concatenate";
    type Params = Params;
    type Work = Vec<u8>;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = Vec::new();
        if inputs.len() < 2 {
            let problem = Problem::new(
                ErrorKind::InvalidSpec,
                "it reads two texts or lists of tokens, or more",
            );
            problems.push(problem.at("inputs").hint("give `inputs: [a, b]`"));
        }
        let terms = inputs.first().is_some_and(ValueType::is_terms);
        let (wanted, read, output): (checks::Want, _, _) = if terms {
            (("terms", ValueType::is_terms), Read::Terms, ValueType::Terms)
        } else {
            (("text", ValueType::is_text), Read::Text, ValueType::Text)
        };
        let rest = inputs.iter().enumerate();
        problems.extend(rest.filter_map(|(i, v)| checks::input(i, v, wanted)));
        if terms && params.separator.is_some() {
            let problem = Problem::new(
                ErrorKind::InvalidSpec,
                "lists of tokens have no separator between them",
            );
            problems.push(problem.at("separator").hint("leave it out, or join the texts"));
        }
        let reads = vec![read; inputs.len()];
        checks::done(problems, Signature::stateless(reads, output))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            separator: params.separator.unwrap_or_else(|| " ".to_owned()),
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, joined: &mut Vec<u8>) -> Result<()> {
        match out {
            Slot::Terms(_) => chain(args, out),
            _ => self.join(args, out, joined),
        }
    }
}

impl Concatenate {
    fn join(&self, args: &Args<'_>, out: &mut Slot, joined: &mut Vec<u8>) -> Result<()> {
        let out = out.text()?;
        let mut texts = arrayvec::ArrayVec::<TextArg<'_>, MAX_STEP_INPUTS>::new();
        for input in 0..args.inputs() {
            texts.push(args.text(input)?);
        }
        for i in 0..args.len() {
            joined.clear();
            let mut given = false;
            for text in texts.iter().filter_map(|text| text.get(i)) {
                if given {
                    joined.extend_from_slice(self.separator.as_bytes());
                }
                given = true;
                joined.extend_from_slice(text);
            }
            out.push(given.then_some(joined.as_slice()));
        }
        Ok(())
    }
}

/// Appends the tokens of one list after the other.
fn chain(args: &Args<'_>, out: &mut Slot) -> Result<()> {
    let out = out.terms()?;
    let mut lists = arrayvec::ArrayVec::<TermsArg<'_>, MAX_STEP_INPUTS>::new();
    for input in 0..args.inputs() {
        lists.push(args.terms(input)?);
    }
    for i in 0..args.len() {
        let mut given = false;
        for list in lists.iter().filter_map(|list| list.get(i)) {
            given = true;
            out.push_tokens(list)?;
        }
        if given {
            out.end_row();
        } else {
            out.missing_row();
        }
    }
    Ok(())
}
