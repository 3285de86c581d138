//! `date_part`: one field of a point in time, as a calendar and a clock on the wall show it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::calendar::{self, Zone};
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::{DataType, ValueType};

/// A field of a date and time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Part {
    /// the year
    Year,
    /// 1 to 4
    Quarter,
    /// 1 to 12
    Month,
    /// 1 to 31
    Day,
    /// 1 to 366
    DayOfYear,
    /// 1 for Monday to 7 for Sunday
    DayOfWeek,
    /// 1.0 on Saturday and Sunday, else 0.0
    IsWeekend,
    /// the ISO week, 1 to 53
    Week,
    /// the year that the ISO week belongs to
    WeekYear,
    /// 0 to 23
    Hour,
    /// 0 to 59
    Minute,
    /// 0 to 59
    Second,
}

/// One field of a timestamp or date, such as the hour or the day of the week, as clocks in `time_zone` show it.
///
/// Parts: `year`, `quarter`, `month`, `day`, `day_of_year`, `day_of_week` (1 for Monday to 7 for Sunday),
/// `is_weekend` (1.0 or 0.0), `week` and `week_year` (ISO 8601), `hour`, `minute`, `second`. The calendar is the
/// proleptic Gregorian one, for every timestamp that 64 bits hold; years before 1 count 0, -1 and so on. Time zones
/// come from the IANA database inside the library, release 2026f, never from the machine. Past year 9999 the rules of
/// summer time repeat every 400 years. A date has no time zone.
///
/// **Missing.** A missing time gives a missing output.
///
/// **Example.** `date_part([datetime(2024, 6, 30, 23, 30), None], part="hour", time_zone="Europe/Berlin")` gives
/// `[1.0, None]`.
///
/// **Oracle.** Python's `zoneinfo` with the same release of `tzdata`, and `datetime.isocalendar`, exactly.
///
/// **Source.** The IANA Time Zone Database; ISO 8601 for weeks.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The field.
    part: Part,
    /// The IANA name of a time zone, such as `Europe/Berlin`.
    #[serde(default = "utc")]
    time_zone: String,
    /// The release of the time zone database. It is written into artifacts, and a library with another release
    /// refuses it, except for `UTC`.
    #[serde(default = "release")]
    tzdb: String,
}

fn utc() -> String {
    "UTC".to_owned()
}

fn release() -> String {
    calendar::RELEASE.to_owned()
}

pub(super) struct DatePart {
    part: Part,
    zone: Zone,
}

impl DatePart {
    fn of(&self, micros: i64) -> f64 {
        let local = self.zone.local(micros);
        let date = || calendar::date(local.day);
        let value = match self.part {
            Part::Year => date().year,
            Part::Quarter => (date().month + 2) / 3,
            Part::Month => date().month,
            Part::Day => date().day,
            Part::DayOfYear => local.day - calendar::new_year(date().year) + 1,
            Part::DayOfWeek => calendar::weekday(local.day),
            Part::IsWeekend => i64::from(calendar::weekday(local.day) >= 6),
            Part::Week => calendar::iso_week(local.day).1,
            Part::WeekYear => calendar::iso_week(local.day).0,
            Part::Hour => local.second / 3_600,
            Part::Minute => local.second / 60 % 60,
            Part::Second => local.second % 60,
        };
        value as f64
    }
}

impl Transform for DatePart {
    const NAME: &'static str = "date_part";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("a timestamp or date", ValueType::is_time)]);
        match Zone::open(&params.time_zone) {
            None => problems.push(
                Problem::new(
                    ErrorKind::InvalidSpec,
                    format!("there is no time zone {:?}", params.time_zone),
                )
                .at("time_zone")
                .hint("give the exact IANA name, such as Europe/Berlin, or UTC"),
            ),
            Some(Zone::Utc) => {}
            Some(Zone::Named(_)) => {
                if inputs.first() == Some(&ValueType::Column(DataType::Date)) {
                    problems.push(
                        Problem::new(
                            ErrorKind::InvalidSpec,
                            "a date is the same day in every time zone",
                        )
                        .at("time_zone")
                        .hint("leave it out, or give a timestamp"),
                    );
                }
                if params.tzdb != calendar::RELEASE {
                    problems.push(
                        Problem::new(
                            ErrorKind::UnsupportedVersion,
                            format!(
                                "the spec asks for time zones of release {:?}; this library has {}",
                                params.tzdb,
                                calendar::RELEASE
                            ),
                        )
                        .at("tzdb")
                        .hint("use the library that has that release, or leave `tzdb` out and fit the spec again"),
                    );
                }
            }
        }
        checks::done(
            problems,
            Signature::stateless(vec![Read::Time], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        let zone = Zone::open(&params.time_zone).ok_or_else(|| {
            Error::new(ErrorKind::InvalidSpec, "there is no such time zone").at("time_zone")
        })?;
        Ok(Self {
            part: params.part,
            zone,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let time = args.time(0)?;
        let out = out.numbers()?;
        for i in 0..args.len() {
            out.push(time.get(i)?.map_or(f64::NAN, |micros| self.of(micros)));
        }
        Ok(())
    }
}
