//! `piecewise_linear`: a number read off a line through given points.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// What lies outside of the points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Outside {
    /// the value of the nearer end
    #[default]
    Constant,
    /// the line through the two points of the nearer end
    Extrapolate,
}

/// The value at x of the line that joins given points.
///
/// Between two points it is slope * (x - x0) + y0 with slope = (y1 - y0) / (x1 - x0), each operation rounded to f64, and
/// at a point exactly its y; past the last point it is seen from there. Where a difference passes f64, halves are taken
/// instead, so that the value is infinite only where the line is.
///
/// **Missing.** Missing stays missing unless `missing` fills it.
///
/// **Example.** `piecewise_linear([5.0, 15.0, 99.0, None], points=[[0, 0], [10, 1], [20, 5]])` gives
/// `[0.5, 3.0, 5.0, None]`.
///
/// **Oracle.** `numpy.interp`, exactly; the formula in exact fractions, within 1 ULP of f32, for what that leaves to
/// infinity.
///
/// **Source.** `numpy.interp`.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The points as `[x, y]`, by ascending x: 2 to 4,096 of finite numbers.
    points: Vec<[f64; 2]>,
    /// The value outside of the points: that of the nearer end (`constant`), or on the line through the two points of
    /// the nearer end (`extrapolate`).
    #[serde(default)]
    outside: Outside,
}

/// The most points.
const MOST: usize = 4096;

/// A line from a point on.
#[derive(Clone, Copy)]
struct Segment {
    from: [f64; 2],
    to: [f64; 2],
    slope: f64,
}

impl Segment {
    fn new(from: [f64; 2], to: [f64; 2]) -> Self {
        let (dx, dy) = (to[0] - from[0], to[1] - from[1]);
        let slope = if dx.is_finite() && dy.is_finite() {
            dy / dx
        } else {
            (to[1] / 2.0 - from[1] / 2.0) / (to[0] / 2.0 - from[0] / 2.0)
        };
        Self { from, to, slope }
    }

    /// The line at x, seen from a point on it.
    fn at(&self, [x0, y0]: [f64; 2], x: f64) -> f64 {
        if self.slope == 0.0 {
            return y0;
        }
        let y = self.slope * (x - x0) + y0;
        if y.is_finite() {
            y
        } else if self.slope.is_finite() {
            (self.slope * (x / 2.0 - x0 / 2.0) + y0 / 2.0) * 2.0
        } else {
            // So steep that the two points are close: their difference is far from passing f64.
            let part = (x - x0) / (self.to[0] - self.from[0]);
            (part * (self.to[1] / 2.0 - self.from[1] / 2.0) + y0 / 2.0) * 2.0
        }
    }
}

pub(super) struct PiecewiseLinear {
    segments: Vec<Segment>,
    outside: Outside,
}

impl PiecewiseLinear {
    fn value(&self, x: f64) -> f64 {
        if x.is_nan() {
            return x;
        }
        let constant = self.outside == Outside::Constant;
        let passed = self.segments.partition_point(|segment| segment.from[0] <= x);
        match (self.segments.get(passed.saturating_sub(1)), self.segments.last()) {
            (_, Some(last)) if x >= last.to[0] => {
                if constant {
                    last.to[1]
                } else {
                    last.at(last.to, x)
                }
            }
            (Some(first), _) if passed == 0 && constant => first.from[1],
            (Some(segment), _) => segment.at(segment.from, x),
            (None, _) => f64::NAN,
        }
    }
}

impl Transform for PiecewiseLinear {
    const NAME: &'static str = "piecewise_linear";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("number", ValueType::is_number)]);
        let count = params.points.len();
        if !(2..=MOST).contains(&count) {
            let problem = Problem::new(ErrorKind::InvalidSpec, format!("{count} points make no line"));
            problems.push(problem.at("points").hint("give 2 to 4,096 points"));
        }
        for (i, point) in params.points.iter().enumerate() {
            problems.extend(point.iter().enumerate().filter_map(|(k, value)| {
                let place = format!("points[{i}][{k}]");
                checks::range(value.is_finite(), &place, value, "give a finite number")
            }));
        }
        problems.extend(params.points.windows(2).enumerate().filter_map(|(i, pair)| {
            let place = format!("points[{}][0]", i + 1);
            checks::range(
                pair[0][0] < pair[1][0],
                &place,
                pair[1][0],
                "order the points by x, each x once",
            )
        }));
        checks::done(
            problems,
            Signature::stateless(vec![Read::Number], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        let pairs = params.points.windows(2);
        Ok(Self {
            segments: pairs.map(|pair| Segment::new(pair[0], pair[1])).collect(),
            outside: params.outside,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let x = args.number(0)?;
        out.numbers()?
            .extend((0..args.len()).map(|i| self.value(x.get(i))));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_finite() {
        for (points, place) in [
            ([[0.0, 1.0], [f64::INFINITY, 2.0]], "points[1][0]"),
            ([[0.0, f64::NAN], [1.0, 2.0]], "points[0][1]"),
        ] {
            let params = Params {
                points: points.to_vec(),
                outside: Outside::default(),
            };
            let problems = PiecewiseLinear::signature(&params, &[ValueType::Number]).unwrap_err();
            assert_eq!(problems[0].place, place);
        }
    }

    #[test]
    fn as_many_points_as_stated() {
        let of = |count: usize| {
            let points = (0..count).map(|i| [i as f64, 0.0]).collect();
            let outside = Outside::default();
            PiecewiseLinear::signature(&Params { points, outside }, &[ValueType::Number])
        };
        assert!(of(4096).is_ok());
        assert_eq!(of(4097).unwrap_err()[0].place, "points");
    }
}
