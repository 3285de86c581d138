//! `target_mean`: a category's mean label, pulled towards the mean of all.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FitReads, Read, Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{FitState, FoldEncodings, FoldTotals, Outcome, Tables, Total};
use crate::slot::Slot;
use crate::types::ValueType;

/// The mean label of the rows of a category: (sum + prior_weight * global mean) / (count + prior_weight).
///
/// In training a row sees the state learnt without the fold of its qid, so that no label of its own query leaks into
/// it; in serving, and for a row without a qid, the full state. Labels are added as whole numbers of 1 / `label_scale`, so
/// that sums are exact.
///
/// **Missing.** A missing category gives a missing value; an unseen one the global mean. Rows without a label are not
/// learnt from. The global mean is over all labelled rows, also those without a category.
///
/// **Example.** `target_mean(["a", "a", "b", None], label=[1.0, 0.0, 1.0, 1.0], prior_weight=1, folds=0)` gives
/// `[0.583333, 0.583333, 0.875, None]`.
///
/// **Oracle.** Exact fractions in Python: within 1 ULP of f32.
///
/// **Source.** Micci-Barreca, "A Preprocessing Scheme for High-Cardinality Categorical Attributes" (2001), with the
/// m-estimate of `sklearn.preprocessing.TargetEncoder`'s `smooth`; the fold is xxh3-64 of the qid (seed 0) modulo `folds`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How many rows the global mean counts for; 0 to 1e15.
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

/// Totals of scaled labels.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    params: Params,
    totals: FoldTotals,
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let scale = self.params.label_scale;
        self.totals.update(args, self.params.folds, |label| {
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

    fn finish(self) -> Result<Outcome<Self>> {
        let mean = |fold| self.global_mean(fold);
        let encode = |fold, total| self.encode(total, self.global_mean(fold));
        Ok(Outcome::Done(self.totals.tables(
            self.params.folds,
            mean,
            encode,
        )?))
    }
}

impl State {
    /// The mean label that a row of `fold` may see; that of all rows when every label is in the fold.
    fn global_mean(&self, fold: Option<u32>) -> f64 {
        let total = self.totals.overall(fold);
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
        problems.extend(checks::range(
            (0.0..=1e15).contains(&prior_weight),
            "prior_weight",
            prior_weight,
            "give 0 to 1e15",
        ));
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
        State {
            params: *params,
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
