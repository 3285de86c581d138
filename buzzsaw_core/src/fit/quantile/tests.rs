//! Against NumPy's definition (frozen vectors) and a sorted copy of the data.

use super::state::{Plan, Range};
use super::{Outcome, QuantileState};

const VECTORS: &str = include_str!("../../../tests/vectors/exact.txt");
/// As in the header of the vectors.
const QUANTILES: [f64; 10] = [0.0, 0.01, 0.1, 0.25, 1.0 / 3.0, 0.5, 0.75, 0.9, 0.99, 1.0];
const LIMITS: [usize; 5] = [0, 3, 8, 40, 1 << 17];

fn bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|x| x.to_bits()).collect()
}

fn filled(mut state: QuantileState, values: &[f64]) -> QuantileState {
    values.iter().for_each(|&x| state.add(x));
    state
}

/// Passes until done, each over `parts` pieces whose states travel as bytes and are merged last to first.
fn run(values: &[f64], quantiles: &[f64], limit: usize, parts: usize) -> (Vec<f64>, usize) {
    let mut empty = QuantileState::new(limit);
    for passes in 1.. {
        let whole = serde_json::to_string(&filled(empty.clone(), values)).unwrap();
        let mut merged = empty.clone();
        for piece in values.chunks(values.len().div_ceil(parts).max(1)).rev() {
            let text = serde_json::to_string(&filled(empty.clone(), piece)).unwrap();
            merged.merge(&serde_json::from_str(&text).unwrap()).unwrap();
        }
        assert_eq!(
            serde_json::to_string(&merged).unwrap(),
            whole,
            "limit {limit}, {parts} parts"
        );
        match merged.finish(quantiles).unwrap() {
            Outcome::Done(result) => return (result, passes),
            Outcome::Again(next) => empty = next,
        }
    }
    unreachable!()
}

/// SplitMix64.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// Samples of every shape: any bits, few different values, one narrow range, infinities and NaN in between.
fn sample(seed: &mut u64) -> Vec<f64> {
    let (count, shape) = (1 + random(seed) % 200, random(seed) % 4);
    let mut value = || match (shape, random(seed)) {
        (0, word) => f64::from_bits(word),
        (1, word) => (word % 7) as f64 - 3.0,
        (2, word) => f64::from_bits(1.0f64.to_bits() + word % 5000),
        (_, word) => [
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NAN,
            -0.0,
            0.0,
            1e-310,
            -1e308,
        ][(word % 7) as usize],
    };
    (0..count).map(|_| value()).collect()
}

#[test]
fn frozen_vectors_at_every_limit_and_partitioning() {
    let word = |text: &str| f64::from_bits(u64::from_str_radix(text, 16).unwrap());
    let mut vectors = 0;
    for line in VECTORS.lines().filter_map(|line| line.strip_prefix("quantiles ")) {
        let (values, want) = line.split_once(" = ").unwrap();
        let values: Vec<f64> = values.split(' ').map(word).collect();
        let want: Vec<f64> = want.split(' ').map(word).collect();
        for limit in LIMITS {
            for parts in [1, 3] {
                let (got, passes) = run(&values, &QUANTILES, limit, parts);
                assert_eq!(bits(&got), bits(&want), "{values:?}, limit {limit}");
                assert!(limit < 40 || passes == 1);
            }
        }
        vectors += 1;
    }
    assert!(vectors > 100);
}

/// Quantiles that fall on a value, so that a sorted copy is the whole reference.
#[test]
fn ranks_equal_those_of_sorted_data() {
    let mut seed = 11;
    let mut several_passes = 0;
    for _ in 0..300 {
        let values = sample(&mut seed);
        let mut sorted: Vec<f64> = values.iter().filter(|x| !x.is_nan()).map(|x| x + 0.0).collect();
        sorted.sort_by(f64::total_cmp);
        let last = sorted.len().saturating_sub(1);
        let ranks = [0, last / 3, last / 2, last];
        // Only ranks whose quantile comes back to them exactly.
        let exact = ranks
            .iter()
            .filter(|&&rank| rank as f64 / last as f64 * last as f64 == rank as f64);
        let (quantiles, want): (Vec<f64>, Vec<f64>) = exact
            .map(|&rank| (rank as f64 / last as f64, sorted[rank]))
            .unzip();
        for limit in LIMITS {
            let (got, passes) = run(&values, &quantiles, limit, 1 + (random(&mut seed) % 9) as usize);
            assert_eq!(bits(&got), bits(&want), "{values:?}");
            several_passes += usize::from(passes > 1);
        }
    }
    assert!(several_passes > 100);
}

#[test]
fn midpoints_do_not_overflow_and_underflow_once() {
    let median = |values: &[f64]| run(values, &[0.5], 2, 1).0[0];
    assert_eq!(median(&[f64::MAX, f64::MAX, 0.0, f64::MAX]), f64::MAX);
    assert_eq!(median(&[f64::MAX, -f64::MAX]), 0.0);
    assert_eq!(median(&[5e-324, 1.5e-323]), 1e-323);
    assert_eq!(median(&[5e-324, 0.0]).to_bits(), 0);
    assert_eq!(median(&[-5e-324, -0.0]).to_bits(), 0);
    assert_eq!(median(&[3.0, 1.0, 2.0]), 2.0);
    assert_eq!(median(&[-0.0, -0.0, -0.0]).to_bits(), 0);
    // The difference of the two has no double; one rounding of the exact value has.
    assert_eq!(run(&[-1.7e308, 1.7e308], &[0.75], 2, 1).0, [0.85e308]);
}

#[test]
fn infinities_have_their_places() {
    let infinity = f64::INFINITY;
    assert_eq!(
        run(&[infinity, 1.0, -infinity], &[0.0, 0.25, 0.5, 0.75, 1.0], 2, 2).0,
        [-infinity, -infinity, 1.0, infinity, infinity]
    );
    assert!(run(&[infinity, -infinity], &[0.5], 8, 1).0[0].is_nan());
}

#[test]
fn no_data_is_nan_and_no_question_needs_no_pass() {
    for values in [&[][..], &[f64::NAN]] {
        let (result, passes) = run(values, &[0.5, 1.0], 2, 1);
        assert!(result.iter().all(|x| x.to_bits() == f64::NAN.to_bits()) && result.len() == 2 && passes == 1);
    }
    assert_eq!(run(&[1.0, 2.0, 3.0, 4.0], &[], 2, 1), (vec![], 1));
}

#[test]
fn memory_stays_within_the_limit() {
    let values: Vec<f64> = (0..50_000).map(|i| 1.0 + f64::from(i) * f64::EPSILON).collect();
    let mut state = QuantileState::new(1000);
    let mut passes = 0;
    let median = loop {
        passes += 1;
        for &x in &values {
            state.add(x);
            assert!(state.counts.len() <= 1001);
        }
        match state.finish(&[0.5]).unwrap() {
            Outcome::Done(result) => break result[0],
            Outcome::Again(next) => state = next,
        }
    };
    assert_eq!(median, 1.0 + 25_000.0 * f64::EPSILON);
    assert!((2..=8).contains(&passes), "{passes}");
}

fn refined(q: f64) -> (Vec<f64>, QuantileState) {
    let values: Vec<f64> = (0..101).map(f64::from).collect();
    match filled(QuantileState::new(4), &values).finish(&[q]).unwrap() {
        Outcome::Again(next) => (values, next),
        Outcome::Done(_) => panic!("101 values fit into 4"),
    }
}

#[test]
fn data_that_changes_between_passes_is_refused() {
    let (mut values, next) = refined(0.5);
    let fewer = filled(next.clone(), &values[1..]).finish(&[0.5]).unwrap_err();
    assert!(
        fewer.to_string().contains("101 values in the first pass, 100"),
        "{fewer}"
    );
    assert!(filled(next.clone(), &[]).finish(&[0.5]).is_err());
    values[50] = -1e9;
    let moved = filled(next, &values).finish(&[0.5]).unwrap_err();
    assert!(moved.to_string().contains("values moved"), "{moved}");
}

#[test]
fn wrong_questions_and_foreign_states_are_refused() {
    for q in [-0.1, 1.5, f64::NAN] {
        assert!(QuantileState::new(8).finish(&[q]).is_err());
    }
    let (values, next) = refined(0.5);
    assert!(filled(next.clone(), &values).finish(&[0.0]).is_err());
    // The range of the smallest value holds ranks 0 and 1; rank 2 is the first behind it.
    let (_, lowest) = refined(0.0);
    assert_eq!((lowest.plan.ranges.len(), lowest.plan.ranges[0].inside), (1, 2));
    assert!(filled(lowest.clone(), &values).finish(&[0.01]).is_ok());
    assert!(filled(lowest, &values).finish(&[0.02]).is_err());
    assert!(next.clone().merge(&QuantileState::new(4)).is_err());
    assert!(QuantileState::new(5).merge(&QuantileState::new(4)).is_err());
}

#[test]
fn forged_states_are_refused() {
    let (values, next) = refined(0.5);
    let next = serde_json::to_string(&filled(next, &values)).unwrap();
    let first = serde_json::to_string(&filled(QuantileState::new(4), &[1.0, 2.0])).unwrap();
    assert_eq!(
        first,
        r#"{"limit":4,"plan":{"width":64,"ranges":[],"total":0},"dropped":0,"seen":2,"counts":[[13830554455654793216,1],[13835058055282163712,1]]}"#
    );
    let forge = |text: &str, from: &str, to: &str| {
        assert!(text.contains(from), "{from} in {text}");
        let forged = text.replacen(from, to, 1);
        assert!(
            serde_json::from_str::<QuantileState>(&forged).is_err(),
            "{forged}"
        );
    };
    forge(&first, r#""limit":4"#, r#""limit":1"#);
    forge(&first, r#""width":64"#, r#""width":63"#);
    forge(&first, r#""total":0"#, r#""total":2"#);
    forge(&first, r#""dropped":0"#, r#""dropped":1"#);
    forge(&first, r#""dropped":0"#, r#""dropped":200"#);
    forge(&first, r#""seen":2"#, r#""seen":3"#);
    forge(&first, r#""seen":2"#, r#""seen":18446744073709551615"#);
    forge(&first, "[13830554455654793216,1]", "[13835058055282163712,1]");
    forge(&first, "[13830554455654793216,1]", "[13830554455654793216,0]");
    forge(
        &first,
        "[13830554455654793216,1]",
        "[13830554455654793216,18446744073709551615]",
    );
    forge(&next, r#""width":62"#, r#""width":65"#);
    forge(&next, r#""below":2"#, r#""below":18446744073709551615"#);
    forge(&next, r#""total":101"#, r#""total":1"#);
    forge(&next, r#""seen":101"#, r#""seen":0"#);
    forge(&next, r#""prefix":3"#, r#""prefix":4"#);
    forge(&next, r#""prefix":3"#, r#""prefix":2"#);
}

#[test]
fn a_state_says_what_it_holds() {
    let mut state = QuantileState::new(10);
    assert!(state.is_empty());
    [1.0, 1.0, 7.0, f64::NAN].into_iter().for_each(|x| state.add(x));
    assert_eq!((state.len(), state.seen(), state.is_empty()), (2, 3, false));
}

/// The passes that the documentation of steps promises for as many quantiles, each between two ranges.
#[test]
fn passes_are_bounded_by_the_number_of_quantiles() {
    let passes = |ranges: u64| {
        let (mut width, mut passes) = (64, 0);
        while width > 0 {
            let range = |prefix| Range {
                prefix,
                below: 0,
                inside: 0,
            };
            let held = if passes == 0 { 0 } else { ranges };
            let plan = Plan {
                width,
                ranges: (0..held).map(range).collect(),
                total: 0,
            };
            width = plan.coarse(1 << 17);
            passes += 1;
        }
        passes
    };
    let bits = |buckets: u64| (65536 / buckets).ilog2();
    for (buckets, want) in [(2, 5), (10, 5), (64, 6), (1000, 9), (4096, 13)] {
        assert_eq!(passes(2 * buckets), want, "{buckets}");
        assert_eq!(want, 1 + 47u32.div_ceil(bits(buckets)), "{buckets}");
    }
    // The median; two quantiles; the median and two.
    assert_eq!([2, 4, 6].map(passes), [4, 5, 5]);
}
