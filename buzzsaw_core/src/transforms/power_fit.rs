//! The lambda of a power transform by maximum likelihood, in a few passes that merge exactly.
//!
//! With y the transformed numbers and J = ln x (Box-Cox) or sign(x) ln(1 + |x|) (Yeo-Johnson), the log-likelihood is
//! (lambda - 1) Σ J - n/2 ln var(y), and its slope over n is mean(J) - cov(y, dy/dlambda) / var(y). The lambda wanted
//! is where the slope falls through zero. Each pass finds it at a set of lambdas, from exact sums:
//!
//! 1. The signs of the numbers, and the mean of their logarithms. When all numbers are on one side the logarithms are
//!    centred, which moves y affinely and so changes nothing but its precision.
//! 2. Lambdas from -5 to 5 in steps of a half. Of several falls through zero the first is taken; where there is none,
//!    the end that the slope points to.
//! 3. and further: lambdas in the interval left over, most of them around the zero of a polynomial through its
//!    neighbours, until the interval is below 1e-9. The polynomial's zero in it is the lambda.
//!
//! Where a transformed number overflows, the lambda is too far from 1 in that direction, and the slope counts as
//! infinite.

use serde::{Deserialize, Serialize};

use super::power_curve::{Method, grown, slope};
use crate::fit::{ExactSlope, ExactSum};

/// Where lambda is looked for, and in which steps at first.
const LOWEST: f64 = -5.0;
const HIGHEST: f64 = 5.0;
const STEPS: u32 = 20;
/// The width of an interval that is narrow enough.
const NARROW: f64 = 1e-9;
/// Lambdas of a later pass: at equal steps, and closing in on the estimate by factors of 8.
const EVEN: u32 = 8;
const CLOSING: u32 = 10;

/// The numbers on one side of zero.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Logs {
    count: u64,
    sum: ExactSum,
    min: f64,
    max: f64,
}

impl Logs {
    fn new() -> Self {
        Self {
            count: 0,
            sum: ExactSum::new(),
            min: f64::INFINITY,
            max: f64::NEG_INFINITY,
        }
    }

    fn add(&mut self, log: f64) {
        self.count += 1;
        self.sum.add(log);
        self.min = if log < self.min { log } else { self.min };
        self.max = if log > self.max { log } else { self.max };
    }

    fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum.merge(&other.sum);
        self.min = if other.min < self.min { other.min } else { self.min };
        self.max = if other.max > self.max { other.max } else { self.max };
    }
}

/// One lambda that is tried.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Trial {
    lambda: f64,
    /// Pairs of a transformed number and its slope in lambda.
    pairs: ExactSlope,
    /// Whether numbers overflowed that ask for a larger lambda, or a smaller one.
    low: bool,
    high: bool,
}

impl Trial {
    fn at(lambda: f64) -> Self {
        Self {
            lambda,
            pairs: ExactSlope::new(),
            low: false,
            high: false,
        }
    }

    fn add(&mut self, log: f64, mirrored: bool) {
        let power = if mirrored { 2.0 - self.lambda } else { self.lambda };
        let (y, rise) = (grown(log, power), slope(log, power));
        if !y.is_finite() || !rise.is_finite() {
            if (power > 0.0) == mirrored {
                self.low = true;
            } else {
                self.high = true;
            }
        } else if mirrored {
            // y is negated, and so is the direction of lambda.
            self.pairs.add(-y, rise);
        } else {
            self.pairs.add(y, rise);
        }
    }

    /// The slope of the log-likelihood over n.
    fn slope(&self, mean_log: f64) -> f64 {
        let far = || {
            if self.lambda < 1.0 {
                f64::INFINITY
            } else {
                f64::NEG_INFINITY
            }
        };
        match (self.low, self.high) {
            (true, false) => f64::INFINITY,
            (false, true) => f64::NEG_INFINITY,
            (true, true) => far(),
            (false, false) => match mean_log - self.pairs.slope() {
                slope if slope.is_nan() => far(),
                slope => slope,
            },
        }
    }
}

/// The state of the search.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Search {
    /// The first pass: the numbers as they are, and the mirrored ones.
    Logs(Box<[Logs; 2]>),
    /// A later one.
    Trials(Trials),
}

/// What a later pass keeps.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Trials {
    /// What is taken off logarithms.
    center: f64,
    /// The mean of logarithms with their side's sign, less the centre.
    mean_log: f64,
    trials: Vec<Trial>,
}

/// What a pass led to.
pub(super) enum Found {
    /// The lambda; NaN when there were no numbers.
    Lambda(f64),
    /// Another pass.
    Again(Search),
}

impl Search {
    /// The first pass.
    pub(super) fn new() -> Self {
        Search::Logs(Box::new([Logs::new(), Logs::new()]))
    }

    /// Takes in a number; those outside of the curve's domain, and infinite logarithms, are left out.
    pub(super) fn add(&mut self, method: Method, x: f64) {
        let (log, mirrored) = method.log(x);
        if !log.is_finite() {
            return;
        }
        match self {
            Search::Logs(sides) => {
                let [plain, mirror] = &mut **sides;
                (if mirrored { mirror } else { plain }).add(log);
            }
            Search::Trials(held) => {
                let log = log - held.center;
                held.trials.iter_mut().for_each(|trial| trial.add(log, mirrored));
            }
        }
    }

    /// Takes in another state; `false` when it is of another pass.
    pub(super) fn merge(&mut self, other: &Search) -> bool {
        match (self, other) {
            (Search::Logs(sides), Search::Logs(others)) => {
                let both = sides.iter_mut().zip(others.iter());
                both.for_each(|(side, other)| side.merge(other));
                true
            }
            (Search::Trials(held), Search::Trials(other)) => {
                let mut alike = held.trials.len() == other.trials.len();
                for (trial, other) in held.trials.iter_mut().zip(&other.trials) {
                    alike &= trial.lambda == other.lambda;
                    trial.pairs.merge(&other.pairs);
                    trial.low |= other.low;
                    trial.high |= other.high;
                }
                alike
            }
            _ => false,
        }
    }

    /// Ends a pass.
    pub(super) fn finish(self) -> Found {
        match self {
            Search::Logs(sides) => first(&sides[0], &sides[1]),
            Search::Trials(held) => held.narrowed(),
        }
    }
}

/// Plans the second pass.
fn first(plain: &Logs, mirror: &Logs) -> Found {
    let count = plain.count + mirror.count;
    if count == 0 {
        return Found::Lambda(f64::NAN);
    }
    let one_sided = plain.count == 0 || mirror.count == 0;
    let side = if mirror.count == 0 { plain } else { mirror };
    if one_sided && side.min == side.max {
        // Equal numbers fit every lambda; 1 leaves them as they are, up to a shift.
        return Found::Lambda(1.0);
    }
    let center = if one_sided {
        side.sum.value() / count as f64
    } else {
        0.0
    };
    let mean = (plain.sum.value() - mirror.sum.value()) / count as f64;
    let mean_log = if !one_sided {
        mean
    } else if mirror.count == 0 {
        mean - center
    } else {
        mean + center
    };
    let step = |i: u32| Trial::at(LOWEST + (HIGHEST - LOWEST) * f64::from(i) / f64::from(STEPS));
    Found::Again(Search::Trials(Trials {
        center,
        mean_log,
        trials: (0..=STEPS).map(step).collect(),
    }))
}

impl Trials {
    /// The lambda, or a pass over the interval in which the slope falls through zero.
    fn narrowed(self) -> Found {
        let found = self.trials.iter();
        let points: Vec<(f64, f64)> = found
            .map(|trial| (trial.lambda, trial.slope(self.mean_log)))
            .collect();
        let ends = (points.first().copied(), points.last().copied());
        let (Some((lowest, slope)), Some((highest, _))) = ends else {
            return Found::Lambda(f64::NAN);
        };
        if slope <= 0.0 {
            return Found::Lambda(lowest);
        }
        let fall = points
            .windows(2)
            .position(|pair| pair[0].1 > 0.0 && pair[1].1 <= 0.0);
        let Some(fall) = fall else {
            return Found::Lambda(highest);
        };
        let (low, high) = (points[fall].0, points[fall + 1].0);
        let zero = zero(&points, fall);
        let width = high - low;
        if width <= NARROW {
            return Found::Lambda(zero);
        }
        let even = (1..EVEN).map(|i| low + width * f64::from(i) / f64::from(EVEN));
        let closing = (1..=CLOSING).scan(width, |distance, _| {
            *distance /= 8.0;
            Some([zero - *distance, zero + *distance])
        });
        let mut lambdas: Vec<f64> = even.chain(closing.flatten()).collect();
        lambdas.retain(|lambda| low < *lambda && *lambda < high);
        lambdas.extend([low, high]);
        lambdas.sort_unstable_by(f64::total_cmp);
        lambdas.dedup();
        let trials = lambdas.into_iter().map(Trial::at).collect();
        Found::Again(Search::Trials(Trials { trials, ..self }))
    }
}

/// Where the polynomial of lambda in the slope, through up to three points on each side of the fall, is at slope zero;
/// the middle of the interval where that is outside of it.
fn zero(points: &[(f64, f64)], fall: usize) -> f64 {
    let near = points
        .get(fall.saturating_sub(2)..(fall + 4).min(points.len()))
        .unwrap_or_default();
    let mut near: Vec<(f64, f64)> = near
        .iter()
        .copied()
        .filter(|(_, slope)| slope.is_finite())
        .collect();
    let slopes: Vec<f64> = near.iter().map(|(_, slope)| *slope).collect();
    // Neville's scheme.
    for width in 1..near.len() {
        for i in 0..near.len() - width {
            let (a, b) = (slopes[i], slopes[i + width]);
            near[i].0 = (b * near[i].0 - a * near[i + 1].0) / (b - a);
        }
    }
    let (low, high) = (points[fall].0, points[fall + 1].0);
    match near.first() {
        Some((zero, _)) if low <= *zero && *zero <= high => *zero,
        _ => low + (high - low) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::hash::xxh3_64;

    #[test]
    fn trials_without_a_slope_point_to_the_middle() {
        for (lambda, slope) in [(-2.0, f64::INFINITY), (3.0, f64::NEG_INFINITY)] {
            assert_eq!(Trial::at(lambda).slope(0.0), slope);
            let both = Trial {
                low: true,
                high: true,
                ..Trial::at(lambda)
            };
            assert_eq!(both.slope(0.0), slope);
        }
    }

    #[test]
    fn a_slope_that_overflows_alone_is_marked() {
        let mut trial = Trial::at(1e-300);
        trial.add(1e200, false);
        assert!(trial.high && !trial.low);
    }

    #[test]
    fn trials_of_other_lambdas_do_not_merge() {
        let search = |lambdas: [f64; 2]| {
            Search::Trials(Trials {
                center: 0.0,
                mean_log: 0.0,
                trials: lambdas.map(Trial::at).to_vec(),
            })
        };
        assert!(search([1.0, 2.0]).merge(&search([1.0, 2.0])));
        assert!(!search([1.0, 2.0]).merge(&search([1.5, 2.0])));
        assert!(!search([1.0, 2.0]).merge(&search([1.0, 2.5])));
    }

    /// Lambda, and the number of passes, over parts that merge in reverse.
    fn fitted(method: Method, values: &[f64], parts: usize) -> (f64, u32) {
        let mut search = Search::new();
        let mut passes = 0;
        loop {
            passes += 1;
            let mut merged = search.clone();
            for part in values.chunks(values.len().div_ceil(parts)).rev() {
                let mut partial = search.clone();
                part.iter().for_each(|x| partial.add(method, *x));
                assert!(merged.merge(&partial));
            }
            match merged.finish() {
                Found::Lambda(lambda) => return (lambda, passes),
                Found::Again(next) => search = next,
            }
        }
    }

    /// Numbers in (0, 1) from a hash.
    fn units(count: usize) -> impl Iterator<Item = f64> {
        (0..count).map(|i| (xxh3_64(&i.to_le_bytes(), 7) >> 11) as f64 / (1u64 << 53) as f64)
    }

    #[test]
    fn few_passes_and_no_trace_of_the_partitioning() {
        let signed: Vec<f64> = units(500).map(|u| (u - 0.3) * 40.0 * u).collect();
        let prices: Vec<f64> = units(500).map(|u| 1e6 * u * u * u + 1.0).collect();
        for (method, values) in [
            (Method::YeoJohnson, &signed),
            (Method::YeoJohnson, &prices),
            (Method::BoxCox, &prices),
        ] {
            let (whole, passes) = fitted(method, values, 1);
            assert!(passes <= 5, "{passes}");
            assert_eq!(fitted(method, values, 7).0.to_bits(), whole.to_bits());
        }
    }

    /// Box-Cox of c x is Box-Cox of x up to an affine map, for any c.
    #[test]
    fn units_do_not_matter() {
        let prices: Vec<f64> = units(300).map(|u| 50.0 * u * u + 0.5).collect();
        let (lambda, _) = fitted(Method::BoxCox, &prices, 1);
        for unit in [1e-200, 1e-3, 1e9, 1e250] {
            let scaled: Vec<f64> = prices.iter().map(|price| price * unit).collect();
            let (other, _) = fitted(Method::BoxCox, &scaled, 1);
            assert!((other - lambda).abs() < 1e-9, "{unit}: {other} for {lambda}");
        }
    }

    #[test]
    fn numbers_that_overflow_ask_for_a_lambda_near_one() {
        let mut values: Vec<f64> = units(50).map(|u| u - 0.5).collect();
        values.extend([1e305, -1e305]);
        let (lambda, passes) = fitted(Method::YeoJohnson, &values, 1);
        assert!((lambda - 1.0).abs() < 0.1, "{lambda}");
        assert!(passes <= 12, "{passes}");
        values.push(f64::MAX);
        values.push(-f64::MAX);
        assert!((fitted(Method::YeoJohnson, &values, 1).0 - 1.0).abs() < 0.1);
    }

    #[test]
    fn mirrored_numbers_mirror_lambda() {
        let plain: Vec<f64> = units(200).map(|u| 30.0 * u * u).collect();
        let mirrored: Vec<f64> = plain.iter().map(|x| -x).collect();
        let (a, b) = (
            fitted(Method::YeoJohnson, &plain, 1).0,
            fitted(Method::YeoJohnson, &mirrored, 1).0,
        );
        assert!((a + b - 2.0).abs() < 1e-10, "{a} {b}");
    }

    #[test]
    fn no_numbers_and_equal_ones() {
        assert!(fitted(Method::BoxCox, &[-1.0, 0.0, f64::INFINITY], 1).0.is_nan());
        assert_eq!(fitted(Method::BoxCox, &[3.0, 3.0], 1), (1.0, 1));
        assert_eq!(fitted(Method::YeoJohnson, &[-3.0, -3.0], 1), (1.0, 1));
    }
}
