//! Learning the state of fitted steps: exact, mergeable, and the same at any partitioning.

mod beta_prior;
mod category_counts;
mod exact_sum;
mod fitter;
mod fold_totals;
mod impute;
mod lookup_tables;
mod partial;
mod per_key;
mod quantile;
mod rational;
mod runs;
mod squares;
mod state;
mod tables;
mod term_counts;

pub(crate) use beta_prior::BetaMoments;
pub(crate) use category_counts::{CategoryCounts, Keep, MAX_COLUMNS, position_tables, vocabulary_tables};
pub(crate) use exact_sum::{CompactMoments, ExactSlope};
pub use exact_sum::{ExactSquares, ExactSum, Moments};
pub use fitter::Fitter;
pub(crate) use fold_totals::{FoldEncodings, FoldTotals, Total};
pub use partial::{Partial, Source};
pub(crate) use per_key::{KeyTable, PerKey, Statistic};
pub use quantile::{Outcome as QuantileOutcome, QuantileSketch, QuantileState};
pub(crate) use quantile::{Quantiles, QuantilesOutcome};
pub use rational::ratio_to_f64;
pub(crate) use runs::Runs;
pub use state::{AnyFitState, FitState, NoState, Outcome, Typed};
pub use tables::Tables;
pub(crate) use term_counts::TermCounts;

/// The tables of a state after all its passes, each over what `learn` adds, and how many passes there were.
#[cfg(test)]
pub(crate) fn finished<S: FitState>(mut state: S, learn: impl Fn(&mut S)) -> (Tables, u32) {
    for passes in 1..5 {
        learn(&mut state);
        match state.finish().unwrap() {
            Outcome::Done(tables) => return (tables, passes),
            Outcome::Again(next) => state = next,
        }
    }
    panic!("no pass is the last");
}
