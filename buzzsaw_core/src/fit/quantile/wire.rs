//! The serialised form of a quantile state, and what a reader refuses.

use serde::{Deserialize, Serialize};

use super::state::{Plan, QuantileState, Range};

/// The serialised form: counts ascending.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wire {
    limit: u64,
    plan: Plan,
    dropped: u32,
    seen: u64,
    counts: Vec<(u64, u64)>,
}

impl From<QuantileState> for Wire {
    fn from(state: QuantileState) -> Wire {
        let QuantileState {
            limit,
            plan,
            dropped,
            seen,
            counts,
        } = state;
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_unstable();
        Wire {
            limit,
            plan,
            dropped,
            seen,
            counts,
        }
    }
}

impl TryFrom<Wire> for QuantileState {
    type Error = &'static str;

    /// Refuses what could not have come from [`QuantileState::add`] and [`QuantileState::merge`].
    fn try_from(wire: Wire) -> std::result::Result<QuantileState, &'static str> {
        let Wire {
            limit,
            plan,
            dropped,
            seen,
            counts,
        } = wire;
        let first = plan.ranges.is_empty();
        let plan_holds = if first {
            plan.width == 64 && plan.total == 0
        } else {
            let in_place = |pair: &[Range]| {
                let end = pair[0].below.checked_add(pair[0].inside);
                pair[0].prefix < pair[1].prefix && end.is_some_and(|end| end <= pair[1].below)
            };
            let end = plan
                .ranges
                .last()
                .and_then(|last| last.below.checked_add(last.inside));
            plan.width < 64
                && plan
                    .ranges
                    .iter()
                    .all(|range| u128::from(range.prefix) << plan.width <= u128::from(u64::MAX))
                && plan.ranges.windows(2).all(in_place)
                && end.is_some_and(|end| end <= plan.total)
        };
        if limit < 2 || !plan_holds {
            return Err("the plan of a quantile state is not valid");
        }
        let coarse = plan.coarse(limit);
        let counted = counts
            .iter()
            .try_fold(0u64, |sum, &(_, count)| sum.checked_add(count));
        let counts_hold = seen <= 1 << 63
            && (dropped == 0 || dropped == coarse)
            && (dropped > 0 || coarse == 0 || counts.len() as u64 <= limit)
            && counts
                .iter()
                .all(|&(key, count)| count > 0 && key <= u64::MAX >> dropped)
            && counts.iter().all(|&(key, _)| plan.covers(key, dropped))
            && counts.windows(2).all(|pair| pair[0].0 < pair[1].0)
            && counted.is_some_and(|counted| if first { counted == seen } else { counted <= seen });
        if !counts_hold {
            return Err("the counts of a quantile state are not valid");
        }
        Ok(QuantileState {
            limit,
            plan,
            dropped,
            seen,
            counts: counts.into_iter().collect(),
        })
    }
}
