//! `term_overlap`: how many tokens of a query a document has.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::query_terms::QueryTerms;
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Count {
    /// Different tokens of the query that the document has, each once.
    #[default]
    Distinct,
    /// Places of the document that hold a token of the query.
    Occurrences,
}

/// How many tokens of the query the document has.
///
/// The first input is the query, the second the document.
///
/// **Missing.** When either side is missing the number is missing; an empty side gives 0.0.
///
/// **Example.** `term_overlap([["red", "red", "lamp"]], [["red", "lamp", "red"]])` gives `[2.0]`.
///
/// **Oracle.** Python's sets and `list.count`: exactly.
///
/// **Source.** Qin and Liu, "Introducing LETOR 4.0 Datasets" (2013), feature "covered query term number".
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What is counted: `distinct` tokens or `occurrences` in the document.
    count: Count,
}

pub(super) struct TermOverlap {
    count: Count,
}

impl Transform for TermOverlap {
    const NAME: &'static str = "term_overlap";
    type Params = Params;
    type Work = QueryTerms;
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
        Ok(Self { count: params.count })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut QueryTerms) -> Result<()> {
        let (queries, documents) = (args.terms(0)?, args.terms(1)?);
        work.start();
        out.numbers()?.extend((0..args.len()).map(|i| {
            let (Some(query), Some(document)) = (queries.get(i), documents.get(i)) else {
                return f64::NAN;
            };
            work.prepare(queries.source_row(i), query);
            work.count(query, document);
            let counts = work.counts().iter();
            match self.count {
                Count::Distinct => counts.filter(|count| **count > 0).count() as f64,
                Count::Occurrences => counts.map(|count| f64::from(*count)).sum(),
            }
        }));
        Ok(())
    }
}
