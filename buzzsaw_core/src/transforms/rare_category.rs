//! `rare_category`: one name for all rare categories.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{Problem, Result};
use crate::fit::{CategoryCounts, FitState, Keep, Outcome, Tables, vocabulary_tables};
use crate::slot::Slot;
use crate::text::repair;
use crate::types::ValueType;
use crate::vocabulary::Vocabulary;

/// The category as text, or `replacement` when it is rare in the fitted rows.
///
/// A category is rare when fewer than `min_count` rows hold it, when its share of the rows that have a category is below
/// `min_share`, or when it is not among the `top_k` most frequent (of equal counts those first in byte order stay). Numbers, booleans
/// and dates (as days since 1970-01-01) become their decimal text, bytes are repaired as text.
///
/// **Missing.** A missing category stays missing and is counted nowhere; an unseen one is rare.
///
/// **Example.** `rare_category(["a", "b", "a", None, "a"], min_count=2)` gives `["a", "other", "a", None, "a"]`.
///
/// **Oracle.** Counts in Python: exactly.
///
/// **Source.** `feature_engine.encoding.RareLabelEncoder`, with its `tol` as `min_share`; scikit-learn's `min_frequency` and
/// `max_categories` of `OneHotEncoder` group alike.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How many categories are kept, the most frequent; all by default.
    top_k: Option<u64>,
    /// Categories in fewer rows are rare; 1 or more.
    min_count: u64,
    /// Categories of a smaller share of the rows are rare; 0.0 to 1.0.
    min_share: f64,
    /// What rare categories become.
    replacement: String,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            top_k: None,
            min_count: 1,
            min_share: 0.0,
            replacement: "other".to_owned(),
        }
    }
}

/// Counts of categories, and what is kept of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    counts: CategoryCounts,
    keep: Keep,
    min_share: f64,
}

/// Whether `rows` of `all` are `min_share` of them or more. A quotient, not a product: 3 of 30 rows are a share of 0.1.
fn is_share(rows: u64, all: u64, min_share: f64) -> bool {
    rows as f64 / all as f64 >= min_share
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
        let all = self.counts.rows();
        let mut kept = self.counts.sorted(self.keep);
        kept.retain(|(_, rows)| is_share(*rows, all, self.min_share));
        Ok(Outcome::Done(vocabulary_tables(&kept)?))
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

    fn prune(&mut self, rest: Option<&Self>) {
        self.counts.prune(self.keep);
        if let Some(rest) = rest {
            let (all, min_share) = (rest.counts.rows(), self.min_share);
            self.counts.retain(|rows| is_share(rows, all, min_share));
        }
    }

    fn prunes_by_rest(&self) -> bool {
        self.min_share > 0.0
    }
}

pub(super) struct RareCategory {
    vocabulary: Vocabulary,
    replacement: String,
}

#[derive(Default)]
pub(crate) struct Work {
    buffer: CategoryBuffer,
    repaired: String,
}

impl Transform for RareCategory {
    const NAME: &'static str = "rare_category";
    type Params = Params;
    type Work = Work;
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("a category", ValueType::is_category)]);
        problems.extend(checks::keep(params.top_k, params.min_count));
        problems.extend(checks::range(
            (0.0..=1.0).contains(&params.min_share),
            "min_share",
            params.min_share,
            "give a share from 0.0 to 1.0",
        ));
        checks::done(
            problems,
            Signature::fitted(vec![Read::Category], ValueType::Text, vec![0]),
        )
    }

    fn start(params: &Params) -> State {
        State {
            counts: CategoryCounts::default(),
            keep: Keep {
                top_k: params.top_k,
                min_count: params.min_count,
            },
            min_share: params.min_share,
        }
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        Ok(Self {
            vocabulary: Vocabulary::open(tables)?,
            replacement: params.replacement,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let categories = args.category(0)?;
        let out = out.text()?;
        let Work { buffer, repaired } = work;
        for i in 0..args.len() {
            let category = categories.get(i, buffer).map(|category| {
                if self.vocabulary.find(category).is_some() {
                    repair(category, repaired).as_bytes()
                } else {
                    self.replacement.as_bytes()
                }
            });
            out.push(category);
        }
        Ok(())
    }
}
