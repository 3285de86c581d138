//! What a transform reads: typed views of its inputs for the rows (or groups) of one tile.

use arrayvec::ArrayVec;

use crate::error::{Error, ErrorKind, Result};
use crate::frame::{Column, TimeUnit};
use crate::slot::{SparseRows, TextRows, VectorRows};
use crate::spec::MAX_STEP_INPUTS;
use crate::text::{Span, Terms, TermsRow};

/// From a position on the output's axis to a position in the source.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Index<'a> {
    /// Position plus this offset.
    Offset(usize),
    /// Position through this table.
    Table(&'a [u32]),
}

impl Index<'_> {
    #[inline]
    pub(crate) fn get(&self, i: usize) -> usize {
        match self {
            Index::Offset(offset) => i + offset,
            Index::Table(table) => table[i] as usize,
        }
    }
}

/// Numbers; NaN is missing.
#[derive(Clone, Copy, Debug)]
pub struct NumberArg<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) index: Index<'a>,
}

impl NumberArg<'_> {
    /// The number of row `i`.
    #[inline]
    pub fn get(&self, i: usize) -> f64 {
        self.values[self.index.get(i)]
    }
}

/// Repaired text.
#[derive(Clone, Copy, Debug)]
pub enum TextArg<'a> {
    /// A valid input column, read in place.
    #[doc(hidden)]
    Column(&'a Column<'a>, IndexView<'a>),
    /// Repaired or computed rows.
    #[doc(hidden)]
    Rows(&'a TextRows, IndexView<'a>),
}

/// An index that other modules carry and do not look into.
#[derive(Clone, Copy, Debug)]
pub struct IndexView<'a>(pub(crate) Index<'a>);

impl<'a> TextArg<'a> {
    /// The bytes of row `i`, valid UTF-8; `None` when missing.
    #[inline]
    pub fn get(&self, i: usize) -> Option<&'a [u8]> {
        match self {
            TextArg::Column(column, index) => column.bytes(index.0.get(i)),
            TextArg::Rows(rows, index) => rows.get(index.0.get(i)),
        }
    }

    /// A number that is equal for rows that read the same source row, so that work is shared in a group.
    #[inline]
    pub fn source_row(&self, i: usize) -> usize {
        match self {
            TextArg::Column(_, index) | TextArg::Rows(_, index) => index.0.get(i),
        }
    }
}

/// A category: text, or an exact scalar as its decimal text, so that 42 and "42" are one category.
#[derive(Clone, Copy, Debug)]
pub enum CategoryArg<'a> {
    /// Text or bytes.
    #[doc(hidden)]
    Text(TextArg<'a>),
    /// An integer, boolean or date.
    #[doc(hidden)]
    Exact(&'a Column<'a>, IndexView<'a>),
}

const MILLIS_OF_A_DAY: i64 = 86_400_000;

/// Room for the decimal text of one scalar.
#[derive(Default)]
pub struct CategoryBuffer(ArrayVec<u8, 24>);

impl CategoryArg<'_> {
    /// The bytes of row `i`; `None` when missing.
    #[inline]
    pub fn get<'b>(&'b self, i: usize, buffer: &'b mut CategoryBuffer) -> Option<&'b [u8]> {
        match self {
            CategoryArg::Text(text) => text.get(i),
            CategoryArg::Exact(column, index) => exact_category(column, index.0.get(i), buffer),
        }
    }
}

/// The decimal text of an exact scalar; `None` when missing.
#[inline]
pub(crate) fn exact_category<'b>(
    column: &Column<'_>,
    i: usize,
    buffer: &'b mut CategoryBuffer,
) -> Option<&'b [u8]> {
    if column.is_null(i) {
        return None;
    }
    match column {
        Column::Numbers(crate::frame::Numbers::Bool(bits), _) => {
            Some(if bits.get(i) { b"true" } else { b"false" })
        }
        Column::Numbers(numbers, _) => Some(decimal(numbers.integer(i)?, buffer)),
        Column::Dates(days, _) => Some(decimal(i64::from(days[i]), buffer)),
        // Arrow's date64; timestamps are no categories.
        Column::Times(millis, TimeUnit::Millisecond, _) => {
            Some(decimal(millis[i].div_euclid(MILLIS_OF_A_DAY), buffer))
        }
        _ => None,
    }
}

fn decimal(value: i64, buffer: &mut CategoryBuffer) -> &[u8] {
    buffer.0.clear();
    let mut digits = value.unsigned_abs();
    loop {
        buffer.0.push(b'0' + (digits % 10) as u8);
        digits /= 10;
        if digits == 0 {
            break;
        }
    }
    if value < 0 {
        buffer.0.push(b'-');
    }
    buffer.0.reverse();
    &buffer.0
}

/// Tokens.
#[derive(Clone, Copy, Debug)]
pub struct TermsArg<'a> {
    pub(crate) terms: &'a Terms,
    pub(crate) index: Index<'a>,
}

impl<'a> TermsArg<'a> {
    /// The tokens of row `i`; `None` when missing.
    #[inline]
    pub fn get(&self, i: usize) -> Option<TermsRow<'a>> {
        self.terms.row(self.index.get(i))
    }

    /// Where the tokens of the first `rows` rows lie, one row after the other, if they do; a missing row has none.
    #[inline]
    pub(crate) fn together(&self, rows: usize) -> Option<&'a [Span]> {
        match self.index {
            Index::Offset(first) => Some(self.terms.spans(first..first + rows)),
            Index::Table(_) => None,
        }
    }

    /// The arena that the spans of all rows point into.
    #[inline]
    pub fn arena(&self) -> &'a [u8] {
        self.terms.bytes()
    }

    /// A number that is equal for rows that read the same source row, so that work is shared in a group.
    #[inline]
    pub fn source_row(&self, i: usize) -> usize {
        self.index.get(i)
    }
}

/// Lists of numbers; NaN is a missing item.
#[derive(Clone, Copy, Debug)]
pub struct VectorArg<'a> {
    pub(crate) rows: &'a VectorRows,
    pub(crate) index: Index<'a>,
}

impl<'a> VectorArg<'a> {
    /// The items of row `i`; `None` when missing.
    #[inline]
    pub fn get(&self, i: usize) -> Option<&'a [f64]> {
        self.rows.row(self.index.get(i))
    }

    /// A number that is equal for rows that read the same source row, so that work is shared in a group.
    #[inline]
    pub fn source_row(&self, i: usize) -> usize {
        self.index.get(i)
    }
}

/// Sparse entries; a missing input and one without entries are alike.
#[derive(Clone, Copy, Debug)]
pub struct SparseArg<'a> {
    pub(crate) rows: &'a SparseRows,
    pub(crate) index: Index<'a>,
}

impl<'a> SparseArg<'a> {
    /// The columns of row `i`, ascending and unique, and their values.
    #[inline]
    pub fn get(&self, i: usize) -> (&'a [u32], &'a [f64]) {
        self.rows.row(self.index.get(i))
    }

    /// A number that is equal for rows that read the same source row, so that work is shared in a group.
    #[inline]
    pub fn source_row(&self, i: usize) -> usize {
        self.index.get(i)
    }
}

/// Points in time.
#[derive(Clone, Copy, Debug)]
pub struct TimeArg<'a> {
    pub(crate) column: &'a Column<'a>,
    pub(crate) index: Index<'a>,
}

impl TimeArg<'_> {
    /// Whether row `i` is missing.
    #[inline]
    pub fn is_missing(&self, i: usize) -> bool {
        self.column.is_null(self.index.get(i))
    }

    /// Microseconds since the epoch; `None` when missing.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when the value is not a whole number of microseconds in the range of i64.
    #[inline]
    pub fn get(&self, i: usize) -> Result<Option<i64>> {
        self.column.micros(self.index.get(i))
    }
}

/// Maps with string keys.
#[derive(Clone, Copy, Debug)]
pub struct MapArg<'a> {
    pub(crate) column: &'a Column<'a>,
    pub(crate) index: Index<'a>,
}

impl<'a> MapArg<'a> {
    /// The values column and the position in it of the key that `is` accepts in row `i`; the last of several. `None` when
    /// the map is missing or has no such key.
    #[inline]
    pub fn find(&self, i: usize, mut is: impl FnMut(&[u8]) -> bool) -> Option<(&'a Column<'a>, usize)> {
        let Column::Map(map, valid) = self.column else {
            return None;
        };
        let at = self.index.get(i);
        if !valid.get(at) {
            return None;
        }
        map.offsets
            .range(at)
            .rev()
            .find(|entry| is(map.keys.get(*entry)))
            .map(|entry| (&map.values, entry))
    }

    /// The entries of row `i` in their order: the key's bytes as they came, the values column and the position in it.
    /// `None` when the map is missing.
    #[inline]
    pub fn entries(&self, i: usize) -> Option<impl Iterator<Item = (&'a [u8], &'a Column<'a>, usize)> + 'a> {
        let Column::Map(map, valid) = self.column else {
            return None;
        };
        let at = self.index.get(i);
        valid.get(at).then(|| {
            map.offsets
                .range(at)
                .map(move |entry| (map.keys.get(entry), &map.values, entry))
        })
    }
}

/// One input of a step, read as its signature says.
#[derive(Clone, Copy, Debug)]
pub enum Arg<'a> {
    /// Not read now: a fit that does not need this input.
    Absent,
    /// See [`NumberArg`].
    Number(NumberArg<'a>),
    /// See [`TextArg`].
    Text(TextArg<'a>),
    /// See [`CategoryArg`].
    Category(CategoryArg<'a>),
    /// See [`TermsArg`].
    Terms(TermsArg<'a>),
    /// See [`TimeArg`].
    Time(TimeArg<'a>),
    /// See [`MapArg`].
    Map(MapArg<'a>),
    /// See [`VectorArg`].
    Vector(VectorArg<'a>),
    /// See [`SparseArg`].
    Sparse(SparseArg<'a>),
}

/// The inputs of one step for one tile.
#[derive(Debug)]
pub struct Args<'a> {
    pub(crate) len: usize,
    /// The position in the frame of the first row (or group) to compute.
    pub(crate) first: usize,
    pub(crate) items: ArrayVec<Arg<'a>, MAX_STEP_INPUTS>,
    pub(crate) groups: Option<&'a [u32]>,
    pub(crate) label: Option<NumberArg<'a>>,
    pub(crate) folds: Option<&'a [u64]>,
}

macro_rules! accessor {
    ($(#[$doc:meta])* $name:ident, $variant:ident, $arg:ident) => {
        $(#[$doc])*
        ///
        /// # Errors
        /// `BZ_INTERNAL` when the signature promised another reading.
        #[inline]
        pub fn $name(&self, i: usize) -> Result<$arg<'a>> {
            match self.items.get(i) {
                Some(&Arg::$variant(arg)) => Ok(arg),
                other => Err(unread(i, other)),
            }
        }
    };
}

impl<'a> Args<'a> {
    /// The number of rows (or groups) to compute.
    #[inline]
    pub fn len(&self) -> usize {
        self.len
    }

    /// The position in the frame of row (or group) `i`, for messages.
    #[inline]
    pub fn position(&self, i: usize) -> usize {
        self.first + i
    }

    /// Whether there is nothing to compute.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many inputs the step has.
    pub fn inputs(&self) -> usize {
        self.items.len()
    }

    /// Input `i`, whatever its reading.
    pub fn arg(&self, i: usize) -> &Arg<'a> {
        self.items.get(i).unwrap_or(&Arg::Absent)
    }

    accessor!(
        /// Input `i` as numbers.
        number, Number, NumberArg
    );
    accessor!(
        /// Input `i` as text.
        text, Text, TextArg
    );
    accessor!(
        /// Input `i` as a category.
        category, Category, CategoryArg
    );
    accessor!(
        /// Input `i` as tokens.
        terms, Terms, TermsArg
    );
    accessor!(
        /// Input `i` as points in time.
        time, Time, TimeArg
    );
    accessor!(
        /// Input `i` as maps.
        map, Map, MapArg
    );
    accessor!(
        /// Input `i` as lists of numbers.
        vector, Vector, VectorArg
    );
    accessor!(
        /// Input `i` as sparse entries.
        sparse, Sparse, SparseArg
    );

    /// Row ranges of the groups of this tile, for a step within a group.
    ///
    /// # Errors
    /// `BZ_MISSING_INPUT` when the frame has no groups.
    pub fn groups(&self) -> Result<impl Iterator<Item = std::ops::Range<usize>> + 'a> {
        let groups = self.groups.ok_or_else(|| {
            Error::new(
                ErrorKind::MissingInput,
                "the spec has steps within a group, and no groups were given",
            )
            .at("groups")
            .hint("give the group of every row")
        })?;
        let first = groups.first().copied().unwrap_or(0);
        Ok(groups
            .windows(2)
            .map(move |w| (w[0] - first) as usize..(w[1] - first) as usize))
    }

    /// The label of row `i` when fitting; NaN when missing.
    #[inline]
    pub fn label(&self, i: usize) -> f64 {
        self.label.map_or(f64::NAN, |label| label.get(i))
    }

    /// The fold of row `i` among `folds`: xxh3 of its qid modulo `folds`, a missing qid counting as an empty one. `None` in
    /// serving.
    #[inline]
    pub fn fold(&self, i: usize, folds: u32) -> Option<u32> {
        let hash = *self.folds?.get(i)?;
        Some((hash % u64::from(folds.max(1))) as u32)
    }
}

fn unread(i: usize, found: Option<&Arg<'_>>) -> Error {
    let found = match found {
        None => "nothing",
        Some(Arg::Absent) => "nothing in this pass",
        Some(_) => "another reading",
    };
    Error::internal(
        format!("input {i} was read as {found}, not as the step's signature says"),
        None,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_written_as_decimal_text() {
        let mut buffer = CategoryBuffer::default();
        for value in [0, 7, -1, i64::MAX, i64::MIN] {
            assert_eq!(decimal(value, &mut buffer), value.to_string().as_bytes());
        }
    }
}
