//! Builds a frame value by value, by the same rules as the JVM's `Batch`.

use super::column::{ColumnBuilder, Scalar};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Axis, Folds, Frame};
use crate::pipeline::Pipeline;
use crate::types::Side;

/// A list or map under construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Nested {
    List,
    /// Whether the next value has its key.
    Map {
        keyed: bool,
    },
}

/// Rows that are appended value by value and read as a [`Frame`].
///
/// Inputs are numbered as in [`Pipeline::inputs`] for serving. A row's values are set in any order and ended with
/// [`BatchBuilder::end_row`]; what was not set is missing. With [`BatchBuilder::start_group`] a query-side input is
/// set once a group. A value that is refused leaves the row as it was; after `BZ_RESOURCE_LIMIT` the batch must be cleared.
///
/// ```
/// use buzzsaw_core::{BatchBuilder, FeatureBlock, Pipeline, Scratch, Spec};
///
/// let text = "buzzsaw: 1\nname: tiny\ninputs: {price: {type: float64, side: document}}\nfeatures: [price]";
/// let spec = Spec::parse(text)?;
/// let pipeline = Pipeline::from_spec(spec)?;
/// let mut batch = BatchBuilder::new(&pipeline);
/// batch.set(0, 19.5)?;
/// batch.end_row()?;
/// batch.end_row()?;
/// let mut block = FeatureBlock::default();
/// pipeline.transform(&batch.frame()?, &mut block, &mut Scratch::default())?;
/// assert_eq!(block.dense()[0], 19.5);
/// assert!(block.dense()[1].is_nan());
/// # Ok::<(), buzzsaw_core::Error>(())
/// ```
#[derive(Debug)]
pub struct BatchBuilder<'p> {
    pipeline: &'p Pipeline,
    columns: Vec<ColumnBuilder>,
    query_side: Vec<bool>,
    rows: usize,
    /// Row offsets of groups; empty before the first group.
    groups: Vec<u32>,
    in_group: bool,
    nested: Option<(usize, Nested)>,
}

impl<'p> BatchBuilder<'p> {
    /// An empty batch for `pipeline`.
    pub fn new(pipeline: &'p Pipeline) -> Self {
        let inputs = pipeline.inputs(Folds::Full);
        Self {
            pipeline,
            columns: inputs
                .iter()
                .map(|input| ColumnBuilder::new(&input.data_type))
                .collect(),
            query_side: inputs.iter().map(|input| input.side == Side::Query).collect(),
            rows: 0,
            groups: Vec::new(),
            in_group: false,
            nested: None,
        }
    }

    /// The number of ended rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Sets input `input` of the row (or of the group, for a query-side input of a grouped batch).
    ///
    /// # Errors
    /// `BZ_TYPE_MISMATCH` for a value of another type, `BZ_INVALID_VALUE` for an input that is set already or does
    /// not exist, or out of place; `BZ_RESOURCE_LIMIT` past 2 GiB of bytes in one column.
    #[inline]
    pub fn set<'v>(&mut self, input: usize, value: impl Into<Scalar<'v>>) -> Result<()> {
        self.enter(input)?;
        self.columns[input]
            .push(value.into())
            .map_err(|e| self.named(input, e))
    }

    /// Sets input `input` to missing; leaving it unset does the same.
    ///
    /// # Errors
    /// As [`BatchBuilder::set`].
    pub fn set_missing(&mut self, input: usize) -> Result<()> {
        self.enter(input)?;
        self.columns[input]
            .push_missing()
            .map_err(|e| self.named(input, e))
    }

    /// Starts the list of input `input`; [`BatchBuilder::add`] appends to it.
    ///
    /// # Errors
    /// As [`BatchBuilder::set`].
    pub fn begin_list(&mut self, input: usize) -> Result<()> {
        self.enter(input)?;
        self.columns[input]
            .items()
            .map(|_| ())
            .map_err(|e| self.named(input, e))?;
        self.nested = Some((input, Nested::List));
        Ok(())
    }

    /// Starts the map of input `input`; [`BatchBuilder::key`] and [`BatchBuilder::add`] append to it.
    ///
    /// # Errors
    /// As [`BatchBuilder::set`].
    pub fn begin_map(&mut self, input: usize) -> Result<()> {
        self.enter(input)?;
        self.columns[input]
            .entries()
            .map(|_| ())
            .map_err(|e| self.named(input, e))?;
        self.nested = Some((input, Nested::Map { keyed: false }));
        Ok(())
    }

    /// Appends a key to the open map; its value must follow. Of equal keys the last one counts.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when no map is open or the key before has no value.
    pub fn key(&mut self, key: &[u8]) -> Result<()> {
        let Some((input, Nested::Map { keyed: false })) = self.nested else {
            return Err(misplaced(
                "a key belongs into an open map, after the value of the key before it",
            ));
        };
        let (keys, _) = self.columns[input].entries()?;
        keys.push(key)?;
        self.nested = Some((input, Nested::Map { keyed: true }));
        Ok(())
    }

    /// Appends an item to the open list, or the value of the last key to the open map.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when none is open or the value has no key, else as [`BatchBuilder::set`].
    #[inline]
    pub fn add<'v>(&mut self, value: impl Into<Scalar<'v>>) -> Result<()> {
        let input = self.item()?;
        let value = value.into();
        self.items(input)?.push(value).map_err(|e| self.named(input, e))?;
        self.added();
        Ok(())
    }

    /// Appends a missing item or value.
    ///
    /// # Errors
    /// As [`BatchBuilder::add`].
    pub fn add_missing(&mut self) -> Result<()> {
        let input = self.item()?;
        self.items(input)?
            .push_missing()
            .map_err(|e| self.named(input, e))?;
        self.added();
        Ok(())
    }

    /// Ends the open list or map.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when none is open or the last key has no value.
    pub fn end_nested(&mut self) -> Result<()> {
        match self.nested {
            Some((input, Nested::List | Nested::Map { keyed: false })) => {
                self.nested = None;
                self.columns[input].end_nested()
            }
            _ => Err(misplaced("no list or map is open, or its last key has no value")),
        }
    }

    /// Ends the row: inputs not set are missing.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` while a list or map is open, or outside a group when the batch has groups;
    /// `BZ_RESOURCE_LIMIT` past 2^32 - 1 rows.
    pub fn end_row(&mut self) -> Result<()> {
        self.not_nested()?;
        let grouped = !self.groups.is_empty();
        if grouped && !self.in_group {
            return Err(misplaced("the batch has groups, and the row is in none of them"));
        }
        if self.rows >= crate::frame::MAX_ROWS {
            return Err(Error::new(ErrorKind::ResourceLimit, "the batch is full").hint("use smaller batches"));
        }
        for (column, query_side) in self.columns.iter_mut().zip(&self.query_side) {
            if !(grouped && *query_side) && column.len() == self.rows {
                column.push_missing()?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Starts a group; its query-side inputs are set once, before [`BatchBuilder::end_group`].
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` within a group, or after rows without one.
    pub fn start_group(&mut self) -> Result<()> {
        self.not_nested()?;
        if self.in_group {
            return Err(misplaced("the group before is not ended"));
        }
        if self.groups.is_empty() {
            if self.columns.iter().any(|column| column.len() > 0) || self.rows > 0 {
                return Err(misplaced("rows or values were given before the first group"));
            }
            self.groups.push(0);
        }
        self.in_group = true;
        Ok(())
    }

    /// Ends the group. A group without rows leaves no trace.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` outside a group, or while a row is not ended.
    pub fn end_group(&mut self) -> Result<()> {
        self.not_nested()?;
        if !self.in_group || self.row_begun() {
            return Err(misplaced("no group is open, or its last row is not ended"));
        }
        let ended = self.groups.len() - 1;
        let empty = self
            .groups
            .last()
            .is_some_and(|start| *start as usize == self.rows);
        for (column, _) in self
            .columns
            .iter_mut()
            .zip(&self.query_side)
            .filter(|(_, query_side)| **query_side)
        {
            if empty {
                column.truncate(ended);
            } else if column.len() == ended {
                column.push_missing()?;
            }
        }
        if !empty {
            self.groups.push(self.rows as u32);
        }
        self.in_group = false;
        Ok(())
    }

    /// Empties the batch and keeps its memory.
    pub fn clear(&mut self) {
        for column in &mut self.columns {
            column.truncate(0);
        }
        self.rows = 0;
        self.groups.clear();
        self.in_group = false;
        self.nested = None;
    }

    /// The batch as the evaluator reads it.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` while a row, group, list or map is not ended.
    pub fn frame(&self) -> Result<Frame<'_>> {
        self.not_nested()?;
        if self.in_group || self.row_begun() {
            return Err(misplaced("the last row or group is not ended"));
        }
        let grouped = !self.groups.is_empty();
        let axis = |query_side: &bool| {
            if grouped && *query_side {
                Axis::Groups
            } else {
                Axis::Rows
            }
        };
        let columns = self
            .columns
            .iter()
            .zip(&self.query_side)
            .map(|(c, query_side)| (c.view(), axis(query_side)));
        let groups = grouped.then_some(self.groups.as_slice());
        Frame::new(
            self.pipeline.inputs(Folds::Full),
            self.rows,
            columns.collect(),
            groups,
            Folds::Full,
        )
    }

    /// Checks that `input` may be set now.
    #[inline]
    fn enter(&mut self, input: usize) -> Result<()> {
        self.not_nested()?;
        let (Some(column), Some(query_side)) = (self.columns.get(input), self.query_side.get(input)) else {
            return Err(misplaced(&format!(
                "there is no input {input}; the pipeline reads {}",
                self.columns.len()
            )));
        };
        let grouped = !self.groups.is_empty();
        if grouped && !self.in_group {
            return Err(self.named(
                input,
                misplaced("the batch has groups, and the value is in none of them"),
            ));
        }
        let ended = if grouped && *query_side {
            self.groups.len() - 1
        } else {
            self.rows
        };
        if column.len() > ended {
            return Err(self.named(input, misplaced("the input is set already")));
        }
        Ok(())
    }

    /// Whether a value was given for the row after the ended ones; one that was refused was not.
    fn row_begun(&self) -> bool {
        let grouped = !self.groups.is_empty();
        self.columns
            .iter()
            .zip(&self.query_side)
            .any(|(column, query_side)| !(grouped && *query_side) && column.len() > self.rows)
    }

    fn item(&self) -> Result<usize> {
        match self.nested {
            Some((input, Nested::List | Nested::Map { keyed: true })) => Ok(input),
            _ => Err(misplaced(
                "no list is open, and no key of an open map waits for its value",
            )),
        }
    }

    /// Says that the last key, if there is one, has its value.
    fn added(&mut self) {
        if let Some((_, Nested::Map { keyed })) = &mut self.nested {
            *keyed = false;
        }
    }

    fn items(&mut self, input: usize) -> Result<&mut ColumnBuilder> {
        match self.nested {
            Some((_, Nested::List)) => self.columns[input].items(),
            _ => self.columns[input].entries().map(|(_, values)| values),
        }
    }

    fn not_nested(&self) -> Result<()> {
        if self.nested.is_none() {
            Ok(())
        } else {
            Err(misplaced("a list or map is not ended"))
        }
    }

    fn named(&self, input: usize, error: Error) -> Error {
        error.at(format!(
            "inputs.{}",
            self.pipeline.inputs(Folds::Full)[input].name
        ))
    }
}

fn misplaced(message: &str) -> Error {
    Error::new(ErrorKind::InvalidValue, message)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::Spec;

    fn pipeline() -> Pipeline {
        let text = r#"
buzzsaw: 1
name: t
inputs:
  boost: {type: int32, side: query}
  price: {type: float64, side: document}
  sizes: {type: map<int64>, side: document}
steps:
  size: {transform: map_get, input: sizes, key: b}
  raised: {transform: log1p, input: boost}
  shown_size: {transform: log1p, input: size}
features: [boost, price, raised, shown_size]
"#;
        Pipeline::from_spec(Spec::parse(text).unwrap()).unwrap()
    }

    fn at(pipeline: &Pipeline, name: &str) -> usize {
        pipeline
            .inputs(Folds::Full)
            .iter()
            .position(|input| input.name == name)
            .unwrap()
    }

    #[test]
    fn groups_share_their_query_and_empty_ones_leave_no_trace() {
        let pipeline = pipeline();
        let (boost, price, sizes) = (
            at(&pipeline, "boost"),
            at(&pipeline, "price"),
            at(&pipeline, "sizes"),
        );
        let mut batch = BatchBuilder::new(&pipeline);
        for round in 0..2 {
            batch.start_group().unwrap();
            batch.set(boost, 3).unwrap();
            batch.set(price, 1.5).unwrap();
            batch.begin_map(sizes).unwrap();
            batch.key(b"a").unwrap();
            batch.add(1_i64).unwrap();
            batch.key(b"b").unwrap();
            batch.add(2_i64).unwrap();
            batch.end_nested().unwrap();
            batch.end_row().unwrap();
            batch.end_row().unwrap();
            batch.end_group().unwrap();
            batch.start_group().unwrap();
            batch.set(boost, 99).unwrap();
            batch.end_group().unwrap();
            batch.start_group().unwrap();
            batch.set(price, 4.0).unwrap();
            batch.end_row().unwrap();
            batch.end_group().unwrap();
            let frame = batch.frame().unwrap();
            assert_eq!(frame.groups(), Some(&[0, 2, 3][..]), "round {round}");
            assert_eq!(
                (frame.column(boost).number(0), frame.column(boost).is_null(1)),
                (3.0, true)
            );
            assert_eq!(frame.column(price).number(2), 4.0);
            assert!(frame.column(price).is_null(1));
            let Column::Map(map, _) = frame.column(sizes) else {
                panic!("not a map")
            };
            assert_eq!(map.offsets.range(0), 0..2);
            assert_eq!((map.keys.get(1), map.values.number(1)), (&b"b"[..], 2.0));
            assert!(frame.column(sizes).is_null(2));
            batch.clear();
        }
    }

    #[test]
    fn a_row_is_not_begun_by_a_value_that_is_refused() {
        let pipeline = pipeline();
        let price = at(&pipeline, "price");
        let mut batch = BatchBuilder::new(&pipeline);
        batch.start_group().unwrap();
        assert!(batch.set(price, "7").is_err());
        batch.end_group().unwrap();
        batch.start_group().unwrap();
        batch.set(price, 7.0).unwrap();
        assert!(batch.end_group().is_err());
        batch.end_row().unwrap();
        batch.end_group().unwrap();
        assert_eq!(batch.frame().unwrap().groups(), Some(&[0, 1][..]));
    }

    use crate::frame::Column;

    #[test]
    fn what_is_out_of_place_is_refused() {
        let pipeline = pipeline();
        let (boost, price, sizes) = (
            at(&pipeline, "boost"),
            at(&pipeline, "price"),
            at(&pipeline, "sizes"),
        );
        let kind = |outcome: Result<()>| outcome.unwrap_err().kind();
        let mut batch = BatchBuilder::new(&pipeline);
        assert_eq!(kind(batch.set(price, "text")), ErrorKind::TypeMismatch);
        assert_eq!(kind(batch.begin_list(price)), ErrorKind::TypeMismatch);
        batch.clear();
        batch.set(price, 1.0).unwrap();
        assert_eq!(kind(batch.set(price, 2.0)), ErrorKind::InvalidValue, "set twice");
        assert!(batch.frame().is_err(), "the row is not ended");
        assert_eq!(kind(batch.start_group()), ErrorKind::InvalidValue);
        batch.clear();
        assert_eq!(kind(batch.set(99, 1.0)), ErrorKind::InvalidValue);
        assert_eq!(kind(batch.add(1_i64)), ErrorKind::InvalidValue);
        batch.begin_map(sizes).unwrap();
        assert_eq!(
            kind(batch.add(1_i64)),
            ErrorKind::InvalidValue,
            "a value without key"
        );
        batch.key(b"a").unwrap();
        assert_eq!(
            kind(batch.end_nested()),
            ErrorKind::InvalidValue,
            "a key without value"
        );
        assert_eq!(kind(batch.add("text")), ErrorKind::TypeMismatch);
        assert_eq!(
            kind(batch.key(b"b")),
            ErrorKind::InvalidValue,
            "the key still waits"
        );
        assert_eq!(kind(batch.end_row()), ErrorKind::InvalidValue);
        batch.clear();
        batch.start_group().unwrap();
        batch.set(boost, 1).unwrap();
        batch.end_row().unwrap();
        assert_eq!(kind(batch.set(boost, 2)), ErrorKind::InvalidValue, "once a group");
        assert!(batch.frame().is_err(), "the group is not ended");
        batch.end_group().unwrap();
        assert_eq!(
            kind(batch.end_row()),
            ErrorKind::InvalidValue,
            "a row outside of groups"
        );
        assert_eq!(batch.frame().unwrap().rows(), 1);
    }
}
