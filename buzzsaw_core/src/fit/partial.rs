//! What one worker learns in one pass, in memory and as bytes.

use serde::{Deserialize, Serialize};

use super::state::AnyFitState;
use crate::error::{Error, ErrorKind, Result};
use crate::scratch::Scratch;

/// The table that a state is learnt from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Source {
    /// One row a judged or logged pair of query and document.
    Pairs,
    /// Each document once.
    Documents,
}

impl Source {
    /// The name that messages use.
    pub fn name(self) -> &'static str {
        match self {
            Source::Pairs => "pairs",
            Source::Documents => "documents",
        }
    }
}

/// Which pass of which fit: states of different ones must not meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PassId {
    /// A hash of the spec and of whether documents are given.
    pub fit: u64,
    pub source: Source,
    pub round: u64,
}

/// The error of a state from another pass.
pub(super) fn foreign() -> Error {
    Error::new(
        ErrorKind::InvalidValue,
        "partial states of different fits or rounds do not belong together",
    )
    .hint("driver and workers must fit the same spec, one round after the other")
}

/// What is being learnt of one step; a part of a partial has only what is held by key.
#[derive(Default)]
pub(super) struct Learning {
    pub own: Option<Box<dyn AnyFitState>>,
    pub impute: Option<Box<dyn AnyFitState>>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
pub(super) struct Seed {
    pub own: Option<Vec<u8>>,
    pub impute: Option<Vec<u8>>,
}

/// What one worker has learnt in one pass.
pub struct Partial {
    pub(super) pass: PassId,
    pub(super) rows: u64,
    pub(super) states: Vec<Learning>,
    pub(super) scratch: Scratch,
}

#[derive(Serialize, Deserialize)]
pub(super) struct PartialBytes {
    pub pass: PassId,
    pub rows: u64,
    pub states: Vec<Seed>,
}

impl Partial {
    /// Takes in what another worker has learnt from other rows of the same table in the same round.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when the two do not belong together.
    pub fn merge(&mut self, other: Partial) -> Result<()> {
        if self.pass != other.pass {
            return Err(foreign());
        }
        self.rows += other.rows;
        for (mine, theirs) in self.states.iter_mut().zip(other.states) {
            for (mine, theirs) in [(&mut mine.own, theirs.own), (&mut mine.impute, theirs.impute)] {
                match (mine, theirs) {
                    (Some(mine), Some(theirs)) => mine.merge(theirs)?,
                    (mine @ None, theirs) => *mine = theirs,
                    (Some(_), None) => {}
                }
            }
        }
        Ok(())
    }

    /// How many keys it holds, such as terms and categories, of steps whose state grows with the data; one that was merged
    /// from several partials may count several times.
    pub fn keys(&self) -> usize {
        let own = self.states.iter().filter_map(|learning| learning.own.as_ref());
        own.map(|state| state.keys()).sum()
    }

    /// About how many bytes of memory those take.
    pub fn key_bytes(&self) -> usize {
        let own = self.states.iter().filter_map(|learning| learning.own.as_ref());
        own.map(|state| state.key_bytes()).sum()
    }

    /// Moves what it holds by key into `parts` partials without rows, by a hash of the key: equal keys of any partials of
    /// the pass go to the partials of one position. Merged in any order with this one they are what it was.
    pub fn split(&mut self, parts: usize) -> Vec<Partial> {
        let mut split: Vec<Partial> = (0..parts)
            .map(|_| Partial {
                pass: self.pass,
                rows: 0,
                states: self.states.iter().map(|_| Learning::default()).collect(),
                scratch: Scratch::default(),
            })
            .collect();
        for (at, learning) in self.states.iter_mut().enumerate() {
            let Some(own) = &mut learning.own else { continue };
            for (part, state) in split.iter_mut().zip(own.split(parts)) {
                part.states[at].own = Some(state);
            }
        }
        split
    }

    /// Drops keys that no pipeline would keep, such as terms in too few documents. Only for a partial of
    /// [`Partial::split`] into which those of its position, of all partials of the pass, are merged. With the rest, what
    /// the split left behind of all of them, merged, a share of all rows is known, too: see [`Partial::prunes_by_rest`].
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when the rest is of another pass.
    pub fn prune(&mut self, rest: Option<&Partial>) -> Result<()> {
        // How many states a round has depends on the data, too.
        if rest.is_some_and(|rest| rest.pass != self.pass || rest.states.len() != self.states.len()) {
            return Err(foreign());
        }
        for (at, learning) in self.states.iter_mut().enumerate() {
            if let Some(own) = &mut learning.own {
                own.prune(rest.and_then(|rest| rest.states[at].own.as_deref()))?;
            }
        }
        Ok(())
    }

    /// What [`Partial::prune`] needs of this rest, as bytes, to send to another process.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when the state cannot be written.
    pub fn to_prune_by(&self) -> Result<Vec<u8>> {
        self.write(|learning| match &learning.own {
            Some(own) if own.prunes_by_rest() => Ok(Seed {
                own: Some(own.to_bytes()?),
                impute: None,
            }),
            _ => Ok(Seed::default()),
        })
    }

    /// Whether [`Partial::prune`] drops much more with the rest than without.
    pub fn prunes_by_rest(&self) -> bool {
        let mut own = self.states.iter().filter_map(|learning| learning.own.as_ref());
        own.any(|state| state.prunes_by_rest())
    }

    /// The table that the partial learns from.
    pub fn source(&self) -> Source {
        self.pass.source
    }

    /// How many rows it has seen.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The partial as bytes, to send to another process.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when the state cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let bytes =
            |state: &Option<Box<dyn AnyFitState>>| state.as_ref().map(|state| state.to_bytes()).transpose();
        self.write(|learning| {
            Ok(Seed {
                own: bytes(&learning.own)?,
                impute: bytes(&learning.impute)?,
            })
        })
    }

    fn write(&self, seed: impl Fn(&Learning) -> Result<Seed>) -> Result<Vec<u8>> {
        let bytes = PartialBytes {
            pass: self.pass,
            rows: self.rows,
            states: self.states.iter().map(seed).collect::<Result<_>>()?,
        };
        postcard::to_allocvec(&bytes)
            .map_err(|e| Error::internal(format!("a fit state cannot be written: {e}"), None))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::builder::{ListBuilder, StringBuilder};
    use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray};

    use super::*;
    use crate::fit::Fitter;
    use crate::frame::{Folds, Frame};
    use crate::spec::Spec;

    /// Four rows of the categories a, a, b, c, and of lists that begin with them and go on with `z`.
    fn rows() -> RecordBatch {
        let categories = ["a", "a", "b", "c"];
        let mut lists = ListBuilder::new(StringBuilder::new());
        for category in categories {
            lists.append_value([Some(category), Some("z")]);
        }
        let columns: [(&str, ArrayRef); 3] = [
            ("category", Arc::new(StringArray::from(categories.to_vec()))),
            ("list", Arc::new(lists.finish())),
            ("label", Arc::new(Float64Array::from(vec![1.0, 0.0, 1.0, 0.0]))),
        ];
        RecordBatch::try_from_iter(columns).unwrap()
    }

    fn fitter(step: &str) -> Fitter {
        // A category is no feature.
        let (shown, more) = match step.contains("rare_category") {
            true => ("shown", "  shown: {transform: hash_bucket, input: made}\n"),
            false => ("made", ""),
        };
        let spec = format!(
            "buzzsaw: 1\nname: parts\ninputs:\n  category: {{type: string, side: document}}\n  \
             list: {{type: list<string>, side: document}}\n  \
             label: {{type: float64, side: pair, role: label}}\n\
             steps:\n  made: {{{step}}}\n{more}features: [{shown}]\n"
        );
        Fitter::new(Arc::new(Spec::parse(&spec).unwrap()), false).unwrap()
    }

    fn learnt(fitter: &Fitter) -> Partial {
        let (rows, mut partial) = (rows(), fitter.partial(Source::Pairs).unwrap());
        let inputs = fitter.inputs(Source::Pairs).unwrap();
        let frame = Frame::from_record_batch(&rows, inputs, None, Folds::OfQid).unwrap();
        fitter.update(&mut partial, &frame).unwrap();
        partial
    }

    #[test]
    fn a_part_drops_what_no_pipeline_keeps() {
        for (step, held, kept, with_rest) in [
            ("transform: one_hot, input: category, min_count: 2", 3, 1, 1),
            ("transform: vocabulary_index, input: category, top_k: 2", 3, 2, 2),
            ("transform: rare_category, input: category, min_count: 2", 3, 1, 1),
            (
                "transform: rare_category, input: category, min_share: 0.5",
                3,
                3,
                1,
            ),
            ("transform: multi_hot, input: list, top_k: 2", 4, 2, 2),
            (
                "transform: vocabulary_cross, inputs: [category, list], min_count: 2",
                6,
                2,
                2,
            ),
            ("transform: frequency, input: category", 3, 3, 3),
            ("transform: count_vector, input: list, min_df: 2", 4, 2, 2),
            ("transform: count_vector, input: list, min_df: 0.5", 4, 4, 2),
            ("transform: tfidf, input: list, max_features: 1", 4, 1, 1),
        ] {
            let fitter = fitter(step);
            let mut partial = learnt(&fitter);
            assert_eq!(partial.keys(), held, "{step}");
            let mut parts = partial.split(1);
            assert_eq!((partial.keys(), parts[0].keys()), (0, held), "{step}");
            assert_eq!((partial.rows(), parts[0].rows()), (4, 0), "{step}");
            parts[0].prune(None).unwrap();
            assert_eq!(parts[0].keys(), kept, "{step}");
            assert_eq!(partial.prunes_by_rest(), kept != with_rest, "{step}");
            let rest = fitter
                .partial_from_bytes(&partial.to_prune_by().unwrap())
                .unwrap();
            parts[0].prune(Some(&rest)).unwrap();
            assert_eq!(parts[0].keys(), with_rest, "{step}");
        }
    }

    #[test]
    fn a_part_is_not_pruned_by_another_fit() {
        let [mut part, other] = ["one_hot", "vocabulary_index"].map(|transform| {
            let mut partial = learnt(&fitter(&format!("transform: {transform}, input: category")));
            partial.split(1).remove(0)
        });
        let error = part.prune(Some(&other)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidValue);
        assert_eq!(part.keys(), 3);
    }

    /// What a driver gets holds each key once, and a worker may go on with a partial that it has split.
    #[test]
    fn keys_of_several_partials_go_between_processes_once() {
        for (step, held) in [
            ("transform: one_hot, input: category", 3),
            ("transform: frequency, input: category", 3),
            ("transform: tfidf, input: list", 4),
            ("transform: bm25, inputs: [list, list]", 4),
            ("transform: target_mean, input: category, folds: 0", 3),
            ("transform: weight_of_evidence, input: category, folds: 0", 3),
        ] {
            let fitter = fitter(step);
            let inputs = fitter.inputs(Source::Pairs).unwrap();
            let rows = rows();
            let frame = Frame::from_record_batch(&rows, inputs, None, Folds::OfQid).unwrap();
            let mut partial = learnt(&fitter);
            let mut merged = partial.split(1).remove(0);
            assert!(merged.key_bytes() > 0 && partial.key_bytes() == 0, "{step}");
            fitter.update(&mut partial, &frame).unwrap();
            assert!(partial.key_bytes() > 0, "{step}");
            merged.merge(partial.split(1).remove(0)).unwrap();
            let read = fitter.partial_from_bytes(&merged.to_bytes().unwrap()).unwrap();
            assert_eq!(read.keys(), held, "{step}");
            partial.merge(read).unwrap();
            assert_eq!(partial.rows(), 8, "{step}");
            let mut plain = learnt(&fitter);
            fitter.update(&mut plain, &frame).unwrap();
            let hash = |partial| {
                let mut fitter = self::fitter(step);
                fitter.finish(partial).unwrap();
                fitter.into_pipeline().unwrap().content_hash().to_owned()
            };
            assert_eq!(hash(partial), hash(plain), "{step}");
        }
    }
}
