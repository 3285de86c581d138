//! `longest_run`: the longest part of a query that stands in a document.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::query_tokens::QueryTokens;
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::text::TermsRow;
use crate::types::ValueType;

/// How the run is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Of {
    /// in tokens
    #[default]
    Length,
    /// as a share of the query
    Share,
}

/// The most tokens of the query times those of the document.
const MOST: usize = 1 << 26;

/// The number of tokens of the longest run of the query's tokens that is a run of the document's tokens too.
///
/// The first input is the query, the second the document. `share` divides by the number of the query's tokens: 1.0 when
/// the document has the query as a phrase. A row whose two numbers of tokens have a product above 2^26 is
/// `BZ_RESOURCE_LIMIT`.
///
/// **Missing.** When either side is missing the outcome is missing. Without a common token, and for an empty query, it is
/// 0.0.
///
/// **Example.** `longest_run([["red", "desk", "lamp"]], [["desk", "lamp", "red"]])` gives `[2.0]`.
///
/// **Oracle.** `difflib.SequenceMatcher.find_longest_match` of CPython, exactly.
///
/// **Source.** The longest common substring, over tokens.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How the run is measured: by its `length` in tokens, or as a `share` of the query.
    of: Of,
}

pub(super) struct LongestRun {
    params: Params,
}

#[derive(Default)]
pub(crate) struct Work {
    tokens: QueryTokens,
    /// Which token stands at each place of the query, and of which source row.
    query: Vec<usize>,
    source: Option<usize>,
    /// For each place of the query, how long the run is that ends there and at the document's token.
    runs: Vec<usize>,
}

impl LongestRun {
    fn score(&self, source: usize, query: TermsRow<'_>, document: TermsRow<'_>, work: &mut Work) -> f64 {
        let Work {
            tokens,
            query: places,
            source: prepared,
            runs,
        } = work;
        if *prepared != Some(source) {
            places.clear();
            places.extend((0..query.len()).filter_map(|i| tokens.find(query, query, i)));
            *prepared = Some(source);
        }
        runs.clear();
        runs.resize(places.len(), 0);
        let mut longest = 0;
        for i in 0..document.len() {
            let Some(at) = tokens.find(query, document, i) else {
                runs.fill(0);
                continue;
            };
            let mut before = 0;
            for (run, place) in runs.iter_mut().zip(places.iter()) {
                let ended = std::mem::replace(run, if *place == at { before + 1 } else { 0 });
                longest = longest.max(*run);
                before = ended;
            }
        }
        match self.params.of {
            Of::Length => longest as f64,
            Of::Share if longest == 0 => 0.0,
            Of::Share => longest as f64 / query.len() as f64,
        }
    }
}

impl Transform for LongestRun {
    const NAME: &'static str = "longest_run";
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
        Ok(Self { params })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let (queries, documents) = (args.terms(0)?, args.terms(1)?);
        let out = out.numbers()?;
        work.tokens.start();
        work.source = None;
        for i in 0..args.len() {
            out.push(match (queries.get(i), documents.get(i)) {
                (Some(query), Some(document)) => {
                    work.tokens.prepare(queries.source_row(i), query, |_| true);
                    if query.len().saturating_mul(document.len()) > MOST {
                        let message = format!("row {} has too many tokens on both sides", args.position(i));
                        return Err(Error::new(ErrorKind::ResourceLimit, message)
                            .hint("the product of the two numbers is at most 2^26: give shorter texts"));
                    }
                    self.score(queries.source_row(i), query, document, work)
                }
                _ => f64::NAN,
            });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Arg, Index, TermsArg};
    use crate::text::Terms;

    fn terms(word: &[u8], count: usize) -> Terms {
        let mut terms = Terms::new();
        (0..count).for_each(|_| terms.push_token(word).unwrap());
        terms.end_row();
        terms
    }

    #[test]
    fn long_rows_are_refused() {
        let of = |count: usize| {
            let (query, document) = (terms(b"a", 8192), terms(b"b", count));
            let index = Index::Offset(0);
            let items = [&query, &document].map(|terms| Arg::Terms(TermsArg { terms, index }));
            let args = Args {
                len: 1,
                first: 7,
                items: items.into_iter().collect(),
                groups: None,
                label: None,
                folds: None,
            };
            let step = LongestRun {
                params: Params::default(),
            };
            let mut out = Slot::Numbers(Vec::new());
            step.eval(&args, &mut out, &mut Work::default())?;
            Ok::<f64, Error>(out.numbers()?[0])
        };
        assert_eq!(of(8192).unwrap(), 0.0);
        let error = of(8193).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResourceLimit);
        assert!(error.to_string().contains("row 7 has too many tokens"), "{error}");
    }
}
