//! Arrow arrays as borrowed columns, with the coercions that the contract lists and no others.

use arrow_array::cast::AsArray;
use arrow_array::types::{
    ArrowDictionaryKeyType, Date32Type, Date64Type, Decimal128Type, Float32Type, Float64Type, Int8Type,
    Int16Type, Int32Type, Int64Type, TimestampMicrosecondType, TimestampMillisecondType,
    TimestampNanosecondType, TimestampSecondType, UInt8Type, UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, DictionaryArray};
use arrow_schema::DataType as ArrowType;

use super::bits::Bitmap;
use super::column::{Column, ListOffsets, MapView, Numbers, TimeUnit};
use super::strings::{DictionaryKeys, Strings};
use crate::error::{Error, ErrorKind, Result};
use crate::types::DataType;

fn validity(array: &dyn Array) -> Bitmap<'_> {
    match array.nulls() {
        None => Bitmap::AllSet,
        Some(nulls) => Bitmap::Bits {
            bytes: nulls.validity(),
            offset: nulls.offset(),
        },
    }
}

fn mismatch(array: &dyn Array, wanted: &DataType) -> Error {
    let hint = match (array.data_type(), wanted) {
        (ArrowType::UInt64, _) => "cast it to int64 when no value passes its range",
        (
            ArrowType::Utf8 | ArrowType::LargeUtf8 | ArrowType::Utf8View,
            DataType::Timestamp | DataType::Date,
        ) => "parse the text to a timestamp before",
        _ => "cast the column, or change the input's type in the spec",
    };
    Error::new(
        ErrorKind::TypeMismatch,
        format!("the column is {}; the spec wants {wanted}", array.data_type()),
    )
    .hint(hint)
}

/// Borrows `array` as the input type `wanted`, without a copy.
///
/// Text comes from utf8, large, view or dictionary-encoded arrays; integers and floats widen; timestamps may
/// have any unit and zone (the instant counts); lists may be lists, large or fixed-size lists.
///
/// # Errors
/// `BZ_TYPE_MISMATCH` for every other pair of types.
pub fn column_from_arrow<'a>(array: &'a dyn Array, wanted: &DataType) -> Result<Column<'a>> {
    if matches!(array.data_type(), ArrowType::Null) {
        return Ok(Column::Null);
    }
    let valid = validity(array);
    let column = match wanted {
        DataType::String | DataType::Binary => strings(array, wanted).map(|s| Column::Strings(s, valid)),
        DataType::Date => dates(array).map(|column| column(valid)),
        DataType::Timestamp => times(array).map(|(values, unit)| Column::Times(values, unit, valid)),
        DataType::List(item) => return list(array, item, valid, wanted),
        DataType::Map(item) => return map(array, item, valid, wanted),
        number => numbers(array, number).map(|n| Column::Numbers(n, valid)),
    };
    column.ok_or_else(|| mismatch(array, wanted))
}

fn numbers<'a>(array: &'a dyn Array, wanted: &DataType) -> Option<Numbers<'a>> {
    let level = |data_type: &DataType| match data_type {
        DataType::Int32 => 1,
        DataType::Int64 => 2,
        _ => 0,
    };
    let integers = level(wanted) >= 1 || matches!(wanted, DataType::Float64);
    let decimal = *wanted == DataType::Decimal;
    let floats = matches!(wanted, DataType::Float32 | DataType::Float64);
    Some(match array.data_type() {
        ArrowType::Boolean if *wanted == DataType::Bool => {
            let values = array.as_boolean_opt()?.values();
            Numbers::Bool(Bitmap::Bits {
                bytes: values.values(),
                offset: values.offset(),
            })
        }
        ArrowType::Int8 if integers || floats || decimal => {
            Numbers::I8(array.as_primitive_opt::<Int8Type>()?.values())
        }
        ArrowType::Int16 if integers || floats || decimal => {
            Numbers::I16(array.as_primitive_opt::<Int16Type>()?.values())
        }
        ArrowType::UInt8 if integers || floats || decimal => {
            Numbers::U8(array.as_primitive_opt::<UInt8Type>()?.values())
        }
        ArrowType::UInt16 if integers || floats || decimal => {
            Numbers::U16(array.as_primitive_opt::<UInt16Type>()?.values())
        }
        ArrowType::Int32 if integers => Numbers::I32(array.as_primitive_opt::<Int32Type>()?.values()),
        ArrowType::UInt32 if level(wanted) == 2 || *wanted == DataType::Float64 || decimal => {
            Numbers::U32(array.as_primitive_opt::<UInt32Type>()?.values())
        }
        ArrowType::Int64 if level(wanted) == 2 => {
            Numbers::I64(array.as_primitive_opt::<Int64Type>()?.values())
        }
        ArrowType::Float32 if floats => Numbers::F32(array.as_primitive_opt::<Float32Type>()?.values()),
        ArrowType::Float64 if *wanted == DataType::Float64 => {
            Numbers::F64(array.as_primitive_opt::<Float64Type>()?.values())
        }
        ArrowType::Decimal128(_, scale) if decimal => {
            Numbers::Decimal(array.as_primitive_opt::<Decimal128Type>()?.values(), *scale)
        }
        ArrowType::Int32 if decimal => Numbers::I32(array.as_primitive_opt::<Int32Type>()?.values()),
        ArrowType::Int64 if decimal => Numbers::I64(array.as_primitive_opt::<Int64Type>()?.values()),
        _ => return None,
    })
}

fn strings<'a>(array: &'a dyn Array, wanted: &DataType) -> Option<Strings<'a>> {
    let text = *wanted == DataType::String;
    Some(match array.data_type() {
        ArrowType::Utf8 if text => {
            let array = array.as_string_opt::<i32>()?;
            Strings::Small {
                offsets: array.value_offsets(),
                bytes: array.value_data(),
            }
        }
        ArrowType::LargeUtf8 if text => {
            let array = array.as_string_opt::<i64>()?;
            Strings::Large {
                offsets: array.value_offsets(),
                bytes: array.value_data(),
            }
        }
        ArrowType::Utf8View if text => {
            let array = array.as_string_view_opt()?;
            Strings::View {
                views: array.views(),
                buffers: array.data_buffers().iter().map(|b| b.as_slice()).collect(),
            }
        }
        // Text that came as bytes is text all the same: it is repaired like any other.
        ArrowType::Binary => {
            let array = array.as_binary_opt::<i32>()?;
            Strings::Small {
                offsets: array.value_offsets(),
                bytes: array.value_data(),
            }
        }
        ArrowType::LargeBinary => {
            let array = array.as_binary_opt::<i64>()?;
            Strings::Large {
                offsets: array.value_offsets(),
                bytes: array.value_data(),
            }
        }
        ArrowType::BinaryView => {
            let array = array.as_binary_view_opt()?;
            Strings::View {
                views: array.views(),
                buffers: array.data_buffers().iter().map(|b| b.as_slice()).collect(),
            }
        }
        ArrowType::Dictionary(key, _) => {
            use ArrowType as T;
            match **key {
                T::Int8 => dictionary::<Int8Type>(array, wanted, DictionaryKeys::I8)?,
                T::Int16 => dictionary::<Int16Type>(array, wanted, DictionaryKeys::I16)?,
                T::Int32 => dictionary::<Int32Type>(array, wanted, DictionaryKeys::I32)?,
                T::Int64 => dictionary::<Int64Type>(array, wanted, DictionaryKeys::I64)?,
                T::UInt8 => dictionary::<UInt8Type>(array, wanted, DictionaryKeys::U8)?,
                T::UInt16 => dictionary::<UInt16Type>(array, wanted, DictionaryKeys::U16)?,
                T::UInt32 => dictionary::<UInt32Type>(array, wanted, DictionaryKeys::U32)?,
                T::UInt64 => dictionary::<UInt64Type>(array, wanted, DictionaryKeys::U64)?,
                _ => return None,
            }
        }
        _ => return None,
    })
}

fn dictionary<'a, K: ArrowDictionaryKeyType>(
    array: &'a dyn Array,
    wanted: &DataType,
    keys: impl FnOnce(&'a [K::Native]) -> DictionaryKeys<'a>,
) -> Option<Strings<'a>> {
    let array = array.as_any().downcast_ref::<DictionaryArray<K>>()?;
    let values = array.values().as_ref();
    Some(Strings::Dictionary {
        keys: keys(array.keys().values()),
        values: Box::new(strings(values, wanted)?),
        valid: validity(values),
    })
}

type MakeColumn<'a> = Box<dyn FnOnce(Bitmap<'a>) -> Column<'a> + 'a>;

fn dates(array: &dyn Array) -> Option<MakeColumn<'_>> {
    Some(match array.data_type() {
        ArrowType::Date32 => {
            let days: &[i32] = array.as_primitive_opt::<Date32Type>()?.values();
            Box::new(move |valid| Column::Dates(days, valid))
        }
        ArrowType::Date64 => {
            let millis: &[i64] = array.as_primitive_opt::<Date64Type>()?.values();
            Box::new(move |valid| Column::Times(millis, TimeUnit::Millisecond, valid))
        }
        _ => return None,
    })
}

fn times(array: &dyn Array) -> Option<(&[i64], TimeUnit)> {
    use arrow_schema::TimeUnit as T;
    Some(match array.data_type() {
        ArrowType::Timestamp(T::Second, _) => (
            array.as_primitive_opt::<TimestampSecondType>()?.values(),
            TimeUnit::Second,
        ),
        ArrowType::Timestamp(T::Millisecond, _) => (
            array.as_primitive_opt::<TimestampMillisecondType>()?.values(),
            TimeUnit::Millisecond,
        ),
        ArrowType::Timestamp(T::Microsecond, _) => (
            array.as_primitive_opt::<TimestampMicrosecondType>()?.values(),
            TimeUnit::Microsecond,
        ),
        ArrowType::Timestamp(T::Nanosecond, _) => (
            array.as_primitive_opt::<TimestampNanosecondType>()?.values(),
            TimeUnit::Nanosecond,
        ),
        _ => return None,
    })
}

fn list<'a>(
    array: &'a dyn Array,
    item: &DataType,
    valid: Bitmap<'a>,
    wanted: &DataType,
) -> Result<Column<'a>> {
    let (offsets, child) = match array.data_type() {
        ArrowType::List(_) => {
            let array = array
                .as_list_opt::<i32>()
                .ok_or_else(|| mismatch(array, wanted))?;
            (ListOffsets::Small(array.value_offsets()), array.values())
        }
        ArrowType::LargeList(_) => {
            let array = array
                .as_list_opt::<i64>()
                .ok_or_else(|| mismatch(array, wanted))?;
            (ListOffsets::Large(array.value_offsets()), array.values())
        }
        ArrowType::FixedSizeList(_, size) => {
            let array = array
                .as_fixed_size_list_opt()
                .ok_or_else(|| mismatch(array, wanted))?;
            (ListOffsets::Fixed(*size as usize), array.values())
        }
        _ => return Err(mismatch(array, wanted)),
    };
    let child = column_from_arrow(child.as_ref(), item).map_err(|e| e.at("item"))?;
    Ok(Column::List(offsets, Box::new(child), valid))
}

fn map<'a>(
    array: &'a dyn Array,
    item: &DataType,
    valid: Bitmap<'a>,
    wanted: &DataType,
) -> Result<Column<'a>> {
    let array = array.as_map_opt().ok_or_else(|| mismatch(array, wanted))?;
    let keys = strings(array.keys().as_ref(), &DataType::String)
        .ok_or_else(|| mismatch(array.keys().as_ref(), &DataType::String).at("key"))?;
    let values = column_from_arrow(array.values().as_ref(), item).map_err(|e| e.at("value"))?;
    Ok(Column::Map(
        Box::new(MapView {
            offsets: ListOffsets::Small(array.value_offsets()),
            keys,
            values,
        }),
        valid,
    ))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::{
        ArrayRef, DictionaryArray, Float32Array, Int16Array, Int64Array, LargeStringArray, StringArray,
        StringViewArray, TimestampNanosecondArray, UInt64Array,
    };

    use super::*;

    fn bytes(array: &dyn Array, i: usize) -> Option<Vec<u8>> {
        column_from_arrow(array, &DataType::String)
            .unwrap()
            .bytes(i)
            .map(<[u8]>::to_vec)
    }

    #[test]
    fn every_string_layout_reads_alike_after_slicing() {
        let words = vec![
            Some("skip"),
            Some("a"),
            None,
            Some("longer than twelve bytes"),
            Some(""),
        ];
        let arrays: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from(words.clone())),
            Arc::new(LargeStringArray::from(words.clone())),
            Arc::new(StringViewArray::from(words.clone())),
            Arc::new(words.clone().into_iter().collect::<DictionaryArray<Int32Type>>()),
        ];
        for array in arrays {
            let sliced = array.slice(1, 4);
            let read: Vec<_> = (0..4).map(|i| bytes(sliced.as_ref(), i)).collect();
            let want: Vec<_> = words[1..]
                .iter()
                .map(|w| w.map(|w| w.as_bytes().to_vec()))
                .collect();
            assert_eq!(read, want, "{}", array.data_type());
        }
    }

    #[test]
    fn numbers_widen_and_do_not_narrow() {
        let small = Int16Array::from(vec![Some(-3), None]);
        let column = column_from_arrow(&small, &DataType::Int64).unwrap();
        assert_eq!(column.number(0), -3.0);
        assert!(column.number(1).is_nan());
        let wide = Int64Array::from(vec![1]);
        assert_eq!(
            column_from_arrow(&wide, &DataType::Int32).unwrap_err().kind(),
            ErrorKind::TypeMismatch
        );
        assert!(
            column_from_arrow(&wide, &DataType::Float64).is_err(),
            "int64 to float64 would lose"
        );
        assert!(column_from_arrow(&UInt64Array::from(vec![1]), &DataType::Int64).is_err());
        assert!(column_from_arrow(&Float32Array::from(vec![1.5]), &DataType::Float64).is_ok());
    }

    #[test]
    fn timestamps_of_any_unit_reach_microseconds_or_are_refused() {
        let array = TimestampNanosecondArray::from(vec![2_000, 2_001]);
        let column = column_from_arrow(&array, &DataType::Timestamp).unwrap();
        assert_eq!(column.micros(0).unwrap(), Some(2));
        assert!(column.micros(1).is_err());
    }
}
