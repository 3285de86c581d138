//! Golden rows: synthetic inputs with the output bits they had when the artifact was written.

use std::sync::Arc;

use arrow_array::builder::{BinaryBuilder, ListBuilder, MapBuilder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int32Array,
    Int64Array, RecordBatch, TimestampMicrosecondArray,
};
use arrow_schema::{Field, Schema};

use crate::block::FeatureBlock;
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Folds, Frame};
use crate::hash::xxh3_64;
use crate::pipeline::Pipeline;
use crate::scratch::Scratch;
use crate::spec::Input;
use crate::types::{DataType, Side};

/// The artifact's entry with the golden rows.
pub(crate) const ENTRY: &str = "golden.arrow";
/// The column with the expected output bits, as the fingerprint sees them.
const EXPECTED: &str = "expected";
const ROWS: usize = 32;
const GROUP: usize = 4;

const WORDS: [&str; 24] = [
    "usb",
    "cable",
    "2m",
    "black",
    "Wireless",
    "mouse",
    "the",
    "running",
    "shoes",
    "Straße",
    "naïve",
    "3.5mm",
    "don't",
    "x",
    "日本語",
    "🙂",
    "e\u{301}",
    "ﬁne",
    "1,000",
    "a_b",
    "\u{0}",
    "ΣΑΣ",
    "LAPTOPS",
    "of",
];

/// A stream of numbers that depends on `seed` and position alone.
struct Draw {
    seed: u64,
    at: u64,
}

impl Draw {
    fn next(&mut self) -> u64 {
        self.at += 1;
        xxh3_64(&self.at.to_le_bytes(), self.seed)
    }

    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    fn text(&mut self, vocabulary: &[String]) -> String {
        let words = self.below(7);
        let word = |draw: &mut Draw| {
            if !vocabulary.is_empty() && draw.below(2) == 0 {
                vocabulary[draw.below(vocabulary.len())].clone()
            } else {
                WORDS[draw.below(WORDS.len())].to_owned()
            }
        };
        (0..words).map(|_| word(self)).collect::<Vec<_>>().join(" ")
    }

    fn integer(&mut self) -> i64 {
        match self.below(5) {
            0 => 0,
            1 => -(self.below(1000) as i64),
            2 => self.below(100) as i64,
            _ => self.below(1_000_000) as i64,
        }
    }

    fn float(&mut self) -> f64 {
        match self.below(6) {
            0 => f64::NAN,
            1 => -1.5,
            _ => self.integer() as f64 / 8.0,
        }
    }
}

/// Group offsets of golden rows: groups of four.
fn groups(rows: usize) -> Vec<u32> {
    (0..rows)
        .step_by(GROUP)
        .chain([rows])
        .map(|at| at as u32)
        .collect()
}

/// Inputs and expected output bits, drawn from the spec and its learnt words.
pub(crate) fn table(pipeline: &Pipeline) -> Result<RecordBatch> {
    let vocabulary = learnt_words(pipeline);
    let mut fields = Vec::new();
    let mut arrays: Vec<ArrayRef> = Vec::new();
    for input in pipeline.inputs(Folds::Full) {
        let array = column(input, &vocabulary);
        fields.push(Field::new(&input.name, array.data_type().clone(), true));
        arrays.push(array);
    }
    let options = arrow_array::RecordBatchOptions::new().with_row_count(Some(ROWS));
    let malformed =
        |e: arrow_schema::ArrowError| Error::internal(format!("golden rows are malformed: {e}"), None);
    let inputs =
        RecordBatch::try_new_with_options(Arc::new(Schema::new(fields.clone())), arrays.clone(), &options)
            .map_err(malformed)?;
    let block = transform(pipeline, &inputs)?;
    let mut expected = BinaryBuilder::new();
    let mut bytes = Vec::new();
    for row in 0..block.rows() {
        block.row_bytes(row, &mut bytes);
        expected.append_value(&bytes);
    }
    fields.push(Field::new(EXPECTED, arrow_schema::DataType::Binary, false));
    arrays.push(Arc::new(expected.finish()));
    RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays).map_err(malformed)
}

/// Recomputes golden rows; returns how many agree, which is all of them.
pub(crate) fn verify(pipeline: &Pipeline, golden: &RecordBatch) -> Result<usize> {
    let corrupt = |message: String| Error::new(ErrorKind::CorruptArtifact, message).at(ENTRY);
    let expected = golden
        .column_by_name(EXPECTED)
        .and_then(|array| array.as_binary_opt::<i32>())
        .ok_or_else(|| corrupt("there is no column of expected bits".into()))?;
    let block = transform(pipeline, golden).map_err(|e| e.at(ENTRY))?;
    let mut bytes = Vec::new();
    for row in 0..block.rows() {
        block.row_bytes(row, &mut bytes);
        if expected.value(row) != bytes {
            return Err(
                corrupt(format!("row {row} does not give the bits it was written with"))
                    .hint("the file was changed, or this build computes other values: report it"),
            );
        }
    }
    Ok(block.rows())
}

fn transform(pipeline: &Pipeline, inputs: &RecordBatch) -> Result<FeatureBlock> {
    let groups = groups(inputs.num_rows());
    let frame = Frame::from_record_batch(inputs, pipeline.inputs(Folds::Full), Some(&groups), Folds::Full)?;
    let mut block = FeatureBlock::default();
    pipeline.transform(&frame, &mut block, &mut Scratch::default())?;
    Ok(block)
}

/// Longer words are left out: a token may be as long as its document, and many golden rows would repeat it.
const LONGEST_WORD: usize = 64;

/// A few of the words that the pipeline has learnt, so that golden rows meet its state.
fn learnt_words(pipeline: &Pipeline) -> Vec<String> {
    let mut words = Vec::new();
    for (_, tables) in pipeline.state() {
        for (_, batch) in tables.iter() {
            let Some(terms) = batch
                .column_by_name("term")
                .and_then(|array| array.as_binary_opt::<i64>())
            else {
                continue;
            };
            let step = (terms.len() / 16).max(1);
            let picked = (0..terms.len())
                .step_by(step)
                .map(|i| terms.value(i))
                .filter(|term| term.len() <= LONGEST_WORD)
                .filter_map(|term| std::str::from_utf8(term).ok());
            words.extend(picked.map(str::to_owned));
        }
    }
    words
}

fn column(input: &Input, vocabulary: &[String]) -> ArrayRef {
    let mut draw = Draw {
        seed: xxh3_64(input.name.as_bytes(), 0),
        at: 0,
    };
    // A query-side column repeats its value through the group.
    let mut rows: Vec<Option<u64>> = Vec::with_capacity(ROWS);
    for row in 0..ROWS {
        let repeats = input.side == Side::Query && row % GROUP != 0;
        let value = if repeats {
            rows[row - 1]
        } else {
            Some(draw.next()).filter(|value| value % 8 != 0)
        };
        rows.push(value);
    }
    let mut drawn = rows.into_iter().map(|seed| seed.map(|seed| Draw { seed, at: 0 }));
    values(&input.data_type, &mut drawn, vocabulary)
}

fn values(
    data_type: &DataType,
    rows: &mut dyn Iterator<Item = Option<Draw>>,
    vocabulary: &[String],
) -> ArrayRef {
    match data_type {
        DataType::Bool => Arc::new(
            rows.map(|d| d.map(|mut d| d.below(2) == 1))
                .collect::<BooleanArray>(),
        ),
        DataType::Int32 => Arc::new(
            rows.map(|d| d.map(|mut d| d.integer() as i32))
                .collect::<Int32Array>(),
        ),
        DataType::Int64 => Arc::new(rows.map(|d| d.map(|mut d| d.integer())).collect::<Int64Array>()),
        DataType::Float32 => Arc::new(
            rows.map(|d| d.map(|mut d| d.float() as f32))
                .collect::<Float32Array>(),
        ),
        DataType::Float64 => Arc::new(rows.map(|d| d.map(|mut d| d.float())).collect::<Float64Array>()),
        DataType::Decimal => Arc::new(
            rows.map(|d| d.map(|mut d| i128::from(d.integer())))
                .collect::<Decimal128Array>(),
        ),
        DataType::String => {
            let mut builder = StringBuilder::new();
            rows.for_each(|d| builder.append_option(d.map(|mut d| d.text(vocabulary))));
            Arc::new(builder.finish())
        }
        DataType::Binary => {
            let mut builder = BinaryBuilder::new();
            rows.for_each(|d| builder.append_option(d.map(|mut d| d.next().to_le_bytes())));
            Arc::new(builder.finish())
        }
        DataType::Date => Arc::new(
            rows.map(|d| d.map(|mut d| d.below(30_000) as i32))
                .collect::<Date32Array>(),
        ),
        DataType::Timestamp => {
            let micros = |mut d: Draw| d.below(60_000) as i64 * 86_400_000_000 + d.integer() * 1_001;
            Arc::new(
                rows.map(|d| d.map(micros))
                    .collect::<TimestampMicrosecondArray>()
                    .with_timezone("UTC"),
            )
        }
        DataType::List(item) => {
            if **item == DataType::String {
                let mut builder = ListBuilder::new(StringBuilder::new());
                rows.for_each(|d| {
                    let given = d.is_some();
                    if let Some(mut d) = d {
                        (0..d.below(4)).for_each(|_| builder.values().append_value(d.text(vocabulary)));
                    }
                    builder.append(given);
                });
                Arc::new(builder.finish())
            } else {
                let (mut lengths, mut given, mut seeds) = (Vec::new(), Vec::new(), Vec::new());
                rows.for_each(|d| {
                    given.push(d.is_some());
                    let before = seeds.len();
                    if let Some(mut d) = d {
                        (0..d.below(4)).for_each(|_| seeds.push(d.next()));
                    }
                    lengths.push(seeds.len() - before);
                });
                let mut drawn = seeds
                    .into_iter()
                    .map(|seed| Some(Draw { seed, at: 0 }).filter(|_| seed % 8 != 0));
                let child = values(item, &mut drawn, vocabulary);
                let field = Arc::new(Field::new_list_field(child.data_type().clone(), true));
                let offsets = arrow_buffer::OffsetBuffer::<i32>::from_lengths(lengths);
                let given = arrow_buffer::NullBuffer::from(given);
                Arc::new(arrow_array::ListArray::new(field, offsets, child, Some(given)))
            }
        }
        DataType::Map(item) => map_values(item, rows, vocabulary),
    }
}

fn map_values(
    item: &DataType,
    rows: &mut dyn Iterator<Item = Option<Draw>>,
    vocabulary: &[String],
) -> ArrayRef {
    let mut seeds = Vec::new();
    let mut builder = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    rows.for_each(|d| {
        let given = d.is_some();
        if let Some(mut d) = d {
            for _ in 0..d.below(5) {
                let key = if vocabulary.is_empty() || d.below(2) == 0 {
                    WORDS[d.below(WORDS.len())].to_owned()
                } else {
                    vocabulary[d.below(vocabulary.len())].clone()
                };
                builder.keys().append_value(key);
                builder.values().append_value("");
                seeds.push(d.next());
            }
        }
        let _ = builder.append(given);
    });
    let shape = builder.finish();
    let mut drawn = seeds
        .into_iter()
        .map(|seed| Some(Draw { seed, at: 0 }).filter(|_| seed % 8 != 0));
    let child = values(item, &mut drawn, vocabulary);
    let entries = vec![
        Field::new("keys", arrow_schema::DataType::Utf8, false),
        Field::new("values", child.data_type().clone(), true),
    ];
    let pairs = arrow_array::StructArray::new(entries.into(), vec![shape.keys().clone(), child], None);
    let field = Arc::new(Field::new("entries", pairs.data_type().clone(), false));
    Arc::new(arrow_array::MapArray::new(
        field,
        shape.offsets().clone(),
        pairs,
        shape.nulls().cloned(),
        false,
    ))
}
