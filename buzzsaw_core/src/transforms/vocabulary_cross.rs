//! `vocabulary_cross`: combinations of categories and tokens, as columns of a fitted vocabulary.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::combinations::{self, Combinations, Join};
use super::{Signature, Transform, checks};
use crate::args::Args;
use crate::cpu::Level;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{CategoryCounts, FitState, Keep, MAX_COLUMNS, Outcome, Tables, position_tables};
use crate::slot::Slot;
use crate::sparse_row::{Keys, Scale};
use crate::types::ValueType;
use crate::vocabulary::Vocabulary;

/// The most bytes that the combinations of one row take, those of fewer inputs included.
const MAX_BYTES: usize = 1 << 28;

/// Counts combinations of two or more categories or token lists in the columns of a fitted vocabulary.
///
/// The fitted counterpart of `hashed_cross`: a token list stands for each of its tokens, the order of inputs matters, and numbers
/// and texts that are written alike are one category. A combination is written as its parts one after the other, each as the
/// number of its bytes (4 bytes, big-endian) and the bytes; columns are in ascending order of that. `top_k` keeps the combinations
/// that most fitted rows hold, a row counting once; of equal counts those first in that order. A fit that keeps no combination is
/// refused, and so is a row of more than 2^22 combinations, or whose combinations take more than 2^28 bytes.
///
/// **Missing.** When any input is missing the row is empty and is not learnt, as it is when a token list is empty. Combinations
/// outside the vocabulary are left out.
///
/// **Example.** `vocabulary_cross(["acme", "zeta", None], [["red", "lamp"], ["red", "red"], ["red"]])` gives
/// `[{0: 1.0, 1: 1.0}, {2: 2.0}, {}]`.
///
/// **Oracle.** `itertools.product` and `collections.Counter`: exactly.
///
/// **Source.** Cross-product transformations as in Cheng et al., "Wide & Deep Learning for Recommender Systems" (2016), over a
/// vocabulary.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How many combinations are kept, those in most rows; all by default.
    top_k: Option<u64>,
    /// Combinations in fewer rows are left out; 1 or more.
    min_count: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            top_k: None,
            min_count: 1,
        }
    }
}

/// Where a combination lies in [`Written::bytes`].
#[derive(Clone, Copy)]
struct Place {
    start: usize,
    end: usize,
}

/// Combinations as bytes.
#[derive(Default)]
struct Written {
    bytes: Vec<u8>,
    /// Whether a combination was left out because it would pass the limit.
    full: bool,
}

impl Written {
    fn clear(&mut self) {
        self.bytes.clear();
        self.full = false;
    }

    /// Room for `more` bytes, or nothing and a mark that there was none.
    #[inline]
    fn has_room(&mut self, more: usize) -> bool {
        self.full |= self.bytes.len().saturating_add(more) > MAX_BYTES;
        !self.full
    }
}

impl Join for Written {
    type Item = Place;

    #[inline]
    fn part(&mut self, bytes: &[u8]) -> Place {
        let start = self.bytes.len();
        if self.has_room(bytes.len() + size_of::<u32>()) {
            // Below the limit a length has no more than 28 bits.
            self.bytes.extend_from_slice(&(bytes.len() as u32).to_be_bytes());
            self.bytes.extend_from_slice(bytes);
        }
        Place {
            start,
            end: self.bytes.len(),
        }
    }

    #[inline]
    fn join(&mut self, left: Place, right: Place) -> Place {
        let start = self.bytes.len();
        if self.has_room(left.end - left.start + right.end - right.start) {
            self.bytes.extend_from_within(left.start..left.end);
            self.bytes.extend_from_within(right.start..right.end);
        }
        Place {
            start,
            end: self.bytes.len(),
        }
    }
}

/// The combinations of a row, and the bytes of all.
#[derive(Default)]
struct Row {
    combinations: Combinations<Place>,
    written: Written,
}

impl Row {
    /// The combinations of row `i`; `None` when an input is missing.
    fn combine(&mut self, args: &Args<'_>, i: usize) -> Result<Option<impl Iterator<Item = &[u8]>>> {
        self.written.clear();
        let made = self.combinations.of_row(args, i, &mut self.written)?;
        if self.written.full {
            return Err(Error::new(
                ErrorKind::ResourceLimit,
                format!(
                    "the combinations of row {} take more than {MAX_BYTES} bytes",
                    args.position(i)
                ),
            )
            .hint("cross fewer inputs, or drop tokens before: `stop_words`, a shorter text"));
        }
        let bytes = &self.written.bytes;
        Ok(made.map(|places| places.iter().map(|place| &bytes[place.start..place.end])))
    }
}

/// Counts of combinations, and what is kept of them.
#[derive(Serialize, Deserialize)]
pub(crate) struct State {
    counts: CategoryCounts,
    keep: Keep,
    #[serde(skip)]
    row: Row,
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        for i in 0..args.len() {
            if let Some(combinations) = self.row.combine(args, i)? {
                self.counts.start_row();
                combinations.for_each(|combination| self.counts.add(combination));
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.counts.merge(other.counts);
        Ok(())
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let kept = self.counts.sorted(self.keep);
        Ok(Outcome::Done(position_tables(&kept, 0, MAX_COLUMNS)?))
    }

    fn keys(&self) -> usize {
        self.counts.categories()
    }

    fn key_bytes(&self) -> usize {
        self.counts.bytes()
    }

    fn split(&mut self, parts: usize) -> Vec<Self> {
        let counts = self.counts.split(parts);
        let part = |counts| Self {
            counts,
            keep: self.keep,
            row: Row::default(),
        };
        counts.into_iter().map(part).collect()
    }

    fn prune(&mut self, _rest: Option<&Self>) {
        self.counts.prune(self.keep);
    }
}

pub(super) struct VocabularyCross {
    vocabulary: Vocabulary,
    level: Level,
}

#[derive(Default)]
pub(crate) struct Work {
    keys: Keys,
    row: Row,
}

impl Transform for VocabularyCross {
    const NAME: &'static str = "vocabulary_cross";
    type Params = Params;
    type Work = Work;
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = combinations::problems(inputs);
        problems.extend(checks::keep(params.top_k, params.min_count));
        let every = (0..inputs.len()).collect();
        checks::done(
            problems,
            Signature::fitted(combinations::reads(inputs), ValueType::Sparse, every),
        )
    }

    fn start(params: &Params) -> State {
        State {
            counts: CategoryCounts::default(),
            keep: Keep {
                top_k: params.top_k,
                min_count: params.min_count,
            },
            row: Row::default(),
        }
    }

    fn build(_params: Params, tables: &Tables) -> Result<Self> {
        Ok(Self {
            vocabulary: Vocabulary::open(tables)?,
            level: Level::detect(),
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let out = out.sparse()?;
        let columns = self.vocabulary.len().max(1) as u64;
        let Work { keys, row } = work;
        keys.clear();
        for i in 0..args.len() {
            if let Some(combinations) = row.combine(args, i)? {
                let found = combinations.filter_map(|combination| self.vocabulary.find(combination));
                keys.extend(found.map(|column| (column as u32, false)));
            }
            keys.end_row();
            if keys.is_batch() || i + 1 == args.len() {
                keys.merge(self.level, columns, Scale::default(), out);
            }
        }
        Ok(())
    }

    fn columns(&self, _inputs: &[u32]) -> u32 {
        self.vocabulary.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn combinations_past_the_bytes_limit_are_marked_and_not_written() {
        let mut written = Written::default();
        let half = written.part(&vec![b'x'; MAX_BYTES / 2 - 4]);
        assert_eq!((half.end, written.full), (MAX_BYTES / 2, false));
        let small = Place { start: 3, end: 10 };
        let whole = written.join(
            Place {
                start: 1,
                end: MAX_BYTES / 2 - 6,
            },
            small,
        );
        assert_eq!((whole.end, written.full), (MAX_BYTES, false));
        written.join(small, Place { start: 0, end: 0 });
        assert!(written.full && written.bytes.len() == MAX_BYTES);
        // Nothing smaller fits either: an error follows.
        written.part(b"");
        assert_eq!(written.bytes.len(), MAX_BYTES);
        written.clear();
        let part = written.part(b"");
        assert_eq!((part.end, written.full), (4, false));
    }
}
