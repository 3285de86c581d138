//! `token_weights`: a number for each token of a list, by how rare it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::collection::{Collection, CollectionState};
use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::Tables;
use crate::slot::Slot;
use crate::types::ValueType;

/// What weighs a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Weight {
    /// ln((1 + N) / (1 + df)) + 1, for N rows of which df hold the token.
    #[default]
    Idf,
    /// a / (a + p), for the token's share p of all tokens.
    Sif,
}

/// A weight for each token of a list, in the order of the tokens: how rare the token is in the fitted rows.
///
/// The list of numbers is what `embedding` takes as its second input, so that rare tokens count more in the mean.
///
/// **Missing.** Missing tokens give a missing list and are left out of the fit; an empty list of tokens gives an empty list. A token
/// that was not seen in the fit has a document frequency, or a share, of 0.
///
/// **Example.** `token_weights([["red", "lamp"], ["red"], None])` gives `[[1.0, 1.405465], [1.0], None]`.
///
/// **Oracle.** The formulas in Python with logarithms of mpmath, and scikit-learn's `TfidfVectorizer.idf_` to 1e-12: within
/// 1 ULP of f32, exactly for `sif`.
///
/// **Source.** `sklearn.feature_extraction.text.TfidfTransformer` with `smooth_idf`; Arora, Liang and Ma, "A Simple but Tough-to-Beat
/// Baseline for Sentence Embeddings" (2017), whose weight is `sif`.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The weight: `idf` or `sif`.
    weight: Weight,
    /// The a of `sif`: the share at which a token weighs one half; above 0 and at most 1.
    a: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            weight: Weight::Idf,
            a: 1e-3,
        }
    }
}

pub(super) struct TokenWeights {
    params: Params,
    collection: Collection,
}

impl Transform for TokenWeights {
    const NAME: &'static str = "token_weights";
    type Params = Params;
    type Work = ();
    type State = CollectionState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("terms", ValueType::is_terms)]);
        let fits = params.a > 0.0 && params.a <= 1.0;
        problems.extend(checks::range(
            fits,
            "a",
            params.a,
            "give a number above 0 and at most 1",
        ));
        checks::done(
            problems,
            Signature::fitted(vec![Read::Terms], ValueType::Vector(None), vec![0]),
        )
    }

    fn start(_params: &Params) -> CollectionState {
        CollectionState::without_query()
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        // A fit that saw no rows saw no fields.
        let fields = tables.i64s("fields", "documents")?.len().min(1);
        Ok(Self {
            params,
            collection: Collection::open(tables, fields)?,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let terms = args.terms(0)?;
        let out = out.vectors()?;
        let Params { weight, a } = self.params;
        for i in 0..args.len() {
            let Some(row) = terms.get(i) else {
                out.missing_row();
                continue;
            };
            match weight {
                Weight::Idf => out.extend(row.iter().map(|token| self.collection.smooth_idf(token))),
                Weight::Sif => out.extend(row.iter().map(|token| a / (a + self.collection.share(token)))),
            }
            out.end_row();
        }
        Ok(())
    }
}
