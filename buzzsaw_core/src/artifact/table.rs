//! Tables as Arrow IPC files of one record batch, written deterministically and read without a copy.

use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_buffer::Buffer;
use arrow_ipc::MetadataVersion;
use arrow_ipc::reader::FileDecoder;
use arrow_ipc::writer::{FileWriter, IpcWriteOptions};
use arrow_schema::ArrowError;

use super::ipc_guard;
use crate::error::{Error, ErrorKind, Result};

/// Where buffers start inside the file, in bytes; the entry itself starts at a multiple of this too.
pub(super) const ALIGNMENT: usize = 64;

/// `batch` as an Arrow IPC file: one record batch, no compression, buffers aligned to 64 bytes.
///
/// The same buffers give the same bytes. What a buffer holds under a null is part of it, so whoever needs
/// equal tables to hash equally writes a fixed value (zero) there.
///
/// # Errors
/// `InvalidValue`, with the column as place, for types that artifacts do not hold (views, dictionaries, unions,
/// run-end encoding, intervals, times, half floats, `null`), and for a batch without columns.
pub fn table_bytes(batch: &RecordBatch) -> Result<Vec<u8>> {
    check_table(batch)?;
    let mut bytes = Vec::new();
    write_table(batch, &mut bytes)
        .map_err(|e| Error::internal(format!("cannot write an Arrow table: {e}"), None))?;
    Ok(bytes)
}

/// Refuses what [`table_bytes`] does.
pub(super) fn check_table(batch: &RecordBatch) -> Result<()> {
    let schema = batch.schema();
    if schema.fields().is_empty() {
        return Err(Error::new(
            ErrorKind::InvalidValue,
            "a table without columns cannot be kept in an artifact",
        ));
    }
    for field in schema.fields() {
        ipc_guard::check_type(field.data_type(), 1).map_err(|fault| {
            Error::new(ErrorKind::InvalidValue, format!("the column has {fault}"))
                .at(field.name().as_str())
                .hint("cast it to a plain type first, such as utf8 for a dictionary of utf8")
        })?;
    }
    Ok(())
}

/// Writes the bytes of [`table_bytes`], of a batch that [`check_table`] lets pass, without a copy of its buffers.
pub(super) fn write_table<W: Write + ?Sized>(batch: &RecordBatch, out: &mut W) -> io::Result<()> {
    let write = || {
        let options = IpcWriteOptions::try_new(ALIGNMENT, false, MetadataVersion::V5)?;
        let mut writer = FileWriter::try_new_with_options(out, &batch.schema(), options)?;
        writer.write(batch)?;
        writer.finish()
    };
    write().map_err(|e| match e {
        ArrowError::IoError(_, e) => e,
        e => io::Error::other(e),
    })
}

/// The one record batch of an Arrow IPC file, its arrays being slices of `file`, which they keep alive.
///
/// Nothing of the file is trusted: its structure is checked before arrow sees it, arrow's own validation of
/// offsets, null counts and UTF-8 is on, and a buffer that is not aligned is an error rather than a copy. Should
/// arrow still panic, the panic is caught here and reported like any other damage (its message also goes to
/// the process's panic hook).
///
/// # Errors
/// `CorruptArtifact`, without a place, when `file` is not such a file.
pub fn read_table(file: &Buffer) -> Result<RecordBatch> {
    let checked = ipc_guard::check(file).map_err(|fault| corrupt(&fault))?;
    let data = file.slice_with_length(checked.range.start, checked.range.len());
    let decoder = FileDecoder::new(Arc::new(checked.schema), checked.version).with_require_alignment(true);
    // Nothing outlives an unwinding decoder: it is local, and the buffer is immutable.
    match catch_unwind(AssertUnwindSafe(|| {
        decoder.read_record_batch(&checked.block, &data)
    })) {
        Ok(Ok(Some(batch))) => Ok(batch),
        Ok(Ok(None)) => Err(corrupt("no record batch")),
        Ok(Err(e)) => Err(corrupt(&e.to_string())),
        Err(_) => Err(corrupt("arrow cannot decode it")),
    }
}

fn corrupt(fault: &str) -> Error {
    Error::new(
        ErrorKind::CorruptArtifact,
        format!("the table cannot be read: {fault}"),
    )
    .hint("copy the artifact again from where it was written, or write it again")
}

#[cfg(test)]
mod tests {
    use arrow_array::builder::{Int32Builder, ListBuilder, MapBuilder, StringBuilder};
    use arrow_array::types::Int32Type;
    use arrow_array::{
        Array, ArrayRef, BinaryArray, BooleanArray, Decimal128Array, DictionaryArray, FixedSizeBinaryArray,
        FixedSizeListArray, Float32Array, Int64Array, LargeListArray, LargeStringArray, NullArray,
        StringArray, StringViewArray, StructArray, TimestampMicrosecondArray,
    };
    use arrow_schema::{DataType, Field, Schema};

    use super::super::testing::terms;
    use super::*;

    fn nested() -> RecordBatch {
        let mut lists = ListBuilder::new(StringBuilder::new());
        lists.append_value([Some("a"), None, Some("")]);
        lists.append_null();
        lists.append_value(Vec::<Option<&str>>::new());
        let mut map = MapBuilder::new(None, StringBuilder::new(), Int32Builder::new());
        map.keys().append_value("colour");
        map.values().append_value(1);
        map.append(true).unwrap();
        map.append(false).unwrap();
        map.append(true).unwrap();
        let ints = vec![Some(vec![Some(1), None]), None, Some(vec![])];
        let pairs = vec![Some(vec![Some(1), None]), None, Some(vec![Some(3), Some(4)])];
        let flag: ArrayRef = Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]));
        let fields = [Arc::new(Field::new("flag", DataType::Boolean, true))];
        let dated = TimestampMicrosecondArray::from(vec![Some(-1), None, Some(2)]).with_timezone("UTC");
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("list", Arc::new(lists.finish())),
            ("map", Arc::new(map.finish())),
            (
                "large_list",
                Arc::new(LargeListArray::from_iter_primitive::<Int32Type, _, _>(ints)),
            ),
            (
                "pair",
                Arc::new(FixedSizeListArray::from_iter_primitive::<Int32Type, _, _>(
                    pairs, 2,
                )),
            ),
            (
                "struct",
                Arc::new(StructArray::new(
                    fields.into(),
                    vec![flag],
                    Some(vec![true, false, true].into()),
                )),
            ),
            (
                "text",
                Arc::new(StringArray::from(vec![Some("x"), None, Some("é")])),
            ),
            ("large_text", Arc::new(LargeStringArray::from(vec!["x", "", "é"]))),
            (
                "bytes",
                Arc::new(BinaryArray::from(vec![Some(&b"\xff"[..]), None, Some(b"")])),
            ),
            (
                "four",
                Arc::new(FixedSizeBinaryArray::new(
                    4,
                    Buffer::from_slice_ref(b"abcdefghijkl"),
                    None,
                )),
            ),
            (
                "float",
                Arc::new(Float32Array::from(vec![Some(f32::NAN), None, Some(-0.0)])),
            ),
            (
                "price",
                Arc::new(
                    Decimal128Array::from(vec![1, -2, i128::MAX]).with_data_type(DataType::Decimal128(38, 2)),
                ),
            ),
            ("time", Arc::new(dated)),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    fn read(bytes: &[u8]) -> Result<RecordBatch> {
        read_table(&Buffer::from_slice_ref(bytes))
    }

    fn fault(bytes: &[u8]) -> String {
        let error = read(bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CorruptArtifact);
        error.to_string()
    }

    /// Files that arrow writes and artifacts refuse.
    fn written(batches: &[RecordBatch]) -> Vec<u8> {
        let mut writer = FileWriter::try_new(Vec::new(), &batches[0].schema()).unwrap();
        batches.iter().for_each(|batch| writer.write(batch).unwrap());
        writer.into_inner().unwrap()
    }

    #[test]
    fn every_type_comes_back_and_twice_the_same() {
        for batch in [terms(), nested(), nested().slice(1, 2), nested().slice(0, 0)] {
            let bytes = table_bytes(&batch).unwrap();
            assert_eq!(bytes, table_bytes(&batch).unwrap());
            assert_eq!(read(&bytes).unwrap(), batch);
        }
    }

    #[test]
    fn metadata_comes_back_and_its_order_does_not_matter() {
        let names = ["b", "a", "d", "c", "e"];
        let with = |names: &[&str]| {
            let metadata = names
                .iter()
                .map(|name| (name.to_string(), "1".to_string()))
                .collect();
            let schema = Schema::new_with_metadata(terms().schema().fields().clone(), metadata);
            RecordBatch::try_new(Arc::new(schema), terms().columns().to_vec()).unwrap()
        };
        let mut reversed = names;
        reversed.reverse();
        let bytes = table_bytes(&with(&names)).unwrap();
        assert_eq!(bytes, table_bytes(&with(&reversed)).unwrap());
        assert_eq!(read(&bytes).unwrap().schema().metadata().len(), names.len());
    }

    #[test]
    fn buffers_are_aligned_and_not_copied() {
        let file = Buffer::from_vec(table_bytes(&nested()).unwrap());
        let file = Buffer::from_slice_ref(file.as_slice());
        let inside = file.as_ptr_range();
        let mut seen = 0;
        let mut stack: Vec<_> = read_table(&file)
            .unwrap()
            .columns()
            .iter()
            .map(|column| column.to_data())
            .collect();
        while let Some(array) = stack.pop() {
            for buffer in array.buffers() {
                assert_eq!(buffer.as_ptr().align_offset(64), 0);
                assert!(inside.contains(&buffer.as_ptr()) || buffer.is_empty());
                seen += 1;
            }
            stack.extend_from_slice(array.child_data());
        }
        assert!(seen > 15, "{seen}");
    }

    #[test]
    fn types_that_artifacts_do_not_hold_are_refused_on_both_sides() {
        let dictionary: DictionaryArray<Int32Type> = ["a", "b"].into_iter().collect();
        let columns: [(ArrayRef, &str); 3] = [
            (Arc::new(StringViewArray::from(vec!["a", "b"])), "Utf8View"),
            (Arc::new(dictionary), "Dictionary"),
            (Arc::new(NullArray::new(2)), "Null"),
        ];
        for (column, word) in columns {
            let batch = RecordBatch::try_from_iter([("c", column)]).unwrap();
            let error = table_bytes(&batch).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidValue);
            assert!(error.to_string().contains(word), "{error}");
            let fault = fault(&written(&[batch]));
            assert!(
                fault.contains("do not hold") || fault.contains("dictionary"),
                "{fault}"
            );
        }
        assert_eq!(
            table_bytes(&RecordBatch::new_empty(Arc::new(Schema::empty())))
                .unwrap_err()
                .kind(),
            ErrorKind::InvalidValue
        );
    }

    #[test]
    fn other_numbers_of_batches_are_refused() {
        let two = written(&[terms(), terms()]);
        assert!(fault(&two).contains("one record batch"));
        let mut none = FileWriter::try_new(Vec::new(), &terms().schema()).unwrap();
        none.finish().unwrap();
        assert!(fault(&none.into_inner().unwrap()).contains("one record batch"));
    }

    #[test]
    fn invalid_values_are_refused() {
        let bytes = table_bytes(&terms()).unwrap();
        let text = "chairtableété".as_bytes();
        let at = bytes
            .windows(text.len())
            .position(|window| window == text)
            .unwrap();
        let mut broken = bytes.clone();
        broken[at] = 0xff;
        assert!(fault(&broken).contains("UTF"));
        let offsets: Vec<u8> = [0i32, 5, 5, 10]
            .iter()
            .flat_map(|offset| offset.to_le_bytes())
            .collect();
        let at = bytes
            .windows(offsets.len())
            .position(|window| window == offsets)
            .unwrap();
        for offset in [-1, 11, i32::MAX, i32::MIN] {
            let mut broken = bytes.clone();
            broken[at + 8..at + 12].copy_from_slice(&i32::to_le_bytes(offset));
            fault(&broken);
        }
    }

    /// Every byte of a table with every type, changed in several ways: an error or a table, and never by way of a
    /// panic inside arrow (which `read_table` would report in these words).
    #[test]
    fn no_changed_byte_makes_arrow_panic() {
        let good = table_bytes(&nested()).unwrap();
        for at in 0..good.len() {
            for change in [0x01, 0x02, 0x04, 0x10, 0x40, 0x80, 0xff] {
                let mut bytes = good.clone();
                bytes[at] ^= change;
                if let Err(error) = read(&bytes) {
                    assert!(
                        !error.to_string().contains("arrow cannot decode it"),
                        "byte {at} ^ {change:#x}"
                    );
                }
            }
        }
        for length in 0..good.len() {
            fault(&good[..length]);
        }
    }

    #[test]
    fn a_misaligned_table_is_refused_rather_than_copied() {
        let column: ArrayRef = Arc::new(Int64Array::from(vec![1, 2, 3]));
        let bytes = table_bytes(&RecordBatch::try_from_iter([("a", column)]).unwrap()).unwrap();
        let shifted = Buffer::from_slice_ref([&[0], bytes.as_slice()].concat()).slice(1);
        assert!(
            read_table(&shifted)
                .unwrap_err()
                .to_string()
                .contains("isaligned")
        );
    }
}
