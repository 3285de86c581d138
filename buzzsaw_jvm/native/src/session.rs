//! What belongs to one Java `Batch`: reused memory for evaluating it, and its last output.

use std::sync::{Arc, Mutex, MutexGuard};

use buzzsaw_core::batch::frame_from_buffers;
use buzzsaw_core::spec::Input;
use buzzsaw_core::types::Side;
use buzzsaw_core::{Error, ErrorKind, FeatureBlock, Folds, Frame, Pipeline, Result, Scratch};

use crate::memory::{Plain, Words, slice_mut};
use crate::output;

/// Reused memory of one batch. Calls of several threads on one batch take turns.
pub(crate) struct Session {
    pipeline: Arc<Pipeline>,
    columns: Columns,
    limit: usize,
    state: Mutex<State>,
}

/// What the batch's columns are.
enum Columns {
    /// Those of the inputs in serving; with groups, a query-side one has one value a group.
    Request,
    /// Those of a table, all with one value a row, for rows that see these folds.
    Table(Vec<Input>, Folds),
}

/// The columns of a table for `pipeline`: the inputs of serving, then what `folds` need besides.
///
/// Their side is `pair`, the one whose columns always have one value a row; the evaluator checks by the pipeline's own
/// inputs that query-side values are constant in their groups.
pub(crate) fn table_inputs(pipeline: &Pipeline, folds: Folds) -> Vec<Input> {
    let mut inputs = pipeline.inputs(Folds::Full).to_vec();
    for input in pipeline.inputs(folds) {
        if inputs.iter().all(|known| known.name != input.name) {
            inputs.push(input.clone());
        }
    }
    for input in &mut inputs {
        input.side = Side::Pair;
    }
    inputs
}

struct State {
    block: FeatureBlock,
    scratch: Scratch,
    fingerprints: Vec<i64>,
    /// The same rows as served, when their fingerprints were asked for.
    served: FeatureBlock,
    /// Of its own: a scratch memory starts anew when it goes from one plan to another.
    served_scratch: Scratch,
    served_fingerprints: Vec<i64>,
}

impl State {
    fn new(limit: usize) -> Self {
        Self {
            block: FeatureBlock::default(),
            scratch: Scratch::with_limit(limit),
            fingerprints: Vec::new(),
            served: FeatureBlock::default(),
            served_scratch: Scratch::with_limit(limit),
            served_fingerprints: Vec::new(),
        }
    }
}

/// The words before the columns: rows, whether groups are given, where the output's words start.
const HEADER: usize = 3;

impl Session {
    /// Memory for batches of `pipeline` whose features, and what steps make of one tile, take at most `limit` bytes.
    pub fn new(pipeline: Arc<Pipeline>, limit: usize) -> Self {
        Self {
            pipeline,
            columns: Columns::Request,
            limit,
            state: Mutex::new(State::new(limit)),
        }
    }

    /// Memory for batches of table rows, which see `folds`, whose features, and what steps make of one tile, take at most `limit` bytes.
    pub fn of_table(pipeline: Arc<Pipeline>, folds: Folds, limit: usize) -> Self {
        Self {
            columns: Columns::Table(table_inputs(&pipeline, folds), folds),
            pipeline,
            limit,
            state: Mutex::new(State::new(limit)),
        }
    }

    /// Evaluates the batch that the descriptor says, and writes its output where the descriptor says.
    ///
    /// Returns whether the output fitted; if not, the descriptor holds the lengths that [`Session::fetch`] needs.
    pub fn transform(&self, pipeline: &Arc<Pipeline>, words: &mut [i64]) -> Result<bool> {
        self.belongs_to(pipeline)?;
        let (input, output) = split(words)?;
        let frame = self.frame(input)?;
        let mut state = self.lock();
        let State {
            block,
            scratch,
            fingerprints,
            ..
        } = &mut *state;
        fingerprints.clear();
        self.pipeline.transform(&frame, block, scratch)?;
        output::write(block, output)
    }

    /// Writes the last output again, after the caller made room.
    pub fn fetch(&self, words: &mut [i64]) -> Result<bool> {
        let (_, output) = split(words)?;
        output::write(&self.lock().block, output)
    }

    /// Writes the fingerprints of the last output to `bytes` bytes at `address`.
    pub fn fingerprints(&self, address: i64, bytes: i64) -> Result<()> {
        let mut state = self.lock();
        let State {
            block, fingerprints, ..
        } = &mut *state;
        if fingerprints.len() != block.rows() {
            fingerprints.clear();
            block.fingerprints(fingerprints);
        }
        copy(fingerprints, slice_mut(address, bytes)?)
    }

    /// Writes the fingerprints that the rows of the descriptor's batch have as served, without folds.
    pub fn served_fingerprints(&self, words: &mut [i64], address: i64, bytes: i64) -> Result<()> {
        let (input, _) = split(words)?;
        let given = self.given(input)?;
        let wanted = self.pipeline.inputs(Folds::Full);
        let frame = match &self.columns {
            Columns::Request => given,
            Columns::Table(columns, _) => given.seen(columns, wanted, Folds::Full)?,
        };
        let mut state = self.lock();
        let State {
            served,
            served_scratch,
            served_fingerprints,
            ..
        } = &mut *state;
        self.pipeline.transform(&frame, served, served_scratch)?;
        served_fingerprints.clear();
        served.fingerprints(served_fingerprints);
        copy(served_fingerprints, slice_mut(address, bytes)?)
    }

    /// Explains one row of the batch that the descriptor says, within the limit of its features.
    pub fn explain(&self, pipeline: &Arc<Pipeline>, words: &mut [i64], row: i64) -> Result<String> {
        self.belongs_to(pipeline)?;
        let (input, _) = split(words)?;
        let frame = self.frame(input)?;
        let row = usize::try_from(row).map_err(|_| {
            Error::new(ErrorKind::InvalidValue, format!("there is no row {row}"))
                .at("row")
                .hint("rows are counted from 0")
        })?;
        let mut scratch = Scratch::with_limit(self.limit);
        self.pipeline.explain_with(&frame, row, &mut scratch)
    }

    fn belongs_to(&self, pipeline: &Arc<Pipeline>) -> Result<()> {
        if Arc::ptr_eq(pipeline, &self.pipeline) {
            return Ok(());
        }
        Err(Error::new(ErrorKind::InvalidValue, "the batch belongs to another pipeline").at("batch"))
    }

    fn frame<'a>(&self, words: &'a [i64]) -> Result<Frame<'a>> {
        let given = self.given(words)?;
        match &self.columns {
            Columns::Request => Ok(given),
            Columns::Table(columns, folds) => given.seen(columns, self.pipeline.inputs(*folds), *folds),
        }
    }

    /// All columns of the descriptor, before folds.
    fn given<'a>(&self, words: &'a [i64]) -> Result<Frame<'a>> {
        let mut words = Words::new(words);
        let rows = words.word()?;
        let rows = usize::try_from(rows).map_err(|_| {
            Error::new(ErrorKind::InvalidValue, format!("a batch of {rows} rows")).at("batch")
        })?;
        let grouped = words.word()? != 0;
        words.word()?;
        let inputs = match &self.columns {
            Columns::Request => self.pipeline.inputs(Folds::Full),
            Columns::Table(columns, _) => columns,
        };
        let frame = frame_from_buffers(inputs, rows, grouped, &mut words)?;
        if words.is_empty() {
            return Ok(frame);
        }
        Err(Error::new(
            ErrorKind::InvalidValue,
            "the descriptor has more buffers than the inputs",
        )
        .at("batch"))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| {
            // A panic left it half-done: start anew.
            self.state.clear_poison();
            let mut state = poisoned.into_inner();
            *state = State::new(self.limit);
            state
        })
    }
}

/// The words of the input and those of the output.
fn split(words: &mut [i64]) -> Result<(&[i64], &mut [i64])> {
    let at = words
        .get(HEADER - 1)
        .and_then(|at| usize::try_from(*at).ok())
        .filter(|at| *at >= HEADER);
    match at.and_then(|at| words.split_at_mut_checked(at)) {
        Some((input, output)) => Ok((input, output)),
        None => Err(Error::new(ErrorKind::InvalidValue, "the descriptor's header is malformed").at("batch")),
    }
}

/// Copies `values` to the start of `room`.
pub(crate) fn copy<T: Plain>(values: &[T], room: &mut [T]) -> Result<()> {
    match room.get_mut(..values.len()) {
        Some(room) => {
            room.copy_from_slice(values);
            Ok(())
        }
        None => Err(Error::new(ErrorKind::InvalidValue, "the output buffer is too short").at("batch")),
    }
}
