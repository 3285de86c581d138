//! Input columns of one tile made ready for its steps: checked, repaired, lists gathered.

use crate::args::{CategoryBuffer, exact_category};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Column;
use crate::scratch::InputScratch;
use crate::text::repair;
use crate::tile::Tile;
use crate::types::DataType;

/// A row-length query-side column must not change within a group.
pub(crate) fn check_constant(column: &Column<'_>, tile: &Tile<'_>) -> Result<()> {
    for pair in tile.groups.unwrap_or_default().windows(2) {
        let first = pair[0] as usize;
        if let Some(row) = (first + 1..pair[1] as usize).find(|row| !column.same(first, *row)) {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!("a query-side column changes within a group: row {row} differs from row {first}"),
            )
            .at(format!("[{row}]"))
            .hint("give one value a group, or make it `side: pair`"));
        }
    }
    Ok(())
}

fn is_valid(bytes: &[u8]) -> bool {
    simdutf8::basic::from_utf8(bytes).is_ok()
}

/// Repairs the text of a tile's rows where some are not UTF-8.
pub(crate) fn repair_column(column: &Column<'_>, range: std::ops::Range<usize>, held: &mut InputScratch) {
    held.repaired = false;
    let Column::Strings(strings, _) = column else {
        return;
    };
    let whole = strings.contiguous(range.start, range.end);
    if whole.is_some_and(|run| is_valid(run.bytes) && run.rows_start_on_characters()) {
        return;
    }
    if range.clone().all(|i| column.bytes(i).is_none_or(is_valid)) {
        return;
    }
    held.repaired = true;
    held.text.clear();
    for i in range {
        held.text.push(
            column
                .bytes(i)
                .map(|bytes| repair(bytes, &mut held.buffer).as_bytes()),
        );
    }
}

/// Takes the lists of a tile's rows as categories; missing items are left out.
pub(crate) fn gather_terms(
    column: &Column<'_>,
    item: &DataType,
    range: std::ops::Range<usize>,
    held: &mut InputScratch,
) -> Result<()> {
    let mut decimal = CategoryBuffer::default();
    held.terms.clear();
    for i in range {
        match column {
            Column::List(offsets, child, valid) if valid.get(i) => {
                for at in offsets.range(i) {
                    match item {
                        DataType::String => {
                            if let Some(bytes) = child.bytes(at) {
                                held.terms
                                    .push_token(repair(bytes, &mut held.buffer).as_bytes())?;
                            }
                        }
                        DataType::Binary => {
                            if let Some(bytes) = child.bytes(at) {
                                held.terms.push_token(bytes)?;
                            }
                        }
                        _ => {
                            if let Some(bytes) = exact_category(child, at, &mut decimal) {
                                held.terms.push_token(bytes)?;
                            }
                        }
                    }
                }
                held.terms.end_row();
            }
            _ => held.terms.missing_row(),
        }
    }
    Ok(())
}

/// Takes the lists of a tile's rows as numbers; missing items are NaN.
pub(crate) fn gather_numbers(column: &Column<'_>, range: std::ops::Range<usize>, held: &mut InputScratch) {
    held.vectors.clear();
    for i in range {
        match column {
            Column::List(offsets, child, valid) if valid.get(i) => {
                held.vectors.extend(offsets.range(i).map(|at| child.number(at)));
                held.vectors.end_row();
            }
            _ => held.vectors.missing_row(),
        }
    }
}
