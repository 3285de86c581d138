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
mod grams;
pub mod html;
pub mod java;
pub mod normalize;
pub mod python_words;
mod repair;
mod rules;
mod spec;
mod stages;
pub mod stem;
mod stemmer_name;
pub mod stop_words;
mod synonyms;
mod tables;
mod terms;
mod token_filters;
mod token_key;
mod token_spec;
mod tokenizer;
pub mod units;
mod versions;
mod whitespace;
pub mod words;

pub use analyzer::{Analyzer, TextScratch};
pub(crate) use char_filter::{CharFilters, CharScratch};
pub(crate) use grams::{MOST_CHARS, Spare as GramSpare, push_affixes, push_ngrams};
pub use html::Html;
pub use normalize::Normalize;
pub use repair::repair;
pub use spec::{
    AnalyzerRef, AnalyzerSpec, Fold, InvalidAnalyzer, NamedAnalyzer, StemmerName, StopWordsSpec, Tokenizer,
};
pub use stages::{Stage, stages, stages_of_json};
pub use stem::SNOWBALL_VERSION;
pub use terms::{Overflow, Span, Terms, TermsRow};
pub(crate) use token_key::TokenKey;
pub use token_spec::{Affixes, Lines, Units, Within};
pub use tokenizer::lucene::VERSION as LUCENE_VERSION;
pub use tokenizer::spark::{Gaps, Matches, SparkPattern};
pub use versions::{UNICODE_VERSION, has_tables};
pub(crate) use whitespace::is_whitespace;
