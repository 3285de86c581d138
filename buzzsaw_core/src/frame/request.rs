//! The frame itself: columns in the pipeline's input order, groups and folds.

use arrow_array::RecordBatch;

use super::arrow::column_from_arrow;
use super::column::Column;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::spec::{Input, nearest};
use crate::types::Side;

/// The most rows one frame may hold.
pub const MAX_ROWS: usize = u32::MAX as usize;

/// Whether out-of-fold steps see the fold of a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Folds {
    /// Serving: no fold is given, every row sees the full state.
    #[default]
    Full,
    /// Training: a row sees the state learnt without the fold of its qid.
    OfQid,
}

/// What one value of a column belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Axis {
    /// One value a row.
    Rows,
    /// One value a group; for query-side columns.
    Groups,
}

/// The input columns of a batch, in the order of the pipeline's inputs.
#[derive(Debug)]
pub struct Frame<'a> {
    rows: usize,
    columns: Vec<Column<'a>>,
    axes: Vec<Axis>,
    groups: Option<&'a [u32]>,
    folds: Folds,
}

impl<'a> Frame<'a> {
    /// A frame of `rows` rows from one column an input.
    ///
    /// `groups` holds rising row offsets, from 0 to `rows`, one more than there are groups; no group is empty. A query-side column
    /// has one value a group, or one a row that is constant in its group.
    ///
    /// # Errors
    /// `BZ_MISSING_INPUT` when a column is absent, `BZ_INVALID_VALUE` for bad group offsets or a column of a wrong
    /// length, `BZ_RESOURCE_LIMIT` past [`MAX_ROWS`].
    pub fn new(
        inputs: &[Input],
        rows: usize,
        columns: Vec<(Column<'a>, Axis)>,
        groups: Option<&'a [u32]>,
        folds: Folds,
    ) -> Result<Self> {
        if rows > MAX_ROWS {
            return Err(Error::new(
                ErrorKind::ResourceLimit,
                format!("{rows} rows; a batch holds at most {MAX_ROWS}"),
            )
            .hint("split the batch between groups"));
        }
        if let Some(groups) = groups {
            check_groups(groups, rows)?;
        }
        if columns.len() != inputs.len() {
            return Err(Error::new(
                ErrorKind::MissingInput,
                format!(
                    "{} columns were given; the pipeline reads {}",
                    columns.len(),
                    inputs.len()
                ),
            ));
        }
        let mut problems = Vec::new();
        for (input, (column, axis)) in inputs.iter().zip(&columns) {
            let wanted = match (axis, groups) {
                (Axis::Rows, _) => Some(rows),
                (Axis::Groups, Some(groups)) if input.side == Side::Query => Some(groups.len() - 1),
                (Axis::Groups, _) => None,
            };
            if wanted.is_none_or(|wanted| column.rows() < wanted) {
                problems.push(
                    Problem::new(
                        ErrorKind::InvalidValue,
                        format!("the column does not have one value for each of the {rows} rows"),
                    )
                    .at(format!("inputs.{}", input.name))
                    .hint("give one value a row; query-side columns may have one value a group"),
                );
            }
        }
        Error::check(problems)?;
        let (columns, axes) = columns.into_iter().unzip();
        Ok(Self {
            rows,
            columns,
            axes,
            groups,
            folds,
        })
    }

    /// A frame over a record batch whose columns are found by the inputs' names.
    ///
    /// # Errors
    /// All missing columns (`BZ_MISSING_INPUT`, with the nearest name) and wrong types (`BZ_TYPE_MISMATCH`) at once,
    /// else as [`Frame::new`].
    pub fn from_record_batch(
        batch: &'a RecordBatch,
        inputs: &[Input],
        groups: Option<&'a [u32]>,
        folds: Folds,
    ) -> Result<Self> {
        let schema = batch.schema_ref();
        let mut problems = Vec::new();
        let mut columns = Vec::with_capacity(inputs.len());
        for input in inputs {
            let place = format!("inputs.{}", input.name);
            match schema.index_of(&input.name) {
                Err(_) => {
                    let names = schema.fields().iter().map(|f| f.name().as_str());
                    problems.push(
                        Problem::new(
                            ErrorKind::MissingInput,
                            format!("the batch has no column `{}`", input.name),
                        )
                        .at(place)
                        .hint(nearest::hint(&input.name, names)),
                    );
                }
                Ok(at) => match column_from_arrow(batch.column(at).as_ref(), &input.data_type) {
                    Ok(column) => columns.push((column, Axis::Rows)),
                    Err(error) => problems.extend(error.at(place).into_problems()),
                },
            }
        }
        Error::check(problems)?;
        Self::new(inputs, batch.num_rows(), columns, groups, folds)
    }

    /// The same rows as a pipeline reads them under `folds`: of this frame's columns, which are those of `given`, the
    /// ones that `wanted` names.
    ///
    /// # Errors
    /// `BZ_MISSING_INPUT` when `wanted` names a column that `given` does not.
    pub fn seen(&self, given: &[Input], wanted: &[Input], folds: Folds) -> Result<Frame<'a>> {
        let columns = wanted.iter().filter_map(|input| {
            let at = given.iter().position(|column| column.name == input.name)?;
            Some((self.columns.get(at)?.clone(), *self.axes.get(at)?))
        });
        Frame::new(wanted, self.rows, columns.collect(), self.groups, folds)
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The column of input `i`.
    pub fn column(&self, i: usize) -> &Column<'a> {
        &self.columns[i]
    }

    /// Whether the column of input `i` has one value a row or one a group.
    pub fn axis(&self, i: usize) -> Axis {
        self.axes[i]
    }

    /// The row offsets of groups, where they were given.
    pub fn groups(&self) -> Option<&'a [u32]> {
        self.groups
    }

    /// Whether rows see the fold of their qid.
    pub fn folds(&self) -> Folds {
        self.folds
    }
}

fn check_groups(groups: &[u32], rows: usize) -> Result<()> {
    let bounds = groups.first() == Some(&0) && groups.last() == Some(&(rows as u32));
    if !bounds || groups.windows(2).any(|w| w[0] >= w[1]) {
        return Err(Error::new(
            ErrorKind::InvalidValue,
            format!("group offsets must start at 0, rise, and end at the {rows} rows"),
        )
        .at("groups"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn group_offsets_are_checked() {
        assert!(check_groups(&[0, 2, 3, 5], 5).is_ok());
        for bad in [&[][..], &[0], &[1, 5], &[0, 4], &[0, 2, 2, 5], &[0, 3, 2, 5]] {
            assert_eq!(check_groups(bad, 5).unwrap_err().kind(), ErrorKind::InvalidValue);
        }
    }
}
