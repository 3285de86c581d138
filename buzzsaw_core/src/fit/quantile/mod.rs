//! Exact quantiles in bounded memory and a few passes.

mod state;
#[cfg(test)]
mod tests;
mod wire;

pub use state::{Outcome, QuantileState};
