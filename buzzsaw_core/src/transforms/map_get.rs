//! `map_get`: the value of one key of a map.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::text::repair;
use crate::types::{DataType, ValueType};

/// The value that a map has for one key.
///
/// A map of strings gives text, a map of numbers or booleans gives numbers. Keys are compared byte for byte, once their
/// invalid UTF-8 is repaired; of a repeated key the last entry counts.
///
/// **Missing.** A missing map, a map without the key, and a missing value all give a missing output. It has no policy for
/// missing numbers: put an `impute` step after it.
///
/// **Example.** `map_get([{"colour": "Black"}, {}], key="colour")` gives `["Black", None]`.
///
/// **Oracle.** A Python dictionary of the repaired entries, the last of a repeated key: exactly.
///
/// **Source.** Apache Spark's `element_at(map, key)`, which gives null for an absent key.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The key.
    key: String,
}

pub(super) struct MapGet {
    key: Vec<u8>,
    /// Whether the key has the character that invalid UTF-8 is repaired to; no other key needs the repair.
    is_repaired: bool,
}

fn output(map: &ValueType) -> Option<ValueType> {
    match map {
        ValueType::Column(DataType::Map(item)) if **item == DataType::String => Some(ValueType::Text),
        ValueType::Column(DataType::Map(item)) if item.is_number() => Some(ValueType::Number),
        _ => None,
    }
}

impl Transform for MapGet {
    const NAME: &'static str = "map_get";
    type Params = Params;
    type Work = String;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let fits: fn(&ValueType) -> bool = |v| output(v).is_some();
        let mut problems = checks::inputs(inputs, &[("a map of strings or numbers", fits)]);
        if params.key.is_empty() {
            let problem = Problem::new(ErrorKind::InvalidSpec, "the key is empty");
            problems.push(problem.at("key").hint("name the key whose value is wanted"));
        }
        let output = inputs.first().and_then(output).unwrap_or(ValueType::Text);
        checks::done(problems, Signature::stateless(vec![Read::Map], output))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            is_repaired: params.key.contains(char::REPLACEMENT_CHARACTER),
            key: params.key.into_bytes(),
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut String) -> Result<()> {
        let map = args.map(0)?;
        for i in 0..args.len() {
            let found = map.find(i, |key| {
                key == self.key || self.is_repaired && repair(key, work).as_bytes() == self.key
            });
            if let Slot::Numbers(values) = out {
                values.push(found.map_or(f64::NAN, |(column, at)| column.number(at)));
            } else {
                let bytes = found.and_then(|(column, at)| column.bytes(at));
                out.text()?
                    .push(bytes.map(|bytes| repair(bytes, work).as_bytes()));
            }
        }
        Ok(())
    }
}
