//! `affixes`: beginnings and ends of tokens as tokens.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::text::{Affixes as Lengths, GramSpare, MOST_CHARS, push_affixes};
use crate::types::ValueType;

/// The beginnings and ends of each token as tokens, so that words that share one meet.
///
/// For each token in turn its beginnings by ascending length, then its ends by ascending length, in code points; a token
/// that is shorter than a length gives nothing for it. The markers keep beginnings, ends and whole tokens apart.
///
/// More than 2^24 beginnings and ends of one row are `BZ_RESOURCE_LIMIT`.
///
/// **Missing.** Missing tokens stay missing; an empty token gives nothing.
///
/// **Example.** `affixes([["lamp", "tv"], None], prefixes=[2, 3], suffixes=[3, 3], suffix_marker="$")` gives
/// `[["la", "lam", "amp$", "tv"], None]`.
///
/// **Oracle.** Slices of Python's strings, exactly.
///
/// **Source.** Lucene's `EdgeNGramTokenFilter`, which makes beginnings alone.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The fewest and most code points of a beginning, 1 to 64; none are made by default.
    prefixes: Option<[u32; 2]>,
    /// The fewest and most code points of an end, 1 to 64; none are made by default. One of both is needed.
    suffixes: Option<[u32; 2]>,
    /// What stands before each beginning, such as `^`; nothing by default.
    prefix_marker: String,
    /// What stands after each end, such as `$`; nothing by default.
    suffix_marker: String,
}

impl Params {
    fn problems(&self) -> Vec<Problem> {
        let of = |lengths: Option<[u32; 2]>, place: &str| {
            let [low, high] = lengths?;
            let holds = 1 <= low && low <= high && high <= MOST_CHARS;
            let told = format!("[{low}, {high}]");
            checks::range(holds, place, told, "give [low, high] with 1 <= low <= high <= 64")
        };
        let mut problems: Vec<Problem> = of(self.prefixes, "prefixes").into_iter().collect();
        problems.extend(of(self.suffixes, "suffixes"));
        let markers = [
            (self.prefixes, &self.prefix_marker, "prefix_marker", "prefixes"),
            (self.suffixes, &self.suffix_marker, "suffix_marker", "suffixes"),
        ];
        for (lengths, marker, place, other) in markers {
            if lengths.is_none() && !marker.is_empty() {
                let problem = Problem::new(ErrorKind::InvalidSpec, format!("there are no `{other}` to mark"));
                problems.push(problem.at(place).hint(format!("give `{other}`, or no marker")));
            }
        }
        if self.prefixes.is_none() && self.suffixes.is_none() {
            let problem = Problem::new(
                ErrorKind::InvalidSpec,
                "neither beginnings nor ends are asked for",
            );
            problems.push(
                problem
                    .at("prefixes")
                    .hint("give `prefixes`, `suffixes` or both, each as [low, high]"),
            );
        }
        problems
    }
}

pub(super) struct Affixes {
    params: Params,
}

impl Transform for Affixes {
    const NAME: &'static str = "affixes";
    type Params = Params;
    type Work = GramSpare;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(inputs, &[("terms", ValueType::is_terms)]);
        problems.extend(params.problems());
        checks::done(
            problems,
            Signature::stateless(vec![Read::Terms], ValueType::Terms),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self { params })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut GramSpare) -> Result<()> {
        let terms = args.terms(0)?;
        let out = out.terms()?;
        let lengths = Lengths {
            prefixes: self.params.prefixes,
            suffixes: self.params.suffixes,
        };
        let markers =
            [&self.params.prefix_marker, &self.params.suffix_marker].map(|marker| marker.as_bytes());
        for i in 0..args.len() {
            let Some(row) = terms.get(i) else {
                out.missing_row();
                continue;
            };
            push_affixes(row, lengths, markers, out, work)
                .map_err(|overflow| checks::overflow(overflow, args.position(i)))?;
            out.end_row();
        }
        Ok(())
    }
}
