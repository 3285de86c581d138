//! Frozen character tables and the structures that look them up.

mod bit_table;
pub mod cpython_3_11;

pub(in crate::text) use bit_table::BitTable;
