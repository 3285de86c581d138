//! Memory that one thread reuses between batches, so that the steady state allocates nothing.

use std::any::Any;
use std::ops::Range;

use crate::error::{Error, ErrorKind, Result};
use crate::plan::Plan;
use crate::registry::Kernel;
use crate::slot::{Slot, TextRows, VectorRows};
use crate::text::Terms;

/// What the steps of a tile may always make: a batch with a low limit still has tiles of some hundred rows.
const LEAST_OF_TILE: usize = 16 << 20;

/// A step that can be evaluated: its fitted transform and what fills its missing numbers.
pub(crate) struct Ready {
    pub kernel: Box<dyn Kernel>,
    /// One an input; NaN where nothing fills.
    pub fills: Vec<f64>,
}

/// Reused memory for [`crate::Pipeline::transform`]. Any pipeline may use any scratch; changing pipelines costs an
/// allocation.
#[derive(Default)]
pub struct Scratch {
    owner: u64,
    pub(crate) limit: Option<usize>,
    pub(crate) steps: Vec<StepScratch>,
    pub(crate) tile: TileScratch,
}

/// What belongs to one step.
pub(crate) struct StepScratch {
    pub slot: Slot,
    pub work: Box<dyn Any + Send>,
    pub numbers: Vec<Vec<f64>>,
    pub missing: Vec<bool>,
}

/// What belongs to the tile of rows under evaluation.
#[derive(Default)]
pub(crate) struct TileScratch {
    pub inputs: Vec<InputScratch>,
    /// For each row, its group counted from the tile's first.
    pub group_local: Vec<u32>,
    /// For each row, its group counted from the frame's first.
    pub group_global: Vec<u32>,
    /// For each group, its first row counted from the tile's first.
    pub first_local: Vec<u32>,
    /// For each row, the hash of its qid.
    pub fold_rows: Vec<u64>,
    /// For each group, the hash of its qid.
    pub fold_groups: Vec<u64>,
    /// The label of each row.
    pub labels: Vec<f64>,
}

/// The repaired or gathered form of one input column.
#[derive(Default)]
pub(crate) struct InputScratch {
    pub text: TextRows,
    pub repaired: bool,
    pub terms: Terms,
    pub vectors: VectorRows,
    pub buffer: String,
}

impl Scratch {
    /// Memory with which a batch's features may take so many bytes, and as many, or 16 MiB, what the steps make of one
    /// tile of its rows; a transform that would make more ends with `BZ_RESOURCE_LIMIT`, at most one step or tile later.
    pub fn with_limit(bytes: usize) -> Self {
        Self {
            limit: Some(bytes),
            ..Self::default()
        }
    }

    /// Whether the steps of a tile may have made so many bytes.
    pub(crate) fn check_tile(&self, bytes: usize, rows: &Range<usize>) -> Result<()> {
        let Some(limit) = self
            .limit
            .map(|limit| limit.max(LEAST_OF_TILE))
            .filter(|limit| bytes > *limit)
        else {
            return Ok(());
        };
        let which = match rows.len() {
            1 => format!("row {}", rows.start),
            _ => format!("rows {} to {}", rows.start, rows.end.saturating_sub(1)),
        };
        let message =
            format!("the steps up to this one make {bytes} bytes of {which}, over the limit of {limit}");
        Err(Error::new(ErrorKind::ResourceLimit, message)
            .hint("use shorter texts and lists, or a higher limit"))
    }

    /// Drops what it grew to, and keeps the limit.
    pub(crate) fn give_back(&mut self) {
        *self = Self {
            limit: self.limit,
            ..Self::default()
        };
    }

    /// Makes the memory fit the plan of `owner`, unless it does already.
    pub(crate) fn prepare(&mut self, owner: u64, plan: &Plan, ready: &[Ready]) {
        if self.owner == owner {
            return;
        }
        self.owner = owner;
        self.steps = plan
            .steps
            .iter()
            .zip(ready)
            .map(|(step, ready)| StepScratch {
                slot: Slot::of(&step.output),
                work: ready.kernel.work(),
                numbers: vec![Vec::new(); step.inputs.len()],
                missing: Vec::new(),
            })
            .collect();
        self.tile.inputs = plan.inputs.iter().map(|_| InputScratch::default()).collect();
    }
}
