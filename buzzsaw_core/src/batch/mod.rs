//! Batches that are appended value by value: the layout they share with the JVM, and a builder for Rust.

mod builder;
mod column;
mod layout;

pub use builder::BatchBuilder;
pub use column::Scalar;
pub use layout::{Buffers, frame_from_buffers};
