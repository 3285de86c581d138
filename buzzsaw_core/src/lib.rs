//! Feature transforms for search and ranking: one evaluator, the same bits in training and in serving.
//!
//! A person writes a feature spec; [`Spec::parse`] validates it; [`fit::Fitter`] learns the state of its fitted
//! steps; [`Pipeline::transform`] computes features. Bindings know only this: spec or artifact in, columns in,
//! values out.

pub mod args;
pub mod artifact;
pub mod batch;
mod block;
pub mod cpu;
mod damerau;
mod edit_distance;
mod error;
mod evaluate;
mod explain;
pub mod fit;
pub mod frame;
mod gather;
mod golden;
pub mod hash;
mod lookup;
pub mod math;
mod ngrams;
mod pipeline;
mod plan;
pub mod registry;
mod scratch;
mod select;
pub mod slot;
mod sparse_row;
pub mod spec;
pub mod text;
mod tile;
pub mod transforms;
pub mod types;
mod vocabulary;

pub use batch::BatchBuilder;
pub use block::{FeatureBlock, MISSING, SparsePart};
pub use error::{Error, ErrorKind, Problem, Result};
pub use frame::{Folds, Frame};
pub use pipeline::Pipeline;
pub use scratch::Scratch;
pub use spec::Spec;
