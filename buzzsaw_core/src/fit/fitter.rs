//! Passes over the data: one for each level of fitted steps that depend on fitted steps.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use serde::{Deserialize, Serialize};

use super::impute::ImputeState;
use super::partial::{Learning, Partial, PartialBytes, PassId, Seed, Source, foreign};
use super::state::{AnyFitState, FitState, Outcome, Typed};
use super::tables::Tables;
use crate::artifact::{read_table, table_bytes};
use crate::error::{Error, ErrorKind, Result};
use crate::evaluate::Evaluator;
use crate::frame::{Folds, Frame};
use crate::hash::xxh3_64;
use crate::pipeline::Pipeline;
use crate::plan::{Plan, Purpose, fit_inputs};
use crate::scratch::{Ready, Scratch};
use crate::spec::{Impute, Input, Source as Value, Spec};
use crate::types::Side;

static NEXT_OWNER: AtomicU64 = AtomicU64::new(1 << 62);

/// One pass over one table.
struct Pass {
    source: Source,
    plan: Plan,
    ready: Vec<Ready>,
    names: Vec<String>,
    owner: u64,
    /// The state that each step of `plan.fits` starts from.
    seeds: Vec<Seed>,
}

/// Learns the state of a spec, pass by pass.
///
/// ```text
/// for name in fitter.tables():   // lookup tables, before anything else
///     fitter.give_table(name, batches)
/// while let pass = fitter.pending(), not empty:
///     for source in pass:   // any number of partials, in any partitioning
///         partial = fitter.partial(source); fitter.update(&mut partial, frame); partial.merge(other)
///         fitter.finish(partial)
/// pipeline = fitter.into_pipeline()
/// ```
pub struct Fitter {
    pub(super) spec: Arc<Spec>,
    /// See [`PassId::fit`].
    identity: u64,
    has_documents: bool,
    /// The steps that learn, with their levels.
    levels: BTreeMap<usize, usize>,
    pub(super) done: BTreeMap<usize, Tables>,
    /// Lookup tables that are still to be given, with the steps that read each.
    pub(super) wanted: BTreeMap<String, Vec<usize>>,
    seeds: BTreeMap<usize, Seed>,
    passes: Vec<Pass>,
    round: u64,
}

/// A learnt table's name and Arrow file.
type TableBytes = (String, Vec<u8>);

#[derive(Serialize, Deserialize)]
struct FitterBytes {
    spec: String,
    has_documents: bool,
    round: u64,
    done: Vec<(usize, Vec<TableBytes>)>,
    seeds: BTreeMap<usize, Seed>,
}

impl Fitter {
    /// A fitter for `spec`; `has_documents` says whether a table of documents will be given.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when a stateless step cannot be built.
    pub fn new(spec: Arc<Spec>, has_documents: bool) -> Result<Fitter> {
        let mut fitter = Self::unplanned(spec, has_documents);
        if fitter.wanted.is_empty() {
            fitter.plan_round()?;
        }
        Ok(fitter)
    }

    fn unplanned(spec: Arc<Spec>, has_documents: bool) -> Fitter {
        let needed = Plan::new(&spec, Purpose::Serve);
        let mut level_of = vec![0; spec.steps().len()];
        let mut levels = BTreeMap::new();
        let mut wanted: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for planned in &needed.steps {
            let step = &spec.steps()[planned.step];
            let above = step.inputs.iter().map(|source| match source {
                Value::Step(i) => level_of[*i],
                Value::Input(_) => 0,
            });
            let above = above.max().unwrap_or(0);
            let learns = learnt(&spec, planned.step).is_some();
            level_of[planned.step] = above + usize::from(learns);
            if learns {
                levels.insert(planned.step, above + 1);
            }
            if let Some(table) = &step.table {
                wanted.entry(table.clone()).or_default().push(planned.step);
            }
        }
        let described = format!("{has_documents} {}", spec.to_json());
        Self {
            spec,
            identity: xxh3_64(described.as_bytes(), 0),
            has_documents,
            levels,
            done: BTreeMap::new(),
            wanted,
            seeds: BTreeMap::new(),
            passes: Vec::new(),
            round: 0,
        }
    }

    /// Things that the caller should know before fitting.
    pub fn warnings(&self) -> Vec<String> {
        let documents = self
            .levels
            .keys()
            .filter(|step| is_document_side(&self.spec, **step));
        let names: Vec<&str> = documents
            .map(|step| self.spec.steps()[*step].name.as_str())
            .collect();
        if self.has_documents || names.is_empty() {
            return Vec::new();
        }
        vec![format!(
            "no documents were given: {} learn from the rows as given, so a document counts once for each of its rows",
            names.join(", ")
        )]
    }

    /// The tables to read in this round; empty when everything is learnt, and while a lookup table is still to be given.
    pub fn pending(&self) -> Vec<Source> {
        self.passes.iter().map(|pass| pass.source).collect()
    }

    /// The number of this round, from 1.
    pub fn round(&self) -> u64 {
        self.round
    }

    /// The columns that this round reads of `source`.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when the round does not read it.
    pub fn inputs(&self, source: Source) -> Result<&[Input]> {
        Ok(&self.pass(source)?.plan.inputs)
    }

    /// Whether frames of `source` need groups in this round.
    ///
    /// # Errors
    /// As [`Fitter::inputs`].
    pub fn needs_groups(&self, source: Source) -> Result<bool> {
        Ok(self.pass(source)?.plan.grouped)
    }

    /// How the frames of this round see folds.
    pub fn folds(&self) -> Folds {
        Folds::OfQid
    }

    fn pass(&self, source: Source) -> Result<&Pass> {
        self.passes
            .iter()
            .find(|pass| pass.source == source)
            .ok_or_else(|| {
                Error::new(
                    ErrorKind::InvalidValue,
                    format!("this round of the fit does not read {}", source.name()),
                )
            })
    }

    fn pass_id(&self, source: Source) -> PassId {
        PassId {
            fit: self.identity,
            source,
            round: self.round,
        }
    }

    /// An empty partial state for this round.
    ///
    /// # Errors
    /// As [`Fitter::inputs`].
    pub fn partial(&self, source: Source) -> Result<Partial> {
        let pass = self.pass(source)?;
        let mut states = Vec::with_capacity(pass.seeds.len());
        for (fit, seed) in pass.plan.fits.iter().zip(&pass.seeds) {
            states.push(self.restore(fit.step, seed)?);
        }
        Ok(Partial {
            pass: self.pass_id(source),
            rows: 0,
            states,
            scratch: Scratch::default(),
        })
    }

    fn restore(&self, step: usize, seed: &Seed) -> Result<Learning> {
        let restore = self.spec.steps()[step].transform.restore;
        let own = seed.own.as_deref().map(restore).transpose()?;
        let impute = match &seed.impute {
            None => None,
            Some(bytes) => Some(Box::new(Typed(ImputeState::from_bytes(bytes)?)) as Box<dyn AnyFitState>),
        };
        Ok(Learning { own, impute })
    }

    /// Takes the rows of `frame` into `partial`.
    ///
    /// # Errors
    /// As [`Pipeline::transform`], and what the steps refuse to learn from. The partial must not be used after one.
    pub fn update(&self, partial: &mut Partial, frame: &Frame<'_>) -> Result<()> {
        let pass = self.pass(partial.source())?;
        let evaluator = Evaluator {
            owner: pass.owner,
            plan: &pass.plan,
            ready: &pass.ready,
            names: &pass.names,
        };
        let Partial { states, scratch, .. } = partial;
        evaluator.for_fit(&pass.plan.fits, frame, scratch, |at, args| {
            let learning = &mut states[at];
            let states = [&mut learning.own, &mut learning.impute];
            states
                .into_iter()
                .flatten()
                .try_for_each(|state| state.update(args))
                .map_err(|e| {
                    let step = pass.plan.fits[at].step;
                    e.at(format!("steps.{}", self.spec.steps()[step].name))
                })
        })?;
        partial.rows += frame.rows() as u64;
        Ok(())
    }

    /// A partial state from [`Partial::to_bytes`].
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when it is of another round, fit or library version.
    pub fn partial_from_bytes(&self, bytes: &[u8]) -> Result<Partial> {
        let read: PartialBytes = postcard::from_bytes(bytes).map_err(|e| {
            Error::new(
                ErrorKind::InvalidValue,
                format!("a partial fit state cannot be read: {e}"),
            )
            .hint("driver and workers must run the same version of the library")
        })?;
        let pass = self.pass(read.pass.source)?;
        if read.pass != self.pass_id(read.pass.source) || read.states.len() != pass.seeds.len() {
            return Err(foreign());
        }
        let mut states = Vec::new();
        for (fit, seed) in pass.plan.fits.iter().zip(&read.states) {
            states.push(self.restore(fit.step, seed)?);
        }
        let scratch = Scratch::default();
        Ok(Partial {
            pass: read.pass,
            rows: read.rows,
            states,
            scratch,
        })
    }

    /// Ends the round's pass over `partial`'s table; when it was the round's last, the next round is planned.
    ///
    /// # Errors
    /// What the steps refuse to learn from, such as a table without a single row.
    pub fn finish(&mut self, partial: Partial) -> Result<()> {
        let at = self
            .passes
            .iter()
            .position(|pass| self.pass_id(pass.source) == partial.pass)
            .ok_or_else(foreign)?;
        if partial.rows == 0 {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!(
                    "there is nothing to learn from: the table of {} is empty",
                    partial.source().name()
                ),
            )
            .at(partial.source().name())
            .hint("give at least one row"));
        }
        let pass = self.passes.remove(at);
        for (fit, learning) in pass.plan.fits.iter().zip(partial.states) {
            let named = |e: Error| e.at(format!("steps.{}", self.spec.steps()[fit.step].name));
            let mut again = Seed::default();
            for (state, slot) in [
                (learning.own, &mut again.own),
                (learning.impute, &mut again.impute),
            ] {
                let Some(state) = state else { continue };
                match state.finish().map_err(named)? {
                    Outcome::Again(state) => *slot = Some(state.to_bytes()?),
                    Outcome::Done(tables) => {
                        let held = self.done.entry(fit.step).or_default();
                        for (name, batch) in tables.iter() {
                            held.put(name, batch.clone());
                        }
                    }
                }
            }
            if again.own.is_some() || again.impute.is_some() {
                self.seeds.insert(fit.step, again);
            } else {
                self.seeds.remove(&fit.step);
                self.levels.remove(&fit.step);
            }
        }
        if self.passes.is_empty() {
            self.plan_round()?;
        }
        Ok(())
    }

    /// The pipeline, once nothing is pending.
    ///
    /// # Errors
    /// `BZ_NOT_FITTED` while something is pending, `BZ_MISSING_INPUT` while a lookup table is.
    pub fn into_pipeline(self) -> Result<Pipeline> {
        self.check_tables()?;
        if !self.passes.is_empty() {
            return Err(Error::new(
                ErrorKind::NotFitted,
                "the fit has further passes to do",
            ));
        }
        let state = self
            .done
            .into_iter()
            .map(|(step, tables)| (self.spec.steps()[step].name.clone(), tables));
        Pipeline::with_state(self.spec.clone(), state.collect(), None)
    }

    pub(super) fn plan_round(&mut self) -> Result<()> {
        self.round += 1;
        self.plan_passes()
    }

    fn plan_passes(&mut self) -> Result<()> {
        let Some(level) = self.levels.values().min().copied() else {
            return Ok(());
        };
        for source in [Source::Pairs, Source::Documents] {
            let reads = |step: &usize| {
                (self.has_documents && is_document_side(&self.spec, *step)) == (source == Source::Documents)
            };
            let steps: Vec<usize> = self
                .levels
                .iter()
                .filter(|(_, l)| **l == level)
                .map(|(step, _)| *step)
                .filter(reads)
                .collect();
            if steps.is_empty() {
                continue;
            }
            let plan = Plan::new(&self.spec, Purpose::Fit(&steps));
            let mut ready = Vec::new();
            let mut names = Vec::new();
            for planned in &plan.steps {
                ready.push(self.ready(planned.step)?);
                names.push(self.spec.steps()[planned.step].name.clone());
            }
            let mut seeds = Vec::new();
            for step in &steps {
                seeds.push(match self.seeds.get(step) {
                    Some(seed) => seed.clone(),
                    None => self.first_seed(*step)?,
                });
            }
            let owner = NEXT_OWNER.fetch_add(1, Ordering::Relaxed);
            self.passes.push(Pass {
                source,
                plan,
                ready,
                names,
                owner,
                seeds,
            });
        }
        Ok(())
    }

    fn first_seed(&self, at: usize) -> Result<Seed> {
        let step = &self.spec.steps()[at];
        let own = match step.signature.fit {
            Some(_) => Some((step.transform.start)(&step.params)?.to_bytes()?),
            None => None,
        };
        let impute = match step.missing.impute {
            Some(impute) if impute.is_learnt() => {
                Some(ImputeState::new(impute, step.inputs.len()).to_bytes()?)
            }
            _ => None,
        };
        Ok(Seed { own, impute })
    }

    fn ready(&self, at: usize) -> Result<Ready> {
        let step = &self.spec.steps()[at];
        let none = Tables::default();
        let tables = self.done.get(&at).unwrap_or(&none);
        let named = |e: Error| e.at(format!("steps.{}", step.name));
        let fills = match step.missing.impute {
            None => vec![f64::NAN; step.inputs.len()],
            Some(Impute::Constant(fill)) => vec![fill; step.inputs.len()],
            Some(_) => tables.f64s("impute", "fill").map_err(named)?.values().to_vec(),
        };
        let kernel = (step.transform.build)(&step.params, tables).map_err(named)?;
        Ok(Ready { kernel, fills })
    }

    /// The fitter as bytes, for workers in other processes. Learnt and lookup tables that no pending pass reads are left
    /// out.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when the state cannot be written, `BZ_MISSING_INPUT` while a lookup table is to be given.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.check_tables()?;
        let read = |step: usize| {
            let mut plans = self.passes.iter().map(|pass| &pass.plan);
            plans.any(|plan| plan.steps.iter().any(|planned| planned.step == step))
        };
        let mut done = Vec::new();
        for (step, tables) in &self.done {
            if self.spec.steps()[*step].table.is_some() && !read(*step) {
                continue;
            }
            // That a step is learnt is told in any case.
            let mut written = Vec::new();
            for (name, batch) in tables.iter().filter(|_| read(*step)) {
                written.push((name.to_owned(), table_bytes(batch)?));
            }
            done.push((*step, written));
        }
        let bytes = FitterBytes {
            spec: self.spec.to_json().to_string(),
            has_documents: self.has_documents,
            round: self.round,
            done,
            seeds: self.seeds.clone(),
        };
        postcard::to_allocvec(&bytes)
            .map_err(|e| Error::internal(format!("a fit cannot be written: {e}"), None))
    }

    /// A fitter from [`Fitter::to_bytes`].
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when the bytes are of another library version.
    pub fn from_bytes(bytes: &[u8]) -> Result<Fitter> {
        let read: FitterBytes = postcard::from_bytes(bytes).map_err(|e| {
            Error::new(ErrorKind::InvalidValue, format!("a fit cannot be read: {e}"))
                .hint("driver and workers must run the same version of the library")
        })?;
        let mut fitter = Self::unplanned(Arc::new(Spec::parse(&read.spec)?), read.has_documents);
        // A fitter is only written when it has its lookup tables.
        fitter.wanted.clear();
        for (step, tables) in read.done {
            let held = fitter.done.entry(step).or_default();
            for (name, table) in tables {
                held.put(name, read_table(&table.into())?);
            }
            if !read.seeds.contains_key(&step) {
                fitter.levels.remove(&step);
            }
        }
        fitter.seeds = read.seeds;
        fitter.round = read.round;
        fitter.plan_passes()?;
        Ok(fitter)
    }
}

/// The inputs of a step that learning looks at; `None` for a step that learns nothing.
fn learnt(spec: &Spec, step: usize) -> Option<Vec<usize>> {
    let inputs = fit_inputs(spec, step);
    let fits = spec.steps()[step].signature.fit.is_some();
    (fits || !inputs.is_empty()).then_some(inputs)
}

/// Whether everything that a step learns from is document-side.
fn is_document_side(spec: &Spec, at: usize) -> bool {
    let step = &spec.steps()[at];
    let label = step
        .signature
        .fit
        .as_ref()
        .is_some_and(|fit| fit.label || fit.folds.is_some());
    let inputs = learnt(spec, at).unwrap_or_default();
    !label
        && inputs
            .iter()
            .all(|i| spec.side(step.inputs[*i]) == Side::Document)
}
