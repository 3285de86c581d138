//! `embedding`: categories or tokens to vectors of a lookup table.

use std::borrow::Cow;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, LargeBinaryArray, RecordBatch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Arg, Args, CategoryBuffer};
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::frame::{Column, column_from_arrow};
use crate::slot::{Slot, VectorRows};
use crate::text::{TermsRow, repair};
use crate::types::{DataType, ValueType};
use crate::vocabulary::{self, Vocabulary};

/// How the vectors of a row's tokens become one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Pooling {
    /// Their mean: the sum in the order of the tokens, divided by their number.
    #[default]
    Mean,
    /// Their sum, in the order of the tokens.
    Sum,
    /// The largest of each number.
    Max,
    /// The first of them.
    First,
}

/// What a category or token that the table does not have is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Unknown {
    /// Missing: it is left out of the pooling, and a row with no known one is missing.
    #[default]
    Missing,
    /// A vector of zeros, which takes part in the pooling; so is a row without tokens.
    Zeros,
}

/// The vector that a lookup table has for a category, or a pool of those that it has for the tokens of a row.
///
/// The table is given by name when fitting, as `tables={"glove": ...}`, `--table glove=FILE` or the nightly job's
/// `tables:`. Its column `key` holds distinct strings, its column `vector` lists of `dimensions` numbers, which are kept
/// as f32. It becomes part of the artifact.
///
/// **Missing.** A missing category or list gives a missing list. An unknown key, and tokens none of which is known, give
/// what `unknown` says.
///
/// **Example.** `embedding([["a", "b", "x"], ["x"]], table="t", dimensions=2, tables={"t": {"key": ["a", "b"], "vector": [[1.0, 2.0], [3.0, 0.0]]}})` gives `[[2.0, 1.0], None]`.
///
/// **Oracle.** NumPy over a Python dictionary, exactly.
///
/// **Source.** `torch.nn.EmbeddingBag` for the poolings.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Params {
    /// The name of the lookup table.
    table: String,
    /// The length of its vectors, 1 to 65536.
    dimensions: u32,
    /// How the vectors of a row's tokens become one: `mean`, `sum`, `max` or `first`. A category has one vector.
    #[serde(default)]
    pooling: Pooling,
    /// What a category or token is that the table does not have: `missing` or `zeros`.
    #[serde(default)]
    unknown: Unknown,
}

/// The state table of all vectors, one after the other.
const VECTORS: &str = "vectors";

pub(super) struct Embedding {
    params: Params,
    vocabulary: Vocabulary,
    values: Float32Array,
}

impl Transform for Embedding {
    const NAME: &'static str = "embedding";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let fits: fn(&ValueType) -> bool = |input| input.is_category_list() || input.is_category();
        let mut problems = checks::inputs(inputs, &[("terms or a category", fits)]);
        problems.extend(checks::range(
            (1..=65_536).contains(&params.dimensions),
            "dimensions",
            params.dimensions,
            "give 1 to 65536 dimensions",
        ));
        if !is_name(&params.table) {
            let problem = Problem::new(
                ErrorKind::InvalidSpec,
                format!("`{}` is not a name", params.table),
            );
            problems.push(
                problem
                    .at("table")
                    .hint("names are of a-z, 0-9 and _, and start with a letter"),
            );
        }
        let terms = inputs.first().is_some_and(ValueType::is_category_list);
        let read = if terms { Read::Terms } else { Read::Category };
        let output = ValueType::Vector(Some(params.dimensions));
        checks::done(problems, Signature::stateless(vec![read], output))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn table(params: &Params) -> Option<&str> {
        Some(&params.table)
    }

    fn take_table(params: &Params, batches: &[RecordBatch]) -> Result<Tables> {
        let dimensions = params.dimensions as usize;
        let mut columns = Vec::with_capacity(batches.len());
        for batch in batches {
            let keys = column(batch, "key", &DataType::String)?;
            let vectors = column(batch, "vector", &DataType::List(Box::new(DataType::Float64)))?;
            columns.push((keys, vectors, batch.num_rows()));
        }
        let mut entries = Vec::new();
        let mut first = 0;
        for (batch, (keys, vectors, rows)) in columns.iter().enumerate() {
            for row in 0..*rows {
                let key = keys
                    .bytes(row)
                    .ok_or_else(|| invalid("the key is missing", "key", first + row))?;
                check_vector(vectors, row, dimensions)
                    .map_err(|e| e.at(format!("vector[{}]", first + row)))?;
                entries.push((repaired(key), batch, row));
            }
            first += rows;
        }
        entries.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        if let Some(pair) = entries.windows(2).find(|pair| pair[0].0 == pair[1].0) {
            let message = format!("the key `{}` occurs twice", String::from_utf8_lossy(&pair[0].0));
            return Err(Error::new(ErrorKind::InvalidValue, message)
                .at("key")
                .hint("keep one row a key"));
        }
        if entries.is_empty() {
            return Err(
                Error::new(ErrorKind::InvalidValue, "the table has no rows").hint("give a row for each key")
            );
        }
        let terms: LargeBinaryArray = entries.iter().map(|(key, _, _)| Some(key)).collect();
        let mut values: Vec<f32> = Vec::with_capacity(entries.len() * dimensions);
        for (_, batch, row) in &entries {
            if let Column::List(offsets, items, _) = &columns[*batch].1 {
                values.extend(offsets.range(*row).map(|at| items.number(at) as f32));
            }
        }
        let mut tables = Tables::default();
        vocabulary::insert_lookup(&mut tables, &terms)?;
        let terms: ArrayRef = Arc::new(terms);
        tables.insert(vocabulary::TERMS, vec![("term", terms)])?;
        let values: ArrayRef = Arc::new(Float32Array::from(values));
        tables.insert(VECTORS, vec![("value", values)])?;
        Ok(tables)
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let vocabulary = Vocabulary::open(tables)?;
        let values = tables.f32s(VECTORS, "value")?.clone();
        if vocabulary.len().checked_mul(params.dimensions as usize) != Some(values.len()) {
            return Err(Error::new(
                ErrorKind::CorruptArtifact,
                "the numbers of the vectors are not `dimensions` a key",
            )
            .hint("fit the spec again"));
        }
        Ok(Self {
            params,
            vocabulary,
            values,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let out = out.vectors()?;
        if let Arg::Terms(terms) = args.arg(0) {
            for i in 0..args.len() {
                match terms.get(i) {
                    Some(row) => self.pool(row, out),
                    None => out.missing_row(),
                }
            }
            return Ok(());
        }
        let categories = args.category(0)?;
        let mut buffer = CategoryBuffer::default();
        for i in 0..args.len() {
            match categories.get(i, &mut buffer) {
                None => out.missing_row(),
                Some(category) => match self.find(category) {
                    Some(vector) => {
                        out.extend(vector.iter().copied().map(f64::from));
                        out.end_row();
                    }
                    None => self.unknown_row(out),
                },
            }
        }
        Ok(())
    }
}

impl Embedding {
    #[inline]
    fn find(&self, key: &[u8]) -> Option<&[f32]> {
        let dimensions = self.params.dimensions as usize;
        let start = self.vocabulary.find(key)? * dimensions;
        self.values.values().get(start..start + dimensions)
    }

    fn unknown_row(&self, out: &mut VectorRows) {
        match self.params.unknown {
            Unknown::Missing => out.missing_row(),
            Unknown::Zeros => {
                out.zeros(self.params.dimensions as usize);
                out.end_row();
            }
        }
    }

    /// Appends the pool of a row's tokens.
    fn pool(&self, row: TermsRow<'_>, out: &mut VectorRows) {
        let zeros = self.params.unknown == Unknown::Zeros;
        let pool = out.zeros(self.params.dimensions as usize);
        let mut pooled = 0usize;
        for token in row.iter() {
            let vector = match self.find(token) {
                Some(vector) => vector,
                None if zeros => &[],
                None => continue,
            };
            pooled += 1;
            // A vector of zeros has no numbers here: only the maximum sees them.
            match self.params.pooling {
                Pooling::Max if pooled > 1 && vector.is_empty() => {
                    pool.iter_mut().for_each(|most| *most = most.max(0.0));
                }
                Pooling::Max if pooled > 1 => {
                    for (most, number) in pool.iter_mut().zip(vector) {
                        *most = most.max(f64::from(*number));
                    }
                }
                _ => {
                    for (sum, number) in pool.iter_mut().zip(vector) {
                        *sum += f64::from(*number);
                    }
                }
            }
            if self.params.pooling == Pooling::First {
                break;
            }
        }
        if pooled == 0 && !zeros {
            return out.missing_row();
        }
        if self.params.pooling == Pooling::Mean && pooled > 0 {
            let count = pooled as f64;
            pool.iter_mut().for_each(|sum| *sum /= count);
        }
        out.end_row();
    }
}

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    text.as_bytes().first().is_some_and(u8::is_ascii_lowercase) && text.bytes().all(allowed)
}

/// A column of the lookup table.
fn column<'a>(batch: &'a RecordBatch, name: &str, wanted: &DataType) -> Result<Column<'a>> {
    let hint = "give the columns `key`, of strings, and `vector`, of lists of float32 or float64";
    let array = batch.column_by_name(name).ok_or_else(|| {
        Error::new(ErrorKind::MissingInput, "the table has no such column")
            .at(name)
            .hint(hint)
    })?;
    column_from_arrow(array.as_ref(), wanted).map_err(|e| e.at(name).hint(hint))
}

/// Refuses what is not a list of `dimensions` numbers that f32 can hold.
fn check_vector(vectors: &Column<'_>, row: usize, dimensions: usize) -> Result<()> {
    let invalid = |message: String, hint: &str| Error::new(ErrorKind::InvalidValue, message).hint(hint);
    let (Column::List(offsets, items, _), false) = (vectors, vectors.is_null(row)) else {
        return Err(invalid(
            "the vector is missing".into(),
            "give a vector for every key",
        ));
    };
    let range = offsets.range(row);
    if range.len() != dimensions {
        let message = format!(
            "it has {} numbers; the step has {dimensions} dimensions",
            range.len()
        );
        return Err(invalid(
            message,
            "give vectors of one length, and `dimensions` of that length",
        ));
    }
    match range.clone().find(|at| !(items.number(*at) as f32).is_finite()) {
        Some(at) => Err(invalid(
            "the number is missing, infinite or past the range of f32".into(),
            "mend the vector or leave its key out",
        )
        .at(format!("[{}]", at - range.start))),
        None => Ok(()),
    }
}

fn invalid(message: &str, column: &str, row: usize) -> Error {
    Error::new(ErrorKind::InvalidValue, message).at(format!("{column}[{row}]"))
}

fn repaired(key: &[u8]) -> Cow<'_, [u8]> {
    let mut buffer = String::new();
    let text = repair(key, &mut buffer);
    if text.as_bytes() == key {
        Cow::Borrowed(key)
    } else {
        Cow::Owned(text.as_bytes().to_vec())
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::builder::{Float64Builder, ListBuilder};
    use arrow_array::types::Float32Type;
    use arrow_array::{BinaryArray, FixedSizeListArray, StringArray, StringViewArray};

    use super::*;

    fn params(dimensions: u32) -> Params {
        Params {
            table: "t".into(),
            dimensions,
            pooling: Pooling::Mean,
            unknown: Unknown::Missing,
        }
    }

    fn lists(rows: &[Option<&[Option<f64>]>]) -> ArrayRef {
        let mut builder = ListBuilder::new(Float64Builder::new());
        for row in rows {
            match row {
                Some(items) => builder.append_value(items.iter().copied()),
                None => builder.append_null(),
            }
        }
        Arc::new(builder.finish())
    }

    fn batch(keys: ArrayRef, vectors: ArrayRef) -> RecordBatch {
        RecordBatch::try_from_iter([("key", keys), ("vector", vectors)]).unwrap()
    }

    /// The place and kind of the error, and that it has a hint where it needs one.
    fn refused(batch: RecordBatch) -> (ErrorKind, String) {
        let first: ArrayRef = Arc::new(StringArray::from(vec!["first"]));
        let before = self::batch(first, lists(&[Some(&[Some(0.0), Some(0.0)])]));
        let error = Embedding::take_table(&params(2), &[before, batch]).unwrap_err();
        (error.kind(), error.problems()[0].place.clone())
    }

    #[test]
    fn the_order_and_the_types_of_the_table_do_not_show() {
        let keys: ArrayRef = Arc::new(StringArray::from(vec!["b", "a\u{fffd}", ""]));
        let vectors = lists(&[
            Some(&[Some(0.1), Some(2.0)]),
            Some(&[Some(3.0), Some(4.0)]),
            Some(&[Some(5.0), Some(6.0)]),
        ]);
        let one = Embedding::take_table(&params(2), &[batch(keys, vectors)]).unwrap();
        let bytes: ArrayRef = Arc::new(BinaryArray::from(vec![&b""[..], b"a\xff"]));
        let fixed = |rows: Vec<[f32; 2]>| -> ArrayRef {
            let rows = rows.into_iter().map(|row| Some(row.map(Some)));
            Arc::new(FixedSizeListArray::from_iter_primitive::<Float32Type, _, _>(
                rows, 2,
            ))
        };
        let view: ArrayRef = Arc::new(StringViewArray::from(vec!["b"]));
        let other = [
            batch(bytes, fixed(vec![[5.0, 6.0], [3.0, 4.0]])),
            batch(view, fixed(vec![[0.1, 2.0]])),
        ];
        let two = Embedding::take_table(&params(2), &other).unwrap();
        for ((name, a), (_, b)) in one.iter().zip(two.iter()) {
            assert_eq!(a, b, "{name}");
        }
        let embedding = Embedding::build(params(2), &two).unwrap();
        assert_eq!(embedding.find(b""), Some(&[5.0, 6.0][..]));
        assert_eq!(embedding.find("a\u{fffd}".as_bytes()), Some(&[3.0, 4.0][..]));
        assert_eq!(embedding.find(b"b"), Some(&[0.1, 2.0][..]));
        assert_eq!(embedding.find(b"c"), None);
    }

    #[test]
    fn keys_and_vectors_that_cannot_be_are_refused_with_their_place() {
        let keys = |keys: Vec<Option<&str>>| -> ArrayRef { Arc::new(StringArray::from(keys)) };
        let good = lists(&[Some(&[Some(1.0), Some(2.0)])]);
        let invalid = |place: &str| (ErrorKind::InvalidValue, place.to_owned());
        let key = refused(batch(keys(vec![None]), good.clone()));
        assert_eq!(key, invalid("key[1]"));
        let two = lists(&[Some(&[Some(1.0), Some(2.0)]), Some(&[Some(1.0), Some(2.0)])]);
        assert_eq!(
            refused(batch(keys(vec![Some("a"), None]), two)),
            invalid("key[2]")
        );
        assert_eq!(
            refused(batch(keys(vec![Some("first")]), good.clone())),
            invalid("key")
        );
        let mut bad: Vec<(ArrayRef, &str)> = vec![
            (lists(&[None]), "vector[1]"),
            (lists(&[Some(&[])]), "vector[1]"),
            (lists(&[Some(&[Some(1.0)])]), "vector[1]"),
            (lists(&[Some(&[Some(1.0), Some(2.0), Some(3.0)])]), "vector[1]"),
        ];
        for number in [None, Some(f64::NAN), Some(f64::NEG_INFINITY), Some(3.5e38)] {
            bad.push((lists(&[Some(&[Some(1.0), number])]), "vector[1][1]"));
        }
        for (vectors, place) in bad {
            assert_eq!(refused(batch(keys(vec![Some("a")]), vectors)), invalid(place));
        }
        let mismatch = (ErrorKind::TypeMismatch, "vector".to_owned());
        assert_eq!(
            refused(batch(keys(vec![Some("a")]), keys(vec![Some("b")]))),
            mismatch
        );
        assert_eq!(
            refused(batch(good.clone(), good.clone())),
            (ErrorKind::TypeMismatch, "key".to_owned())
        );
        let alone = RecordBatch::try_from_iter([("vector", good)]).unwrap();
        assert_eq!(refused(alone), (ErrorKind::MissingInput, "key".to_owned()));
    }

    #[test]
    fn a_table_without_rows_is_refused() {
        let keys: ArrayRef = Arc::new(StringArray::from(Vec::<&str>::new()));
        for batches in [vec![], vec![batch(keys, lists(&[]))]] {
            let error = Embedding::take_table(&params(2), &batches).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidValue);
        }
    }

    #[test]
    fn other_numbers_of_vectors_are_refused() {
        let keys: ArrayRef = Arc::new(StringArray::from(vec!["a", "b"]));
        let vectors = lists(&[Some(&[Some(1.0), Some(2.0)]), Some(&[Some(3.0), Some(4.0)])]);
        let tables = Embedding::take_table(&params(2), &[batch(keys, vectors)]).unwrap();
        assert!(Embedding::build(params(2), &tables).is_ok());
        for dimensions in [1, 3, u32::MAX] {
            let error = Embedding::build(params(dimensions), &tables)
                .map(|_| ())
                .unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CorruptArtifact);
        }
    }
}
