//! `text_match`: whether a query's tokens stand in a document as asked.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::query_tokens::QueryTokens;
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::text::TermsRow;
use crate::types::ValueType;

/// How the tokens must stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Match {
    /// the document is the query
    Exact,
    /// the document begins with the query
    Prefix,
    /// the document ends with the query
    Suffix,
    /// the query is a run of the document
    #[default]
    Phrase,
    /// every token of the query is in the document
    ContainsAll,
    /// some token of the query is in the document
    Any,
}

/// 1.0 when the query's tokens stand in the document's as asked, else 0.0.
///
/// The first input is the query, the second the document. `exact`, `prefix`, `suffix` and `phrase` compare runs of
/// tokens in their order; `contains_all` and `any` look for each token anywhere. Tokens are equal byte for byte.
///
/// **Missing.** When either side is missing the outcome is missing. A query without tokens matches nothing: 0.0.
///
/// **Example.** `text_match([["red", "lamp"], ["lamp", "red"]], [["big", "red", "lamp"], ["red", "lamp"]],
/// match="phrase")` gives `[1.0, 0.0]`.
///
/// **Oracle.** Python's `str.startswith`, `endswith` and `in` over one character a token, and sets; exactly.
///
/// **Source.** Phrases by Knuth, Morris and Pratt, "Fast Pattern Matching in Strings" (1977).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How the tokens must stand: `exact`, `prefix`, `suffix`, `phrase`, `contains_all` or `any`.
    r#match: Match,
}

pub(super) struct TextMatch {
    how: Match,
}

#[derive(Default)]
pub(crate) struct Work {
    tokens: QueryTokens,
    /// The source row whose phrase is prepared.
    phrase: Option<usize>,
    /// For each number of matched tokens, how many are matched still when the next one differs.
    borders: Vec<usize>,
}

/// The longest proper prefix of the first i + 1 tokens that is their suffix too, for each i.
fn find_borders(query: TermsRow<'_>, borders: &mut Vec<usize>) {
    borders.clear();
    let mut matched = 0;
    for (i, token) in query.iter().enumerate() {
        if i > 0 {
            matched = extend(query, borders, matched, token);
        }
        borders.push(matched);
    }
}

/// How many tokens are matched after `token`, when `matched` were, fewer than all.
fn extend(query: TermsRow<'_>, borders: &[usize], mut matched: usize, token: &[u8]) -> usize {
    loop {
        if query.get(matched) == token {
            return matched + 1;
        }
        if matched == 0 {
            return 0;
        }
        matched = borders[matched - 1];
    }
}

fn has_phrase(query: TermsRow<'_>, borders: &[usize], document: TermsRow<'_>) -> bool {
    let mut matched = 0;
    document.iter().any(|token| {
        matched = extend(query, borders, matched, token);
        matched == query.len()
    })
}

impl TextMatch {
    fn matches(&self, source: usize, query: TermsRow<'_>, document: TermsRow<'_>, work: &mut Work) -> bool {
        if query.is_empty() {
            return false;
        }
        let same = |from: usize| query.iter().eq(document.iter().skip(from).take(query.len()));
        match self.how {
            Match::Exact => query.len() == document.len() && same(0),
            Match::Prefix => same(0),
            Match::Suffix => query.len() <= document.len() && same(document.len() - query.len()),
            Match::Phrase => {
                if work.phrase != Some(source) {
                    find_borders(query, &mut work.borders);
                    work.phrase = Some(source);
                }
                has_phrase(query, &work.borders, document)
            }
            Match::ContainsAll | Match::Any => {
                work.tokens.prepare(source, query, |_| true);
                let found = work.tokens.count_in(query, document);
                let needed = if self.how == Match::Any {
                    1
                } else {
                    work.tokens.len()
                };
                found >= needed
            }
        }
    }
}

impl Transform for TextMatch {
    const NAME: &'static str = "text_match";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let terms: checks::Want = ("terms", ValueType::is_terms);
        let problems = checks::inputs(inputs, &[terms, terms]);
        checks::done(
            problems,
            Signature::stateless(vec![Read::Terms; 2], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self { how: params.r#match })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let (queries, documents) = (args.terms(0)?, args.terms(1)?);
        work.tokens.start();
        work.phrase = None;
        out.numbers()?
            .extend((0..args.len()).map(|i| match (queries.get(i), documents.get(i)) {
                (Some(query), Some(document)) => {
                    let matches = self.matches(queries.source_row(i), query, document, work);
                    f64::from(u8::from(matches))
                }
                _ => f64::NAN,
            }));
        Ok(())
    }
}
