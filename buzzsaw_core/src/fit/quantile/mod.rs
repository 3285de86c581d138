//! Quantiles: exact in bounded memory and a few passes, or within a relative error in one.

mod either;
mod sketch;
mod state;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use either::{Quantiles, QuantilesOutcome};
pub use sketch::QuantileSketch;
pub use state::{Outcome, QuantileState};
