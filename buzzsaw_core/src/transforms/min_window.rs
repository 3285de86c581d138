//! `min_window`: the shortest part of a document with the query's tokens in it.

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

/// What of the window counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Of {
    /// its number of tokens
    #[default]
    Length,
    /// the different query tokens in it, over its number of tokens
    Density,
}

/// The length of the shortest run of a document's tokens that has each different query token that the document has.
///
/// The first input is the query, the second the document. A document with the query as a phrase has the smallest
/// window there is, as long as the query; the next word between them makes it one longer. `density` is the number of
/// different query tokens in the window over its length: 1.0 when nothing stands between them.
///
/// **Missing.** When either side is missing the outcome is missing. Without a common token it is 0.0.
///
/// **Example.** `min_window([["red", "lamp"], ["blue"]], [["red", "desk", "lamp", "red"], ["red"]])` gives
/// `[2.0, 0.0]`.
///
/// **Oracle.** Every window of the document, in Python, exactly.
///
/// **Source.** `MinCover` of Tao and Zhai, "An Exploration of Proximity Measures in Information Retrieval" (2007).
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What of the window counts: its `length` in tokens, or the `density` of query tokens in it.
    of: Of,
}

pub(super) struct MinWindow {
    params: Params,
}

#[derive(Default)]
pub(crate) struct Work {
    tokens: QueryTokens,
    /// The query tokens in the document: where, and which.
    places: Vec<(usize, usize)>,
    /// How often each query token is in the window.
    counts: Vec<usize>,
}

impl MinWindow {
    fn score(&self, query: TermsRow<'_>, document: TermsRow<'_>, work: &mut Work) -> f64 {
        let Work {
            tokens,
            places,
            counts,
        } = work;
        counts.clear();
        counts.resize(tokens.len(), 0);
        places.clear();
        let mut found = 0;
        for place in 0..document.len() {
            if let Some(at) = tokens.find(query, document, place) {
                places.push((place, at));
                found += usize::from(counts[at] == 0);
                counts[at] = 1;
            }
        }
        if found == 0 {
            return 0.0;
        }
        counts.fill(0);
        let (mut first, mut inside, mut shortest) = (0, 0, document.len());
        for (place, at) in places.iter() {
            inside += usize::from(counts[*at] == 0);
            counts[*at] += 1;
            // The window ends here and begins as late as it can.
            while let Some((_, earliest)) = places.get(first).filter(|(_, earliest)| counts[*earliest] > 1) {
                counts[*earliest] -= 1;
                first += 1;
            }
            if inside == found {
                shortest = shortest.min(place - places[first].0 + 1);
            }
        }
        match self.params.of {
            Of::Length => shortest as f64,
            Of::Density => found as f64 / shortest as f64,
        }
    }
}

impl Transform for MinWindow {
    const NAME: &'static str = "min_window";
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
        for i in 0..args.len() {
            out.push(match (queries.get(i), documents.get(i)) {
                (Some(query), Some(document)) => {
                    work.tokens.prepare(queries.source_row(i), query, |_| true);
                    self.score(query, document, work)
                }
                _ => f64::NAN,
            });
        }
        Ok(())
    }
}
