//! `one_hot`: a category as one column of a fitted vocabulary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{Problem, Result};
use crate::fit::{CategoryCounts, FitState, Keep, MAX_COLUMNS, Outcome, Tables, position_tables};
use crate::slot::Slot;
use crate::types::ValueType;
use crate::vocabulary::Vocabulary;

/// 1.0 in the column of the category, among the categories that were fitted.
///
/// Columns are in ascending order of the categories' bytes. `top_k` keeps the categories that most fitted rows hold; of equal
/// counts those first in byte order. A fit that keeps no category is refused.
///
/// **Missing.** A missing category gives an empty row and is not learnt; one outside the vocabulary an empty row, or with `oov`
/// an entry in the last column.
///
/// **Example.** `one_hot(["b", "a", "b", None, "c"], top_k=2, oov=True)` gives `[{1: 1.0}, {0: 1.0}, {1: 1.0}, {}, {2: 1.0}]`.
///
/// **Oracle.** scikit-learn's `OneHotEncoder(handle_unknown="ignore")` over the kept categories: exactly.
///
/// **Source.** `sklearn.preprocessing.OneHotEncoder`, whose order of text categories is the same.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How many categories are kept, the most frequent; all by default.
    top_k: Option<u64>,
    /// Categories in fewer rows are left out; 1 or more.
    min_count: u64,
    /// Whether one more column, after the vocabulary, stands for every other category.
    oov: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            top_k: None,
            min_count: 1,
            oov: false,
        }
    }
}

/// Counts of categories, and what is kept of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    counts: CategoryCounts,
    keep: Keep,
    oov: bool,
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        self.counts.add_rows(args)
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.counts.merge(other.counts);
        Ok(())
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let kept = self.counts.sorted(self.keep);
        let tables = position_tables(&kept, u64::from(self.oov), MAX_COLUMNS)?;
        Ok(Outcome::Done(tables))
    }

    fn keys(&self) -> usize {
        self.counts.categories()
    }

    fn key_bytes(&self) -> usize {
        self.counts.bytes()
    }

    fn split(&mut self, parts: usize) -> Vec<Self> {
        let counts = self.counts.split(parts);
        counts
            .into_iter()
            .map(|counts| Self { counts, ..*self })
            .collect()
    }

    fn prune(&mut self, _rest: Option<&Self>) {
        self.counts.prune(self.keep);
    }
}

pub(super) struct OneHot {
    vocabulary: Vocabulary,
    oov: bool,
}

impl Transform for OneHot {
    const NAME: &'static str = "one_hot";
    type Params = Params;
    type Work = CategoryBuffer;
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("a category", ValueType::is_category)]);
        problems.extend(checks::keep(params.top_k, params.min_count));
        checks::done(
            problems,
            Signature::fitted(vec![Read::Category], ValueType::Sparse, vec![0]),
        )
    }

    fn start(params: &Params) -> State {
        State {
            counts: CategoryCounts::default(),
            keep: Keep {
                top_k: params.top_k,
                min_count: params.min_count,
            },
            oov: params.oov,
        }
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        Ok(Self {
            vocabulary: Vocabulary::open(tables)?,
            oov: params.oov,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, buffer: &mut CategoryBuffer) -> Result<()> {
        let categories = args.category(0)?;
        let out = out.sparse()?;
        let other = self.oov.then_some(self.vocabulary.len());
        for i in 0..args.len() {
            if let Some(category) = categories.get(i, buffer)
                && let Some(column) = self.vocabulary.find(category).or(other)
            {
                out.push(column as u32, 1.0);
            }
            out.end_row();
        }
        Ok(())
    }

    fn columns(&self, _inputs: &[u32]) -> u32 {
        self.vocabulary.len() as u32 + u32::from(self.oov)
    }
}
