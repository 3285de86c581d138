//! The frozen text stack: UTF-8 repair, case folding, word segmentation, stop words and stemming.
//!
//! Every table here is pinned: to a crate at an exact version or to a file in `tables/`. Nothing reads the
//! locale or the character tables of the standard library, which change with the compiler.
//! `docs/adr/0003-text-stack.md` and `docs/adr/0008-text-tables.md` name the versions.

mod analyzer;
mod ascii;
mod char_filter;
mod filter;
pub mod fold;
pub mod html;
pub mod java;
pub mod normalize;
pub mod python_words;
mod repair;
mod spec;
pub mod stem;
pub mod stop_words;
mod tables;
mod terms;
mod token_key;
mod tokenizer;
mod versions;
mod whitespace;
pub mod words;

pub use analyzer::{Analyzer, TextScratch};
pub(crate) use char_filter::{CharFilters, CharScratch};
pub use html::Html;
pub use normalize::Normalize;
pub use repair::repair;
pub use spec::{
    AnalyzerRef, AnalyzerSpec, Fold, InvalidAnalyzer, NamedAnalyzer, StemmerName, StopWordsSpec, Tokenizer,
};
pub use stem::SNOWBALL_VERSION;
pub use terms::{Overflow, Span, Terms, TermsRow};
pub(crate) use token_key::TokenKey;
pub use tokenizer::lucene::VERSION as LUCENE_VERSION;
pub use tokenizer::spark::{Gaps, Matches, SparkPattern};
pub use versions::{UNICODE_VERSION, has_tables};
pub(crate) use whitespace::is_whitespace;
