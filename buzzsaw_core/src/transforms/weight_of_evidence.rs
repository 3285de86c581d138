//! `weight_of_evidence`: how much a category speaks for a positive label.

use num_bigint::BigInt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FitReads, Read, Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{Problem, Result};
use crate::fit::{FitState, FoldEncodings, FoldTotals, Outcome, Tables, Total, ratio_to_f64};
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;

/// The logarithm of a category's share of the positive rows over its share of the others:
/// ln(((p + s) / (P + 2s)) / ((n + s) / (N + 2s))).
///
/// p of the P positive rows and n of the N others are of the category, and s is `smoothing`. A row is positive when its label is
/// above `positive_above`. In training a row sees the state learnt without the fold of its qid, as in `target_mean`, and rows without
/// a qid are in the fold of the empty one; in serving the full state.
///
/// **Missing.** A missing category gives a missing value; one that was not learnt, or only in the fold that is held out, gives 0.0:
/// no evidence. Rows without a label are not learnt from. P and N are of all labelled rows, also those without a category.
///
/// **Example.** `weight_of_evidence(["a", "a", "b", "b", "a", None], label=[1, 1, 0, 0, 0, 1], folds=0)` gives
/// `[0.5108256, 0.5108256, -1.6094379, -1.6094379, 0.5108256, None]`.
///
/// **Oracle.** Exact fractions and mpmath's logarithm: within 1 ULP of f32, since each operation is rounded to f64.
///
/// **Source.** Good, "Probability and the Weighing of Evidence" (1950); the smoothing is `regularization` of
/// `category_encoders.WOEEncoder`, whose zero for categories of a single row is not taken over.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The rows that are added to each count; 1e-9 to 1e9. What a category without positive rows, or without others, is encoded
    /// as grows without bound as it nears 0.
    smoothing: f64,
    /// A row is positive when its label is above this.
    positive_above: f64,
    /// The number of folds for training rows, 2 to 64; 0 for none.
    folds: u32,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            smoothing: 0.5,
            positive_above: 0.0,
            folds: 5,
        }
    }
}

/// Totals of positive rows.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    params: Params,
    totals: FoldTotals,
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let above = self.params.positive_above;
        self.totals
            .update(args, self.params.folds, |label| Ok(i128::from(label > above)))
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.totals.merge(other.totals);
        Ok(())
    }

    fn keys(&self) -> usize {
        self.totals.categories()
    }

    fn key_bytes(&self) -> usize {
        self.totals.bytes(self.params.folds)
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
        let encode = |fold, total| evidence(total, self.totals.overall(fold), self.params.smoothing);
        let tables = self.totals.tables(self.params.folds, |_| 0.0, encode)?;
        Ok(Outcome::Done(tables))
    }
}

/// `smoothing` as a whole number over 2^bits.
fn as_ratio(smoothing: f64) -> (BigInt, u64) {
    let (mut whole, mut bits) = (smoothing, 0);
    while whole.fract() != 0.0 {
        whole *= 2.0;
        bits += 1;
    }
    // A whole number that was doubled has at most 53 bits, and 1e9 has fewer.
    (BigInt::from(whole as u64), bits)
}

/// The weight of evidence of a category with the total `own` among `all`.
fn evidence(own: Total, all: Total, smoothing: f64) -> f64 {
    if own.count == 0 {
        return 0.0;
    }
    let smooth = |total: Total, times: f64| {
        let positive = total.sum as f64;
        (
            positive + times * smoothing,
            total.count as f64 - positive + times * smoothing,
        )
    };
    let ((p, n), (positives, negatives)) = (smooth(own, 1.0), smooth(all, 2.0));
    let odds = p * negatives / (n * positives);
    if (0.5..=2.0).contains(&odds) {
        math::ln_1p(excess(own, all, smoothing))
    } else {
        math::ln(odds)
    }
}

/// The ratio of odds less 1, rounded once: the logarithm of a ratio near 1 keeps nothing of a rounded one.
fn excess(own: Total, all: Total, smoothing: f64) -> f64 {
    let (once, bits) = as_ratio(smoothing);
    let twice = &once * 2;
    let smooth = |count: i128, more: &BigInt| (BigInt::from(count) << bits) + more;
    let others = |total: Total| i128::from(total.count) - total.sum;
    let positive = smooth(own.sum, &once) * smooth(others(all), &twice);
    let negative = smooth(others(own), &once) * smooth(all.sum, &twice);
    ratio_to_f64(&(positive - &negative), negative.magnitude(), 0)
}

pub(super) struct WeightOfEvidence {
    encodings: FoldEncodings,
}

impl Transform for WeightOfEvidence {
    const NAME: &'static str = "weight_of_evidence";
    type Params = Params;
    type Work = CategoryBuffer;
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("a category", ValueType::is_category)]);
        let Params {
            smoothing,
            positive_above,
            folds,
        } = *params;
        problems.extend(checks::range(
            (1e-9..=1e9).contains(&smoothing),
            "smoothing",
            smoothing,
            "give 1e-9 to 1e9",
        ));
        problems.extend(checks::range(
            positive_above.is_finite(),
            "positive_above",
            positive_above,
            "give a finite number",
        ));
        problems.extend(checks::folds(folds));
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

    /// A spec without folds needs no qid.
    #[test]
    fn without_folds_there_are_none() {
        for (folds, wanted) in [(0, None), (5, Some(5))] {
            let params = Params {
                folds,
                ..Params::default()
            };
            let signature = WeightOfEvidence::signature(&params, &[ValueType::Text]).unwrap();
            assert_eq!(signature.fit.unwrap().folds, wanted);
        }
    }
    use crate::types::DataType;

    #[test]
    fn equal_shares_are_no_evidence_and_nearly_equal_ones_little() {
        let total = |sum, count| Total {
            sum,
            count,
            ..Total::default()
        };
        for smoothing in [0.1, 0.5, 1e-9, 1e9] {
            assert_eq!(
                evidence(total(3, 6), total(30, 60), smoothing),
                0.0,
                "{smoothing}"
            );
        }
        // (3 + 1e9) (30 + 2e9) / ((4 + 1e9) (29 + 2e9)) by Python's fractions and mpmath.
        let near = evidence(total(3, 7), total(29, 59), 1e9);
        assert_eq!(near, -5.000000038749999e-10);
    }

    #[test]
    fn numbers_that_a_document_cannot_hold_are_refused() {
        let input = [ValueType::Column(DataType::String)];
        let refused = |params: Params| {
            let problems = WeightOfEvidence::signature(&params, &input).unwrap_err();
            problems
                .into_iter()
                .map(|problem| problem.place)
                .collect::<Vec<_>>()
        };
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let smoothing = Params {
                smoothing: value,
                ..Params::default()
            };
            let positive_above = Params {
                positive_above: value,
                ..Params::default()
            };
            assert_eq!(refused(smoothing), ["smoothing"], "{value}");
            assert_eq!(refused(positive_above), ["positive_above"], "{value}");
        }
    }
}
