//! Exact quantiles or a sketch of them, as a parameter of a step says.

use serde::{Deserialize, Serialize};

use super::{Outcome, QuantileSketch, QuantileState};
use crate::error::{Error, ErrorKind, Result};

/// Distinct values that exact quantiles keep before they go over to counting ranges in further passes.
const LIMIT: usize = 1 << 17;

/// Counts from which quantiles are found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Quantiles {
    Exact(QuantileState),
    Approximate(QuantileSketch),
}

/// What a pass led to.
pub(crate) enum QuantilesOutcome {
    /// The quantiles, in the order asked.
    Done(Vec<f64>),
    /// The data must be passed over once more, into this state.
    Again(Quantiles),
}

impl Quantiles {
    /// The state of no values. An exact one takes several passes when there are many different values.
    pub(crate) fn new(approximate: bool) -> Self {
        if approximate {
            Quantiles::Approximate(QuantileSketch::default())
        } else {
            Quantiles::Exact(QuantileState::new(LIMIT))
        }
    }

    /// As [`Quantiles::new`], but every different value is kept, so that one pass is enough.
    pub(crate) fn in_one_pass(approximate: bool) -> Self {
        if approximate {
            Quantiles::Approximate(QuantileSketch::default())
        } else {
            Quantiles::Exact(QuantileState::new(usize::MAX))
        }
    }

    /// Adds one value; NaN is ignored, infinities have their places.
    pub(crate) fn add(&mut self, x: f64) {
        match self {
            Quantiles::Exact(state) => state.add(x),
            Quantiles::Approximate(sketch) => sketch.add(x),
        }
    }

    /// Adds everything that was added to `other`.
    pub(crate) fn merge(&mut self, other: &Self) -> Result<()> {
        match (self, other) {
            (Quantiles::Exact(state), Quantiles::Exact(other)) => state.merge(other),
            (Quantiles::Approximate(sketch), Quantiles::Approximate(other)) => {
                sketch.merge(other);
                Ok(())
            }
            _ => Err(Error::new(
                ErrorKind::InvalidValue,
                "partial states of different fits",
            )),
        }
    }

    /// How many values were added.
    pub(crate) fn seen(&self) -> u64 {
        match self {
            Quantiles::Exact(state) => state.seen(),
            Quantiles::Approximate(sketch) => sketch.seen(),
        }
    }

    /// How many different counts are held.
    pub(crate) fn len(&self) -> usize {
        match self {
            Quantiles::Exact(state) => state.len(),
            Quantiles::Approximate(sketch) => sketch.len(),
        }
    }

    /// The quantiles, by the rule of [`QuantileState::finish`], or the state of the next pass.
    pub(crate) fn finish(&self, quantiles: &[f64]) -> Result<QuantilesOutcome> {
        Ok(match self {
            Quantiles::Approximate(sketch) => QuantilesOutcome::Done(sketch.quantiles(quantiles)),
            Quantiles::Exact(state) => match state.finish(quantiles)? {
                Outcome::Done(values) => QuantilesOutcome::Done(values),
                Outcome::Again(state) => QuantilesOutcome::Again(Quantiles::Exact(state)),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exact_and_approximate_states_do_not_mix() {
        for approximate in [false, true] {
            let mut state = Quantiles::new(approximate);
            assert!(state.merge(&Quantiles::new(!approximate)).is_err());
            [1.0, 1.0, 7.0].into_iter().for_each(|x| state.add(x));
            let mut merged = Quantiles::new(approximate);
            assert!(merged.merge(&state).is_ok());
            assert_eq!((merged.len(), merged.seen()), (2, 3));
        }
    }

    #[test]
    fn past_the_limit_a_further_pass_is_asked_unless_one_must_do() {
        for (mut state, again) in [
            (Quantiles::new(false), true),
            (Quantiles::in_one_pass(false), false),
            (Quantiles::in_one_pass(true), false),
        ] {
            (0..=LIMIT).for_each(|i| state.add(i as f64));
            let outcome = state.finish(&[0.5]).unwrap();
            assert_eq!(matches!(outcome, QuantilesOutcome::Again(_)), again);
        }
    }
}
