//! The feature spec: parse, validate, resolve; all errors at once, each with its path and a hint.

mod canonical;
mod checks;
mod files;
mod model;
pub mod nearest;
mod node;
mod params;
mod parse;
mod resolve;
mod schema;

pub use model::{Feature, Impute, Input, Meta, Missing, Source, Spec, Step};
pub use node::{MAX_DOCUMENT_BYTES, Node};
pub(crate) use params::{params_schema, read_params};
pub(crate) use resolve::MAX_STEP_INPUTS;
pub use schema::feature_spec_schema;
