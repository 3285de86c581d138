//! MurmurHash3 of eight tokens at a time with AVX2.

use std::arch::x86_64::*;

use super::murmur3_32;
use crate::text::Span;

/// Tokens hashed at once.
const LANES: usize = 8;
/// Bytes of a token that are mixed at once.
const WIDTH: usize = 16;

/// A window of `WIDTH` bytes that starts at `n` keeps the first `WIDTH - n` bytes of what it is applied to.
static KEEP: [u8; 2 * WIDTH] = {
    let mut keep = [0; 2 * WIDTH];
    let mut i = 0;
    while i < WIDTH {
        keep[i] = 0xff;
        i += 1;
    }
    keep
};

/// See [`super::murmur3_32_spans`].
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
pub(super) fn murmur3_32_spans(bytes: &[u8], spans: &[Span], seed: u32, hashes: &mut Vec<u32>) {
    let (groups, rest) = spans.as_chunks::<LANES>();
    let plain = |span: &Span| murmur3_32(&bytes[span.range()], seed);
    hashes.reserve(spans.len());
    for group in groups {
        match lanes(bytes, group, seed) {
            Some(group) => hashes.extend_from_slice(&group),
            None => hashes.extend(group.iter().map(plain)),
        }
    }
    if let Some(first) = rest.first() {
        let mut group = [*first; LANES];
        group[..rest.len()].copy_from_slice(rest);
        match lanes(bytes, &group, seed) {
            Some(group) => hashes.extend_from_slice(&group[..rest.len()]),
            None => hashes.extend(rest.iter().map(plain)),
        }
    }
}

/// The hashes of eight spans; `None` when one ends so near the end of `bytes` that its last window would pass it.
#[target_feature(enable = "avx2")]
#[inline]
fn lanes(bytes: &[u8], spans: &[Span; LANES], seed: u32) -> Option<[u32; LANES]> {
    let limit = i32::try_from(bytes.len()).ok()?;
    let mut starts = [0; LANES];
    let mut lens = [0; LANES];
    let mut ends = [0; LANES];
    for (i, span) in spans.iter().enumerate() {
        starts[i] = span.start as i32;
        lens[i] = span.len as i32;
        // The last byte of the last window.
        ends[i] = starts[i].wrapping_add(lens[i].wrapping_sub(1).max(0) | (WIDTH as i32 - 1));
    }
    let (starts, lens, ends) = (load(&starts), load(&lens), load(&ends));
    // Starts and lengths past 31 bits show as negative numbers, and so does the sum of two that are not.
    let negative = _mm256_or_si256(ends, _mm256_or_si256(starts, lens));
    let outside = _mm256_or_si256(negative, _mm256_cmpgt_epi32(ends, _mm256_set1_epi32(limit - 1)));
    if _mm256_movemask_ps(_mm256_castsi256_ps(outside)) != 0 {
        return None;
    }
    let mut h = _mm256_set1_epi32(seed as i32);
    let mut at = 0;
    loop {
        let left = _mm256_sub_epi32(lens, _mm256_set1_epi32(at as i32));
        // SAFETY: every window up to a span's last was found to lie inside `bytes`.
        let blocks = unsafe { windows(bytes, spans, at) };
        for (k, block) in blocks.into_iter().enumerate() {
            // The tail's scrambled bytes, or those of a block that is then mixed in; past the end they are zero.
            let tail = _mm256_xor_si256(h, scramble(block));
            let turned = rotate::<13, 19>(tail);
            let mixed = _mm256_add_epi32(
                _mm256_add_epi32(turned, _mm256_slli_epi32::<2>(turned)),
                _mm256_set1_epi32(0xe654_6b64_u32 as i32),
            );
            let full = _mm256_cmpgt_epi32(left, _mm256_set1_epi32(4 * k as i32 + 3));
            h = _mm256_blendv_epi8(tail, mixed, full);
        }
        at += WIDTH;
        let more = _mm256_cmpgt_epi32(left, _mm256_set1_epi32(WIDTH as i32));
        if _mm256_movemask_epi8(more) == 0 {
            break;
        }
    }
    let h = finish(_mm256_xor_si256(h, lens));
    let mut hashes = [0; LANES];
    // SAFETY: the array has 32 bytes, and the store needs no alignment.
    unsafe { _mm256_storeu_si256(hashes.as_mut_ptr().cast(), h) };
    Some(hashes)
}

/// Four blocks of each span, from its byte `at` on: blocks of equal number in one vector, lanes in the spans' order.
///
/// # Safety
/// Where a span is longer than `at`, its 16 bytes from there lie inside `bytes`, and so do those from its start.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn windows(bytes: &[u8], spans: &[Span; LANES], at: usize) -> [__m256i; 4] {
    let row = |i: usize| {
        let span = spans[i];
        let left = (span.len as usize).saturating_sub(at);
        let offset = if left == 0 { 0 } else { at };
        // SAFETY: the caller vouches for the window; the mask starts 16 bytes or more before its table's end.
        unsafe {
            let window = _mm_loadu_si128(bytes.as_ptr().add(span.start as usize + offset).cast());
            let keep = _mm_loadu_si128(KEEP.as_ptr().add(WIDTH - left.min(WIDTH)).cast());
            _mm_and_si128(window, keep)
        }
    };
    let (a, b) = (_mm256_set_m128i(row(4), row(0)), _mm256_set_m128i(row(5), row(1)));
    let (c, d) = (_mm256_set_m128i(row(6), row(2)), _mm256_set_m128i(row(7), row(3)));
    let (ab, cd) = (_mm256_unpacklo_epi32(a, b), _mm256_unpacklo_epi32(c, d));
    let (ab_high, cd_high) = (_mm256_unpackhi_epi32(a, b), _mm256_unpackhi_epi32(c, d));
    [
        _mm256_unpacklo_epi64(ab, cd),
        _mm256_unpackhi_epi64(ab, cd),
        _mm256_unpacklo_epi64(ab_high, cd_high),
        _mm256_unpackhi_epi64(ab_high, cd_high),
    ]
}

#[target_feature(enable = "avx2")]
#[inline]
fn scramble(block: __m256i) -> __m256i {
    let block = _mm256_mullo_epi32(block, _mm256_set1_epi32(0xcc9e_2d51_u32 as i32));
    _mm256_mullo_epi32(rotate::<15, 17>(block), _mm256_set1_epi32(0x1b87_3593))
}

#[target_feature(enable = "avx2")]
#[inline]
fn finish(h: __m256i) -> __m256i {
    let h = _mm256_xor_si256(h, _mm256_srli_epi32::<16>(h));
    let h = _mm256_mullo_epi32(h, _mm256_set1_epi32(0x85eb_ca6b_u32 as i32));
    let h = _mm256_xor_si256(h, _mm256_srli_epi32::<13>(h));
    let h = _mm256_mullo_epi32(h, _mm256_set1_epi32(0xc2b2_ae35_u32 as i32));
    _mm256_xor_si256(h, _mm256_srli_epi32::<16>(h))
}

/// Rotates left by `LEFT`; `RIGHT` is 32 - `LEFT`.
#[target_feature(enable = "avx2")]
#[inline]
fn rotate<const LEFT: i32, const RIGHT: i32>(x: __m256i) -> __m256i {
    _mm256_or_si256(_mm256_slli_epi32::<LEFT>(x), _mm256_srli_epi32::<RIGHT>(x))
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(from: &[i32; LANES]) -> __m256i {
    // SAFETY: the array has 32 bytes, and the load needs no alignment.
    unsafe { _mm256_loadu_si256(from.as_ptr().cast()) }
}
