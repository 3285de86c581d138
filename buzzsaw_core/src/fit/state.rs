//! The trait of a fit state, and its form without a type.

use std::any::Any;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::partial::foreign;
use super::tables::Tables;
use crate::args::Args;
use crate::error::{Error, ErrorKind, Result};

/// What a pass over the data led to.
pub enum Outcome<S> {
    /// The step's tables.
    Done(Tables),
    /// Another pass is needed, into this state.
    Again(S),
}

/// What one step learns. `update` and `merge` are exactly commutative and associative.
pub trait FitState: Serialize + DeserializeOwned + Send + Sized + 'static {
    /// Takes in the rows of a tile.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` for values that cannot be learnt from, `BZ_RESOURCE_LIMIT` past a stated limit.
    fn update(&mut self, args: &Args<'_>) -> Result<()>;

    /// Takes in what another state has learnt from other rows.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when the two states do not belong to the same fit.
    fn merge(&mut self, other: Self) -> Result<()>;

    /// Ends a pass.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when what was seen does not define the state.
    fn finish(self) -> Result<Outcome<Self>>;

    /// How many keys the state holds, such as terms, where their number grows with the data; a key that came from several
    /// processes may count several times.
    fn keys(&self) -> usize {
        0
    }

    /// About how many bytes of memory those take.
    fn key_bytes(&self) -> usize {
        0
    }

    /// Moves what it holds by key into `parts` states, by a hash of the key: equal keys of any states go to the states of
    /// one position. Merged with this one they are what it was. A state that is small, whatever the data, gives none.
    fn split(&mut self, _parts: usize) -> Vec<Self> {
        Vec::new()
    }

    /// Drops keys that cannot be kept, of a state into which all of its position are merged. `rest`, where it is known, is
    /// what [`FitState::split`] left behind of all states, merged; more can be dropped with it if
    /// [`FitState::prunes_by_rest`].
    fn prune(&mut self, _rest: Option<&Self>) {}

    /// Whether [`FitState::prune`] drops much more with the rest than without, as where a key must be in a share of all rows.
    fn prunes_by_rest(&self) -> bool {
        false
    }

    /// The state as bytes, to send between processes; read back by [`FitState::from_bytes`] of the same library.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when the state cannot be written.
    fn to_bytes(&self) -> Result<Vec<u8>> {
        postcard::to_allocvec(self)
            .map_err(|e| Error::internal(format!("a fit state cannot be written: {e}"), None))
    }

    /// A state from [`FitState::to_bytes`].
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when the bytes are of another state or another library version.
    fn from_bytes(bytes: &[u8]) -> Result<Self> {
        postcard::from_bytes(bytes).map_err(|e| {
            Error::new(
                ErrorKind::InvalidValue,
                format!("a partial fit state cannot be read: {e}"),
            )
            .hint("driver and workers must run the same version of the library")
        })
    }
}

/// The state of a transform that learns nothing.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct NoState;

impl FitState for NoState {
    fn update(&mut self, _args: &Args<'_>) -> Result<()> {
        Ok(())
    }

    fn merge(&mut self, _other: Self) -> Result<()> {
        Ok(())
    }

    fn finish(self) -> Result<Outcome<Self>> {
        Ok(Outcome::Done(Tables::default()))
    }
}

/// A fit state whose type is forgotten.
pub trait AnyFitState: Send {
    /// See [`FitState::update`].
    ///
    /// # Errors
    /// As there.
    fn update(&mut self, args: &Args<'_>) -> Result<()>;
    /// See [`FitState::merge`].
    ///
    /// # Errors
    /// As there, and when the two states have different types.
    fn merge(&mut self, other: Box<dyn AnyFitState>) -> Result<()>;
    /// See [`FitState::finish`].
    ///
    /// # Errors
    /// As there.
    fn finish(self: Box<Self>) -> Result<Outcome<Box<dyn AnyFitState>>>;
    /// See [`FitState::keys`].
    fn keys(&self) -> usize;
    /// See [`FitState::key_bytes`].
    fn key_bytes(&self) -> usize;
    /// See [`FitState::split`].
    fn split(&mut self, parts: usize) -> Vec<Box<dyn AnyFitState>>;
    /// See [`FitState::prune`].
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when the rest is of another type.
    fn prune(&mut self, rest: Option<&dyn AnyFitState>) -> Result<()>;
    /// See [`FitState::prunes_by_rest`].
    fn prunes_by_rest(&self) -> bool;
    /// See [`FitState::to_bytes`].
    ///
    /// # Errors
    /// As there.
    fn to_bytes(&self) -> Result<Vec<u8>>;
    /// The state with its type back.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
    /// As [`AnyFitState::into_any`], lent.
    fn as_any(&self) -> &dyn Any;
}

/// A fit state with its type, behind [`AnyFitState`].
pub struct Typed<S>(pub S);

impl<S: FitState> AnyFitState for Typed<S> {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        self.0.update(args)
    }

    fn merge(&mut self, other: Box<dyn AnyFitState>) -> Result<()> {
        match other.into_any().downcast::<Typed<S>>() {
            Ok(other) => self.0.merge(other.0),
            Err(_) => Err(foreign()),
        }
    }

    fn finish(self: Box<Self>) -> Result<Outcome<Box<dyn AnyFitState>>> {
        Ok(match self.0.finish()? {
            Outcome::Done(tables) => Outcome::Done(tables),
            Outcome::Again(state) => Outcome::Again(Box::new(Typed(state))),
        })
    }

    fn keys(&self) -> usize {
        self.0.keys()
    }

    fn key_bytes(&self) -> usize {
        self.0.key_bytes()
    }

    fn split(&mut self, parts: usize) -> Vec<Box<dyn AnyFitState>> {
        let split = self.0.split(parts).into_iter();
        split
            .map(|state| Box::new(Typed(state)) as Box<dyn AnyFitState>)
            .collect()
    }

    fn prune(&mut self, rest: Option<&dyn AnyFitState>) -> Result<()> {
        let rest = rest.map(|rest| rest.as_any().downcast_ref::<Typed<S>>().ok_or_else(foreign));
        self.0.prune(rest.transpose()?.map(|rest| &rest.0));
        Ok(())
    }

    fn prunes_by_rest(&self) -> bool {
        self.0.prunes_by_rest()
    }

    fn to_bytes(&self) -> Result<Vec<u8>> {
        self.0.to_bytes()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
