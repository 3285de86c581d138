//! Checks an Arrow IPC file before arrow decodes it.
//!
//! arrow's decoder validates values (offsets, UTF-8, null counts) but trusts the structure around them: at
//! version 59 it panics on a block or buffer beyond the file, on buffers too short for their null counts, on
//! part of an offset after the last one, on left-over view buffers, and on type parameters it does not know. So the structure is checked here first:
//! every length and offset, the one record batch, and that nodes and buffers are those of the schema.
//! Format: <https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format>.

use std::ops::Range;

use arrow_ipc::convert::fb_to_schema;
use arrow_ipc::{self as ipc, Endianness, MessageHeader, MetadataVersion, Type};
use arrow_schema::{DataType, Schema};
use flatbuffers::VerifierOptions;

const MAGIC: &[u8] = b"ARROW1";
/// The magic bytes and two of padding.
const HEAD: usize = 8;
/// The footer's length and the magic bytes.
const TAIL: usize = 10;
const CONTINUATION: [u8; 4] = [0xff; 4];
/// Every buffer starts at a multiple of this, as whoever maps the table counts on.
const ALIGNMENT: usize = super::table::ALIGNMENT;
/// How deep a column may nest: a map of lists of structs is 4.
const MAX_NESTING: usize = 8;

/// A file whose structure holds.
pub(super) struct Checked {
    pub schema: Schema,
    pub version: MetadataVersion,
    /// The one record batch, as the footer places it.
    pub block: ipc::Block,
    /// The batch's metadata and body in the file.
    pub range: Range<usize>,
}

/// Checks the structure of `file`; says what is wrong in words.
pub(super) fn check(file: &[u8]) -> Result<Checked, String> {
    let footer_end = file
        .len()
        .checked_sub(TAIL)
        .filter(|&end| end >= HEAD)
        .ok_or("too short")?;
    let (trailer, magic) = file[footer_end..].split_at(TAIL - MAGIC.len());
    if !file.starts_with(MAGIC) || magic != MAGIC {
        return Err("no Arrow IPC file".into());
    }
    let footer_length = trailer
        .first_chunk()
        .map_or(-1, |bytes| i32::from_le_bytes(*bytes));
    let footer_start = usize::try_from(footer_length)
        .ok()
        .and_then(|length| footer_end.checked_sub(length))
        .filter(|&start| start >= HEAD)
        .ok_or("a footer that is longer than the file")?;
    let footer_bytes = &file[footer_start..footer_end];
    let footer = ipc::root_as_footer_with_opts(&verifier(footer_bytes), footer_bytes)
        .map_err(|e| format!("a damaged footer: {e}"))?;
    let version = footer.version();
    if version != MetadataVersion::V5 {
        return Err("an Arrow metadata version other than 5".into());
    }
    if footer.dictionaries().is_some_and(|blocks| !blocks.is_empty()) {
        return Err("dictionary batches".into());
    }
    let schema = schema(footer.schema().ok_or("no schema")?)?;
    let blocks = footer.recordBatches().filter(|blocks| blocks.len() == 1);
    let block = *blocks.ok_or("not exactly one record batch")?.get(0);

    let (range, metadata_length) = batch_range(&block, footer_start).ok_or("a batch outside the file")?;
    let metadata = file
        .get(range.start..range.start + metadata_length)
        .ok_or("a batch outside the file")?;
    check_batch(metadata, &block, &schema)?;
    Ok(Checked {
        schema,
        version,
        block,
        range,
    })
}

/// Whether tables of an artifact can have this column type; says what is wrong in words.
///
/// Every type here spends at least one bit of the file on each row, so that a length is bounded by the file.
pub(super) fn check_type(data_type: &DataType, nesting: usize) -> Result<(), String> {
    use DataType::*;
    if nesting > MAX_NESTING {
        return Err(format!("a type nested more than {MAX_NESTING} deep"));
    }
    match data_type {
        Boolean | Int8 | Int16 | Int32 | Int64 | UInt8 | UInt16 | UInt32 | UInt64 | Float32 | Float64 => {
            Ok(())
        }
        Utf8 | LargeUtf8 | Binary | LargeBinary | Date32 | Date64 | Timestamp(_, _) => Ok(()),
        Decimal128(precision, scale) if (1..=38).contains(precision) && scale.unsigned_abs() <= 38 => Ok(()),
        Decimal256(precision, scale) if (1..=76).contains(precision) && scale.unsigned_abs() <= 76 => Ok(()),
        FixedSizeBinary(1..) => Ok(()),
        List(item) | LargeList(item) | FixedSizeList(item, 1..) => check_type(item.data_type(), nesting + 1),
        Struct(fields) if !fields.is_empty() => fields
            .iter()
            .try_for_each(|field| check_type(field.data_type(), nesting + 1)),
        Map(entries, _) => match entries.data_type() {
            Struct(pair) if pair.len() == 2 && !entries.is_nullable() && !pair[0].is_nullable() => {
                check_type(entries.data_type(), nesting + 1)
            }
            _ => Err("a map without entries of a key and a value".into()),
        },
        other => Err(format!("the type {other}, which artifacts do not hold")),
    }
}

/// Limits under which a flatbuffer is believed to be no larger, once expanded, than a few times its bytes.
fn verifier(bytes: &[u8]) -> VerifierOptions {
    VerifierOptions {
        max_depth: 4 * MAX_NESTING,
        max_apparent_size: bytes.len().saturating_mul(4).saturating_add(4096),
        ..VerifierOptions::default()
    }
}

fn schema(encoded: ipc::Schema<'_>) -> Result<Schema, String> {
    if encoded.endianness() != Endianness::Little {
        return Err("big-endian values".into());
    }
    let fields = encoded
        .fields()
        .filter(|fields| !fields.is_empty())
        .ok_or("no columns")?;
    fields.iter().try_for_each(check_encoded_field)?;
    let schema = fb_to_schema(encoded);
    for field in schema.fields() {
        check_type(field.data_type(), 1).map_err(|fault| format!("column {:?}: {fault}", field.name()))?;
    }
    Ok(schema)
}

/// Refuses what arrow's own conversion would panic on.
fn check_encoded_field(field: ipc::Field<'_>) -> Result<(), String> {
    let children: Vec<ipc::Field<'_>> = field.children().into_iter().flatten().collect();
    let one_child = children.len() == 1;
    let known = field.dictionary().is_none()
        && match field.type_type() {
            Type::Bool | Type::Binary | Type::LargeBinary | Type::Utf8 | Type::LargeUtf8 => true,
            Type::Int => field
                .type_as_int()
                .is_some_and(|int| matches!(int.bitWidth(), 8 | 16 | 32 | 64)),
            Type::FloatingPoint => field.type_as_floating_point().is_some_and(|float| {
                matches!(float.precision(), ipc::Precision::SINGLE | ipc::Precision::DOUBLE)
            }),
            Type::Date => field
                .type_as_date()
                .is_some_and(|date| matches!(date.unit(), ipc::DateUnit::DAY | ipc::DateUnit::MILLISECOND)),
            Type::Timestamp => field.type_as_timestamp().is_some_and(|time| {
                (ipc::TimeUnit::SECOND..=ipc::TimeUnit::NANOSECOND).contains(&time.unit())
            }),
            Type::Decimal => field.type_as_decimal().is_some_and(|decimal| {
                let fits = u8::try_from(decimal.precision()).is_ok() && i8::try_from(decimal.scale()).is_ok();
                fits && matches!(decimal.bitWidth(), 128 | 256)
            }),
            Type::FixedSizeBinary => field.type_as_fixed_size_binary().is_some(),
            Type::List | Type::LargeList => one_child,
            Type::FixedSizeList => one_child && field.type_as_fixed_size_list().is_some(),
            Type::Map => one_child && field.type_as_map().is_some(),
            Type::Struct_ => true,
            _ => false,
        };
    if !known {
        let name: String = field.name().unwrap_or_default().chars().take(80).collect();
        return Err(format!("field {name:?} of a type that artifacts do not hold"));
    }
    children.into_iter().try_for_each(check_encoded_field)
}

/// Where the batch lies, and how much of it is metadata; `None` unless all of it is before the footer.
fn batch_range(block: &ipc::Block, footer_start: usize) -> Option<(Range<usize>, usize)> {
    let start = usize::try_from(block.offset()).ok()?;
    let metadata = usize::try_from(block.metaDataLength()).ok()?;
    let body = usize::try_from(block.bodyLength()).ok()?;
    let end = start.checked_add(metadata)?.checked_add(body)?;
    let aligned = start.is_multiple_of(ALIGNMENT) && metadata.is_multiple_of(ALIGNMENT);
    (aligned && start >= HEAD && end <= footer_start).then_some((start..end, metadata))
}

fn check_batch(metadata: &[u8], block: &ipc::Block, schema: &Schema) -> Result<(), String> {
    let encoded = metadata
        .strip_prefix(&CONTINUATION)
        .and_then(|rest| rest.split_first_chunk());
    let (length, encoded) = encoded.ok_or("a batch without its header")?;
    if usize::try_from(i32::from_le_bytes(*length)) != Ok(encoded.len()) {
        return Err("a batch whose two lengths differ".into());
    }
    let message = ipc::root_as_message_with_opts(&verifier(encoded), encoded)
        .map_err(|e| format!("a damaged batch header: {e}"))?;
    if message.version() != MetadataVersion::V5 || message.header_type() != MessageHeader::RecordBatch {
        return Err("a block that is no record batch".into());
    }
    if message.bodyLength() != block.bodyLength() {
        return Err("a batch whose two body lengths differ".into());
    }
    let batch = message
        .header_as_record_batch()
        .ok_or("a block that is no record batch")?;
    if batch.compression().is_some()
        || batch
            .variadicBufferCounts()
            .is_some_and(|counts| !counts.is_empty())
    {
        return Err("compressed or view buffers".into());
    }
    let rows = u64::try_from(batch.length()).map_err(|_| "a negative number of rows")?;
    let mut walk = Walk {
        nodes: batch.nodes().into_iter().flatten(),
        buffers: batch.buffers().into_iter().flatten(),
        body: block.bodyLength().unsigned_abs(),
    };
    for field in schema.fields() {
        let name = field.name();
        let length = walk
            .array(field.data_type())
            .map_err(|fault| format!("column {name:?}: {fault}"))?;
        if length != rows {
            return Err(format!("column {name:?}: {length} rows in a batch of {rows}"));
        }
    }
    if walk.nodes.next().is_some() || walk.buffers.next().is_some() {
        return Err("more arrays than columns".into());
    }
    Ok(())
}

/// Follows the schema through the batch's flat lists of nodes and buffers, as the decoder will.
struct Walk<N, B> {
    nodes: N,
    buffers: B,
    /// Length of the batch's body.
    body: u64,
}

impl<'a, N, B> Walk<N, B>
where
    N: Iterator<Item = &'a ipc::FieldNode>,
    B: Iterator<Item = &'a ipc::Buffer>,
{
    /// Checks one array and those inside it; gives its length.
    fn array(&mut self, data_type: &DataType) -> Result<u64, String> {
        use DataType::*;
        let node = self.nodes.next().ok_or("no node")?;
        let length = u64::try_from(node.length()).map_err(|_| "a negative length")?;
        let nulls = u64::try_from(node.null_count()).map_err(|_| "a negative null count")?;
        if nulls > length {
            return Err("more nulls than values".into());
        }
        let bitmap = length.div_ceil(8);
        self.buffer(if nulls > 0 { bitmap } else { 0 })?;
        match data_type {
            Boolean => drop(self.buffer(bitmap)?),
            Utf8 | Binary => {
                self.offsets(length, 4)?;
                self.buffer(0)?;
            }
            LargeUtf8 | LargeBinary => {
                self.offsets(length, 8)?;
                self.buffer(0)?;
            }
            List(item) | Map(item, _) => {
                self.offsets(length, 4)?;
                self.array(item.data_type())?;
            }
            LargeList(item) => {
                self.offsets(length, 8)?;
                self.array(item.data_type())?;
            }
            FixedSizeList(item, size) => {
                let items = self.array(item.data_type())?;
                if length.checked_mul(u64::from(size.unsigned_abs())) != Some(items) {
                    return Err("lists of another size than their type says".into());
                }
            }
            Struct(fields) => {
                for field in fields {
                    if self.array(field.data_type())? != length {
                        return Err("a field of another length than its struct".into());
                    }
                }
            }
            FixedSizeBinary(width) => drop(self.values(length, u64::from(width.unsigned_abs()))?),
            fixed => drop(self.values(length, fixed.primitive_width().ok_or("an unknown type")? as u64)?),
        }
        Ok(length)
    }

    /// One more offset than values; an array without values may leave them out.
    fn offsets(&mut self, length: u64, width: u64) -> Result<(), String> {
        let found = self.values(if length == 0 { 0 } else { length.saturating_add(1) }, width)?;
        if !found.is_multiple_of(width) {
            return Err("part of an offset".into());
        }
        Ok(())
    }

    fn values(&mut self, length: u64, width: u64) -> Result<u64, String> {
        self.buffer(length.saturating_mul(width))
    }

    /// Takes the next buffer, which must hold `needed` bytes, lie in the body, and be aligned; gives its length.
    fn buffer(&mut self, needed: u64) -> Result<u64, String> {
        let buffer = self.buffers.next().ok_or("no buffer")?;
        let start = u64::try_from(buffer.offset()).map_err(|_| "a negative offset")?;
        let length = u64::try_from(buffer.length()).map_err(|_| "a negative length")?;
        if start.checked_add(length).is_none_or(|end| end > self.body) {
            return Err("a buffer outside the batch".into());
        }
        if !start.is_multiple_of(ALIGNMENT as u64) {
            return Err("a misaligned buffer".into());
        }
        if length < needed {
            return Err(format!("a buffer of {length} bytes where {needed} are needed"));
        }
        Ok(length)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::builder::{FixedSizeListBuilder, Int32Builder};
    use arrow_array::{ArrayRef, RecordBatch, StructArray};
    use arrow_schema::Field;
    use flatbuffers::FlatBufferBuilder;

    use super::super::table_bytes;
    use super::super::testing::terms;
    use super::*;

    /// `file` with `to` in place of the one `from`, as the 64-bit integers that nodes and buffers consist of.
    fn patched(file: &[u8], from: [i64; 2], to: [i64; 2]) -> Vec<u8> {
        let bytes = |pair: [i64; 2]| pair.map(i64::to_le_bytes).concat();
        let found: Vec<usize> = (0..file.len())
            .filter(|&at| file[at..].starts_with(&bytes(from)))
            .collect();
        assert_eq!(found.len(), 1, "{from:?} at {found:?}");
        let mut file = file.to_vec();
        file[found[0]..found[0] + 16].copy_from_slice(&bytes(to));
        file
    }

    fn fault(file: &[u8]) -> String {
        check(file).map(|_| ()).unwrap_err()
    }

    fn file_of(name: &str, column: ArrayRef) -> Vec<u8> {
        table_bytes(&RecordBatch::try_from_iter([(name, column)]).unwrap()).unwrap()
    }

    /// A list column of lengths 2 and 2 and a struct column, with nodes that no other bytes look like.
    fn pairs() -> ArrayRef {
        let mut pairs = FixedSizeListBuilder::new(Int32Builder::new(), 2);
        for value in 0..77 {
            pairs.values().append_slice(&[value, -value]);
            pairs.append(true);
        }
        Arc::new(pairs.finish())
    }

    #[test]
    fn nodes_and_buffers_that_contradict_each_other_are_refused() {
        // Of `terms`: the column `df` has 4 rows and 1 null; its values are 32 bytes at 192 in the body.
        let file = table_bytes(&terms()).unwrap();
        let checked = check(&file).unwrap();
        let body = checked.block.bodyLength();
        assert!(fault(&patched(&file, [4, 1], [4, 5])).contains("more nulls"));
        assert!(fault(&patched(&file, [4, 1], [4, -1])).contains("negative null count"));
        assert!(fault(&patched(&file, [4, 1], [-4, 1])).contains("negative length"));
        assert!(fault(&patched(&file, [4, 1], [3, 1])).contains("3 rows in a batch of 4"));
        assert!(fault(&patched(&file, [4, 1], [i64::MAX, 1])).contains("are needed"));
        assert!(fault(&patched(&file, [192, 32], [8, 32])).contains("misaligned"));
        assert!(fault(&patched(&file, [192, 32], [192, 31])).contains("are needed"));
        assert!(fault(&patched(&file, [192, 32], [192, body])).contains("outside the batch"));
        assert!(fault(&patched(&file, [192, 32], [i64::MAX - 63, 64])).contains("outside the batch"));
        assert!(fault(&patched(&file, [192, 32], [-64, 32])).contains("negative offset"));
    }

    #[test]
    fn nested_arrays_of_another_length_are_refused() {
        let list = file_of("list", pairs());
        assert!(fault(&patched(&list, [77, 0], [76, 0])).contains("another size"));
        assert!(fault(&patched(&list, [154, 0], [153, 0])).contains("another size"));
        let one_null: Vec<bool> = (0..77).map(|row| row != 5).collect();
        let fields = vec![Arc::new(Field::new("pairs", pairs().data_type().clone(), false))];
        let nested: ArrayRef = Arc::new(StructArray::new(
            fields.into(),
            vec![pairs()],
            Some(one_null.into()),
        ));
        assert!(fault(&patched(&file_of("s", nested), [77, 1], [76, 1])).contains("than its struct"));
    }

    #[test]
    fn blocks_that_contradict_their_batch_are_refused() {
        let file = table_bytes(&terms()).unwrap();
        let Checked { block, range, .. } = check(&file).unwrap();
        let metadata_length = usize::try_from(block.metaDataLength()).unwrap();
        let metadata = &file[range.start..range.start + metadata_length];
        let longer = ipc::Block::new(block.offset(), block.metaDataLength(), block.bodyLength() + 64);
        let schema = terms().schema();
        assert_eq!(check_batch(metadata, &block, &schema), Ok(()));
        assert!(
            check_batch(metadata, &longer, &schema)
                .unwrap_err()
                .contains("two body lengths")
        );
        let fewer = schema.project(&[0]).unwrap();
        assert!(
            check_batch(metadata, &block, &fewer)
                .unwrap_err()
                .contains("more arrays")
        );
        assert!(
            check_batch(&metadata[..metadata_length - 8], &block, &schema)
                .unwrap_err()
                .contains("two lengths")
        );

        let (start, end) = (range.start as i64, range.end);
        assert!(batch_range(&block, end).is_some());
        assert!(batch_range(&block, end - 1).is_none());
        for (offset, metadata, body) in [
            (0, 64, 64),
            (start, -64, 64),
            (start, 64, -1),
            (i64::MAX - 63, 64, 64),
        ] {
            assert!(batch_range(&ipc::Block::new(offset, metadata, body), end).is_none());
        }
        for (offset, metadata) in [(72, 64), (64, 72)] {
            assert!(batch_range(&ipc::Block::new(offset, metadata, 64), end).is_none());
        }
    }

    /// The metadata of a batch of no rows, as arrow frames it.
    fn encoded_batch(compressed: bool, view_buffers: &[i64]) -> Vec<u8> {
        let mut builder = FlatBufferBuilder::new();
        let compression = compressed.then(|| ipc::BodyCompressionBuilder::new(&mut builder).finish());
        let counts = builder.create_vector(view_buffers);
        let mut batch = ipc::RecordBatchBuilder::new(&mut builder);
        batch.add_variadicBufferCounts(counts);
        if let Some(compression) = compression {
            batch.add_compression(compression);
        }
        let batch = batch.finish().as_union_value();
        let mut message = ipc::MessageBuilder::new(&mut builder);
        message.add_version(MetadataVersion::V5);
        message.add_header_type(MessageHeader::RecordBatch);
        message.add_header(batch);
        let root = message.finish();
        builder.finish(root, None);
        let bytes = builder.finished_data();
        [
            &CONTINUATION,
            &i32::try_from(bytes.len()).unwrap().to_le_bytes(),
            bytes,
        ]
        .concat()
    }

    #[test]
    fn compressed_and_view_buffers_are_refused() {
        let block = ipc::Block::new(64, 64, 0);
        let check = |metadata: &[u8]| check_batch(metadata, &block, &Schema::empty());
        assert_eq!(check(&encoded_batch(false, &[])), Ok(()));
        assert!(
            check(&encoded_batch(true, &[]))
                .unwrap_err()
                .contains("compressed")
        );
        assert!(
            check(&encoded_batch(false, &[1]))
                .unwrap_err()
                .contains("view buffers")
        );
    }

    #[test]
    fn big_endian_and_empty_schemas_are_refused() {
        for (endianness, word) in [
            (Endianness::Big, "big-endian"),
            (Endianness::Little, "no columns"),
        ] {
            let mut builder = FlatBufferBuilder::new();
            let mut encoded = ipc::SchemaBuilder::new(&mut builder);
            encoded.add_endianness(endianness);
            let root = encoded.finish();
            builder.finish(root, None);
            let fault = schema(ipc::root_as_schema(builder.finished_data()).unwrap()).unwrap_err();
            assert!(fault.contains(word), "{fault}");
        }
    }

    #[test]
    fn types_without_bytes_for_their_rows_or_with_too_much_depth_are_refused() {
        let field = |data_type| Arc::new(Field::new("a", data_type, true));
        let list = |depth: usize| (1..depth).fold(DataType::Int32, |inner, _| DataType::List(field(inner)));
        assert_eq!(check_type(&list(MAX_NESTING), 1), Ok(()));
        assert!(
            check_type(&list(MAX_NESTING + 1), 1)
                .unwrap_err()
                .contains("deep")
        );
        let int = || field(DataType::Int32);
        let bad = [
            DataType::Null,
            DataType::Struct(Vec::<Field>::new().into()),
            DataType::FixedSizeBinary(0),
            DataType::FixedSizeBinary(-1),
            DataType::FixedSizeList(int(), 0),
            DataType::FixedSizeList(int(), -1),
            DataType::Decimal128(39, 2),
            DataType::Decimal128(0, 0),
            DataType::Map(int(), false),
            DataType::RunEndEncoded(int(), int()),
            DataType::List(field(DataType::Null)),
        ];
        for data_type in bad {
            assert!(check_type(&data_type, 1).is_err(), "{data_type}");
        }
    }
}
