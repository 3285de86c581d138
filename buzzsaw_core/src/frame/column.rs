//! A borrowed column of any input type, and its reading as numbers and times.

use super::bits::Bitmap;
use super::strings::{Strings, check_offsets};
use crate::error::{Error, ErrorKind, Result};

/// The values of a numeric column.
#[derive(Clone, Copy, Debug)]
pub enum Numbers<'a> {
    /// Booleans; read as 0 and 1.
    Bool(Bitmap<'a>),
    /// 8-bit integers
    I8(&'a [i8]),
    /// 16-bit integers
    I16(&'a [i16]),
    /// 32-bit integers
    I32(&'a [i32]),
    /// 64-bit integers
    I64(&'a [i64]),
    /// unsigned 8-bit integers
    U8(&'a [u8]),
    /// unsigned 16-bit integers
    U16(&'a [u16]),
    /// unsigned 32-bit integers
    U32(&'a [u32]),
    /// binary32
    F32(&'a [f32]),
    /// binary64
    F64(&'a [f64]),
    /// Decimals of up to 128 bits with their scale.
    Decimal(&'a [i128], i8),
}

impl Numbers<'_> {
    /// Row `i` as the nearest f64 (ties to even); decimals round once.
    #[inline]
    pub fn get(&self, i: usize) -> f64 {
        match self {
            Numbers::Bool(bits) => f64::from(u8::from(bits.get(i))),
            Numbers::I8(v) => f64::from(v[i]),
            Numbers::I16(v) => f64::from(v[i]),
            Numbers::I32(v) => f64::from(v[i]),
            Numbers::I64(v) => v[i] as f64,
            Numbers::U8(v) => f64::from(v[i]),
            Numbers::U16(v) => f64::from(v[i]),
            Numbers::U32(v) => f64::from(v[i]),
            Numbers::F32(v) => f64::from(v[i]),
            Numbers::F64(v) => v[i],
            Numbers::Decimal(v, scale) => decimal_to_f64(v[i], *scale),
        }
    }

    /// Row `i` as an exact integer; `None` for floats and decimals.
    #[inline]
    pub fn integer(&self, i: usize) -> Option<i64> {
        match self {
            Numbers::Bool(bits) => Some(i64::from(bits.get(i))),
            Numbers::I8(v) => Some(i64::from(v[i])),
            Numbers::I16(v) => Some(i64::from(v[i])),
            Numbers::I32(v) => Some(i64::from(v[i])),
            Numbers::I64(v) => Some(v[i]),
            Numbers::U8(v) => Some(i64::from(v[i])),
            Numbers::U16(v) => Some(i64::from(v[i])),
            Numbers::U32(v) => Some(i64::from(v[i])),
            Numbers::F32(_) | Numbers::F64(_) | Numbers::Decimal(..) => None,
        }
    }

    fn len(&self) -> usize {
        match self {
            Numbers::Bool(bits) => bits.capacity(),
            Numbers::I8(v) => v.len(),
            Numbers::I16(v) => v.len(),
            Numbers::I32(v) => v.len(),
            Numbers::I64(v) => v.len(),
            Numbers::U8(v) => v.len(),
            Numbers::U16(v) => v.len(),
            Numbers::U32(v) => v.len(),
            Numbers::F32(v) => v.len(),
            Numbers::F64(v) => v.len(),
            Numbers::Decimal(v, _) => v.len(),
        }
    }
}

/// The f64 nearest to `unscaled * 10^-scale`, rounded once.
///
/// Within 2^53 and 10^22 both operands are exact, so that one IEEE division or product rounds once; past that
/// the decimal text goes through the standard parser, which is correctly rounded for any length.
fn decimal_to_f64(unscaled: i128, scale: i8) -> f64 {
    const POWERS: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17,
        1e18, 1e19, 1e20, 1e21, 1e22,
    ];
    if unscaled.unsigned_abs() <= 1 << 53
        && let Some(power) = POWERS.get(scale.unsigned_abs() as usize)
    {
        return if scale >= 0 {
            unscaled as f64 / power
        } else {
            unscaled as f64 * power
        };
    }
    let mut text = DecimalText {
        bytes: [0; 48],
        len: 0,
    };
    text.parse(unscaled, scale)
}

/// A decimal's text on the stack, so that a wide decimal allocates nothing.
struct DecimalText {
    bytes: [u8; 48],
    len: usize,
}

impl std::fmt::Write for DecimalText {
    fn write_str(&mut self, s: &str) -> std::fmt::Result {
        let end = self.len + s.len();
        self.bytes
            .get_mut(self.len..end)
            .ok_or(std::fmt::Error)?
            .copy_from_slice(s.as_bytes());
        self.len = end;
        Ok(())
    }
}

impl DecimalText {
    fn parse(&mut self, unscaled: i128, scale: i8) -> f64 {
        use std::fmt::Write;
        // An i128 has at most 40 characters and the exponent at most 5, so the buffer always suffices.
        let written = write!(self, "{unscaled}e{}", -i32::from(scale));
        let text = std::str::from_utf8(&self.bytes[..self.len]).unwrap_or("nan");
        if written.is_ok() {
            text.parse().unwrap_or(f64::NAN)
        } else {
            f64::NAN
        }
    }
}

/// The unit of a column of timestamps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// days since the epoch
    Day,
    /// seconds since the epoch
    Second,
    /// milliseconds since the epoch
    Millisecond,
    /// microseconds since the epoch
    Microsecond,
    /// nanoseconds since the epoch
    Nanosecond,
}

/// Offsets of a list or map column.
#[derive(Clone, Copy, Debug)]
pub enum ListOffsets<'a> {
    /// 32-bit, one more than rows
    Small(&'a [i32]),
    /// 64-bit, one more than rows
    Large(&'a [i64]),
    /// Every row has this many items.
    Fixed(usize),
}

impl ListOffsets<'_> {
    /// The items of row `i`, as a range of the child column.
    #[inline]
    pub fn range(&self, i: usize) -> std::ops::Range<usize> {
        match self {
            ListOffsets::Small(o) => o[i] as usize..o[i + 1] as usize,
            ListOffsets::Large(o) => o[i] as usize..o[i + 1] as usize,
            ListOffsets::Fixed(size) => i * size..(i + 1) * size,
        }
    }

    /// Checks 32-bit offsets that come from outside against a child of `items` values.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when offsets are negative, fall, or pass the end.
    pub fn checked(offsets: &[i32], items: usize) -> Result<ListOffsets<'_>> {
        check_offsets(offsets, items)?;
        Ok(ListOffsets::Small(offsets))
    }
}

/// The keys and values behind a map column.
#[derive(Clone, Debug)]
pub struct MapView<'a> {
    /// Where each row's entries lie.
    pub offsets: ListOffsets<'a>,
    /// The keys of all rows; never null.
    pub keys: Strings<'a>,
    /// The values of all rows.
    pub values: Column<'a>,
}

/// A borrowed column. Row indices are the caller's duty to keep below the frame's row count.
#[derive(Clone, Debug)]
pub enum Column<'a> {
    /// Every row is missing.
    Null,
    /// Numbers and which of them are given.
    Numbers(Numbers<'a>, Bitmap<'a>),
    /// Byte strings and which of them are given.
    Strings(Strings<'a>, Bitmap<'a>),
    /// Points in time and which of them are given.
    Times(&'a [i64], TimeUnit, Bitmap<'a>),
    /// Dates as days since the epoch and which of them are given.
    Dates(&'a [i32], Bitmap<'a>),
    /// Lists and which of them are given.
    List(ListOffsets<'a>, Box<Column<'a>>, Bitmap<'a>),
    /// String-keyed maps and which of them are given.
    Map(Box<MapView<'a>>, Bitmap<'a>),
}

impl<'a> Column<'a> {
    /// Row `i` as f64; NaN when missing or not a number.
    #[inline]
    pub fn number(&self, i: usize) -> f64 {
        match self {
            Column::Numbers(numbers, valid) if valid.get(i) => numbers.get(i),
            _ => f64::NAN,
        }
    }

    /// Row `i` as bytes; `None` when missing or not a string.
    #[inline]
    pub fn bytes(&self, i: usize) -> Option<&'a [u8]> {
        match self {
            Column::Strings(strings, valid) if valid.get(i) && !strings.points_to_null(i) => {
                Some(strings.get(i))
            }
            _ => None,
        }
    }

    /// Row `i` in microseconds since the epoch; `Ok(None)` when missing.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when the value is not a whole number of microseconds or passes the range of i64.
    #[inline]
    pub fn micros(&self, i: usize) -> Result<Option<i64>> {
        match self {
            Column::Times(values, unit, valid) if valid.get(i) => to_micros(values[i], *unit, i).map(Some),
            Column::Dates(days, valid) if valid.get(i) => {
                to_micros(i64::from(days[i]), TimeUnit::Day, i).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Whether row `i` is null; NaN is not null here.
    #[inline]
    pub fn is_null(&self, i: usize) -> bool {
        match self {
            Column::Null => true,
            Column::Strings(strings, valid) => !valid.get(i) || strings.points_to_null(i),
            Column::Numbers(_, valid)
            | Column::Times(_, _, valid)
            | Column::Dates(_, valid)
            | Column::List(_, _, valid)
            | Column::Map(_, valid) => !valid.get(i),
        }
    }

    /// Whether row `i` is null or NaN.
    fn is_missing(&self, i: usize) -> bool {
        let is_nan = |numbers: &Numbers<'_>| numbers.integer(i).is_none() && numbers.get(i).is_nan();
        self.is_null(i) || matches!(self, Column::Numbers(numbers, _) if is_nan(numbers))
    }

    /// Whether rows `a` and `b` hold the same value, bit for bit, or are both missing.
    pub fn same(&self, a: usize, b: usize) -> bool {
        if self.is_missing(a) || self.is_missing(b) {
            return self.is_missing(a) == self.is_missing(b);
        }
        match self {
            Column::Null => true,
            Column::Numbers(Numbers::Decimal(v, _), _) => v[a] == v[b],
            Column::Numbers(numbers, _) => match (numbers.integer(a), numbers.integer(b)) {
                (Some(x), Some(y)) => x == y,
                _ => numbers.get(a).to_bits() == numbers.get(b).to_bits(),
            },
            Column::Strings(strings, _) => strings.get(a) == strings.get(b),
            Column::Times(values, ..) => values[a] == values[b],
            Column::Dates(days, _) => days[a] == days[b],
            Column::List(offsets, child, _) => same_range(child, offsets.range(a), offsets.range(b)),
            Column::Map(map, _) => {
                let (x, y) = (map.offsets.range(a), map.offsets.range(b));
                x.len() == y.len()
                    && x.clone()
                        .zip(y.clone())
                        .all(|(i, j)| map.keys.get(i) == map.keys.get(j))
                    && same_range(&map.values, x, y)
            }
        }
    }

    /// How many rows the column can answer for.
    pub fn rows(&self) -> usize {
        let (values, valid) = match self {
            Column::Null => (usize::MAX, &Bitmap::AllSet),
            Column::Numbers(numbers, valid) => (numbers.len(), valid),
            Column::Strings(strings, valid) => (string_rows(strings), valid),
            Column::Times(values, _, valid) => (values.len(), valid),
            Column::Dates(days, valid) => (days.len(), valid),
            Column::List(offsets, child, valid) => (list_rows(offsets, child), valid),
            Column::Map(map, valid) => (list_rows(&map.offsets, &map.values), valid),
        };
        values.min(valid.capacity())
    }
}

fn same_range(child: &Column<'_>, a: std::ops::Range<usize>, b: std::ops::Range<usize>) -> bool {
    a.len() == b.len() && a.zip(b).all(|(i, j)| child.same(i, j))
}

fn string_rows(strings: &Strings<'_>) -> usize {
    match strings {
        Strings::Small { offsets, .. } => offsets.len().saturating_sub(1),
        Strings::Large { offsets, .. } => offsets.len().saturating_sub(1),
        Strings::View { views, .. } => views.len(),
        Strings::Dictionary { keys, .. } => {
            use super::strings::DictionaryKeys::{I8, I16, I32, I64, U8, U16, U32, U64};
            match keys {
                I8(k) => k.len(),
                I16(k) => k.len(),
                I32(k) => k.len(),
                I64(k) => k.len(),
                U8(k) => k.len(),
                U16(k) => k.len(),
                U32(k) => k.len(),
                U64(k) => k.len(),
            }
        }
    }
}

fn list_rows(offsets: &ListOffsets<'_>, child: &Column<'_>) -> usize {
    match offsets {
        ListOffsets::Small(o) => o.len().saturating_sub(1),
        ListOffsets::Large(o) => o.len().saturating_sub(1),
        ListOffsets::Fixed(0) => usize::MAX,
        ListOffsets::Fixed(size) => child.rows() / size,
    }
}

#[inline]
fn to_micros(value: i64, unit: TimeUnit, row: usize) -> Result<i64> {
    let scaled = match unit {
        TimeUnit::Microsecond => return Ok(value),
        TimeUnit::Nanosecond if value % 1000 == 0 => return Ok(value / 1000),
        TimeUnit::Nanosecond => None,
        TimeUnit::Millisecond => value.checked_mul(1_000),
        TimeUnit::Second => value.checked_mul(1_000_000),
        TimeUnit::Day => value.checked_mul(86_400_000_000),
    };
    scaled.ok_or_else(|| {
        Error::new(
            ErrorKind::InvalidValue,
            format!(
                "row {row}: the time {value} ({unit:?}) cannot be held in whole microseconds without loss"
            ),
        )
        .hint("round it to microseconds before, or mend the value")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_round_once() {
        assert_eq!(decimal_to_f64(1999, 2), 19.99);
        assert_eq!(decimal_to_f64(-5, -2), -500.0);
        let wide = 123_456_789_012_345_678_901_234_567_890_i128;
        assert_eq!(
            decimal_to_f64(wide, 10),
            "12345678901234567890.1234567890".parse::<f64>().unwrap()
        );
        assert_eq!(
            decimal_to_f64(i128::MIN, 38),
            "-170141183460469231731687303715884105728e-38"
                .parse::<f64>()
                .unwrap()
        );
        assert_eq!(decimal_to_f64(9_007_199_254_740_993, 0), 9_007_199_254_740_992.0);
    }

    #[test]
    fn times_are_refused_when_microseconds_lose() {
        assert_eq!(to_micros(1_000, TimeUnit::Nanosecond, 0).unwrap(), 1);
        assert_eq!(to_micros(-1, TimeUnit::Day, 0).unwrap(), -86_400_000_000);
        assert_eq!(
            to_micros(1, TimeUnit::Nanosecond, 0).unwrap_err().kind(),
            ErrorKind::InvalidValue
        );
        assert_eq!(
            to_micros(i64::MAX, TimeUnit::Second, 0).unwrap_err().kind(),
            ErrorKind::InvalidValue
        );
    }

    #[test]
    fn malformed_offsets_are_refused() {
        assert!(Strings::checked(&[0, 2, 4], b"abcd").is_ok());
        assert!(Strings::checked(&[0, 2, 5], b"abcd").is_err());
        assert!(Strings::checked(&[0, 2, 1], b"abcd").is_err());
        assert!(Strings::checked(&[-1, 2], b"abcd").is_err());
    }
}
