//! `bm25f`: how well several fields of a document together match a query.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::collection::{Collection, CollectionState};
use super::query_terms::QueryTerms;
use super::{Read, Signature, Transform, checks};
use crate::args::{Args, TermsArg};
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::Tables;
use crate::slot::Slot;
use crate::spec::MAX_STEP_INPUTS;
use crate::types::ValueType;

/// The largest `k1`: sums with it stay finite.
const LARGEST: f64 = 1e100;

/// The BM25F score of a document's fields for a query: occurrences are weighed and added over the fields before they
/// saturate, so that a token in two fields does not count as two tokens.
///
/// idf * s / (k1 + s) for each query token in order, with s the sum over fields of
/// weight * tf / (1 - b + b * length / mean length), and idf = ln(1 + (N - df + 0.5) / (df + 0.5)) with df the documents
/// that hold the token in any field. The first input is the query, the others are the fields.
///
/// **Missing.** When the query or all fields are missing the score is missing; a missing field has no occurrences and is left
/// out of its mean length. A token in a field that was empty in every document of the fit counts in full where `b` is 1.
///
/// **Example.** `bm25f([["red"], ["red"]], [["red"], ["lamp"]], [["red", "red"], ["desk"]], weights=[2, 1])` gives
/// `[0.519860, 0.0]`.
///
/// **Oracle.** The formula in Python with logarithms of mpmath: exactly.
///
/// **Source.** Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond" (2009), section 3.6.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How much an occurrence in each field counts, 0 or more: one number for all fields or a list; 1 by default.
    weights: Option<PerField>,
    /// How much the length of each field counts, 0 to 1: one number for all fields or a list; 0.75 by default.
    b: Option<PerField>,
    /// How soon further occurrences of a token stop to count; 0 or more.
    k1: f64,
}

/// Numbers of the fields.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
enum PerField {
    /// One for all fields.
    All(f64),
    /// One a field, in the order of the inputs.
    Each(Vec<f64>),
}

impl PerField {
    fn numbers(&self) -> &[f64] {
        match self {
            Self::All(number) => std::slice::from_ref(number),
            Self::Each(numbers) => numbers,
        }
    }

    /// The number of field `i`.
    fn get(&self, i: usize) -> Option<f64> {
        match self {
            Self::All(number) => Some(*number),
            Self::Each(numbers) => numbers.get(i).copied(),
        }
    }
}

impl Default for Params {
    fn default() -> Self {
        Self {
            weights: None,
            b: None,
            k1: 1.2,
        }
    }
}

pub(super) struct Bm25f {
    /// Weight and b of each field.
    fields: Vec<(f64, f64)>,
    k1: f64,
    collection: Collection,
}

#[derive(Default)]
pub(crate) struct Work {
    terms: QueryTerms,
    /// The inverse document frequency of each distinct token of the query.
    idf: Vec<f64>,
    /// The weighed occurrences of each distinct token.
    sums: Vec<f64>,
}

/// The problems of the fields' numbers.
fn each_field(
    given: Option<&PerField>,
    fields: usize,
    place: &str,
    range: std::ops::RangeInclusive<f64>,
    want: &str,
) -> Vec<Problem> {
    let Some(given) = given else { return Vec::new() };
    if let PerField::Each(numbers) = given
        && numbers.len() != fields
    {
        let message = format!("{} numbers were given for {fields} fields", numbers.len());
        return vec![
            Problem::new(ErrorKind::InvalidSpec, message)
                .at(place)
                .hint("give one number a field, in the order of the inputs, or one number for all fields"),
        ];
    }
    let outside = given.numbers().iter().find(|number| !range.contains(number));
    outside
        .and_then(|number| checks::range(false, place, number, want))
        .into_iter()
        .collect()
}

impl Transform for Bm25f {
    const NAME: &'static str = "bm25f";
    type Params = Params;
    type Work = Work;
    type State = CollectionState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = Vec::new();
        if inputs.len() < 2 {
            let problem = Problem::new(ErrorKind::InvalidSpec, "it reads a query and one field or more");
            problems.push(problem.at("inputs").hint("give `inputs: [query, field, field]`"));
        }
        let all = inputs.iter().enumerate();
        problems.extend(all.filter_map(|(i, v)| checks::input(i, v, ("terms", ValueType::is_terms))));
        let fields = inputs.len().saturating_sub(1);
        let Params { weights, b, k1 } = params;
        problems.extend(each_field(
            weights.as_ref(),
            fields,
            "weights",
            0.0..=f64::MAX,
            "give 0 or more",
        ));
        problems.extend(each_field(b.as_ref(), fields, "b", 0.0..=1.0, "give 0 to 1"));
        problems.extend(checks::range(
            (0.0..=LARGEST).contains(k1),
            "k1",
            k1,
            "give 0 to 1e100",
        ));
        checks::done(
            problems,
            Signature::fitted(
                vec![Read::Terms; inputs.len()],
                ValueType::Number,
                (1..inputs.len()).collect(),
            ),
        )
    }

    fn start(_params: &Params) -> CollectionState {
        CollectionState::default()
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let count = tables.i64s("fields", "documents")?.len();
        let collection = Collection::open(tables, count)?;
        let of = |numbers: &Option<PerField>, i: usize, default: f64| {
            numbers
                .as_ref()
                .and_then(|numbers| numbers.get(i))
                .unwrap_or(default)
        };
        let field = |i: usize| (of(&params.weights, i, 1.0), of(&params.b, i, 0.75));
        Ok(Self {
            fields: (0..count).map(field).collect(),
            k1: params.k1,
            collection,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        if args.inputs() != self.fields.len() + 1 {
            return Err(checks::corrupt("the statistics are of another number of fields"));
        }
        let queries = args.terms(0)?;
        let mut fields = arrayvec::ArrayVec::<TermsArg<'_>, MAX_STEP_INPUTS>::new();
        for input in 1..args.inputs() {
            fields.push(args.terms(input)?);
        }
        let out = out.numbers()?;
        let Work { terms, idf, sums } = work;
        terms.start();
        for i in 0..args.len() {
            let Some(query) = queries.get(i) else {
                out.push(f64::NAN);
                continue;
            };
            if terms.prepare(queries.source_row(i), query) {
                idf.clear();
                idf.extend(terms.distinct(query).map(|token| self.collection.idf(token)));
            }
            sums.clear();
            sums.resize(idf.len(), 0.0);
            let mut given = false;
            for (f, ((weight, b), field)) in self.fields.iter().zip(&fields).enumerate() {
                let Some(row) = field.get(i) else { continue };
                given = true;
                if *weight == 0.0 {
                    continue;
                }
                terms.count(query, row);
                let norm = 1.0 - b + b * self.collection.relative_length(f, row.len());
                for (sum, count) in sums.iter_mut().zip(terms.counts()) {
                    if *count > 0 {
                        *sum += weight * f64::from(*count) / norm;
                    }
                }
            }
            if !given {
                out.push(f64::NAN);
                continue;
            }
            let mut score = 0.0;
            for at in terms.tokens() {
                let sum = sums[*at];
                if sum > 0.0 {
                    // Where the fit saw no length (a norm of zero) and past f64 a token counts in full.
                    let share = if sum.is_finite() {
                        sum / (self.k1 + sum)
                    } else {
                        1.0
                    };
                    score += idf[*at] * share;
                }
            }
            out.push(score);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Arg, Index};
    use crate::fit::{FitState, Outcome};
    use crate::text::Terms;

    fn terms(rows: &[&[&str]]) -> Terms {
        let mut terms = Terms::new();
        for row in rows {
            row.iter()
                .for_each(|token| terms.push_token(token.as_bytes()).unwrap());
            terms.end_row();
        }
        terms
    }

    fn args<'a>(columns: &[&'a Terms]) -> Args<'a> {
        let arg = |terms: &&'a Terms| {
            Arg::Terms(TermsArg {
                terms,
                index: Index::Offset(0),
            })
        };
        Args {
            len: columns[0].rows(),
            first: 0,
            items: columns.iter().map(arg).collect(),
            groups: None,
            label: None,
            folds: None,
        }
    }

    #[test]
    fn fields_without_lengths_and_huge_weights_have_a_score() {
        let (query, title, empty) = (
            terms(&[&["a"], &[]]),
            terms(&[&["a"], &["b"]]),
            terms(&[&[], &[]]),
        );
        let mut state = CollectionState::default();
        state.update(&args(&[&query, &title, &empty])).unwrap();
        let Outcome::Done(tables) = state.finish().unwrap() else {
            panic!("one pass is enough")
        };
        for (weights, b) in [
            (vec![1.0, 1.0], vec![0.75, 1.0]),
            (vec![1.7e308, 1.7e308], vec![0.0, 0.0]),
            (vec![1.0, 0.0], vec![0.75, 1.0]),
        ] {
            let params = Params {
                weights: Some(PerField::Each(weights)),
                b: Some(PerField::Each(b)),
                k1: 1.2,
            };
            let step = Bm25f::build(params, &tables).unwrap();
            let mut out = Slot::Numbers(Vec::new());
            let served = (terms(&[&["a"]]), terms(&[&["a", "a"]]), terms(&[&["a", "c"]]));
            let rows = args(&[&served.0, &served.1, &served.2]);
            step.eval(&rows, &mut out, &mut Work::default()).unwrap();
            let Slot::Numbers(scores) = out else {
                panic!("numbers")
            };
            assert!(scores[0].is_finite() && scores[0] > 0.0, "{scores:?}");
        }
    }
}
