//! Quantiles: exact in bounded memory and a few passes, or within a relative error in one.

mod sketch;
mod state;
#[cfg(test)]
mod tests;
mod wire;

pub use sketch::QuantileSketch;
pub use state::{Outcome, QuantileState};
