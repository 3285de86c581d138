//! `map_text`: the values of a map as one text.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::text::repair;
use crate::types::{DataType, ValueType};

/// The values of a map of strings joined with a separator, in the order of the entries, so that attributes can be searched
/// as a field.
///
/// **Missing.** A missing map is missing; missing values are left out; a map without a value that is taken gives an
/// empty text. Of a repeated key every entry is taken.
///
/// **Example.** `map_text([{"t_colour": "Black", "n_width": "3.0"}, {}], prefix="t_")` gives `["Black", ""]`.
///
/// **Oracle.** Python's `str.join` over the entries: exactly.
///
/// **Source.** Apache Spark's `concat_ws` of `map_values` after `map_filter`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// Only entries whose key starts so are taken; all by default.
    prefix: String,
    /// What stands between two values.
    separator: String,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            prefix: String::new(),
            separator: " ".to_owned(),
        }
    }
}

pub(super) struct MapText {
    params: Params,
}

#[derive(Default)]
pub(crate) struct Work {
    joined: Vec<u8>,
    repaired: String,
}

fn is_text_map(value: &ValueType) -> bool {
    matches!(value, ValueType::Column(DataType::Map(item)) if **item == DataType::String)
}

impl Transform for MapText {
    const NAME: &'static str = "map_text";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let problems = checks::inputs(inputs, &[("a map of strings", is_text_map)]);
        checks::done(problems, Signature::stateless(vec![Read::Map], ValueType::Text))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self { params })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let map = args.map(0)?;
        let out = out.text()?;
        let Params { prefix, separator } = &self.params;
        // Invalid UTF-8 in a key is repaired to this character, and to no other.
        let is_repaired = prefix.contains(char::REPLACEMENT_CHARACTER);
        for i in 0..args.len() {
            let Some(entries) = map.entries(i) else {
                out.push(None);
                continue;
            };
            work.joined.clear();
            let mut first = true;
            for (key, values, at) in entries {
                let taken = key.starts_with(prefix.as_bytes())
                    || is_repaired && repair(key, &mut work.repaired).starts_with(prefix.as_str());
                let Some(value) = values.bytes(at).filter(|_| taken) else {
                    continue;
                };
                if !first {
                    work.joined.extend_from_slice(separator.as_bytes());
                }
                first = false;
                work.joined
                    .extend_from_slice(repair(value, &mut work.repaired).as_bytes());
            }
            out.push(Some(&work.joined));
        }
        Ok(())
    }
}
