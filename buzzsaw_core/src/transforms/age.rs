//! `age`: the time between two points in time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The unit of an age.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unit {
    /// 1 second
    Seconds,
    /// 60 seconds
    Minutes,
    /// 3,600 seconds
    Hours,
    /// 86,400 seconds
    #[default]
    Days,
    /// 7 days
    Weeks,
    /// 365.2425 days, the mean year of the Gregorian calendar
    Years,
}

impl Unit {
    fn micros(self) -> f64 {
        match self {
            Unit::Seconds => 1e6,
            Unit::Minutes => 60e6,
            Unit::Hours => 3_600e6,
            Unit::Days => 86_400e6,
            Unit::Weeks => 604_800e6,
            Unit::Years => 31_556_952e6,
        }
    }
}

/// The time from the second input to the first, as a real number of units; negative when the second is later.
///
/// **Missing.** When either time is missing the age is missing.
///
/// **Example.** `age([datetime(2024, 1, 3, 12, 0), None], [datetime(2024, 1, 2), datetime(2024, 1, 2)], unit="days")`
/// gives `[1.5, None]`.
///
/// **Oracle.** Python's whole numbers and one division, exactly.
///
/// **Source.** The exact difference in microseconds, rounded to f64, divided by the unit. Days have 86,400 seconds, and
/// years 365.2425 days: calendar years and months are not units of time.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The unit: `seconds`, `minutes`, `hours`, `days`, `weeks` or `years`.
    unit: Unit,
}

pub(super) struct Age {
    micros: f64,
}

impl Transform for Age {
    const NAME: &'static str = "age";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let is_time: fn(&ValueType) -> bool =
            |v| matches!(v, ValueType::Column(data_type) if data_type.is_time());
        let problems = checks::inputs(
            inputs,
            &[("a timestamp or date", is_time), ("a timestamp or date", is_time)],
        );
        checks::done(
            problems,
            Signature::stateless(vec![Read::Time, Read::Time], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            micros: params.unit.micros(),
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let (now, then) = (args.time(0)?, args.time(1)?);
        let out = out.numbers()?;
        for i in 0..args.len() {
            out.push(match (now.get(i)?, then.get(i)?) {
                (Some(now), Some(then)) => (i128::from(now) - i128::from(then)) as f64 / self.micros,
                _ => f64::NAN,
            });
        }
        Ok(())
    }
}
