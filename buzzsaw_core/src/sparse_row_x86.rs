//! Merging a batch of short rows with AVX2.
//!
//! The rows lie one after the other. Each is sorted by a network into its own range; then equal columns are found and summed
//! over the whole batch, eight keys at a time, as differences of a running sum. All sums are whole numbers, so their
//! order changes no bit. Nothing but the number of vectors of a row is branched on: lengths cannot be predicted.

use std::arch::x86_64::*;

use super::{FEW, Norm, Scale, sort};
use crate::slot::SparseRows;

/// Keys of a vector.
const LANES: usize = 8;
/// Rows are divided by their norm this many entries at a time.
const STRIDE: usize = 16;

/// Memory for a batch.
#[derive(Default)]
pub(super) struct Flat {
    /// Sorted keys, [`LANES`] in.
    sorted: Vec<u32>,
    /// One bit a key: it is the first of its row.
    row_starts: Vec<u8>,
    /// One bit a key: it is the first of its column.
    entries: Vec<u8>,
    /// The number of entries before each byte of `entries`.
    before: Vec<u32>,
    /// The sum of all keys before each entry.
    before_entry: Vec<i32>,
    /// The sum of each entry.
    sums: Vec<i32>,
    /// The norm's terms of all entries before each entry, added up.
    norms: Vec<u32>,
}

impl Flat {
    /// See [`super::Keys::merge`]; `keys` may grow.
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    pub(super) fn merge(
        &mut self,
        keys: &mut Vec<u32>,
        ends: &[usize],
        bits: u32,
        scale: Scale,
        out: &mut SparseRows,
    ) {
        let n = keys.len();
        self.sort_rows(keys, ends, bits);
        let (out_ends, indices, values) = out.parts();
        let first = indices.len();
        let entries = self.sum_columns(n, indices);
        if scale.binary {
            self.sums[..entries].fill(1);
        }
        values.resize(first + entries + STRIDE, 0.0);
        if scale.norm == Norm::None {
            for (value, sum) in values[first..].iter_mut().zip(&self.sums[..entries]) {
                *value = f64::from(*sum);
            }
        } else {
            self.add_norms(scale.norm, entries);
        }
        let mut start = 0;
        for end in ends {
            let end = self.entries_before(*end);
            if scale.norm != Norm::None {
                self.divide(start, end, scale.norm, &mut values[first..]);
            }
            out_ends.push(first + end);
            start = end;
        }
        values.truncate(first + entries);
    }

    /// Fills `sorted` and `row_starts`.
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn sort_rows(&mut self, keys: &mut Vec<u32>, ends: &[usize], bits: u32) {
        let n = keys.len();
        // Room for whole vectors from the last row's start on.
        keys.resize(n + FEW, 0);
        self.sorted.resize(LANES + n + FEW, 0);
        self.row_starts.clear();
        self.row_starts.resize(n / 8 + 1, 0);
        let mut start = 0;
        for end in ends {
            self.row_starts[start / 8] |= 1 << (start % 8);
            let len = end - start;
            let from = keys[start..].first_chunk();
            let to = self.sorted[LANES + start..].first_chunk_mut();
            match (len.div_ceil(LANES), from, to) {
                (0, ..) => {}
                (1, Some(from), Some(to)) => sort_network::<1>(from, len, to),
                (2, Some(from), Some(to)) => sort_network::<2>(from, len, to),
                (3 | 4, Some(from), Some(to)) => sort_network::<4>(from, len, to),
                (5..=8, Some(from), Some(to)) => sort_network::<8>(from, len, to),
                _ => sort(
                    &keys[start..*end],
                    bits,
                    &mut self.sorted[LANES + start..LANES + end],
                ),
            }
            start = *end;
        }
    }

    /// Appends the columns of `n` sorted keys to `indices`, leaves their sums in `sums` and returns their number.
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn sum_columns(&mut self, n: usize, indices: &mut Vec<u32>) -> usize {
        let vectors = n.div_ceil(LANES);
        let first = indices.len();
        indices.resize(first + n + LANES, 0);
        self.before_entry.resize(n + LANES + 1, 0);
        self.entries.resize(vectors + 1, 0);
        self.before.resize(vectors + 1, 0);
        let one = _mm256_set1_epi32(1);
        let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        let mut running = _mm256_setzero_si256();
        let mut count = 0;
        for v in 0..vectors {
            let at = v * LANES;
            let current = load(&self.sorted[LANES + at..]);
            let previous = load(&self.sorted[LANES - 1 + at..]);
            let columns = _mm256_srli_epi32::<1>(current);
            let same = _mm256_cmpeq_epi32(columns, _mm256_srli_epi32::<1>(previous));
            let live = _bzhi_u32(0xff, (n - at).min(LANES) as u32);
            let new = !(_mm256_movemask_ps(_mm256_castsi256_ps(same)) as u32);
            let new = (new | u32::from(self.row_starts[v])) & live;
            // 1 or -1 a key, 0 past the last.
            let value = _mm256_sub_epi32(one, _mm256_slli_epi32::<1>(_mm256_and_si256(current, one)));
            let value = _mm256_and_si256(
                value,
                _mm256_cmpgt_epi32(_mm256_set1_epi32((n - at) as i32), lane),
            );
            // The sum up to and with each key: within halves, then across.
            let sum = _mm256_add_epi32(value, _mm256_slli_si256::<4>(value));
            let sum = _mm256_add_epi32(sum, _mm256_slli_si256::<8>(sum));
            let low = _mm256_permutevar8x32_epi32(sum, _mm256_set1_epi32(3));
            let sum = _mm256_add_epi32(sum, _mm256_blend_epi32::<0xf0>(_mm256_setzero_si256(), low));
            let sum = _mm256_add_epi32(sum, running);
            running = _mm256_permutevar8x32_epi32(sum, _mm256_set1_epi32(7));
            let order = set_lanes(new);
            store(
                &mut indices[first + count..],
                _mm256_permutevar8x32_epi32(columns, order),
            );
            let before = _mm256_permutevar8x32_epi32(_mm256_sub_epi32(sum, value), order);
            store_signed(&mut self.before_entry[count..], before);
            self.entries[v] = new as u8;
            self.before[v] = count as u32;
            count += new.count_ones() as usize;
        }
        self.entries[vectors] = 0;
        self.before[vectors] = count as u32;
        self.before_entry[count] = _mm256_cvtsi256_si32(running);
        self.sums.resize(count + STRIDE, 0);
        let (before, after) = (&self.before_entry[..count], &self.before_entry[1..=count]);
        for (sum, (before, after)) in self.sums.iter_mut().zip(before.iter().zip(after)) {
            *sum = after - before;
        }
        indices.truncate(first + count);
        count
    }

    /// The number of entries whose first key lies before key `at`.
    #[inline]
    fn entries_before(&self, at: usize) -> usize {
        let (byte, bit) = (at / LANES, at % LANES);
        let partial = u32::from(self.entries[byte]) & ((1 << bit) - 1);
        (self.before[byte] + partial.count_ones()) as usize
    }

    /// Fills `norms`. The total of a row is below 2^31, and differences of wrapped totals are exact.
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    fn add_norms(&mut self, norm: Norm, entries: usize) {
        self.norms.resize(entries + 1, 0);
        let mut total = 0u32;
        for (sum, before) in self.sums[..entries].iter().zip(&mut self.norms) {
            *before = total;
            let term = if norm == Norm::L1 {
                sum.unsigned_abs()
            } else {
                (sum * sum) as u32
            };
            total = total.wrapping_add(term);
        }
        self.norms[entries] = total;
    }

    /// Divides the sums of one row's entries by its norm, as [`Norm::apply`] does. What it writes past the row belongs
    /// to later rows, which overwrite it.
    #[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
    #[inline]
    fn divide(&self, start: usize, end: usize, norm: Norm, values: &mut [f64]) {
        let total = f64::from(self.norms[end].wrapping_sub(self.norms[start]));
        let total = if norm == Norm::L2 {
            crate::math::sqrt(total)
        } else {
            total
        };
        // All sums of a row without a norm are zero.
        let total = if total == 0.0 { 1.0 } else { total };
        let divisor = _mm256_set1_pd(total);
        let inverse = _mm256_set1_pd(1.0 / total);
        let mut at = start;
        while at < end {
            let (vectors, _) = self.sums[at..at + STRIDE].as_chunks::<4>();
            let (values, _) = values[at..at + STRIDE].as_chunks_mut::<4>();
            if small(&self.sums[at..at + STRIDE]) {
                // The quotient of 1, 2 or 0 is the rounded inverse times it, exactly.
                for (value, sums) in values.iter_mut().zip(vectors) {
                    store_doubles(value, _mm256_mul_pd(doubles(sums), inverse));
                }
            } else {
                for (value, sums) in values.iter_mut().zip(vectors) {
                    store_doubles(value, _mm256_div_pd(doubles(sums), divisor));
                }
            }
            at += STRIDE;
        }
    }
}

/// Whether no number is further from zero than 2.
#[target_feature(enable = "avx2")]
#[inline]
fn small(numbers: &[i32]) -> bool {
    let (vectors, _) = numbers.as_chunks::<LANES>();
    let mut most = _mm256_setzero_si256();
    for vector in vectors {
        // SAFETY: the array has 32 bytes, and the load needs no alignment.
        let vector = unsafe { _mm256_loadu_si256(vector.as_ptr().cast()) };
        most = _mm256_max_epu32(most, _mm256_abs_epi32(vector));
    }
    let large = _mm256_cmpgt_epi32(most, _mm256_set1_epi32(2));
    _mm256_movemask_epi8(large) == 0
}

#[target_feature(enable = "avx2")]
#[inline]
fn doubles(from: &[i32; 4]) -> __m256d {
    // SAFETY: the array has 16 bytes, and the load needs no alignment.
    unsafe { _mm256_cvtepi32_pd(_mm_loadu_si128(from.as_ptr().cast())) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store_doubles(to: &mut [f64; 4], vector: __m256d) {
    // SAFETY: the array has 32 bytes, and the store needs no alignment.
    unsafe { _mm256_storeu_pd(to.as_mut_ptr(), vector) }
}

/// Sorts the first `len` keys of `from`, which fill `V` vectors in part, to the front of `to`; the rest of the vectors
/// holds the largest key.
///
/// Batcher's bitonic merge sort ("Sorting networks and their applications", 1968), without a branch: vectors are sorted
/// alone, then merged two and two. `V` is a power of two.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
fn sort_network<const V: usize>(from: &[u32; FEW], len: usize, to: &mut [u32; FEW]) {
    let mut vectors = [_mm256_setzero_si256(); V];
    let lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    for (v, vector) in vectors.iter_mut().enumerate() {
        let left = _mm256_set1_epi32(len as i32 - (v * LANES) as i32);
        let live = _mm256_cmpgt_epi32(left, lane);
        let keys = _mm256_blendv_epi8(_mm256_set1_epi32(-1), load(&from[v * LANES..]), live);
        *vector = sort_lanes(keys);
    }
    let mut run = 1;
    while run < V {
        for pair in vectors.chunks_exact_mut(2 * run) {
            merge_runs(pair);
        }
        run *= 2;
    }
    for (v, vector) in vectors.into_iter().enumerate() {
        store(&mut to[v * LANES..], vector);
    }
}

/// Merges the two halves, each in order.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
#[inline]
fn merge_runs(vectors: &mut [__m256i]) {
    let half = vectors.len() / 2;
    let (low, high) = vectors.split_at_mut(half);
    // The second half backwards makes one sequence that rises and falls.
    high.reverse();
    for (a, b) in low.iter_mut().zip(&mut *high) {
        let backwards = _mm256_permutevar8x32_epi32(*b, _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0));
        (*a, *b) = (_mm256_min_epu32(*a, backwards), _mm256_max_epu32(*a, backwards));
    }
    let mut distance = half / 2;
    while distance > 0 {
        for part in vectors.chunks_exact_mut(2 * distance) {
            let (low, high) = part.split_at_mut(distance);
            for (a, b) in low.iter_mut().zip(high) {
                (*a, *b) = (_mm256_min_epu32(*a, *b), _mm256_max_epu32(*a, *b));
            }
        }
        distance /= 2;
    }
    for vector in vectors {
        let swapped = _mm256_permute2x128_si256::<1>(*vector, *vector);
        let halves = exchange::<0b1111_0000>(*vector, swapped);
        let pairs = exchange::<0b1100_1100>(halves, _mm256_shuffle_epi32::<0b01_00_11_10>(halves));
        *vector = exchange::<0b1010_1010>(pairs, _mm256_shuffle_epi32::<0b10_11_00_01>(pairs));
    }
}

/// Sorts the lanes of one vector.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
#[inline]
fn sort_lanes(keys: __m256i) -> __m256i {
    let neighbours = |keys| exchange::<0b1010_1010>(keys, _mm256_shuffle_epi32::<0b10_11_00_01>(keys));
    let keys = neighbours(keys);
    let keys = exchange::<0b1100_1100>(keys, _mm256_shuffle_epi32::<0b00_01_10_11>(keys));
    let keys = neighbours(keys);
    let backwards = _mm256_permutevar8x32_epi32(keys, _mm256_setr_epi32(7, 6, 5, 4, 3, 2, 1, 0));
    let keys = exchange::<0b1111_0000>(keys, backwards);
    let keys = exchange::<0b1100_1100>(keys, _mm256_shuffle_epi32::<0b01_00_11_10>(keys));
    neighbours(keys)
}

/// The smaller of each lane and its partner, or the larger where `LARGER` has a bit.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
#[inline]
fn exchange<const LARGER: i32>(keys: __m256i, partners: __m256i) -> __m256i {
    _mm256_blend_epi32::<LARGER>(_mm256_min_epu32(keys, partners), _mm256_max_epu32(keys, partners))
}

/// The numbers of the lanes whose bit is set, in order, for a permutation that moves them to the front.
#[target_feature(enable = "avx2,bmi1,bmi2,lzcnt,popcnt")]
#[inline]
fn set_lanes(bits: u32) -> __m256i {
    let bytes = _pdep_u64(u64::from(bits), 0x0101_0101_0101_0101) * 0xff;
    let lanes = _pext_u64(0x0706_0504_0302_0100, bytes);
    _mm256_cvtepu8_epi32(_mm_cvtsi64_si128(lanes as i64))
}

#[target_feature(enable = "avx2")]
#[inline]
fn load(from: &[u32]) -> __m256i {
    let from: &[u32; LANES] = from.first_chunk().unwrap_or(&[0; LANES]);
    // SAFETY: the array has 32 bytes, and the load needs no alignment.
    unsafe { _mm256_loadu_si256(from.as_ptr().cast()) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store(to: &mut [u32], vector: __m256i) {
    if let Some(to) = to.first_chunk_mut::<LANES>() {
        // SAFETY: the array has 32 bytes, and the store needs no alignment.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), vector) }
    }
}

#[target_feature(enable = "avx2")]
#[inline]
fn store_signed(to: &mut [i32], vector: __m256i) {
    if let Some(to) = to.first_chunk_mut::<LANES>() {
        // SAFETY: the array has 32 bytes, and the store needs no alignment.
        unsafe { _mm256_storeu_si256(to.as_mut_ptr().cast(), vector) }
    }
}
