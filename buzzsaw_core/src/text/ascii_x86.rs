//! Block classification by SSE2 and AVX2.

use std::arch::x86_64::*;

use super::{BLOCK, Classify, Masks, NonAscii, Outcome, Span, UNICODE, WHITESPACE, run};

/// The kernel compiled for AVX2.
///
/// # Safety
/// The CPU must have the features named.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) unsafe fn run_avx2<const RULE: u8, const LOWER: bool>(
    text: &[u8],
    classify: fn(char) -> NonAscii,
    bytes: &mut Vec<u8>,
    spans: &mut Vec<Span>,
) -> Outcome {
    run::<Avx2, RULE, LOWER>(text, classify, bytes, spans)
}

/// A vector of signed bytes.
///
/// # Safety
/// Every method needs the CPU features of its implementation; `load` and `store` need `WIDTH` bytes behind
/// the pointer, which need not be aligned.
trait Vector: Copy {
    const WIDTH: usize;
    unsafe fn load(from: *const u8) -> Self;
    unsafe fn store(self, to: *mut u8);
    unsafe fn splat(byte: i8) -> Self;
    unsafe fn or(self, other: Self) -> Self;
    unsafe fn and(self, other: Self) -> Self;
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn equal(self, other: Self) -> Self;
    unsafe fn greater(self, other: Self) -> Self;
    unsafe fn mask(self) -> u64;
}

macro_rules! vector {
    ($type:ty, $load:ident, $store:ident, $splat:ident, $or:ident, $and:ident, $add:ident, $equal:ident,
     $greater:ident, $mask:ident, $bits:ty) => {
        impl Vector for $type {
            const WIDTH: usize = size_of::<$type>();
            #[inline(always)]
            unsafe fn load(from: *const u8) -> Self {
                // SAFETY: the caller keeps the trait's contract.
                unsafe { $load(from.cast()) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut u8) {
                // SAFETY: as above.
                unsafe { $store(to.cast(), self) }
            }
            #[inline(always)]
            unsafe fn splat(byte: i8) -> Self {
                // SAFETY: as above.
                unsafe { $splat(byte) }
            }
            #[inline(always)]
            unsafe fn or(self, other: Self) -> Self {
                // SAFETY: as above.
                unsafe { $or(self, other) }
            }
            #[inline(always)]
            unsafe fn and(self, other: Self) -> Self {
                // SAFETY: as above.
                unsafe { $and(self, other) }
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                // SAFETY: as above.
                unsafe { $add(self, other) }
            }
            #[inline(always)]
            unsafe fn equal(self, other: Self) -> Self {
                // SAFETY: as above.
                unsafe { $equal(self, other) }
            }
            #[inline(always)]
            unsafe fn greater(self, other: Self) -> Self {
                // SAFETY: as above.
                unsafe { $greater(self, other) }
            }
            #[inline(always)]
            unsafe fn mask(self) -> u64 {
                // SAFETY: as above.
                unsafe { u64::from($mask(self) as $bits) }
            }
        }
    };
}

vector!(
    __m128i,
    _mm_loadu_si128,
    _mm_storeu_si128,
    _mm_set1_epi8,
    _mm_or_si128,
    _mm_and_si128,
    _mm_add_epi8,
    _mm_cmpeq_epi8,
    _mm_cmpgt_epi8,
    _mm_movemask_epi8,
    u16
);
vector!(
    __m256i,
    _mm256_loadu_si256,
    _mm256_storeu_si256,
    _mm256_set1_epi8,
    _mm256_or_si256,
    _mm256_and_si256,
    _mm256_add_epi8,
    _mm256_cmpeq_epi8,
    _mm256_cmpgt_epi8,
    _mm256_movemask_epi8,
    u32
);

/// Bytes from `first` to `last`: shifted so that `last` is the largest signed byte, they are greater than
/// the shifted `first - 1`. `last - first` must be below 128 for bytes outside ASCII to stay outside.
///
/// # Safety
/// As for [`Vector`].
#[inline(always)]
unsafe fn range<V: Vector>(bytes: V, first: u8, last: u8) -> V {
    // SAFETY: the caller keeps the contract.
    unsafe {
        bytes
            .add(V::splat((127 - last) as i8))
            .greater(V::splat((126 - (last - first)) as i8))
    }
}

/// # Safety
/// The CPU features of `V`.
#[inline(always)]
unsafe fn block<V: Vector, const RULE: u8, const LOWER: bool>(
    source: &[u8; BLOCK],
    target: &mut [u8; BLOCK],
) -> Masks {
    let mut masks = Masks::default();
    for at in (0..BLOCK).step_by(V::WIDTH) {
        // SAFETY: `at + WIDTH` is at most `BLOCK`, the size of both arrays; the caller vouches for the CPU.
        unsafe {
            let bytes = V::load(source.as_ptr().add(at));
            let is = |byte: u8| bytes.equal(V::splat(byte as i8));
            let letter = range(bytes.or(V::splat(0x20)), b'a', b'z');
            let lowered = if LOWER {
                bytes.or(letter.and(V::splat(0x20)))
            } else {
                bytes
            };
            lowered.store(target.as_mut_ptr().add(at));
            let non_ascii = bytes.mask();
            masks.non_ascii |= non_ascii << at;
            if RULE == WHITESPACE {
                let space = range(bytes, b'\t', b'\r').or(is(b' ')).mask();
                masks.core |= (!(space | non_ascii) & (u64::MAX >> (64 - V::WIDTH))) << at;
                continue;
            }
            let digit = range(bytes, b'0', b'9');
            let underscore = is(b'_');
            masks.core |= letter.or(digit).or(underscore).mask() << at;
            if RULE == UNICODE {
                let quote_or_stop = is(b'\'').or(is(b'.'));
                masks.letter |= letter.mask() << at;
                masks.digit |= digit.mask() << at;
                masks.underscore |= underscore.mask() << at;
                masks.mid_letter |= quote_or_stop.or(is(b':')).mask() << at;
                masks.mid_number |= quote_or_stop.or(is(b',')).or(is(b';')).mask() << at;
            }
        }
    }
    masks
}

pub(super) struct Sse2;

impl Classify for Sse2 {
    #[inline(always)]
    fn block<const RULE: u8, const LOWER: bool>(source: &[u8; BLOCK], target: &mut [u8; BLOCK]) -> Masks {
        // SAFETY: every x86-64 CPU has SSE2.
        unsafe { block::<__m128i, RULE, LOWER>(source, target) }
    }
}

/// Used by `run_avx2` alone.
struct Avx2;

impl Classify for Avx2 {
    #[inline(always)]
    fn block<const RULE: u8, const LOWER: bool>(source: &[u8; BLOCK], target: &mut [u8; BLOCK]) -> Masks {
        // SAFETY: `run_avx2`, the only user, demands AVX2 of its caller.
        unsafe { block::<__m256i, RULE, LOWER>(source, target) }
    }
}
