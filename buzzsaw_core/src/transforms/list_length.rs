//! `list_length`: how many items a list has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Arg, Args};
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The number of items of a list, of tokens, or of the entries of a map.
///
/// **Missing.** A missing list or map gives a missing output, an empty one 0.0. Missing items of a list are not
/// counted; an entry of a map counts whatever its value.
///
/// **Example.** `list_length([["red", "lamp", "red"], [], ["a", None], None])` gives `[3.0, 0.0, 1.0, None]`.
///
/// **Oracle.** Python's `len` over the items that are not missing, exactly.
///
/// **Source.** Apache Spark's `size`, which gives null for a missing list in ANSI mode.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct ListLength;

fn read(input: &ValueType) -> Option<Read> {
    if input.is_category_list() {
        Some(Read::Terms)
    } else if input.is_vector() {
        Some(Read::Vector)
    } else if input.is_map() {
        Some(Read::Map)
    } else {
        None
    }
}

impl Transform for ListLength {
    const NAME: &'static str = "list_length";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let fits: fn(&ValueType) -> bool = |v| read(v).is_some();
        let read = inputs.first().and_then(read).unwrap_or(Read::Terms);
        checks::done(
            checks::inputs(inputs, &[("a list, tokens or a map", fits)]),
            Signature::stateless(vec![read], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(_params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self)
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let out = out.numbers()?;
        let rows = 0..args.len();
        let number = |count: Option<usize>| count.map_or(f64::NAN, |count| count as f64);
        match args.arg(0) {
            Arg::Vector(lists) => out.extend(rows.map(|i| {
                let given = |items: &[f64]| items.iter().filter(|item| !item.is_nan()).count();
                number(lists.get(i).map(given))
            })),
            Arg::Map(maps) => out.extend(rows.map(|i| number(maps.entries(i).map(Iterator::count)))),
            _ => {
                let terms = args.terms(0)?;
                out.extend(rows.map(|i| number(terms.get(i).map(|row| row.len()))));
            }
        }
        Ok(())
    }
}
