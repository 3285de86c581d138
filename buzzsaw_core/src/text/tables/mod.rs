//! Frozen character tables and the structures that look them up.

mod bit_table;
mod class_table;
pub mod cpython_3_11;
pub(in crate::text) mod html5;
pub mod jdk_17;
pub mod lucene_9_12;

pub(in crate::text) use bit_table::BitTable;
pub(in crate::text) use class_table::{Accept, ClassTable};
