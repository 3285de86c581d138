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

/// What is being learnt of one step.
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
                if let (Some(mine), Some(theirs)) = (mine, theirs) {
                    mine.merge(theirs)?;
                }
            }
        }
        Ok(())
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
        let mut states = Vec::new();
        for learning in &self.states {
            let own = learning.own.as_ref().map(|state| state.to_bytes()).transpose()?;
            let impute = learning
                .impute
                .as_ref()
                .map(|state| state.to_bytes())
                .transpose()?;
            states.push(Seed { own, impute });
        }
        let bytes = PartialBytes {
            pass: self.pass,
            rows: self.rows,
            states,
        };
        postcard::to_allocvec(&bytes)
            .map_err(|e| Error::internal(format!("a fit state cannot be written: {e}"), None))
    }
}
