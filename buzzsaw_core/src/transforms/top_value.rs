//! `top_value`: the most frequent item of a list.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::text::TermsRow;
use crate::types::ValueType;

/// The most frequent item of a list of categories or tokens; of equally frequent ones that which comes first in the
/// list.
///
/// Numbers and dates give their decimal text.
///
/// **Missing.** A missing list gives a missing output, and so does one without items. Missing items are left out.
///
/// **Example.** `top_value([["red", "lamp", "lamp"], ["b", "a"], [], None])` gives `["lamp", "b", None, None]`.
///
/// **Oracle.** Python's `collections.Counter.most_common`, which keeps the order of first occurrence, exactly.
///
/// **Source.** The mode; ties as in `collections.Counter`.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {}

pub(super) struct TopValue;

/// Where the most frequent item first stands.
fn top(row: TermsRow<'_>, order: &mut Vec<usize>) -> Option<usize> {
    order.clear();
    order.extend(0..row.len());
    order.sort_unstable_by(|a, b| row.get(*a).cmp(row.get(*b)).then(a.cmp(b)));
    order
        .chunk_by(|a, b| row.get(*a) == row.get(*b))
        .filter_map(|same| Some((same.len(), std::cmp::Reverse(*same.first()?))))
        .max()
        .map(|(_, std::cmp::Reverse(first))| first)
}

impl Transform for TopValue {
    const NAME: &'static str = "top_value";
    type Params = Params;
    type Work = Vec<usize>;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        checks::done(
            checks::inputs(inputs, &[("a list of categories", ValueType::is_category_list)]),
            Signature::stateless(vec![Read::Terms], ValueType::Text),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(_params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self)
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, order: &mut Vec<usize>) -> Result<()> {
        let lists = args.terms(0)?;
        let out = out.text()?;
        for i in 0..args.len() {
            let row = lists.get(i);
            out.push(row.and_then(|row| top(row, order).map(|at| row.get(at))));
        }
        Ok(())
    }
}
