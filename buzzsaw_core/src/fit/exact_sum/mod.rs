//! Exact sums, sums of squares, and the moments computed from them.

mod accumulator;
mod moments;
mod sums;

pub(super) use accumulator::Accumulator;
pub use moments::Moments;
pub use sums::{ExactSquares, ExactSum};
pub(super) use sums::{PRODUCT_LIMBS, PRODUCT_UNIT, SUM_UNIT};
