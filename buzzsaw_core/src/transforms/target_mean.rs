//! `target_mean`: a category's mean label, pulled towards the mean of all.

use num_bigint::BigInt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FitReads, Read, Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{FitState, FoldEncodings, FoldTotals, Outcome, Tables, Total, ratio_to_f64};
use crate::slot::Slot;
use crate::types::ValueType;

/// The mean label of the rows of a category: (sum + prior_weight * global mean) / (count + prior_weight).
///
/// In training a row sees the state learnt without the fold of its qid, so that no label of its own query leaks into
/// it; in serving the full state. Rows without a qid are in the fold of the empty qid. Where every labelled row is in
/// one fold, nothing is known outside of it, and the global mean there is 0.0. Labels are added as whole numbers of
/// 1 / `label_scale`, so that sums are exact.
///
/// With `prior_weight: auto` the weight of a category is its own, the empirical Bayes estimate: the variance of the
/// category's labels divided by that of all labels (both with ddof 0), so that categories whose labels agree are pulled less.
/// Where all labels are equal there is nothing to pull.
///
/// **Missing.** A missing category gives a missing value; an unseen one the global mean. Rows without a label are not
/// learnt from. The global mean is over all labelled rows, also those without a category.
///
/// **Example.** `target_mean(["a", "a", "b", None], label=[1.0, 0.0, 1.0, 1.0], prior_weight=1, folds=0)` gives
/// `[0.583333, 0.583333, 0.875, None]`.
///
/// **Oracle.** Exact fractions in Python: within 1 ULP of f32; of the full state also
/// `sklearn.preprocessing.TargetEncoder`, to 1e-12.
///
/// **Source.** Micci-Barreca, "A Preprocessing Scheme for High-Cardinality Categorical Attributes" (2001), with the
/// m-estimate and the empirical Bayes estimate of `sklearn.preprocessing.TargetEncoder`'s `smooth`; the fold is xxh3-64 of the qid (seed 0) modulo `folds`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How many rows the global mean counts for, 0 to 1e15, or `auto` for what each category's labels say.
    prior_weight: PriorWeight,
    /// The number of folds for training rows, 2 to 64; 0 for none.
    folds: u32,
    /// Labels are rounded to whole multiples of 1 / `label_scale`, ties to even; 1 to 1e12.
    label_scale: f64,
}

/// How many rows the global mean counts for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum PriorWeight {
    /// A rule.
    Rule(WeightRule),
    /// So many.
    Rows(f64),
}

/// A rule for how many rows the global mean counts for.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum WeightRule {
    /// The variance of the category's labels over that of all labels.
    Auto,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            prior_weight: PriorWeight::Rows(20.0),
            folds: 5,
            label_scale: 1e6,
        }
    }
}

/// Totals of scaled labels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    /// How many rows the global mean counts for; `None` for what each category's labels say.
    prior_weight: Option<f64>,
    folds: u32,
    label_scale: f64,
    totals: FoldTotals,
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let scale = self.label_scale;
        self.totals.update(args, self.folds, |label| {
            let scaled = (label * scale).round_ties_even();
            if scaled.abs() >= 9.2e18 {
                return Err(Error::new(
                    ErrorKind::InvalidValue,
                    format!("the label {label} is past the range of label_scale {scale}"),
                )
                .hint("lower label_scale, or mend the label"));
            }
            Ok(scaled as i128)
        })
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.totals.merge(other.totals);
        Ok(())
    }

    fn keys(&self) -> usize {
        self.totals.categories()
    }

    fn key_bytes(&self) -> usize {
        self.totals.bytes(self.folds)
    }

    fn split(&mut self, parts: usize) -> Vec<Self> {
        let totals = self.totals.split(parts).into_iter();
        totals
            .map(|totals| Self {
                totals,
                ..self.clone()
            })
            .collect()
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let mean = |fold| self.global_mean(fold);
        let encode = |fold, total| self.encode(total, fold);
        Ok(Outcome::Done(self.totals.tables(self.folds, mean, encode)?))
    }
}

impl State {
    /// The mean label that a row of `fold` may see; 0.0 of no labels.
    fn global_mean(&self, fold: Option<u32>) -> f64 {
        let total = self.totals.overall(fold);
        if total.count == 0 {
            return 0.0;
        }
        total.sum as f64 / self.label_scale / total.count as f64
    }

    fn encode(&self, total: Total, fold: Option<u32>) -> f64 {
        let global_mean = self.global_mean(fold);
        let Some(prior_weight) = self.prior_weight else {
            let mean = empirical_bayes(total, self.totals.overall(fold));
            return mean.map_or(global_mean, |mean| mean / self.label_scale);
        };
        let weight = total.count as f64 + prior_weight;
        if weight == 0.0 {
            return global_mean;
        }
        (total.sum as f64 / self.label_scale + prior_weight * global_mean) / weight
    }
}

/// The mean of a category with the total `own` among `all`, drawn to the mean of all by how the variances stand to each
/// other; `None` where neither varies.
///
/// With m, v and M, V the means and variances of n and of N labels it is (n V m + v M) / (n V + v), one fraction of whole
/// numbers.
fn empirical_bayes(own: Total, all: Total) -> Option<f64> {
    let spread = |total: Total| total.squares.to_big() * total.count - BigInt::from(total.sum).pow(2);
    let (n, all_n) = (BigInt::from(own.count), BigInt::from(all.count));
    let (varies, all_vary) = (spread(own), spread(all));
    let square = &n * &n;
    let above = &all_vary * own.sum * &square + &varies * all.sum * &all_n;
    let below = all_vary * square * &n + varies * &all_n * &all_n;
    let mean = ratio_to_f64(&above, below.magnitude(), 0);
    (!mean.is_nan()).then_some(mean)
}

pub(super) struct TargetMean {
    encodings: FoldEncodings,
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
        if let PriorWeight::Rows(rows) = prior_weight {
            problems.extend(checks::range(
                (0.0..=1e15).contains(&rows),
                "prior_weight",
                rows,
                "give 0 to 1e15, or `auto`",
            ));
        }
        problems.extend(checks::folds(folds));
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
        let Params {
            prior_weight,
            folds,
            label_scale,
        } = *params;
        State {
            prior_weight: match prior_weight {
                PriorWeight::Rule(WeightRule::Auto) => None,
                PriorWeight::Rows(rows) => Some(rows),
            },
            folds,
            label_scale,
            totals: FoldTotals::default(),
        }
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        Ok(Self {
            encodings: FoldEncodings::open(tables, params.folds)?,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, buffer: &mut CategoryBuffer) -> Result<()> {
        self.encodings.eval(args, out.numbers()?, buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_folds_ask_for_no_fold_of_a_row() {
        let folds = |folds: u32| {
            let params = Params {
                folds,
                ..Params::default()
            };
            let text = ValueType::Column(crate::types::DataType::String);
            TargetMean::signature(&params, &[text])
                .unwrap()
                .fit
                .unwrap()
                .folds
        };
        assert_eq!((folds(0), folds(2)), (None, Some(2)));
    }
}
