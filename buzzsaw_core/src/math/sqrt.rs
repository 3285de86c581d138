//! The square root: IEEE 754 requires it correctly rounded, so the instruction is the definition.

use super::nan::canonical_nan;

/// Square root of `x`, correctly rounded. NaN and `x` < 0 give the canonical NaN; `sqrt(-0.0)` is -0.0.
#[inline]
pub fn sqrt(x: f64) -> f64 {
    // The instruction passes payloads on, and its own NaN has another sign on x86 than on ARM.
    if x >= 0.0 { x.sqrt() } else { canonical_nan() }
}
