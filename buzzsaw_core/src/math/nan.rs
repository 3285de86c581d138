//! The one NaN that leaves this module.

/// The canonical quiet NaN, 0x7ff8000000000000.
///
/// Behind a function that the optimiser cannot see through: LLVM holds all NaNs for alike, and folds
/// `if x >= 0.0 { x.sqrt() } else { f64::NAN }` into the bare instruction, whose NaN differs between CPUs.
#[cold]
#[inline(never)]
pub(super) fn canonical_nan() -> f64 {
    std::hint::black_box(f64::NAN)
}
