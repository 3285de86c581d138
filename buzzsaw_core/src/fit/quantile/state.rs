//! Exact quantiles of a stream of doubles, in bounded memory and a few passes.
//!
//! Doubles are mapped to integers of the same order. While no more than `limit` different ones were seen, each is
//! counted. Past that, only the upper bits are counted; from those counts it is known in which ranges the wanted
//! ranks lie and how many values are below each, and a further pass counts inside these ranges only, again
//! exactly if it can. With the default limit of 2^17 a pass settles about 17 bits, so four passes settle 64; data
//! with fewer different values needs one.
//!
//! A state depends on the multiset of values and on nothing else: whether it counts exact values is decided by
//! how many different ones there are, which no order and no partitioning changes.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::wire::Wire;
use crate::error::{Error, ErrorKind, Result};
use crate::fit::exact_sum::{Accumulator, PRODUCT_LIMBS, PRODUCT_UNIT};

/// What a pass led to.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// The quantiles, in the order asked.
    Done(Vec<f64>),
    /// The data must be passed over once more, into this state or copies of it that are merged.
    Again(QuantileState),
}

/// Counts from which quantiles are found. See the module's description in `state.rs`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(into = "Wire", try_from = "Wire")]
pub struct QuantileState {
    pub(super) limit: u64,
    pub(super) plan: Plan,
    /// Bits that are not counted: 0, or [`Plan::coarse`] once there were more than `limit` different values.
    pub(super) dropped: u32,
    /// Values seen in this pass, inside the plan's ranges or not.
    pub(super) seen: u64,
    /// Upper bits of ordered values to how often they were seen.
    pub(super) counts: HashMap<u64, u64>,
}

/// Which values a pass counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Plan {
    /// A range holds the 2^`width` ordered values that share their other bits.
    pub(super) width: u32,
    /// Ascending. Empty in the first pass, which counts everything.
    pub(super) ranges: Vec<Range>,
    /// Values in the whole data, known after the first pass.
    pub(super) total: u64,
}

/// Ordered values that begin with the bits of `prefix`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Range {
    pub(super) prefix: u64,
    pub(super) below: u64,
    pub(super) inside: u64,
}

/// A wanted place in the sorted data: between rank `below` and the next, by `share` of the way.
pub(super) struct Place {
    pub(super) below: u64,
    pub(super) share: f64,
}

/// An integer in the order of the doubles, with one value for both zeros.
#[inline]
fn ordered(x: f64) -> u64 {
    let bits = (x + 0.0).to_bits();
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// The double that [`ordered`] was made from.
fn unordered(key: u64) -> f64 {
    f64::from_bits(if key >> 63 == 1 { key & !(1 << 63) } else { !key })
}

impl Plan {
    /// How many bits the counts drop when exact ones would be too many: so that 2^(width - dropped) counts in each
    /// range stay within the limit, but for a limit below two counts a range.
    pub(super) fn coarse(&self, limit: u64) -> u32 {
        let share = limit / (self.ranges.len() as u64).max(1);
        self.width.saturating_sub(share.max(2).ilog2())
    }

    /// The range that `key` without its `dropped` lowest bits is in.
    #[inline]
    fn range_of(&self, key: u64, dropped: u32) -> Option<usize> {
        let prefix = key.checked_shr(self.width - dropped).unwrap_or(0);
        self.ranges
            .binary_search_by_key(&prefix, |range| range.prefix)
            .ok()
    }

    /// Whether the pass counts `key`, of which `dropped` bits are gone.
    #[inline]
    pub(super) fn covers(&self, key: u64, dropped: u32) -> bool {
        self.ranges.is_empty() || self.range_of(key, dropped).is_some()
    }
}

impl QuantileState {
    /// The state of no values, which keeps up to `limit` (at least 2) different values, about 32 bytes each.
    pub fn new(limit: usize) -> QuantileState {
        QuantileState::planned(
            limit.max(2) as u64,
            Plan {
                width: 64,
                ranges: Vec::new(),
                total: 0,
            },
        )
    }

    fn planned(limit: u64, plan: Plan) -> QuantileState {
        QuantileState {
            limit,
            plan,
            dropped: 0,
            seen: 0,
            counts: HashMap::new(),
        }
    }

    /// Adds one value. NaN is missing and ignored, infinities have their places, -0.0 is 0.0.
    #[inline]
    pub fn add(&mut self, x: f64) {
        if x.is_nan() {
            return;
        }
        let key = ordered(x);
        self.seen += 1;
        if self.plan.covers(key, 0) {
            *self.counts.entry(key >> self.dropped).or_default() += 1;
            self.keep_limit();
        }
    }

    /// How many different counts are held.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// Whether nothing was added in this pass.
    pub fn is_empty(&self) -> bool {
        self.seen == 0
    }

    /// How many values were added in this pass.
    pub fn seen(&self) -> u64 {
        self.seen
    }

    /// Adds everything that was added to `other` in the same pass.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when the states do not belong to the same pass of the same fit.
    pub fn merge(&mut self, other: &QuantileState) -> Result<()> {
        if (self.limit, &self.plan) != (other.limit, &other.plan) {
            return Err(invalid(
                "partial quantiles of different fits or passes cannot be merged",
            ));
        }
        self.coarsen(other.dropped);
        let shift = self.dropped - other.dropped;
        for (&key, &count) in &other.counts {
            let sum = self.counts.entry(key >> shift).or_default();
            *sum = sum.saturating_add(count);
        }
        self.seen = self.seen.saturating_add(other.seen);
        self.keep_limit();
        Ok(())
    }

    #[inline]
    fn keep_limit(&mut self) {
        if self.dropped == 0 && self.counts.len() as u64 > self.limit {
            self.coarsen(self.plan.coarse(self.limit));
        }
    }

    /// Goes over to counting without the `dropped` lowest bits, unless it does already.
    #[cold]
    fn coarsen(&mut self, dropped: u32) {
        if self.dropped >= dropped {
            return;
        }
        let mut counts = HashMap::new();
        for (key, count) in self.counts.drain() {
            *counts.entry(key >> dropped).or_default() += count;
        }
        (self.counts, self.dropped) = (counts, dropped);
    }

    /// The quantiles after this pass, or the state for the next one, which must be asked the same ones.
    ///
    /// The `q`-quantile of n values is NumPy's method "linear": it lies at place `q` (n - 1), a product of doubles,
    /// of the sorted values counted from 0; between two neighbours a and b it is a + (b - a) × the rest, computed
    /// exactly and rounded once, so that the median is the midpoint of the middle two and nothing overflows. Between
    /// a finite and an infinite value it is the infinite one, between infinities of both signs NaN. No data gives NaN.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` for a quantile outside 0 to 1, for others than were asked after the first pass, and when
    /// the data was not the same as in the first pass.
    pub fn finish(&self, quantiles: &[f64]) -> Result<Outcome> {
        if let Some(q) = quantiles.iter().find(|q| !(0.0..=1.0).contains(*q)) {
            return Err(invalid(format!("the quantile {q} is not between 0 and 1")));
        }
        if !self.plan.ranges.is_empty() && self.seen != self.plan.total {
            let Plan { total, .. } = self.plan;
            return Err(changed(format!(
                "{total} values in the first pass, {} in a later one",
                self.seen
            )));
        }
        if self.seen == 0 || quantiles.is_empty() {
            return Ok(Outcome::Done(vec![f64::NAN; quantiles.len()]));
        }
        let runs = self.runs()?;
        let places: Vec<Place> = quantiles.iter().map(|&q| Place::of(q, self.seen)).collect();
        if self.dropped > 0 {
            return self.refine(&runs, &places).map(Outcome::Again);
        }
        let value = |rank| find(&runs, rank).map(|run| unordered(run.prefix));
        let quantile = |place: &Place| {
            let a = value(place.below)?;
            if place.share == 0.0 {
                Ok(a)
            } else {
                Ok(between(a, value(place.below + 1)?, place.share))
            }
        };
        places
            .iter()
            .map(quantile)
            .collect::<Result<_>>()
            .map(Outcome::Done)
    }

    /// The counts in ascending order, each with the number of values below it in the whole data.
    fn runs(&self) -> Result<Vec<Range>> {
        let mut entries: Vec<(u64, u64)> = self.counts.iter().map(|(&key, &count)| (key, count)).collect();
        entries.sort_unstable();
        let mut inside = vec![0; self.plan.ranges.len()];
        let mut below = 0;
        let mut runs = Vec::with_capacity(entries.len());
        for (prefix, count) in entries {
            if let Some(i) = self.plan.range_of(prefix, self.dropped) {
                below = self.plan.ranges[i].below.saturating_add(inside[i]);
                inside[i] = inside[i].saturating_add(count);
            }
            runs.push(Range {
                prefix,
                below,
                inside: count,
            });
            below = below.saturating_add(count);
        }
        if self
            .plan
            .ranges
            .iter()
            .zip(&inside)
            .any(|(range, &inside)| range.inside != inside)
        {
            return Err(changed("values moved between two passes".to_owned()));
        }
        Ok(runs)
    }

    /// The state of a pass over the runs that the places lie in.
    fn refine(&self, runs: &[Range], places: &[Place]) -> Result<QuantileState> {
        let mut ranges = Vec::new();
        for place in places {
            ranges.push(find(runs, place.below)?.clone());
            if place.share > 0.0 {
                ranges.push(find(runs, place.below + 1)?.clone());
            }
        }
        ranges.sort_unstable_by_key(|range| range.prefix);
        ranges.dedup();
        Ok(QuantileState::planned(
            self.limit,
            Plan {
                width: self.dropped,
                ranges,
                total: self.seen,
            },
        ))
    }
}

impl Place {
    pub(super) fn of(q: f64, count: u64) -> Place {
        let last = count - 1;
        let place = q * last as f64;
        let below = place as u64;
        if below >= last {
            Place {
                below: last,
                share: 0.0,
            }
        } else {
            Place {
                below,
                share: place - below as f64,
            }
        }
    }
}

/// The run that holds the value of a rank.
fn find(runs: &[Range], rank: u64) -> Result<&Range> {
    let after = runs.partition_point(|run| run.below <= rank);
    let run = runs[..after].last().filter(|run| rank - run.below < run.inside);
    run.ok_or_else(|| invalid("every pass of a fit must be asked the same quantiles"))
}

/// `a` + (`b` - `a`) × `share`, rounded once, for `share` in (0, 1).
pub(super) fn between(a: f64, b: f64, share: f64) -> f64 {
    if a == b {
        return a;
    }
    match (a.is_finite(), b.is_finite()) {
        (true, true) => {}
        (true, false) => return b,
        (false, true) => return a,
        (false, false) => return f64::NAN,
    }
    let mut exact = Accumulator::<PRODUCT_LIMBS>::new();
    exact.add_product(a, 1.0);
    exact.add_product(a, -share);
    exact.add_product(b, share);
    // A result that underflows keeps no sign: -0.0 is 0.0 here too.
    exact.rounded(PRODUCT_UNIT) + 0.0
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}

fn changed(detail: String) -> Error {
    invalid(format!("the data changed between two passes of a fit: {detail}"))
        .hint("cache or persist the data, or read one version of the table")
}
