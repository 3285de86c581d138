//! What fills missing numbers: mean, median or mode of the numbers that were given.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::Float64Array;
use serde::{Deserialize, Serialize};

use super::exact_sum::Moments;
use super::quantile::{Outcome as QuantileOutcome, QuantileSketch, QuantileState};
use super::state::{FitState, Outcome};
use super::tables::Tables;
use crate::args::{Arg, Args};
use crate::error::{Error, ErrorKind, Result};
use crate::spec::Impute;

/// Distinct values that an exact median keeps before it goes over to counting ranges in further passes.
const QUANTILE_LIMIT: usize = 1 << 17;
/// Distinct values of which the most frequent can be found.
const MODE_LIMIT: usize = 1 << 22;

/// The state behind `impute`, one entry for each input of the step that is read as a number.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct ImputeState(Vec<One>);

#[derive(Clone, Debug, Serialize, Deserialize)]
enum One {
    Mean(Box<Moments>),
    Median(QuantileState),
    Sketch(QuantileSketch),
    /// Value bits (0.0 for -0.0) to count.
    Mode(BTreeMap<u64, u64>),
    Known(f64),
}

impl One {
    fn check_limit(&self) -> Result<()> {
        match self {
            One::Mode(counts) if counts.len() > MODE_LIMIT => Err(Error::new(
                ErrorKind::ResourceLimit,
                format!("more than {MODE_LIMIT} distinct numbers have no useful mode"),
            )
            .hint("impute the median instead")),
            _ => Ok(()),
        }
    }
}

impl ImputeState {
    /// An empty state for `inputs` inputs.
    pub(crate) fn new(impute: Impute, inputs: usize) -> Self {
        let one = match impute {
            Impute::Mean => One::Mean(Box::default()),
            Impute::Median => One::Median(QuantileState::new(QUANTILE_LIMIT)),
            Impute::ApproximateMedian => One::Sketch(QuantileSketch::default()),
            Impute::Mode => One::Mode(BTreeMap::new()),
            Impute::Constant(value) => One::Known(value),
        };
        Self(vec![one; inputs])
    }
}

impl FitState for ImputeState {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        for (i, one) in self.0.iter_mut().enumerate() {
            let Arg::Number(number) = args.arg(i) else {
                continue;
            };
            for row in 0..args.len() {
                let value = number.get(row);
                if value.is_nan() {
                    continue;
                }
                match one {
                    One::Mean(moments) if value.is_finite() => moments.add(value),
                    One::Mean(_) => {}
                    One::Median(quantiles) => quantiles.add(value),
                    One::Sketch(quantiles) => quantiles.add(value),
                    One::Mode(counts) => *counts.entry((value + 0.0).to_bits()).or_default() += 1,
                    One::Known(_) => {}
                }
            }
            one.check_limit()?;
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            match (&mut *mine, theirs) {
                (One::Mean(a), One::Mean(b)) => a.merge(&b),
                (One::Median(a), One::Median(b)) => a.merge(&b)?,
                (One::Sketch(a), One::Sketch(b)) => a.merge(&b),
                (One::Mode(a), One::Mode(b)) => {
                    for (value, count) in b {
                        *a.entry(value).or_default() += count;
                    }
                }
                (One::Known(_), One::Known(_)) => {}
                _ => {
                    return Err(Error::new(
                        ErrorKind::InvalidValue,
                        "partial states of different fits",
                    ));
                }
            }
            mine.check_limit()?;
        }
        Ok(())
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let mut again = false;
        let mut next = Vec::with_capacity(self.0.len());
        for one in self.0 {
            next.push(match one {
                One::Mean(moments) => One::Known(moments.mean()),
                One::Sketch(quantiles) => One::Known(quantiles.median()),
                One::Median(quantiles) => match quantiles.finish(&[0.5])? {
                    QuantileOutcome::Done(values) => One::Known(values.first().copied().unwrap_or(f64::NAN)),
                    QuantileOutcome::Again(state) => {
                        again = true;
                        One::Median(state)
                    }
                },
                One::Mode(counts) => {
                    let most = counts.iter().map(|(bits, count)| (*count, f64::from_bits(*bits)));
                    let best = most.fold(None, |best: Option<(u64, f64)>, (count, value)| match best {
                        Some((top, held)) if top > count || (top == count && held <= value) => best,
                        _ => Some((count, value)),
                    });
                    One::Known(best.map_or(f64::NAN, |(_, value)| value))
                }
                One::Known(value) => One::Known(value),
            });
        }
        if again {
            return Ok(Outcome::Again(Self(next)));
        }
        let fills = next.iter().map(|one| match one {
            One::Known(value) => *value,
            _ => f64::NAN,
        });
        let mut tables = Tables::default();
        tables.insert(
            "impute",
            vec![("fill", Arc::new(Float64Array::from_iter_values(fills)))],
        )?;
        Ok(Outcome::Done(tables))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_of_modes_does_not_depend_on_the_partitioning() {
        let half = |from: u64| {
            let counts = (from..from + MODE_LIMIT as u64 / 2 + 1).map(|bits| (bits, 1));
            ImputeState(vec![One::Mode(counts.collect())])
        };
        let mut state = half(0);
        assert!(state.merge(half(0)).is_ok());
        let error = state.merge(half(1 << 40)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResourceLimit);
    }
}
