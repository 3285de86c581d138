//! `multi_hot`: a list of categories as columns of a fitted vocabulary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::cpu::Level;
use crate::error::{Problem, Result};
use crate::fit::{CategoryCounts, FitState, Keep, MAX_COLUMNS, Outcome, Tables, position_tables};
use crate::slot::Slot;
use crate::sparse_row::{Keys, Norm, Scale};
use crate::types::ValueType;
use crate::vocabulary::Vocabulary;

/// 1.0 in the column of each category (or token) of a list, among those that were fitted.
///
/// Columns are in ascending order of the categories' bytes. `top_k` keeps the categories that most fitted rows hold, a row
/// counting once however often it holds one; of equal counts those first in byte order. A fit that keeps no category is refused.
///
/// **Missing.** A missing list gives an empty row, as an empty one does; neither adds to a count. Missing items of a list are left
/// out. Items outside the vocabulary are left out, or with `oov` fall into the last column.
///
/// **Example.** `multi_hot([["b", "a", "b"], ["b"], None, ["c"]], counts=True)` gives `[{0: 1.0, 1: 2.0}, {1: 1.0}, {}, {2: 1.0}]`.
///
/// **Oracle.** scikit-learn's `MultiLabelBinarizer` over the kept categories, and with `counts` its `CountVectorizer`: exactly.
///
/// **Source.** `sklearn.preprocessing.MultiLabelBinarizer`, whose order of text categories is the same.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How many categories are kept, those in most rows; all by default.
    top_k: Option<u64>,
    /// Categories in fewer rows are left out; 1 or more.
    min_count: u64,
    /// Whether one more column, after the vocabulary, stands for every other category.
    oov: bool,
    /// Whether a column counts how often the row holds its category, in place of 1.0.
    counts: bool,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            top_k: None,
            min_count: 1,
            oov: false,
            counts: false,
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
        let lists = args.terms(0)?;
        for row in (0..args.len()).filter_map(|i| lists.get(i)) {
            self.counts.start_row();
            row.iter().for_each(|category| self.counts.add(category));
        }
        Ok(())
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

pub(super) struct MultiHot {
    vocabulary: Vocabulary,
    params: Params,
    level: Level,
}

impl Transform for MultiHot {
    const NAME: &'static str = "multi_hot";
    type Params = Params;
    type Work = Keys;
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let list = (
            "terms or a list of categories",
            ValueType::is_category_list as fn(&_) -> _,
        );
        let mut problems = checks::inputs(inputs, &[list]);
        problems.extend(checks::keep(params.top_k, params.min_count));
        checks::done(
            problems,
            Signature::fitted(vec![Read::Terms], ValueType::Sparse, vec![0]),
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
            params,
            level: Level::detect(),
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, keys: &mut Keys) -> Result<()> {
        let lists = args.terms(0)?;
        let out = out.sparse()?;
        let scale = Scale {
            binary: !self.params.counts,
            norm: Norm::None,
        };
        let size = self.vocabulary.len();
        let other = self.params.oov.then_some(size);
        keys.clear();
        for i in 0..args.len() {
            if let Some(row) = lists.get(i) {
                let columns = row.iter().filter_map(|item| self.vocabulary.find(item).or(other));
                keys.extend(columns.map(|column| (column as u32, false)));
            }
            keys.end_row();
            if keys.is_batch() || i + 1 == args.len() {
                keys.merge(self.level, size as u64 + 1, scale, out);
            }
        }
        Ok(())
    }

    fn columns(&self, _inputs: &[u32]) -> u32 {
        self.vocabulary.len() as u32 + u32::from(self.params.oov)
    }
}
