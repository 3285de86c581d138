//! The library's only hash functions: XXH3-64 by default, MurmurHash3 for teams that migrate from scikit-learn.

use std::num::NonZeroU32;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::cpu::{Isa, Level};
use crate::text::Span;

/// Seed of [`cross`]: the first 64 bits of π's fraction, so that crosses and single terms hashed with small seeds
/// do not share a function.
pub const CROSS_SEED: u64 = 0x243f_6a88_85a3_08d3;

/// XXH3-64 of `bytes` with `seed`, as in xxHash 0.8 (`XXH3_64bits_withSeed`).
#[inline]
pub fn xxh3_64(bytes: &[u8], seed: u64) -> u64 {
    xxh3_64_with_seed(bytes, seed)
}

/// One hash of an ordered pair of hashes: XXH3-64 of `left` and `right` as 16 little-endian bytes, seed
/// [`CROSS_SEED`]. `cross(a, b)` differs from `cross(b, a)`, and equal parts do not cancel as they do under
/// exclusive or.
#[inline]
pub fn cross(left: u64, right: u64) -> u64 {
    let mut pair = [0; 16];
    pair[..8].copy_from_slice(&left.to_le_bytes());
    pair[8..].copy_from_slice(&right.to_le_bytes());
    xxh3_64_with_seed(&pair, CROSS_SEED)
}

/// The slot of a 64-bit hash among 2^`bits`: its lowest `bits` bits; 32 and more give the lowest 32.
#[inline]
pub fn bucket(hash: u64, bits: u8) -> u32 {
    hash as u32
        & u32::MAX
            .checked_shr(32u32.saturating_sub(u32::from(bits)))
            .unwrap_or(0)
}

/// The sign of a 64-bit hash for signed hashing: its highest bit, which [`bucket`] never uses. Set means -1.
#[inline]
pub fn sign(hash: u64) -> f64 {
    if hash >> 63 == 0 { 1.0 } else { -1.0 }
}

/// MurmurHash3_x86_32 (Appleby, SMHasher), as `sklearn.utils.murmurhash3_32(positive=True)` gives it.
#[inline]
pub fn murmur3_32(bytes: &[u8], seed: u32) -> u32 {
    let (blocks, tail) = bytes.as_chunks::<4>();
    let mut h = seed;
    for block in blocks {
        h ^= scramble(u32::from_le_bytes(*block));
        h = h.rotate_left(13).wrapping_mul(5).wrapping_add(0xe654_6b64);
    }
    let last = match *tail {
        [a, b, c] => u32::from_le_bytes([a, b, c, 0]),
        [a, b] => u32::from_le_bytes([a, b, 0, 0]),
        [a] => u32::from(a),
        _ => 0,
    };
    // An empty tail scrambles zero to zero.
    h ^= scramble(last);
    // The reference takes the length as a C int: longer inputs wrap.
    finish(h ^ bytes.len() as u32)
}

/// Appends [`murmur3_32`] of each span of `bytes` to `hashes`. Panics, as a slice does, when a span passes the end.
pub fn murmur3_32_spans(level: Level, bytes: &[u8], spans: &[Span], seed: u32, hashes: &mut Vec<u32>) {
    match level.isa() {
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the function needs the CPU features that `Level::available` checked before it handed out this
        // level, and no other code builds it.
        Isa::Avx2 => unsafe { x86::murmur3_32_spans(bytes, spans, seed, hashes) },
        _ => hashes.extend(spans.iter().map(|span| murmur3_32(&bytes[span.range()], seed))),
    }
}

#[inline]
fn finish(mut h: u32) -> u32 {
    h = (h ^ h >> 16).wrapping_mul(0x85eb_ca6b);
    h = (h ^ h >> 13).wrapping_mul(0xc2b2_ae35);
    h ^ h >> 16
}

#[inline]
fn scramble(block: u32) -> u32 {
    block
        .wrapping_mul(0xcc9e_2d51)
        .rotate_left(15)
        .wrapping_mul(0x1b87_3593)
}

/// The column and sign of scikit-learn's `FeatureHasher` and `HashingVectorizer` for a MurmurHash3 value.
///
/// With the hash read as a signed number, the column is its absolute value modulo `n_features`, the flag says that
/// it is negative and so is the feature's sign under `alternate_sign`. The one number without an absolute value,
/// -2^31, counts as 2^31, which is what the special case in scikit-learn's `_hashing_fast.pyx` works out to.
#[inline]
pub fn sklearn_slot(hash: u32, n_features: NonZeroU32) -> (u32, bool) {
    let signed = hash as i32;
    let absolute = signed.unsigned_abs();
    // A power of two, as it is in all but name always, needs no division.
    let mask = n_features.get() - 1;
    let column = if n_features.get() & mask == 0 {
        absolute & mask
    } else {
        absolute % n_features
    };
    (column, signed < 0)
}

/// Seed of MurmurHash3 in Spark ML's `HashingTF` and `FeatureHasher`.
pub const SPARK_SEED: u32 = 42;

/// The column of Spark ML's `HashingTF` (Spark 3 and later) for a MurmurHash3 value with [`SPARK_SEED`]: the hash as a
/// signed number modulo `columns`, never negative (`nonNegativeMod`).
#[inline]
pub fn spark_column(hash: u32, columns: NonZeroU32) -> u32 {
    let mask = columns.get() - 1;
    if columns.get() & mask == 0 {
        hash & mask
    } else {
        i64::from(hash as i32).rem_euclid(i64::from(columns.get())) as u32
    }
}

/// Output `i`, from 0, of SplitMix64 whose state is `hash`: a family of hashes grown from one, each a permutation of
/// the 64-bit numbers.
///
/// Source: Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators" (2014), in the form of Java's
/// `SplittableRandom` and Vigna's `splitmix64.c`.
#[inline]
pub fn member(hash: u64, i: u64) -> u64 {
    let state = hash.wrapping_add((i + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    let mixed = (state ^ state >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ mixed >> 31
}

#[cfg(target_arch = "x86_64")]
#[path = "hash_x86.rs"]
mod x86;

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &str = include_str!("../tests/vectors/hash.txt");

    fn vectors(name: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
        let lines = VECTORS.lines().map(|line| line.split(' ').collect::<Vec<_>>());
        let rows: Vec<_> = lines.filter(|words| words[0] == name).collect();
        assert!(rows.len() >= 100, "only {} vectors of {name}", rows.len());
        rows.into_iter()
    }

    /// Hexadecimal, "-" for no bytes.
    fn bytes(text: &str) -> Vec<u8> {
        let digits = text.strip_prefix('-').unwrap_or(text);
        (0..digits.len())
            .step_by(2)
            .map(|i| u8::from_str_radix(&digits[i..i + 2], 16).unwrap())
            .collect()
    }

    fn word(text: &str) -> u64 {
        u64::from_str_radix(text, 16).unwrap()
    }

    #[test]
    fn frozen_xxh3() {
        for row in vectors("xxh3_64") {
            assert_eq!(xxh3_64(&bytes(row[2]), word(row[1])), word(row[3]), "{row:?}");
        }
    }

    #[test]
    fn every_level_gives_the_plain_murmur3() {
        let bytes: Vec<u8> = (0..200u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        // All lengths side by side, short ones alone, and spans at the very end.
        let all = (0..bytes.len() as u32).flat_map(|start| {
            (0..70.min(200 - start)).map(move |len| Span {
                start,
                len: (len * 7 + start) % (200 - start).min(70),
            })
        });
        let short = (0..190).map(|start| Span {
            start,
            len: start % 11,
        });
        let spans: Vec<Span> = all.chain(short).collect();
        for seed in [0, 42, u32::MAX] {
            let want: Vec<u32> = spans
                .iter()
                .map(|span| murmur3_32(&bytes[span.range()], seed))
                .collect();
            for level in Level::available() {
                for count in [0, 1, 7, 8, 9, 100, spans.len()] {
                    let mut hashes = vec![7];
                    let from = spans.len() - count;
                    murmur3_32_spans(*level, &bytes, &spans[from..], seed, &mut hashes);
                    assert_eq!(hashes[1..], want[from..], "{level:?} {seed} {count}");
                }
            }
        }
    }

    #[test]
    fn spans_past_the_end_panic_at_every_level() {
        let bytes = [7; 64];
        for (start, len) in [
            (0xffff_fff0, 17),
            (60, 5),
            (0, 65),
            (u32::MAX, u32::MAX),
            (8, u32::MAX),
        ] {
            for level in Level::available() {
                let hash = || murmur3_32_spans(*level, &bytes, &[Span { start, len }; 8], 0, &mut Vec::new());
                assert!(std::panic::catch_unwind(hash).is_err(), "{level:?} {start} {len}");
            }
        }
    }

    #[test]
    fn frozen_crosses() {
        for row in vectors("cross") {
            assert_eq!(cross(word(row[1]), word(row[2])), word(row[3]), "{row:?}");
        }
    }

    #[test]
    fn frozen_murmur3() {
        for row in vectors("murmur3_32") {
            assert_eq!(
                u64::from(murmur3_32(&bytes(row[2]), word(row[1]) as u32)),
                word(row[3]),
                "{row:?}"
            );
        }
    }

    #[test]
    fn frozen_sklearn_slots() {
        for row in vectors("sklearn_slot") {
            let n_features = NonZeroU32::new(row[2].parse().unwrap()).unwrap();
            let hash = murmur3_32(&bytes(row[1]), 0);
            assert_eq!(
                sklearn_slot(hash, n_features),
                (row[3].parse().unwrap(), row[4] == "-1"),
                "{row:?}"
            );
        }
    }

    #[test]
    fn frozen_spark_columns() {
        let vectors = include_str!("../tests/vectors/spark_hashing_tf.txt");
        let rows: Vec<Vec<&str>> = vectors
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split(' ').collect())
            .collect();
        assert!(rows.len() >= 200, "only {} vectors", rows.len());
        for row in rows {
            let columns = NonZeroU32::new(row[1].parse().unwrap()).unwrap();
            let hash = murmur3_32(&bytes(row[0]), SPARK_SEED);
            assert_eq!(
                spark_column(hash, columns),
                row[2].parse::<u32>().unwrap(),
                "{row:?}"
            );
        }
    }

    #[test]
    fn members_are_the_outputs_of_splitmix64() {
        // The first outputs of Vigna's splitmix64.c from the state 1234567.
        let outputs = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        for (i, output) in (0..).zip(outputs) {
            assert_eq!(member(1_234_567, i), output);
        }
    }

    #[test]
    fn crosses_know_order_and_do_not_cancel() {
        assert_ne!(cross(1, 2), cross(2, 1));
        assert_ne!(cross(7, 7), cross(9, 9));
        assert_ne!(cross(7, 7), 0);
    }

    #[test]
    fn buckets_take_low_bits_and_signs_the_highest() {
        let hash = 0x8123_4567_89ab_cdef;
        assert_eq!(
            [0, 1, 18, 31, 32, 64].map(|bits| bucket(hash, bits)),
            [0, 1, 0x3_cdef, 0x09ab_cdef, 0x89ab_cdef, 0x89ab_cdef]
        );
        assert_eq!((sign(hash), sign(hash >> 1)), (-1.0, 1.0));
    }
}
