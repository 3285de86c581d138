//! Cutting a frame into tiles that stay in cache, never through a group.

use std::ops::Range;

use crate::frame::{Axis, Column, Frame, Strings};
use crate::spec::Input;

/// Rows of a tile, unless one group has more.
const ROWS: usize = 512;
/// Bytes of text of a tile, unless one row or group has more.
const BYTES: usize = 1 << 20;

/// A run of rows that is evaluated at once.
pub(crate) struct Tile<'a> {
    pub rows: Range<usize>,
    /// The frame's group offsets of this tile, one more than it has groups.
    pub groups: Option<&'a [u32]>,
    pub first_group: usize,
}

impl Tile<'_> {
    /// The tile's part of a column on `axis`.
    pub fn range(&self, axis: Axis) -> Range<usize> {
        match (axis, self.groups) {
            (Axis::Groups, Some(groups)) => self.first_group..self.first_group + groups.len() - 1,
            _ => self.rows.clone(),
        }
    }
}

/// The tiles of a frame, in order.
pub(crate) struct Tiles<'f> {
    frame: &'f Frame<'f>,
    inputs: usize,
    row: usize,
    group: usize,
}

impl<'f> Tiles<'f> {
    pub fn new(frame: &'f Frame<'f>, inputs: &[Input]) -> Self {
        Self {
            frame,
            inputs: inputs.len(),
            row: 0,
            group: 0,
        }
    }

    fn bytes(&self, row: usize) -> usize {
        (0..self.inputs)
            .filter(|i| self.frame.axis(*i) == Axis::Rows)
            .map(|i| match self.frame.column(i) {
                Column::Strings(Strings::Small { offsets, .. }, _) => {
                    (offsets[row + 1] - offsets[row]) as usize
                }
                column => column.bytes(row).map_or(0, <[u8]>::len),
            })
            .sum()
    }
}

impl<'f> Iterator for Tiles<'f> {
    type Item = Tile<'f>;

    fn next(&mut self) -> Option<Tile<'f>> {
        let rows = self.frame.rows();
        if self.row >= rows {
            return None;
        }
        let start = self.row;
        let (mut end, mut bytes) = (start, 0);
        while end < rows && end - start < ROWS && bytes < BYTES {
            bytes += self.bytes(end);
            end += 1;
        }
        let (groups, first_group) = match self.frame.groups() {
            None => (None, 0),
            Some(groups) => {
                let first = self.group;
                // As many whole groups as fit, and at least one.
                let fitting = groups[first + 1..]
                    .partition_point(|bound| *bound as usize <= end)
                    .max(1);
                end = groups[first + fitting] as usize;
                self.group = first + fitting;
                (Some(&groups[first..=first + fitting]), first)
            }
        };
        self.row = end;
        Some(Tile {
            rows: start..end,
            groups,
            first_group,
        })
    }
}
