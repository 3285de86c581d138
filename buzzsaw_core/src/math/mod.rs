//! The library's only transcendental functions; all but the trigonometric ones (`trig.rs`) correctly rounded.
//!
//! `std`'s `ln` and `exp` call the platform's libm, whose last bit differs between glibc, musl, macOS and
//! Windows, and between CPUs with and without fused multiply-add. Here each function returns the double nearest
//! to the true value (ties cannot occur), so its bits are fixed by mathematics: no version of this file, no
//! compiler and no CPU can change them. See `docs/adr/0002-math-functions.md`.
//!
//! Each function has three phases after Ziv ("Fast evaluation of elementary mathematical functions with correctly
//! rounded last bit", ACM TOMS 17(3), 1991). A phase gives a value and a bound on its error; when both ends of
//! that interval round to the same double, that double is the answer, else the next phase is asked.
//!
//! | phase | arithmetic | relative error | asked about |
//! | --- | --- | --- | --- |
//! | fast (`ln.rs`, `exp.rs`, `exp_m1.rs`) | pairs of doubles, a table, a polynomial | 2^-61 or better | always |
//! | `wide.rs` | 256-bit fixed point on the stack | 2^-128 or better | once in 9,000 to 23,000 calls |
//! | `big.rs` | big integers, precision doubled until it decides | any | never observed |
//!
//! The last phase makes the claim unconditional: ln and exp of a rational number other than 1 and 0 are
//! irrational (Lindemann), so the interval ends up on one side of every midpoint. Only `big.rs` allocates.
//!
//! Domain, as in IEEE 754-2019 section 9.2: NaN in gives the canonical quiet NaN (`f64::NAN`, payload and sign
//! dropped), a zero keeps its sign where the function is the identity near zero, `ln(0)` and `ln_1p(-1)` are
//! minus infinity, smaller arguments give NaN, results of `exp` underflow gradually. No floating-point flag
//! is part of the contract.

mod big;
mod exp;
mod exp_m1;
mod ln;
mod nan;
mod pow;
mod round;
mod sqrt;
mod tables;
#[cfg(test)]
mod tests;
mod trig;
mod wide;

pub use exp::exp;
pub use exp_m1::exp_m1;
pub use ln::{ln, ln_1p};
pub use pow::pow;
pub(crate) use round::round_to_nearest;
pub use sqrt::sqrt;
pub use trig::{asin, cos, sin, sin_cos_of_turn};
