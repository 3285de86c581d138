//! Exact moments in little memory, for a state of each of many categories.
//!
//! The same sums as in `sums.rs`, held as two's complement words between the lowest and the highest one in use: about
//! 150 bytes for a million prices where the full accumulators take 1,700. Adding costs more, as carries move at once.

use num_bigint::BigInt;
use serde::{Deserialize, Serialize};

use super::accumulator::decompose;
use super::moments;

/// Words for every product of two doubles and 2^63 additions of the largest.
const MAX_WORDS: usize = 67;

/// An exact integer in units of its owner's choice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "(u32, Vec<u64>)", into = "(u32, Vec<u64>)")]
struct Window {
    /// Zero words below the first of `words`.
    skip: u32,
    /// Two's complement, least significant first; the last word is all zeros or all ones, the sign.
    words: Vec<u64>,
}

/// All ones for a negative number.
fn sign_word(negative: bool) -> u64 {
    0u64.wrapping_sub(u64::from(negative))
}

impl Window {
    fn is_negative(&self) -> bool {
        self.words.last().is_some_and(|word| *word != 0)
    }

    /// Makes room for words `from` to `to` and a sign above them.
    fn reach(&mut self, from: usize, to: usize) {
        if self.words.is_empty() {
            self.skip = from as u32;
        }
        if from < self.skip as usize {
            let more = self.skip as usize - from;
            self.words.splice(0..0, std::iter::repeat_n(0, more));
            self.skip = from as u32;
        }
        let length = to + 1 - self.skip as usize;
        if self.words.len() < length {
            let sign = sign_word(self.is_negative());
            self.words.resize(length, sign);
        }
    }

    /// Adds two's complement `words` from word `at` on, the last of which is the sign.
    fn add_words(&mut self, at: usize, words: &[u64]) {
        let sign = words.last().copied().unwrap_or(0);
        self.reach(at, at + words.len());
        let first = at - self.skip as usize;
        let mut carry = false;
        for (i, word) in self.words.iter_mut().skip(first).enumerate() {
            let added = words.get(i).copied().unwrap_or(sign);
            let (sum, over) = word.overflowing_add(added);
            let (sum, again) = sum.overflowing_add(u64::from(carry));
            *word = sum;
            carry = over || again;
        }
        self.normalise();
    }

    /// One form for each value: a sign word on top that the word below needs, and no zero word at the bottom.
    fn normalise(&mut self) {
        if let Some(top) = self
            .words
            .last()
            .copied()
            .filter(|top| *top != 0 && *top != u64::MAX)
        {
            self.words.push(sign_word(top >> 63 == 1));
        }
        while let [.., below, top] = self.words[..] {
            // Of two words of sign the upper one says nothing; a lone zero word is dropped below.
            if below != top {
                break;
            }
            self.words.pop();
        }
        let zeros = self.words.iter().take_while(|word| **word == 0).count();
        self.words.drain(..zeros);
        self.skip = if self.words.is_empty() {
            0
        } else {
            self.skip + zeros as u32
        };
        // A positive number whose sign word went with the zeros was zero; any other keeps its sign on top.
    }

    /// Adds `magnitude` × 2^`place` or takes it away.
    fn add(&mut self, negative: bool, magnitude: u128, place: u32) {
        if magnitude == 0 {
            return;
        }
        let (word, shift) = ((place / 64) as usize, place % 64);
        let (low, high) = (magnitude as u64, (magnitude >> 64) as u64);
        let over = |value: u64| value.checked_shr(64 - shift).unwrap_or(0);
        let mut words = [low << shift, high << shift | over(low), over(high), 0];
        if negative {
            let mut carry = true;
            for word in &mut words {
                (*word, carry) = (!*word).overflowing_add(u64::from(carry));
            }
        }
        self.add_words(word, &words);
    }

    fn merge(&mut self, other: &Window) {
        if !other.words.is_empty() {
            self.add_words(other.skip as usize, &other.words);
        }
    }

    fn to_integer(&self) -> BigInt {
        let bytes: Vec<u8> = self.words.iter().flat_map(|word| word.to_le_bytes()).collect();
        BigInt::from_signed_bytes_le(&bytes) << (64 * self.skip)
    }
}

impl From<Window> for (u32, Vec<u64>) {
    fn from(window: Window) -> Self {
        (window.skip, window.words)
    }
}

impl TryFrom<(u32, Vec<u64>)> for Window {
    type Error = &'static str;

    /// Refuses another form than [`Window::normalise`] leaves, and what is too long.
    fn try_from((skip, words): (u32, Vec<u64>)) -> Result<Self, &'static str> {
        let window = Window { skip, words };
        let mut normal = window.clone();
        normal.normalise();
        if window != normal || (skip as usize).saturating_add(window.words.len()) > MAX_WORDS + 2 {
            return Err("an exact sum is not in canonical form");
        }
        Ok(window)
    }
}

/// Count, sum and sum of squares of the finite values added: [`super::Moments`] in little memory.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct CompactMoments {
    count: u64,
    sum: Window,
    squares: Window,
}

impl CompactMoments {
    /// Adds one value; NaN and infinities are ignored.
    pub(crate) fn add(&mut self, x: f64) {
        if !x.is_finite() {
            return;
        }
        self.count += 1;
        let (significand, place) = decompose(x);
        self.sum.add(x < 0.0, significand.into(), place);
        let square = u128::from(significand) * u128::from(significand);
        self.squares.add(false, square, 2 * place);
    }

    /// Adds everything that was added to `other`.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum.merge(&other.sum);
        self.squares.merge(&other.squares);
    }

    /// How many values were added.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// See [`super::Moments::mean`].
    pub(crate) fn mean(&self) -> f64 {
        moments::mean(self.count, &self.sum.to_integer())
    }

    /// See [`super::Moments::std`].
    pub(crate) fn std(&self) -> f64 {
        moments::std(self.count, &self.sum.to_integer(), &self.squares.to_integer())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fit::Moments;
    use crate::hash::xxh3_64;

    /// Doubles of many sizes and both signs, from a hash.
    fn values(count: usize, seed: u64) -> Vec<f64> {
        let edges = [
            0.0,
            -0.0,
            5e-324,
            -5e-324,
            f64::MAX,
            -f64::MAX,
            f64::NAN,
            1.0,
            -1.0,
            1e300,
        ];
        let value = |i: usize| {
            let hash = xxh3_64(&i.to_le_bytes(), seed);
            match hash % 4 {
                0 => edges[hash as usize / 4 % edges.len()],
                1 => f64::from_bits(hash & !(1 << 62)),
                2 => (hash >> 44) as f64,
                _ => -((hash >> 50) as f64) / 100.0,
            }
        };
        (0..count).map(value).collect()
    }

    fn compact(values: &[f64]) -> CompactMoments {
        let mut moments = CompactMoments::default();
        values.iter().for_each(|x| moments.add(*x));
        moments
    }

    #[test]
    fn equal_to_the_full_moments() {
        for seed in 0..200 {
            let values = values(1 + seed as usize % 40, seed);
            let mut full = Moments::new();
            values.iter().for_each(|x| full.add(*x));
            let compact = compact(&values);
            assert_eq!(compact.count(), full.count());
            assert_eq!(compact.mean().to_bits(), full.mean().to_bits(), "{values:?}");
            assert_eq!(compact.std().to_bits(), full.std().to_bits(), "{values:?}");
        }
    }

    #[test]
    fn partitioning_changes_no_byte() {
        for seed in 0..50 {
            let values = values(60, seed);
            let whole = serde_json::to_string(&compact(&values)).unwrap();
            for parts in [2, 7] {
                let mut merged = CompactMoments::default();
                for part in values.chunks(60 / parts).rev() {
                    let sent = serde_json::to_string(&compact(part)).unwrap();
                    merged.merge(&serde_json::from_str(&sent).unwrap());
                }
                assert_eq!(serde_json::to_string(&merged).unwrap(), whole);
            }
        }
    }

    #[test]
    fn what_cancels_leaves_nothing() {
        let mut moments = compact(&[1e300, -3.0, 5e-324]);
        moments.merge(&compact(&[-1e300, 3.0, -5e-324]));
        assert_eq!(moments.sum, Window::default());
        assert_eq!(moments.mean(), 0.0);
    }

    #[test]
    fn little_memory_for_everyday_numbers() {
        let prices: Vec<f64> = (0..100_000).map(|i| f64::from(i % 9973)).collect();
        let moments = compact(&prices);
        assert!(moments.sum.words.len() <= 3 && moments.squares.words.len() <= 3);
    }

    #[test]
    fn infinities_are_left_out() {
        let inf = f64::INFINITY;
        assert_eq!(compact(&[1.0, inf, 3.0, -inf, f64::NAN]), compact(&[1.0, 3.0]));
        assert!(compact(&[inf]).mean().is_nan() && compact(&[f64::NAN]).std().is_nan());
    }

    #[test]
    fn hostile_forms_are_refused() {
        for text in [
            "[0,[0]]",
            "[0,[0,1,0]]",
            "[0,[5]]",
            "[0,[5,0,0]]",
            "[1,[]]",
            "[68,[1,0]]",
            "[0,[5,7]]",
        ] {
            assert!(serde_json::from_str::<Window>(text).is_err(), "{text}");
        }
        for text in ["[3,[5,0]]", "[67,[1,0]]", "[0,[]]", "[2,[18446744073709551615]]"] {
            assert!(serde_json::from_str::<Window>(text).is_ok(), "{text}");
        }
    }
}
