//! `map_keys`: the keys of a map.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::text::{Terms, repair};
use crate::types::ValueType;

/// The distinct keys of a map as tokens, in the ascending order of their bytes.
///
/// Keys are repaired as text is. The order does not depend on how a runtime keeps its maps. A key counts whatever its
/// value, also a missing one.
///
/// **Missing.** A missing map gives a missing output, an empty one no tokens.
///
/// **Example.** `map_keys([{"size": "9", "colour": "red"}, {}, None])` gives `[["colour", "size"], [], None]`.
///
/// **Oracle.** Python's `sorted` over the set of keys, exactly.
///
/// **Source.** Apache Spark's `map_keys`, sorted.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct MapKeys;

#[derive(Default)]
pub(crate) struct Work {
    /// The repaired keys of one row.
    keys: Terms,
    order: Vec<usize>,
    buffer: String,
}

impl Transform for MapKeys {
    const NAME: &'static str = "map_keys";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        checks::done(
            checks::inputs(inputs, &[("a map", ValueType::is_map)]),
            Signature::stateless(vec![Read::Map], ValueType::Terms),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(_params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self)
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let maps = args.map(0)?;
        let out = out.terms()?;
        for i in 0..args.len() {
            let Some(entries) = maps.entries(i) else {
                out.missing_row();
                continue;
            };
            let Work { keys, order, buffer } = work;
            keys.clear();
            for (key, _, _) in entries {
                keys.push_token(repair(key, buffer).as_bytes())?;
            }
            keys.end_row();
            if let Some(row) = keys.row(0) {
                order.clear();
                order.extend(0..row.len());
                order.sort_unstable_by(|a, b| row.get(*a).cmp(row.get(*b)));
                order.dedup_by(|a, b| row.get(*a) == row.get(*b));
                for at in order.iter() {
                    out.push_token(row.get(*at))?;
                }
            }
            out.end_row();
        }
        Ok(())
    }
}
