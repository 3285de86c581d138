//! A column under construction.

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Bitmap, Column, ListOffsets, MapView, Numbers, Strings, TimeUnit};
use crate::types::DataType;

/// A value to append.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scalar<'a> {
    /// For `bool`.
    Bool(bool),
    /// For `int32`, days for `date`; widens to `int64`, `float64` and `decimal`.
    I32(i32),
    /// For `int64`, microseconds for `timestamp`; widens to `decimal`.
    I64(i64),
    /// For `float32`; widens to `float64`.
    F32(f32),
    /// For `float64`.
    F64(f64),
    /// For `decimal`: unscaled value and scale.
    Decimal(i128, i8),
    /// For `string` and `binary`.
    Bytes(&'a [u8]),
}

macro_rules! from {
    ($type:ty, $variant:ident) => {
        impl<'a> From<$type> for Scalar<'a> {
            fn from(value: $type) -> Self {
                Scalar::$variant(value.into())
            }
        }
    };
}

from!(bool, Bool);
from!(i32, I32);
from!(i64, I64);
from!(f32, F32);
from!(f64, F64);
from!(&'a [u8], Bytes);

impl<'a> From<&'a str> for Scalar<'a> {
    fn from(text: &'a str) -> Self {
        Scalar::Bytes(text.as_bytes())
    }
}

/// Byte strings one after the other.
#[derive(Debug)]
pub(super) struct ByteRows {
    offsets: Vec<i32>,
    bytes: Vec<u8>,
}

impl ByteRows {
    fn new() -> Self {
        Self {
            offsets: vec![0],
            bytes: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, value: &[u8]) -> Result<()> {
        let end = offset(self.bytes.len() + value.len())?;
        self.bytes.extend_from_slice(value);
        self.offsets.push(end);
        Ok(())
    }

    fn truncate(&mut self, len: usize) {
        self.offsets.truncate(len + 1);
        self.bytes
            .truncate(self.offsets.last().map_or(0, |end| *end as usize));
    }

    fn view(&self) -> Strings<'_> {
        Strings::Small {
            offsets: &self.offsets,
            bytes: &self.bytes,
        }
    }
}

#[derive(Debug)]
enum Values {
    Bool(Vec<u8>),
    I32(Vec<i32>),
    I64(Vec<i64>),
    F32(Vec<f32>),
    F64(Vec<f64>),
    Decimal(Vec<i128>, i8),
    Bytes(ByteRows),
    List(Vec<i32>, Box<ColumnBuilder>),
    Map(Vec<i32>, ByteRows, Box<ColumnBuilder>),
}

/// A column of one type that grows value by value.
#[derive(Debug)]
pub(super) struct ColumnBuilder {
    data_type: DataType,
    len: usize,
    /// One byte a value once one is missing; empty before.
    valid: Vec<u8>,
    values: Values,
}

impl ColumnBuilder {
    pub(super) fn new(data_type: &DataType) -> Self {
        let values = match data_type {
            DataType::Bool => Values::Bool(Vec::new()),
            DataType::Int32 | DataType::Date => Values::I32(Vec::new()),
            DataType::Int64 | DataType::Timestamp => Values::I64(Vec::new()),
            DataType::Float32 => Values::F32(Vec::new()),
            DataType::Float64 => Values::F64(Vec::new()),
            DataType::Decimal => Values::Decimal(Vec::new(), 0),
            DataType::String | DataType::Binary => Values::Bytes(ByteRows::new()),
            DataType::List(item) => Values::List(vec![0], Box::new(Self::new(item))),
            DataType::Map(item) => Values::Map(vec![0], ByteRows::new(), Box::new(Self::new(item))),
        };
        Self {
            data_type: data_type.clone(),
            len: 0,
            valid: Vec::new(),
            values,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Appends a value.
    #[inline]
    pub(super) fn push(&mut self, value: Scalar<'_>) -> Result<()> {
        match (&mut self.values, value) {
            (Values::Bool(values), Scalar::Bool(value)) => values.push(u8::from(value)),
            (Values::I32(values), Scalar::I32(value)) => values.push(value),
            (Values::I64(values), Scalar::I64(value)) => values.push(value),
            (Values::I64(values), Scalar::I32(value)) if self.data_type == DataType::Int64 => {
                values.push(i64::from(value));
            }
            (Values::F32(values), Scalar::F32(value)) => values.push(value),
            (Values::F64(values), Scalar::F64(value)) => values.push(value),
            (Values::F64(values), Scalar::F32(value)) => values.push(f64::from(value)),
            (Values::F64(values), Scalar::I32(value)) => values.push(f64::from(value)),
            (Values::Decimal(values, at), Scalar::Decimal(value, scale)) => {
                push_decimal(values, at, value, scale)?
            }
            (Values::Decimal(values, at), Scalar::I64(value)) => push_decimal(values, at, value.into(), 0)?,
            (Values::Decimal(values, at), Scalar::I32(value)) => push_decimal(values, at, value.into(), 0)?,
            (Values::Bytes(rows), Scalar::Bytes(value)) => rows.push(value)?,
            (_, value) => return Err(mismatch(&self.data_type, value)),
        }
        self.given();
        Ok(())
    }

    /// Appends a missing value.
    pub(super) fn push_missing(&mut self) -> Result<()> {
        match &mut self.values {
            Values::Bool(values) => values.push(0),
            Values::I32(values) => values.push(0),
            Values::I64(values) => values.push(0),
            Values::F32(values) => values.push(0.0),
            Values::F64(values) => values.push(0.0),
            Values::Decimal(values, _) => values.push(0),
            Values::Bytes(rows) => rows.push(&[])?,
            Values::List(offsets, child) => offsets.push(offset(child.len)?),
            Values::Map(offsets, _, child) => offsets.push(offset(child.len)?),
        }
        self.valid.resize(self.len, 1);
        self.valid.push(0);
        self.len += 1;
        Ok(())
    }

    /// The items of the list under construction.
    pub(super) fn items(&mut self) -> Result<&mut ColumnBuilder> {
        match &mut self.values {
            Values::List(_, child) => Ok(child),
            _ => Err(Error::new(
                ErrorKind::TypeMismatch,
                format!("the input is {}, not a list", self.data_type),
            )),
        }
    }

    /// The keys and values of the map under construction.
    pub(super) fn entries(&mut self) -> Result<(&mut ByteRows, &mut ColumnBuilder)> {
        match &mut self.values {
            Values::Map(_, keys, child) => Ok((keys, child)),
            _ => Err(Error::new(
                ErrorKind::TypeMismatch,
                format!("the input is {}, not a map", self.data_type),
            )),
        }
    }

    /// Ends the list or map under construction.
    pub(super) fn end_nested(&mut self) -> Result<()> {
        if let Values::List(offsets, child) | Values::Map(offsets, _, child) = &mut self.values {
            offsets.push(offset(child.len)?);
            self.given();
        }
        Ok(())
    }

    fn given(&mut self) {
        if !self.valid.is_empty() {
            self.valid.push(1);
        }
        self.len += 1;
    }

    /// Keeps the first `len` values.
    pub(super) fn truncate(&mut self, len: usize) {
        self.len = len;
        self.valid.truncate(len);
        match &mut self.values {
            Values::Bool(values) => values.truncate(len),
            Values::I32(values) => values.truncate(len),
            Values::I64(values) => values.truncate(len),
            Values::F32(values) => values.truncate(len),
            Values::F64(values) => values.truncate(len),
            Values::Decimal(values, scale) => {
                values.truncate(len);
                if len == 0 {
                    *scale = 0;
                }
            }
            Values::Bytes(rows) => rows.truncate(len),
            Values::List(offsets, child) => {
                offsets.truncate(len + 1);
                child.truncate(offsets.last().map_or(0, |end| *end as usize));
            }
            Values::Map(offsets, keys, child) => {
                offsets.truncate(len + 1);
                let items = offsets.last().map_or(0, |end| *end as usize);
                keys.truncate(items);
                child.truncate(items);
            }
        }
    }

    /// The column as a frame reads it.
    pub(super) fn view(&self) -> Column<'_> {
        let valid = if self.valid.is_empty() {
            Bitmap::AllSet
        } else {
            Bitmap::Bytes(&self.valid)
        };
        match &self.values {
            Values::Bool(values) => Column::Numbers(Numbers::Bool(Bitmap::Bytes(values)), valid),
            Values::I32(days) if self.data_type == DataType::Date => Column::Dates(days, valid),
            Values::I32(values) => Column::Numbers(Numbers::I32(values), valid),
            Values::I64(micros) if self.data_type == DataType::Timestamp => {
                Column::Times(micros, TimeUnit::Microsecond, valid)
            }
            Values::I64(values) => Column::Numbers(Numbers::I64(values), valid),
            Values::F32(values) => Column::Numbers(Numbers::F32(values), valid),
            Values::F64(values) => Column::Numbers(Numbers::F64(values), valid),
            Values::Decimal(values, scale) => Column::Numbers(Numbers::Decimal(values, *scale), valid),
            Values::Bytes(rows) => Column::Strings(rows.view(), valid),
            Values::List(offsets, child) => {
                Column::List(ListOffsets::Small(offsets), Box::new(child.view()), valid)
            }
            Values::Map(offsets, keys, child) => {
                let offsets = ListOffsets::Small(offsets);
                Column::Map(
                    Box::new(MapView {
                        offsets,
                        keys: keys.view(),
                        values: child.view(),
                    }),
                    valid,
                )
            }
        }
    }
}

fn offset(at: usize) -> Result<i32> {
    i32::try_from(at).map_err(|_| {
        Error::new(
            ErrorKind::ResourceLimit,
            format!("{at} bytes or items in one column; at most {} fit", i32::MAX),
        )
        .hint("use smaller batches")
    })
}

/// A column has one scale. A finer value rescales what is there, which changes no number: each is rounded to f64
/// once, whatever its scale.
fn push_decimal(values: &mut Vec<i128>, scale: &mut i8, value: i128, value_scale: i8) -> Result<()> {
    if value_scale > *scale {
        let by = u32::from(value_scale.abs_diff(*scale));
        let rescaled: Option<Vec<i128>> = values.iter().map(|value| scaled_up(*value, by)).collect();
        *values = rescaled.ok_or_else(too_wide)?;
        *scale = value_scale;
    }
    let by = u32::from(scale.abs_diff(value_scale));
    values.push(scaled_up(value, by).ok_or_else(too_wide)?);
    Ok(())
}

fn scaled_up(value: i128, by: u32) -> Option<i128> {
    if value == 0 {
        Some(0)
    } else {
        10_i128.checked_pow(by)?.checked_mul(value)
    }
}

fn too_wide() -> Error {
    Error::new(
        ErrorKind::InvalidValue,
        "the decimals of the column do not fit 128 bits at one scale",
    )
    .hint("give them with fewer digits, or as float64")
}

fn mismatch(wanted: &DataType, value: Scalar<'_>) -> Error {
    let given = match value {
        Scalar::Bool(_) => "a boolean",
        Scalar::I32(_) => "a 32-bit integer",
        Scalar::I64(_) => "a 64-bit integer",
        Scalar::F32(_) => "a 32-bit float",
        Scalar::F64(_) => "a 64-bit float",
        Scalar::Decimal(..) => "a decimal",
        Scalar::Bytes(_) => "a byte string",
    };
    Error::new(
        ErrorKind::TypeMismatch,
        format!("the input is {wanted}; {given} was given"),
    )
    .hint("convert the value, or change the input's type in the spec")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_take_the_finest_scale() {
        let mut column = ColumnBuilder::new(&DataType::Decimal);
        column.push(Scalar::Decimal(15, 1)).unwrap();
        column.push(Scalar::Decimal(1, -2)).unwrap();
        column.push(Scalar::Decimal(12_345, 4)).unwrap();
        column.push(Scalar::I64(7)).unwrap();
        let read: Vec<f64> = (0..4).map(|i| column.view().number(i)).collect();
        assert_eq!(read, [1.5, 100.0, 1.2345, 7.0]);
        assert_eq!(
            column.push(Scalar::Decimal(1, 100)).unwrap_err().kind(),
            ErrorKind::InvalidValue
        );
        assert_eq!(column.len(), 4);
        assert_eq!(
            column.view().number(2),
            1.2345,
            "a refused value leaves the others as they were"
        );
    }

    #[test]
    fn truncation_reaches_nested_values() {
        let mut column = ColumnBuilder::new(&DataType::List(Box::new(DataType::String)));
        for text in ["a", "bc"] {
            column.items().unwrap().push(text.into()).unwrap();
            column.end_nested().unwrap();
        }
        column.push_missing().unwrap();
        column.truncate(1);
        column.items().unwrap().push("d".into()).unwrap();
        column.end_nested().unwrap();
        let view = column.view();
        let Column::List(offsets, child, _) = &view else {
            panic!("not a list")
        };
        assert_eq!((offsets.range(1), child.bytes(1)), (1..2, Some(&b"d"[..])));
        assert!(!view.is_null(1));
    }
}
