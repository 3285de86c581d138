//! The batch layout: which buffers an input column has, in which order, and how they become a frame.
//!
//! A batch has, for each input of [`crate::Pipeline::inputs`] in serving, the buffers of its type, in this order:
//!
//! | type | buffers |
//! | --- | --- |
//! | every type, first | validity: one byte a value, zero is missing; no bytes at all when every value is given |
//! | `bool` | one byte a value, zero is false |
//! | `int32`, `date` (days since 1970-01-01) | `i32` |
//! | `int64`, `timestamp` (microseconds since the epoch, UTC) | `i64` |
//! | `float32`, `float64` | `f32`, `f64` |
//! | `decimal` | the column's scale, then unscaled values as `i128` |
//! | `string`, `binary` | `i32` offsets, one more than values; the bytes of all values |
//! | `list<T>` | `i32` offsets, one more than values; the buffers of all items, as a column of `T` |
//! | `map<T>` | `i32` offsets, one more than values; `i32` offsets of the keys; the keys' bytes; a column of `T` |
//!
//! With groups, their row offsets (`u32`, from 0 to the number of rows, one more than groups) come before the
//! columns, and a query-side column has one value a group. Nothing in a buffer is trusted: counts must agree
//! exactly, and offsets must rise within what they point into.

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Axis, Bitmap, Column, Folds, Frame, ListOffsets, MapView, Numbers, Strings, TimeUnit};
use crate::spec::Input;
use crate::types::{DataType, Side};

/// The buffers of a batch, one after the other, in the order of the layout.
pub trait Buffers<'a> {
    /// The next buffer as bytes.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when there is no further buffer, or its address or length does not suit the type.
    fn bytes(&mut self) -> Result<&'a [u8]>;
    /// The next buffer as group offsets.
    ///
    /// # Errors
    /// As [`Buffers::bytes`].
    fn u32s(&mut self) -> Result<&'a [u32]>;
    /// The next buffer as 32-bit integers.
    ///
    /// # Errors
    /// As [`Buffers::bytes`].
    fn i32s(&mut self) -> Result<&'a [i32]>;
    /// The next buffer as 64-bit integers.
    ///
    /// # Errors
    /// As [`Buffers::bytes`].
    fn i64s(&mut self) -> Result<&'a [i64]>;
    /// The next buffer as 128-bit integers.
    ///
    /// # Errors
    /// As [`Buffers::bytes`].
    fn i128s(&mut self) -> Result<&'a [i128]>;
    /// The next buffer as binary32 numbers.
    ///
    /// # Errors
    /// As [`Buffers::bytes`].
    fn f32s(&mut self) -> Result<&'a [f32]>;
    /// The next buffer as binary64 numbers.
    ///
    /// # Errors
    /// As [`Buffers::bytes`].
    fn f64s(&mut self) -> Result<&'a [f64]>;
    /// The scale of a decimal column.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when it is absent or out of the range of i8.
    fn scale(&mut self) -> Result<i8>;
}

/// Reads a batch of `rows` rows laid out as the module says; `grouped` tells whether it starts with groups.
///
/// # Errors
/// `BZ_INVALID_VALUE` at the input whose buffers do not agree, else as [`Frame::new`].
pub fn frame_from_buffers<'a>(
    inputs: &[Input],
    rows: usize,
    grouped: bool,
    buffers: &mut impl Buffers<'a>,
) -> Result<Frame<'a>> {
    let groups = if grouped {
        Some(buffers.u32s().map_err(|e| e.at("groups"))?)
    } else {
        None
    };
    let mut columns = Vec::with_capacity(inputs.len());
    for input in inputs {
        let (axis, len) = match groups {
            Some(groups) if input.side == Side::Query => (Axis::Groups, groups.len().saturating_sub(1)),
            _ => (Axis::Rows, rows),
        };
        let column =
            column(&input.data_type, len, buffers).map_err(|e| e.at(format!("inputs.{}", input.name)))?;
        columns.push((column, axis));
    }
    Frame::new(inputs, rows, columns, groups, Folds::Full)
}

fn column<'a>(data_type: &DataType, len: usize, buffers: &mut impl Buffers<'a>) -> Result<Column<'a>> {
    let valid = match buffers.bytes()? {
        [] => Bitmap::AllSet,
        bytes => Bitmap::Bytes(exactly(bytes, len, "validity")?),
    };
    Ok(match data_type {
        DataType::Bool => Column::Numbers(
            Numbers::Bool(Bitmap::Bytes(exactly(buffers.bytes()?, len, "value")?)),
            valid,
        ),
        DataType::Int32 => Column::Numbers(Numbers::I32(exactly(buffers.i32s()?, len, "value")?), valid),
        DataType::Int64 => Column::Numbers(Numbers::I64(exactly(buffers.i64s()?, len, "value")?), valid),
        DataType::Float32 => Column::Numbers(Numbers::F32(exactly(buffers.f32s()?, len, "value")?), valid),
        DataType::Float64 => Column::Numbers(Numbers::F64(exactly(buffers.f64s()?, len, "value")?), valid),
        DataType::Decimal => {
            let scale = buffers.scale()?;
            Column::Numbers(
                Numbers::Decimal(exactly(buffers.i128s()?, len, "value")?, scale),
                valid,
            )
        }
        DataType::Date => Column::Dates(exactly(buffers.i32s()?, len, "value")?, valid),
        DataType::Timestamp => Column::Times(
            exactly(buffers.i64s()?, len, "value")?,
            TimeUnit::Microsecond,
            valid,
        ),
        DataType::String | DataType::Binary => Column::Strings(strings(len, buffers)?, valid),
        DataType::List(item) => {
            let (offsets, items) = offsets(len, buffers)?;
            Column::List(
                offsets,
                Box::new(column(item, items, buffers).map_err(|e| e.at("item"))?),
                valid,
            )
        }
        DataType::Map(item) => {
            let (offsets, items) = offsets(len, buffers)?;
            let keys = strings(items, buffers).map_err(|e| e.at("key"))?;
            let values = column(item, items, buffers).map_err(|e| e.at("value"))?;
            Column::Map(
                Box::new(MapView {
                    offsets,
                    keys,
                    values,
                }),
                valid,
            )
        }
    })
}

/// The offsets of `len` lists, and how many items they have together.
fn offsets<'a>(len: usize, buffers: &mut impl Buffers<'a>) -> Result<(ListOffsets<'a>, usize)> {
    let offsets = exactly(buffers.i32s()?, len.saturating_add(1), "offset")?;
    let last = offsets.last().copied().unwrap_or(0);
    let items = usize::try_from(last).map_err(|_| {
        Error::new(
            ErrorKind::InvalidValue,
            format!("the last offset, {last}, is below 0"),
        )
    })?;
    Ok((ListOffsets::checked(offsets, items)?, items))
}

fn strings<'a>(len: usize, buffers: &mut impl Buffers<'a>) -> Result<Strings<'a>> {
    let offsets = exactly(buffers.i32s()?, len.saturating_add(1), "offset")?;
    Strings::checked(offsets, buffers.bytes()?)
}

fn exactly<'a, T>(values: &'a [T], len: usize, what: &str) -> Result<&'a [T]> {
    if values.len() == len {
        return Ok(values);
    }
    Err(Error::new(
        ErrorKind::InvalidValue,
        format!("{} {what}s were given where {len} belong", values.len()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    /// One buffer, by type.
    enum Buffer {
        Bytes(Vec<u8>),
        U32(Vec<u32>),
        I32(Vec<i32>),
        I64(Vec<i64>),
        I128(Vec<i128>),
        Scale(i8),
    }

    struct Given<'a>(std::slice::Iter<'a, Buffer>);

    macro_rules! next {
        ($name:ident, $variant:ident, $type:ty) => {
            fn $name(&mut self) -> Result<$type> {
                match self.0.next() {
                    Some(Buffer::$variant(values)) => Ok(values),
                    _ => Err(Error::new(ErrorKind::InvalidValue, "another buffer")),
                }
            }
        };
    }

    impl<'a> Buffers<'a> for Given<'a> {
        next!(bytes, Bytes, &'a [u8]);
        next!(u32s, U32, &'a [u32]);
        next!(i32s, I32, &'a [i32]);
        next!(i64s, I64, &'a [i64]);
        next!(i128s, I128, &'a [i128]);
        fn f32s(&mut self) -> Result<&'a [f32]> {
            Err(Error::new(ErrorKind::InvalidValue, "not in these tests"))
        }
        fn f64s(&mut self) -> Result<&'a [f64]> {
            Err(Error::new(ErrorKind::InvalidValue, "not in these tests"))
        }
        fn scale(&mut self) -> Result<i8> {
            match self.0.next() {
                Some(Buffer::Scale(scale)) => Ok(*scale),
                _ => Err(Error::new(ErrorKind::InvalidValue, "another buffer")),
            }
        }
    }

    fn inputs(types: &str) -> Vec<Input> {
        let inputs: Vec<String> = types
            .split(' ')
            .enumerate()
            .map(|(i, t)| format!(r#""i{i}": {t}"#))
            .collect();
        let text = format!(
            r#"{{"buzzsaw": 1, "name": "t", "inputs": {{"shown": {{"type": "int64", "side": "pair"}}, {}}},
                "features": ["shown"]}}"#,
            inputs.join(", ")
        );
        Spec::parse(&text).unwrap().inputs()[1..].to_vec()
    }

    fn query(data_type: &str) -> String {
        format!(r#"{{"type":"{data_type}","side":"query"}}"#)
    }

    fn document(data_type: &str) -> String {
        format!(r#"{{"type":"{data_type}","side":"document"}}"#)
    }

    fn fails(types: &str, rows: usize, buffers: &[Buffer], place: &str) {
        let error = frame_from_buffers(&inputs(types), rows, false, &mut Given(buffers.iter())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
        assert!(error.problems()[0].place.starts_with(place), "{error}");
    }

    #[test]
    fn groups_texts_decimals_and_maps_read_back() {
        let types = [query("string"), document("decimal"), document("map<int64>")].join(" ");
        let buffers = [
            Buffer::U32(vec![0, 2, 3]),
            Buffer::Bytes(vec![]),
            Buffer::I32(vec![0, 2, 2]),
            Buffer::Bytes(b"ab".to_vec()),
            Buffer::Bytes(vec![1, 0, 1]),
            Buffer::Scale(2),
            Buffer::I128(vec![1999, 0, -5]),
            Buffer::Bytes(vec![]),
            Buffer::I32(vec![0, 0, 2, 2]),
            Buffer::I32(vec![0, 1, 3]),
            Buffer::Bytes(b"kxy".to_vec()),
            Buffer::Bytes(vec![1, 0]),
            Buffer::I64(vec![7, 0]),
        ];
        let frame = frame_from_buffers(&inputs(&types), 3, true, &mut Given(buffers.iter())).unwrap();
        assert_eq!(frame.axis(0), Axis::Groups);
        assert_eq!(
            (frame.column(0).bytes(0), frame.column(0).bytes(1)),
            (Some(&b"ab"[..]), Some(&b""[..]))
        );
        assert_eq!(
            (frame.column(1).number(0), frame.column(1).number(2)),
            (19.99, -0.05)
        );
        assert!(frame.column(1).is_null(1));
        let Column::Map(map, _) = frame.column(2) else {
            panic!("not a map")
        };
        assert_eq!((map.offsets.range(0), map.offsets.range(1)), (0..0, 0..2));
        assert_eq!((map.keys.get(0), map.keys.get(1)), (&b"k"[..], &b"xy"[..]));
        assert!(map.values.is_null(1));
    }

    #[test]
    fn counts_and_offsets_that_disagree_are_refused() {
        let none = || Buffer::Bytes(vec![]);
        let number = document("int64");
        fails(&number, 2, &[none(), Buffer::I64(vec![1])], "inputs.i0");
        fails(
            &number,
            2,
            &[Buffer::Bytes(vec![1]), Buffer::I64(vec![1, 2])],
            "inputs.i0",
        );
        fails(&number, 2, &[], "inputs.i0");
        let text = document("string");
        fails(
            &text,
            1,
            &[none(), Buffer::I32(vec![0, 3]), Buffer::Bytes(b"ab".to_vec())],
            "inputs.i0",
        );
        fails(
            &text,
            2,
            &[none(), Buffer::I32(vec![0, 2, 1]), Buffer::Bytes(b"ab".to_vec())],
            "inputs.i0",
        );
        fails(&text, 1, &[none(), Buffer::I32(vec![0]), none()], "inputs.i0");
        let list = document("list<int64>");
        fails(
            &list,
            1,
            &[none(), Buffer::I32(vec![0, -1]), none(), Buffer::I64(vec![])],
            "inputs.i0",
        );
        fails(
            &list,
            1,
            &[none(), Buffer::I32(vec![0, 2]), none(), Buffer::I64(vec![1])],
            "inputs.i0.item",
        );
        fails(
            &list,
            2,
            &[
                none(),
                Buffer::I32(vec![0, 3, 2]),
                none(),
                Buffer::I64(vec![1, 2]),
            ],
            "inputs.i0",
        );
        let map = document("map<int64>");
        let keys = || {
            [
                none(),
                Buffer::I32(vec![0, 1]),
                Buffer::I32(vec![0, 9]),
                Buffer::Bytes(b"k".to_vec()),
            ]
        };
        fails(&map, 1, &keys(), "inputs.i0.key");
    }
}
