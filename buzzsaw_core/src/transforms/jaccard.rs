//! `jaccard`: how alike two sets of tokens, or of character n-grams, are.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Arg, Args};
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::hash::xxh3_64;
use crate::slot::Slot;
use crate::types::ValueType;

/// What the sizes of the sets A, B and of what they share become.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Measure {
    /// shared / (A + B - shared)
    #[default]
    Jaccard,
    /// 2 * shared / (A + B)
    Dice,
    /// shared / the smaller of A and B
    Overlap,
}

/// The similarity of two sets: of the tokens of two token lists, or of the character n-grams of two texts.
///
/// A text of fewer code points than `char_ngrams` has one n-gram, itself; an empty one has none. Members are told apart by
/// XXH3-64 of their bytes; while a row is compared each member takes eight bytes, repeated ones too.
///
/// For token lists `coverage` and `list_overlap` divide by the size of one side instead.
///
/// **Missing.** When either side is missing the similarity is missing; when either set is empty it is 0.0.
///
/// **Example.** `jaccard([["red", "lamp"]], [["red", "shoe", "red"]])` gives `[0.333333]`.
///
/// **Oracle.** Python's sets: exactly.
///
/// **Source.** Jaccard (1901); Dice (1945); the overlap coefficient of Szymkiewicz and Simpson.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// What the sizes of the sets become: `jaccard`, `dice` or `overlap`.
    measure: Measure,
    /// The length of the character n-grams of texts in code points, 1 to 16, by default 3; not for token
    /// lists.
    char_ngrams: Option<u8>,
}

pub(super) struct Jaccard {
    measure: Measure,
    ngrams: usize,
}

/// The longest n-gram.
const MAX: u8 = 16;
/// The length when none is given.
const DEFAULT: u8 = 3;

#[derive(Default)]
pub(crate) struct Work {
    /// The source row of the left set.
    source: Option<usize>,
    left: Vec<u64>,
    right: Vec<u64>,
}

impl Jaccard {
    /// Fills `set` with the hashes of row `i`, ascending and unique; false when it is missing.
    fn fill(&self, arg: &Arg<'_>, i: usize, set: &mut Vec<u64>) -> bool {
        set.clear();
        match arg {
            Arg::Terms(terms) => {
                let Some(row) = terms.get(i) else { return false };
                set.extend(row.iter().map(|token| xxh3_64(token, 0)));
            }
            Arg::Text(text) => {
                let Some(bytes) = text.get(i) else { return false };
                // Of too few code points there is no end but that of the text: one n-gram.
                let starts = (0..bytes.len()).filter(|at| bytes[*at] & 0xC0 != 0x80);
                let ends = starts.clone().skip(self.ngrams).chain([bytes.len()]);
                set.extend(
                    starts
                        .zip(ends)
                        .map(|(start, end)| xxh3_64(&bytes[start..end], 0)),
                );
            }
            _ => return false,
        }
        set.sort_unstable();
        set.dedup();
        true
    }

    fn similarity(&self, left: &[u64], right: &[u64]) -> f64 {
        let (mut i, mut j, mut shared) = (0, 0, 0usize);
        while let (Some(a), Some(b)) = (left.get(i), right.get(j)) {
            shared += usize::from(a == b);
            i += usize::from(a <= b);
            j += usize::from(b <= a);
        }
        let both = left.len() + right.len();
        let (top, bottom) = match self.measure {
            Measure::Jaccard => (shared, both - shared),
            Measure::Dice => (2 * shared, both),
            Measure::Overlap => (shared, left.len().min(right.len())),
        };
        if shared == 0 {
            0.0
        } else {
            top as f64 / bottom as f64
        }
    }
}

impl Transform for Jaccard {
    const NAME: &'static str = "jaccard";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let texts = inputs.first().is_some_and(ValueType::is_text);
        let want: checks::Want = if texts {
            ("text", ValueType::is_text)
        } else {
            ("terms", ValueType::is_terms)
        };
        let mut problems = checks::inputs(inputs, &[want, want]);
        if let Some(ngrams) = params.char_ngrams {
            let fits = (1..=MAX).contains(&ngrams);
            problems.extend(checks::range(fits, "char_ngrams", ngrams, "give 1 to 16"));
            if !texts && problems.is_empty() {
                let problem = Problem::new(ErrorKind::InvalidSpec, "token lists have no character n-grams");
                problems.push(problem.at("char_ngrams").hint("leave it out, or give two texts"));
            }
        }
        let read = if texts { Read::Text } else { Read::Terms };
        checks::done(problems, Signature::stateless(vec![read; 2], ValueType::Number))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            measure: params.measure,
            ngrams: usize::from(params.char_ngrams.unwrap_or(DEFAULT)),
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let (first, second) = (args.arg(0), args.arg(1));
        let source = |i: usize| match first {
            Arg::Terms(terms) => terms.source_row(i),
            Arg::Text(text) => text.source_row(i),
            _ => i,
        };
        work.source = None;
        let mut given = false;
        out.numbers()?.extend((0..args.len()).map(|i| {
            let row = source(i);
            if work.source != Some(row) {
                given = self.fill(first, i, &mut work.left);
                work.source = Some(row);
            }
            if given && self.fill(second, i, &mut work.right) {
                self.similarity(&work.left, &work.right)
            } else {
                f64::NAN
            }
        }));
        Ok(())
    }
}
