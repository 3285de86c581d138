//! `geohash_bucket`: the cell of the geohash grid that holds a point.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The geohash of a point that is given as latitude and longitude in degrees: the name of a cell of a grid, as a
/// category.
///
/// Five characters name cells of about 4.9 by 4.9 km, each further one cuts a cell into 32. A point on the border of
/// two cells belongs to the northern or eastern one. The bisections are exact. A longitude outside of -180 to 180
/// counts modulo 360.
///
/// **Missing.** A missing or infinite number, or a latitude outside of -90 to 90, gives a missing output, unless
/// `missing` fills the number.
///
/// **Example.** `geohash_bucket([57.64911, None, 95.0], [10.40744, 1.0, 1.0], precision=11)` gives `["u4pruydqqvj",
/// None, None]`.
///
/// **Oracle.** Bisection in exact fractions, and `pygeohash` on points off the borders, exactly.
///
/// **Source.** Niemeyer, geohash.org (2008); Elasticsearch's `geohash_grid` aggregation names the same cells.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The number of characters; 1 to 12.
    precision: usize,
}

impl Default for Params {
    fn default() -> Self {
        Self { precision: 5 }
    }
}

pub(super) struct GeohashBucket {
    precision: usize,
}

const LONGEST: usize = 12;
const ALPHABET: &[u8; 32] = b"0123456789bcdefghjkmnpqrstuvwxyz";

/// A range that is halved again and again; its ends have few bits, so that no step rounds.
struct Halves {
    low: f64,
    high: f64,
}

impl Halves {
    /// Keeps the half that holds `x`; 1 for the upper one.
    fn halve(&mut self, x: f64) -> usize {
        let middle = (self.low + self.high) / 2.0;
        if x >= middle {
            self.low = middle;
            1
        } else {
            self.high = middle;
            0
        }
    }
}

/// A longitude from -180 to 180; one that is there stays as it is. Exact.
fn wrapped(longitude: f64) -> f64 {
    match longitude % 360.0 {
        east if east > 180.0 => east - 360.0,
        west if west < -180.0 => west + 360.0,
        within => within,
    }
}

fn geohash(latitude: f64, longitude: f64) -> Option<[u8; LONGEST]> {
    if !(latitude.abs() <= 90.0 && longitude.is_finite()) {
        return None;
    }
    let longitude = wrapped(longitude);
    let mut north = Halves {
        low: -90.0,
        high: 90.0,
    };
    let mut east = Halves {
        low: -180.0,
        high: 180.0,
    };
    let mut text = [0; LONGEST];
    let mut even = true;
    for character in &mut text {
        let mut index = 0;
        for _ in 0..5 {
            let bit = if even {
                east.halve(longitude)
            } else {
                north.halve(latitude)
            };
            index = index * 2 + bit;
            even = !even;
        }
        *character = ALPHABET[index % ALPHABET.len()];
    }
    Some(text)
}

impl Transform for GeohashBucket {
    const NAME: &'static str = "geohash_bucket";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let number = ("number", ValueType::is_number as fn(&ValueType) -> bool);
        let mut problems = checks::inputs(inputs, &[number; 2]);
        problems.extend(checks::range(
            (1..=LONGEST).contains(&params.precision),
            "precision",
            params.precision,
            "give 1 to 12",
        ));
        checks::done(
            problems,
            Signature::stateless(vec![Read::Number; 2], ValueType::Text),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            precision: params.precision,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let (latitude, longitude) = (args.number(0)?, args.number(1)?);
        let out = out.text()?;
        for i in 0..args.len() {
            let text = geohash(latitude.get(i), longitude.get(i));
            out.push(text.as_ref().and_then(|text| text.get(..self.precision)));
        }
        Ok(())
    }
}
