//! `list_overlap`: how many items two lists share.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::text::TermsRow;
use crate::types::ValueType;

/// What is told of the items that two sets share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Measure {
    /// their number
    #[default]
    Count,
    /// their number over the size of the first set
    ShareOfFirst,
    /// their number over the size of the second set
    ShareOfSecond,
    /// their number over the size of the union
    Jaccard,
}

/// How many distinct items two lists of categories or tokens share, as a count or as a share.
///
/// Lists count as sets. `count` is the size of the intersection, `share_of_first` and `share_of_second` divide it by
/// the size of one set, `jaccard` by that of the union. It takes lists of numbers and other categories too; of tokens,
/// `jaccard` has further measures of two sets, and `coverage` weighs the tokens of a query by their rarity.
///
/// **Missing.** A missing list gives a missing output. A share of an empty set is 0.0. Missing items are left out.
///
/// **Example.** `list_overlap([["a", "b", "a"], [], None], [["b", "c"], ["b"], ["b"]], measure="jaccard")` gives
/// `[0.33333, 0.0, None]`.
///
/// **Oracle.** Python's sets, exactly.
///
/// **Source.** Jaccard, "The distribution of the flora in the alpine zone" (1912).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What is told: `count`, `share_of_first`, `share_of_second` or `jaccard`.
    measure: Measure,
}

pub(super) struct ListOverlap {
    measure: Measure,
}

/// A row's distinct items, as positions in the order of their bytes.
#[derive(Default)]
pub(crate) struct Set {
    /// The source row that is prepared.
    prepared: Option<usize>,
    distinct: Vec<usize>,
}

impl Set {
    fn prepare(&mut self, source: usize, row: TermsRow<'_>) {
        if self.prepared == Some(source) {
            return;
        }
        self.prepared = Some(source);
        self.distinct.clear();
        self.distinct.extend(0..row.len());
        self.distinct
            .sort_unstable_by(|a, b| row.get(*a).cmp(row.get(*b)));
        self.distinct.dedup_by(|a, b| row.get(*a) == row.get(*b));
    }
}

/// The number of items that both sets have.
fn common(first: &Set, a: TermsRow<'_>, second: &Set, b: TermsRow<'_>) -> usize {
    let mut rest = second.distinct.as_slice();
    let mut count = 0;
    for at in &first.distinct {
        let item = a.get(*at);
        while let [head, tail @ ..] = rest
            && b.get(*head) < item
        {
            rest = tail;
        }
        count += usize::from(rest.first().is_some_and(|head| b.get(*head) == item));
    }
    count
}

fn share(common: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { common as f64 / of as f64 }
}

impl Transform for ListOverlap {
    const NAME: &'static str = "list_overlap";
    type Params = Params;
    type Work = (Set, Set);
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let list: checks::Want = ("a list of categories", ValueType::is_category_list);
        checks::done(
            checks::inputs(inputs, &[list, list]),
            Signature::stateless(vec![Read::Terms; 2], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            measure: params.measure,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, (first, second): &mut (Set, Set)) -> Result<()> {
        let (a, b) = (args.terms(0)?, args.terms(1)?);
        let out = out.numbers()?;
        (first.prepared, second.prepared) = (None, None);
        for i in 0..args.len() {
            let (Some(left), Some(right)) = (a.get(i), b.get(i)) else {
                out.push(f64::NAN);
                continue;
            };
            first.prepare(a.source_row(i), left);
            second.prepare(b.source_row(i), right);
            let common = common(first, left, second, right);
            let (of_first, of_second) = (first.distinct.len(), second.distinct.len());
            out.push(match self.measure {
                Measure::Count => common as f64,
                Measure::ShareOfFirst => share(common, of_first),
                Measure::ShareOfSecond => share(common, of_second),
                Measure::Jaccard => share(common, of_first + of_second - common),
            });
        }
        Ok(())
    }
}
