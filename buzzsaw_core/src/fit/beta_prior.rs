//! The beta prior of rates by the method of moments, from exact sums.

use num_bigint::{BigInt, Sign};
use serde::{Deserialize, Serialize};

use super::exact_sum::{ExactSquares, ExactSum, SUM_UNIT};
use super::rational::ratio_to_f64;

/// A strength (alpha + beta) above this is no prior but one rate for all.
const MAX_STRENGTH: f64 = 1e15;

/// Sums over pairs of successes c and trials n, with 0 <= c <= n, n finite and above zero.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BetaMoments {
    rows: u64,
    successes: ExactSum,
    trials: ExactSum,
    /// Of c * (c / n), each operation rounded to f64.
    rates: ExactSum,
    squares: ExactSquares,
}

impl BetaMoments {
    /// Adds one pair.
    #[inline]
    pub fn add(&mut self, successes: f64, trials: f64) {
        self.rows += 1;
        self.successes.add(successes);
        self.trials.add(trials);
        self.rates.add(successes * (successes / trials));
        self.squares.add(trials);
    }

    /// Adds everything that was added to `other`.
    pub fn merge(&mut self, other: &BetaMoments) {
        self.rows = self.rows.saturating_add(other.rows);
        self.successes.merge(&other.successes);
        self.trials.merge(&other.trials);
        self.rates.merge(&other.rates);
        self.squares.merge(&other.squares);
    }

    /// Pairs added.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// alpha and beta; `None` where the moments define none: the rates differ no more than chance makes them, or no
    /// pair has more than one trial, or every rate is 0 or 1, or no pair was added.
    ///
    /// Source: Kleinman, "Proportions with Extraneous Variance: Single and Independent Samples" (JASA 68, 1973), with
    /// weights n. For k pairs, w = Σ n, p = Σ c / w, q = 1 - p and S = Σ n (c / n - p)² the correlation is
    /// rho = (S - p q (k - 1)) / (p q (w - Σ n² / w - (k - 1))), and alpha + beta = 1 / rho - 1.
    pub fn prior(&self) -> Option<(f64, f64)> {
        // All in units of 2^-1074 to the power of the term's degree in c and n, so that the ratios have no unit.
        let one = BigInt::from(1) << SUM_UNIT.unsigned_abs();
        let (c, w) = (self.successes.finite_units(), self.trials.finite_units());
        let beyond_first = BigInt::from(self.rows.checked_sub(1)?) * &one;
        let failures = &w - &c;
        let product = &c * &failures;
        let spread = &w * (self.rates.finite_units() * &w - &c * &c) - &product * &beyond_first;
        let over = spread * &w;
        let under = product * (&w * &w - self.squares.finite_units() - &w * beyond_first);
        // rho = over / under.
        if over.sign() != Sign::Plus || under <= over {
            return None;
        }
        let rest = under - &over;
        let whole = over.magnitude() * w.magnitude();
        let share = |part: &BigInt| ratio_to_f64(&(&rest * part), &whole, 0);
        let prior = (share(&c), share(&failures));
        (prior.0 + prior.1 <= MAX_STRENGTH).then_some(prior)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(pairs: &[(f64, f64)]) -> BetaMoments {
        pairs.iter().fold(BetaMoments::default(), |mut moments, (c, n)| {
            moments.add(*c, *n);
            moments
        })
    }

    /// Rates 1/4 and 3/4 of 8 trials each: w = 16, p = 1/2, S = 1, rho = (1 - 1/4) / (1/4 (16 - 8 - 1)) = 3/7.
    #[test]
    fn two_rates_by_hand() {
        let (alpha, beta) = moments(&[(2.0, 8.0), (6.0, 8.0)]).prior().unwrap();
        assert!(
            (alpha - 2.0 / 3.0).abs() < 1e-15 && (beta - 2.0 / 3.0).abs() < 1e-15,
            "{alpha} {beta}"
        );
    }

    #[test]
    fn moments_that_define_no_prior() {
        let none: [&[(f64, f64)]; 7] = [
            &[],
            &[(2.0, 8.0)],
            &[(4.0, 8.0), (4.0, 8.0)],
            // As far apart as chance makes them, and a little closer.
            &[(1.0, 4.0), (3.0, 4.0), (2.0, 4.0)],
            &[(0.0, 8.0), (8.0, 8.0)],
            &[(0.0, 1.0), (1.0, 1.0), (1.0, 1.0)],
            &[(0.0, 5.0), (0.0, 7.0)],
        ];
        for pairs in none {
            assert_eq!(moments(pairs).prior(), None, "{pairs:?}");
        }
    }

    #[test]
    fn a_prior_of_enormous_strength_is_none() {
        // Rates 1/2 ± off / n of n = 2^54 trials: S = 2 off² / n, and all of it is exact.
        let (n, half) = ((1u64 << 54) as f64, (1u64 << 53) as f64);
        let near = |off: f64| moments(&[(half - off, n), (half + off, n)]).prior();
        assert!(near((1u64 << 28) as f64).is_some());
        assert_eq!(near((1u64 << 27) as f64), None);
    }

    #[test]
    fn merged_moments_equal_those_of_one_pass() {
        let pairs = [(1.0, 3.0), (2.0, 7.0), (0.1, 0.3), (5.0, 1e300), (0.0, 5e-324)];
        let whole = moments(&pairs);
        for at in 0..=pairs.len() {
            let mut merged = moments(&pairs[at..]);
            merged.merge(&moments(&pairs[..at]));
            assert_eq!(merged, whole, "{at}");
            assert_eq!(merged.rows(), 5);
        }
    }
}
