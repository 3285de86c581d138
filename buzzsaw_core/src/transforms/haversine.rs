//! `haversine`: the distance of two points on Earth.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;

/// The unit of a distance.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unit {
    /// 1,000 meters
    #[default]
    Km,
    /// 1,609.344 meters
    Miles,
    /// meters
    Meters,
}

/// The mean radius of the Earth in kilometers, (2a + b) / 3 of WGS 84, as the IUGG defines it.
const RADIUS: f64 = 6371.0088;
/// The length of a mile in kilometers.
const MILE: f64 = 1.609344;

/// The great-circle distance of two points that are given as latitude, longitude, latitude, longitude in degrees.
///
/// On a sphere of radius r = 6,371.0088 km: 2 r asin(sqrt(sin^2(dlat / 2) + cos(lat1) cos(lat2) sin^2(dlon / 2))). A
/// longitude counts modulo 360. Differences of degrees are taken before anything becomes radians, so that near
/// points, also across the date line, lose no digits.
///
/// **Missing.** A missing or infinite number, or a latitude outside of -90 to 90, gives a missing output, unless
/// `missing` fills the number.
///
/// **Example.** `haversine([52.52, 95.0], [13.405, 0.0], [48.8566, 0.0], [2.3522, 0.0], unit="km")` gives `[877.4643,
/// None]`.
///
/// **Oracle.** mpmath at 400 bits, within 1 ULP of f32.
///
/// **Source.** Sinnott, "Virtues of the Haversine", Sky and Telescope 68 (1984).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The unit: `km`, `miles` or `meters`.
    unit: Unit,
}

pub(super) struct Haversine {
    /// The diameter of the Earth in the unit.
    diameter: f64,
}

/// How far apart two longitudes are, 0 to 180 degrees, with a relative error of 2^-52.
fn between(from: f64, to: f64) -> f64 {
    let (from, to) = (from % 360.0, to % 360.0);
    // The difference and what its rounding lost (Knuth's TwoSum), since the fold below can cancel nearly all of it.
    let difference = to - from;
    let kept = difference - to;
    let lost = (to - (difference - kept)) + (-from - kept);
    let (mut size, mut lost) = if difference < 0.0 {
        (-difference, -lost)
    } else {
        (difference, lost)
    };
    if size >= 360.0 {
        size -= 360.0;
    }
    if size > 180.0 {
        (size, lost) = (360.0 - size, -lost);
    }
    (size + lost).abs()
}

fn square(x: f64) -> f64 {
    x * x
}

impl Haversine {
    fn distance(&self, [lat1, lon1, lat2, lon2]: [f64; 4]) -> f64 {
        let on_earth = lat1.abs() <= 90.0 && lat2.abs() <= 90.0 && lon1.is_finite() && lon2.is_finite();
        if !on_earth {
            return f64::NAN;
        }
        // Half of an angle in degrees is that part of a turn of 720.
        let (north, _) = math::sin_cos_of_turn(lat2 - lat1, 720.0);
        let (east, _) = math::sin_cos_of_turn(between(lon1, lon2), 720.0);
        let (_, cos1) = math::sin_cos_of_turn(lat1, 360.0);
        let (_, cos2) = math::sin_cos_of_turn(lat2, 360.0);
        let h = square(north) + cos1 * cos2 * square(east);
        self.diameter * math::asin(math::sqrt(h).min(1.0))
    }
}

impl Transform for Haversine {
    const NAME: &'static str = "haversine";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let number = ("number", ValueType::is_number as fn(&ValueType) -> bool);
        checks::done(
            checks::inputs(inputs, &[number; 4]),
            Signature::stateless(vec![Read::Number; 4], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            diameter: match params.unit {
                Unit::Km => 2.0 * RADIUS,
                Unit::Miles => 2.0 * RADIUS / MILE,
                Unit::Meters => 2.0 * RADIUS * 1000.0,
            },
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let (lat1, lon1) = (args.number(0)?, args.number(1)?);
        let (lat2, lon2) = (args.number(2)?, args.number(3)?);
        out.numbers()?.extend(
            (0..args.len()).map(|i| self.distance([lat1.get(i), lon1.get(i), lat2.get(i), lon2.get(i)])),
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longitudes_fold_exactly() {
        assert_eq!(between(-170.0, 170.0), 20.0);
        assert_eq!(between(350.0, -350.0), 20.0);
        assert_eq!(between(-350.0, 350.0), 20.0);
        assert_eq!(between(0.0, 180.0), 180.0);
        assert_eq!(between(-180.0, 180.0), 0.0);
        assert_eq!(between(-359.0, 359.0), 2.0);
        assert_eq!(between(725.0, 3.0), 2.0);
        let tiny = 1.0 / (1u64 << 45) as f64;
        assert_eq!(between(-180.0 + tiny, 180.0 - tiny), 2.0 * tiny);
        // The difference is not a double: 360 - 2^-45 - 2^-60.
        assert_eq!(between(-180.0 + tiny, 180.0), tiny);
        assert_eq!(between(-1e-300, 359.0), 1.0);
    }
}
