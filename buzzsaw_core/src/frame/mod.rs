//! The input of a batch: borrowed column views, with optional group offsets.

mod arrow;
mod bits;
mod column;
mod request;
mod strings;

pub use arrow::column_from_arrow;
pub use bits::Bitmap;
pub use column::{Column, ListOffsets, MapView, Numbers, TimeUnit};
pub use request::{Axis, Folds, Frame, MAX_ROWS};
pub use strings::{DictionaryKeys, Strings};
