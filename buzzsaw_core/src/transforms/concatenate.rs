//! `concatenate`: several texts as one.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Args, TextArg};
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::spec::MAX_STEP_INPUTS;
use crate::types::ValueType;

/// Two or more texts joined, in the order of the inputs, with a separator between them.
///
/// **Missing.** Missing texts are left out, with their separator; when all are missing the output is missing. An empty
/// text is joined as it is.
///
/// **Example.** `concatenate(["red", "red", None], ["lamp", None, None])` gives `["red lamp", "red", None]`.
///
/// **Oracle.** Python's `str.join` over the texts that are given: exactly.
///
/// **Source.** Apache Spark's `concat_ws`, which gives an empty text where all inputs are null.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What stands between two texts.
    separator: String,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            separator: " ".to_owned(),
        }
    }
}

pub(super) struct Concatenate {
    separator: String,
}

impl Transform for Concatenate {
    const NAME: &'static str = "concatenate";
    type Params = Params;
    type Work = Vec<u8>;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = Vec::new();
        if inputs.len() < 2 {
            let problem = Problem::new(ErrorKind::InvalidSpec, "it reads two texts or more");
            problems.push(problem.at("inputs").hint("give `inputs: [a, b]`"));
        }
        let texts = inputs.iter().enumerate();
        problems.extend(texts.filter_map(|(i, v)| checks::input(i, v, ("text", ValueType::is_text))));
        let reads = vec![Read::Text; inputs.len()];
        checks::done(problems, Signature::stateless(reads, ValueType::Text))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            separator: params.separator,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, joined: &mut Vec<u8>) -> Result<()> {
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
