//! `vocabulary_index`: a category's position in a fitted vocabulary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{CategoryCounts, FitState, Keep, Outcome, Tables, position_tables};
use crate::hash;
use crate::slot::Slot;
use crate::types::ValueType;
use crate::vocabulary::Vocabulary;

/// The positions that an f32 tells apart.
const MAX_POSITIONS: u64 = 1 << 24;

/// What a category outside the vocabulary becomes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unseen {
    /// Missing.
    #[default]
    Missing,
    /// The position after the last of the vocabulary.
    Index,
}

/// The position of a category in the fitted vocabulary, the most frequent category being 0.
///
/// Categories are in the order of the fitted rows that hold them, most first; of equal counts in ascending order of their
/// bytes. Vocabulary and buckets together have at most 2^24 positions, which f32 tells apart; a fit with more is refused, and so
/// is one that keeps no category.
///
/// **Missing.** A missing category stays missing and is not learnt. One outside the vocabulary goes to a bucket after it, or
/// where there are none becomes what `unseen` says.
///
/// **Example.** `vocabulary_index(["b", "a", "b", None, "c"], top_k=2, unseen="index")` gives `[0.0, 1.0, 0.0, None, 2.0]`.
///
/// **Oracle.** Counts in Python; without `top_k` and `min_count` also scikit-learn's `OrdinalEncoder` over the categories in that
/// order: exactly.
///
/// **Source.** Spark ML's `StringIndexer` with `frequencyDesc`; the bucket is XXH3-64 of the category's bytes with `seed`,
/// modulo `oov_buckets`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How many categories are kept, the most frequent; all by default.
    top_k: Option<u64>,
    /// Categories in fewer rows are left out; 1 or more.
    min_count: u64,
    /// How many buckets come after the vocabulary for all other categories; at most 2^24 - 1.
    oov_buckets: u32,
    /// What a category outside the vocabulary becomes without buckets: `missing`, or `index` for the position after the last.
    unseen: Unseen,
    /// The seed of the buckets' hash.
    seed: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            top_k: None,
            min_count: 1,
            oov_buckets: 0,
            unseen: Unseen::Missing,
            seed: 0,
        }
    }
}

impl Params {
    /// Positions after the vocabulary.
    fn buckets(&self) -> u32 {
        match self.unseen {
            Unseen::Missing => self.oov_buckets,
            Unseen::Index => 1,
        }
    }
}

/// Counts of categories, and what is kept of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    counts: CategoryCounts,
    keep: Keep,
    buckets: u32,
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
        let kept = self.counts.ranked(self.keep);
        let tables = position_tables(&kept, u64::from(self.buckets), MAX_POSITIONS)?;
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

pub(super) struct VocabularyIndex {
    vocabulary: Vocabulary,
    buckets: u32,
    seed: u64,
}

impl Transform for VocabularyIndex {
    const NAME: &'static str = "vocabulary_index";
    type Params = Params;
    type Work = CategoryBuffer;
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("a category", ValueType::is_category)]);
        problems.extend(checks::keep(params.top_k, params.min_count));
        problems.extend(checks::range(
            u64::from(params.oov_buckets) < MAX_POSITIONS,
            "oov_buckets",
            params.oov_buckets,
            "give at most 16777215",
        ));
        if params.unseen == Unseen::Index && params.oov_buckets > 0 {
            let problem = Problem::new(
                ErrorKind::InvalidSpec,
                "with buckets no category is without an index",
            );
            problems.push(problem.at("unseen").hint("leave out `unseen` or `oov_buckets`"));
        }
        checks::done(
            problems,
            Signature::fitted(vec![Read::Category], ValueType::Number, vec![0]),
        )
    }

    fn start(params: &Params) -> State {
        State {
            counts: CategoryCounts::default(),
            keep: Keep {
                top_k: params.top_k,
                min_count: params.min_count,
            },
            buckets: params.buckets(),
        }
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        Ok(Self {
            vocabulary: Vocabulary::open(tables)?,
            buckets: params.buckets(),
            seed: params.seed,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, buffer: &mut CategoryBuffer) -> Result<()> {
        let categories = args.category(0)?;
        let out = out.numbers()?;
        let size = self.vocabulary.len() as u64;
        for i in 0..args.len() {
            let position = categories.get(i, buffer).and_then(|category| {
                let found = self.vocabulary.find(category).map(|at| at as u64);
                found.or_else(|| {
                    let bucket = hash::xxh3_64(category, self.seed).checked_rem(u64::from(self.buckets))?;
                    Some(size + bucket)
                })
            });
            out.push(position.map_or(f64::NAN, |position| position as f64));
        }
        Ok(())
    }
}
