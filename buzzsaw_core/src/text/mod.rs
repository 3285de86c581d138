//! The frozen text stack: UTF-8 repair, case folding, word segmentation, stop words and stemming.
//!
//! Every table here is pinned: to a crate at an exact version or to a file in `tables/`. Nothing reads the
//! locale or the character tables of the standard library, which change with the compiler.
//! `docs/adr/0003-text-stack.md` names the versions.

mod analyzer;
mod ascii;
mod filter;
pub mod fold;
pub mod python_words;
mod repair;
mod spec;
pub mod stem;
pub mod stop_words;
mod tables;
mod terms;
mod token_key;
mod versions;
mod whitespace;
pub mod words;

pub use analyzer::{Analyzer, TextScratch};
pub use repair::repair;
pub use spec::{
    AnalyzerRef, AnalyzerSpec, Fold, InvalidAnalyzer, NamedAnalyzer, StemmerName, StopWordsSpec, Tokenizer,
};
pub use stem::SNOWBALL_VERSION;
pub use terms::{Overflow, Span, Terms, TermsRow};
pub(crate) use token_key::TokenKey;
pub use versions::UNICODE_VERSION;
