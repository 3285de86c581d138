//! Exact sums, sums of squares, and the moments computed from them.

mod accumulator;
mod compact;
mod moments;
mod slope;
mod sums;

pub(super) use accumulator::Accumulator;
pub(crate) use compact::CompactMoments;
pub use moments::Moments;
pub(crate) use slope::ExactSlope;
pub use sums::{ExactSquares, ExactSum};
pub(super) use sums::{PRODUCT_LIMBS, PRODUCT_UNIT, SUM_UNIT};
