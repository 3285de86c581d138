//! `target_mean`: a category's mean label, pulled towards the mean of all.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, LargeBinaryArray};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FitReads, Read, Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{FitState, Outcome, Tables};
use crate::slot::Slot;
use crate::types::ValueType;
use crate::vocabulary::{self, Vocabulary};

/// The mean label of the rows of a category: (sum + prior_weight * global mean) / (count + prior_weight).
///
/// In training a row sees the state learnt without the fold of its qid, so that no label of its own query leaks into
/// it; in serving, and for a row without a qid, the full state. Labels are added as whole numbers of 1 / `label_scale`, so
/// that sums are exact.
///
/// **Missing.** A missing category gives a missing value; an unseen one the global mean. Rows without a label are not
/// learnt from. The global mean is over all labelled rows, also those without a category.
///
/// **Example.** `{transform: target_mean, input: supplier, prior_weight: 20, folds: 5}`.
///
/// **Source.** Micci-Barreca, "A Preprocessing Scheme for High-Cardinality Categorical Attributes" (2001), with the
/// m-estimate of `sklearn.preprocessing.TargetEncoder`'s `smooth`; the fold is xxh3-64 of the qid (seed 0) modulo `folds`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How many rows the global mean counts for; 0 or more.
    prior_weight: f64,
    /// The number of folds for training rows, 2 to 64; 0 for none.
    folds: u32,
    /// Labels are rounded to whole multiples of 1 / `label_scale`, ties to even; 1 to 1e12.
    label_scale: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            prior_weight: 20.0,
            folds: 5,
            label_scale: 1e6,
        }
    }
}

/// A sum of scaled labels and their count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Total {
    sum: i128,
    count: u64,
}

impl Total {
    fn add(&mut self, other: Total) {
        self.sum += other.sum;
        self.count += other.count;
    }

    fn without(self, fold: Total) -> Total {
        Total {
            sum: self.sum - fold.sum,
            count: self.count - fold.count,
        }
    }
}

/// Totals of one category: of all rows, and of each fold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Totals {
    all: Total,
    folds: BTreeMap<u32, Total>,
}

impl Totals {
    fn add(&mut self, total: Total, fold: Option<u32>) {
        self.all.add(total);
        if let Some(fold) = fold {
            self.folds.entry(fold).or_default().add(total);
        }
    }

    fn merge(&mut self, other: Totals) {
        self.all.add(other.all);
        for (fold, total) in other.folds {
            self.folds.entry(fold).or_default().add(total);
        }
    }

    /// The totals that a row of `fold` may see.
    fn seen_from(&self, fold: Option<u32>) -> Total {
        let held_out = fold
            .and_then(|fold| self.folds.get(&fold))
            .copied()
            .unwrap_or_default();
        self.all.without(held_out)
    }
}

/// Totals of every category and of all rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    params: Params,
    categories: BTreeMap<Box<[u8]>, Totals>,
    global: Totals,
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let categories = args.category(0)?;
        let mut buffer = CategoryBuffer::default();
        for i in 0..args.len() {
            let label = args.label(i);
            if label.is_nan() {
                continue;
            }
            let scaled = (label * self.params.label_scale).round_ties_even();
            if scaled.abs() >= 9.2e18 {
                return Err(Error::new(
                    ErrorKind::InvalidValue,
                    format!(
                        "the label {label} is past the range of label_scale {}",
                        self.params.label_scale
                    ),
                )
                .hint("lower label_scale, or mend the label"));
            }
            let total = Total {
                sum: scaled as i128,
                count: 1,
            };
            let fold = if self.params.folds > 0 {
                args.fold(i, self.params.folds)
            } else {
                None
            };
            self.global.add(total, fold);
            if let Some(category) = categories.get(i, &mut buffer) {
                match self.categories.get_mut(category) {
                    Some(totals) => totals.add(total, fold),
                    None => self
                        .categories
                        .entry(category.into())
                        .or_default()
                        .add(total, fold),
                }
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.global.merge(other.global);
        for (category, totals) in other.categories {
            self.categories.entry(category).or_default().merge(totals);
        }
        Ok(())
    }

    fn finish(self) -> Result<Outcome<Self>> {
        if self.global.all.count == 0 {
            return Err(Error::new(ErrorKind::InvalidValue, "no row has a label")
                .hint("give the column that has `role: label` in the spec"));
        }
        let mut categories: Vec<(&str, ArrayRef)> = Vec::new();
        let terms: LargeBinaryArray = self.categories.keys().map(Some).collect();
        let counts: Int64Array = self
            .categories
            .values()
            .map(|totals| totals.all.count as i64)
            .collect();
        let mut tables = Tables::default();
        vocabulary::insert_lookup(&mut tables, &terms)?;
        categories.push(("term", Arc::new(terms)));
        categories.push(("count", Arc::new(counts)));
        let names: Vec<String> = (0..self.params.folds).map(fold_column).collect();
        let states = [("full", None)]
            .into_iter()
            .chain(names.iter().map(String::as_str).zip((0..).map(Some)));
        let mut global: Vec<(&str, ArrayRef)> = Vec::new();
        for (name, fold) in states {
            let mean = self.global_mean(fold);
            let encode = |totals: &Totals| self.encode(totals.seen_from(fold), mean);
            let encoded: Float64Array = self.categories.values().map(encode).collect::<Vec<_>>().into();
            categories.push((name, Arc::new(encoded)));
            global.push((name, Arc::new(Float64Array::from(vec![mean]))));
        }
        tables.insert(vocabulary::TERMS, categories)?;
        tables.insert("global", global)?;
        Ok(Outcome::Done(tables))
    }
}

fn fold_column(fold: u32) -> String {
    format!("without_fold_{fold}")
}

impl State {
    /// The mean label that a row of `fold` may see; that of all rows when every label is in the fold.
    fn global_mean(&self, fold: Option<u32>) -> f64 {
        let seen = self.global.seen_from(fold);
        let total = if seen.count == 0 { self.global.all } else { seen };
        total.sum as f64 / self.params.label_scale / total.count as f64
    }

    fn encode(&self, total: Total, global_mean: f64) -> f64 {
        let weight = total.count as f64 + self.params.prior_weight;
        if weight == 0.0 {
            return global_mean;
        }
        (total.sum as f64 / self.params.label_scale + self.params.prior_weight * global_mean) / weight
    }
}

pub(super) struct TargetMean {
    vocabulary: Vocabulary,
    folds: u32,
    /// The full state, then one for each fold: encoded categories and the global mean.
    states: Vec<(Float64Array, f64)>,
}

impl Transform for TargetMean {
    const NAME: &'static str = "target_mean";
    type Params = Params;
    type Work = CategoryBuffer;
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("a category", ValueType::is_category)]);
        let Params {
            prior_weight,
            folds,
            label_scale,
        } = *params;
        problems.extend(checks::range(
            prior_weight >= 0.0,
            "prior_weight",
            prior_weight,
            "give 0 or more",
        ));
        problems.extend(checks::range(
            folds != 1 && folds <= 64,
            "folds",
            folds,
            "give 2 to 64 folds, or 0 for none",
        ));
        let scale = (1.0..=1e12).contains(&label_scale);
        problems.extend(checks::range(scale, "label_scale", label_scale, "give 1 to 1e12"));
        let fit = FitReads {
            inputs: vec![0],
            label: true,
            folds: (folds > 0).then_some(folds),
        };
        let signature = Signature::stateless(vec![Read::Category], ValueType::Number);
        checks::done(
            problems,
            Signature {
                fit: Some(fit),
                ..signature
            },
        )
    }

    fn start(params: &Params) -> State {
        State {
            params: *params,
            categories: BTreeMap::new(),
            global: Totals::default(),
        }
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let vocabulary = Vocabulary::open(tables)?;
        let names = std::iter::once("full".to_owned()).chain((0..params.folds).map(fold_column));
        let states = names.map(|name| {
            Ok((
                tables.f64s(vocabulary::TERMS, &name)?.clone(),
                tables.f64("global", &name)?,
            ))
        });
        let states = states.collect::<Result<Vec<_>>>()?;
        Ok(Self {
            vocabulary,
            folds: params.folds,
            states,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, buffer: &mut CategoryBuffer) -> Result<()> {
        let categories = args.category(0)?;
        let out = out.numbers()?;
        for i in 0..args.len() {
            let value = match categories.get(i, buffer) {
                None => f64::NAN,
                Some(category) => {
                    let fold = if self.folds > 0 {
                        args.fold(i, self.folds)
                    } else {
                        None
                    };
                    let (encoded, global_mean) = &self.states[fold.map_or(0, |fold| fold as usize + 1)];
                    self.vocabulary
                        .find(category)
                        .map_or(*global_mean, |at| encoded.value(at))
                }
            };
            out.push(value);
        }
        Ok(())
    }
}
