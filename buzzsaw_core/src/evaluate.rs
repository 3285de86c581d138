//! The one evaluator: tiles of rows, steps in order, outputs appended.

use arrayvec::ArrayVec;

use crate::args::{
    Arg, Args, CategoryArg, CategoryBuffer, Index, IndexView, MapArg, NumberArg, SparseArg, TermsArg,
    TextArg, TimeArg, VectorArg,
};
use crate::block::{FeatureBlock, output_bits};
use crate::error::{Error, ErrorKind, Result, Within};
use crate::frame::{Axis, Folds, Frame};
use crate::gather::{check_constant, gather_numbers, gather_terms, repair_column};
use crate::hash::xxh3_64;
use crate::plan::{FitStep, OutputSource, Plan, PlannedStep};
use crate::scratch::{InputScratch, Ready, Scratch, StepScratch, TileScratch};
use crate::slot::Slot;
use crate::spec::Source;
use crate::tile::{Tile, Tiles};
use crate::transforms::Read;
use crate::types::{DataType, Side};

/// Evaluates a plan over a frame.
pub(crate) struct Evaluator<'p> {
    pub owner: u64,
    pub plan: &'p Plan,
    pub ready: &'p [Ready],
    pub names: &'p [String],
}

impl Evaluator<'_> {
    /// Computes every output of the plan for every row of `frame` into `block`.
    pub fn transform(
        &self,
        frame: &Frame<'_>,
        block: &mut FeatureBlock,
        scratch: &mut Scratch,
    ) -> Result<()> {
        block.clear();
        let limit = scratch.limit.unwrap_or(usize::MAX);
        self.each_tile(frame, scratch, |tile, tile_scratch, steps| {
            self.append(frame, tile, tile_scratch, steps, block);
            let bytes = block.value_bytes();
            if bytes <= limit {
                return Ok(());
            }
            let message = format!(
                "the features of the first {} of {} rows take {bytes} bytes, over the limit of {limit}",
                tile.rows.end,
                frame.rows()
            );
            // What it grew to is given back.
            *block = FeatureBlock::default();
            Err(Error::new(ErrorKind::ResourceLimit, message)
                .at("batch")
                .hint("use smaller batches, or a higher limit"))
        })
    }

    /// Calls `visit` with the number and the arguments of each fit for every tile; they are always row by row.
    pub fn for_fit(
        &self,
        fits: &[FitStep],
        frame: &Frame<'_>,
        scratch: &mut Scratch,
        mut visit: impl FnMut(usize, &Args<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut numbers: Vec<Vec<f64>> = Vec::new();
        self.each_tile(frame, scratch, |tile, tile_scratch, steps| {
            let bind = Bind {
                plan: self.plan,
                frame,
                tile,
                scratch: tile_scratch,
                steps,
                groups_axis: false,
            };
            for (at, fit) in fits.iter().enumerate() {
                numbers.resize(fit.inputs.len().max(numbers.len()), Vec::new());
                for (i, buffer) in numbers.iter_mut().take(fit.inputs.len()).enumerate() {
                    if let (Some(source), Read::Number) = (fit.inputs[i], fit.reads[i]) {
                        bind.fill_numbers(source, f64::NAN, buffer, None);
                    }
                }
                let mut args = bind.args();
                for (i, buffer) in numbers.iter().take(fit.inputs.len()).enumerate() {
                    args.items.push(match fit.inputs[i] {
                        None => Arg::Absent,
                        Some(source) => bind.arg(source, fit.reads[i], buffer)?,
                    });
                }
                visit(at, &args)?;
            }
            Ok(())
        })
    }

    /// Calls `visit` with every step's slot and the position in it that belongs to `row`.
    pub fn at_row(
        &self,
        frame: &Frame<'_>,
        scratch: &mut Scratch,
        row: usize,
        mut visit: impl FnMut(usize, &Slot, usize),
    ) -> Result<()> {
        self.each_tile(frame, scratch, |tile, tile_scratch, steps| {
            if tile.rows.contains(&row) {
                let bind = Bind {
                    plan: self.plan,
                    frame,
                    tile,
                    scratch: tile_scratch,
                    steps,
                    groups_axis: false,
                };
                for (at, step) in steps.iter().enumerate() {
                    visit(at, &step.slot, bind.slot_index(at).get(row - tile.rows.start));
                }
            }
            Ok(())
        })
    }

    /// Evaluates the steps for one tile after the other. Past a limit the scratch gives back what it grew to.
    fn each_tile(
        &self,
        frame: &Frame<'_>,
        scratch: &mut Scratch,
        visit: impl FnMut(&Tile<'_>, &TileScratch, &[StepScratch]) -> Result<()>,
    ) -> Result<()> {
        let done = self.tiles(frame, scratch, visit);
        if matches!(&done, Err(error) if error.kind() == ErrorKind::ResourceLimit) {
            scratch.give_back();
        }
        done
    }

    fn tiles(
        &self,
        frame: &Frame<'_>,
        scratch: &mut Scratch,
        mut visit: impl FnMut(&Tile<'_>, &TileScratch, &[StepScratch]) -> Result<()>,
    ) -> Result<()> {
        if self.plan.grouped && frame.groups().is_none() {
            return Err(Error::new(
                ErrorKind::MissingInput,
                "the spec has steps within a group, and the frame has no groups",
            )
            .at("groups")
            .hint(
                "give the group of every row; a place that sees one document at a time cannot run this spec",
            ));
        }
        scratch.prepare(self.owner, self.plan, self.ready);
        for tile in Tiles::new(frame, &self.plan.inputs) {
            self.enter(frame, &tile, &mut scratch.tile)?;
            let mut made = 0;
            for at in 0..self.plan.steps.len() {
                let (before, rest) = scratch.steps.split_at_mut(at);
                if let Some(current) = rest.first_mut() {
                    let named = |e: Error| e.at(format!("steps.{}", self.names[at]));
                    let _within = Within(&self.names[at]);
                    self.step(at, frame, &tile, &scratch.tile, before, current)
                        .map_err(named)?;
                    made += current.slot.value_bytes();
                }
                scratch
                    .check_tile(made, &tile.rows)
                    .map_err(|e| e.at(format!("steps.{}", self.names[at])))?;
            }
            visit(&tile, &scratch.tile, &scratch.steps)?;
        }
        Ok(())
    }

    /// Prepares what the steps of a tile share: group tables, repaired text, gathered lists, folds, labels.
    fn enter(&self, frame: &Frame<'_>, tile: &Tile<'_>, scratch: &mut TileScratch) -> Result<()> {
        scratch.group_local.clear();
        scratch.group_global.clear();
        scratch.first_local.clear();
        if let Some(groups) = tile.groups {
            for (g, pair) in groups.windows(2).enumerate() {
                let rows = (pair[1] - pair[0]) as usize;
                scratch.first_local.push(pair[0] - tile.rows.start as u32);
                scratch.group_local.extend(std::iter::repeat_n(g as u32, rows));
                scratch
                    .group_global
                    .extend(std::iter::repeat_n((tile.first_group + g) as u32, rows));
            }
        }
        for (i, input) in self.plan.inputs.iter().enumerate() {
            let named = |e: Error| e.at(format!("inputs.{}", input.name));
            let column = frame.column(i);
            let range = tile.range(frame.axis(i));
            if input.side == Side::Query && frame.axis(i) == Axis::Rows {
                check_constant(column, tile).map_err(named)?;
            }
            let held = &mut scratch.inputs[i];
            match &input.data_type {
                DataType::String => repair_column(column, range, held),
                DataType::List(item) => {
                    if self.plan.read_as_terms[i] {
                        gather_terms(column, item, range.clone(), held).map_err(named)?;
                    }
                    if self.plan.read_as_vectors[i] {
                        gather_numbers(column, range, held);
                    }
                }
                _ => {}
            }
        }
        self.folds_and_labels(frame, tile, scratch);
        Ok(())
    }

    fn folds_and_labels(&self, frame: &Frame<'_>, tile: &Tile<'_>, scratch: &mut TileScratch) {
        let (mut rows, mut groups) = (
            std::mem::take(&mut scratch.fold_rows),
            std::mem::take(&mut scratch.fold_groups),
        );
        rows.clear();
        groups.clear();
        if let (Some(qid), Folds::OfQid) = (self.plan.qid, frame.folds()) {
            for (groups_axis, out) in [(false, &mut rows), (true, &mut groups)] {
                if groups_axis && tile.groups.is_none() {
                    continue;
                }
                let bind = Bind {
                    plan: self.plan,
                    frame,
                    tile,
                    scratch,
                    steps: &[],
                    groups_axis,
                };
                let category = bind.category(qid);
                let mut buffer = CategoryBuffer::default();
                // Rows without a qid share the fold of the empty one, so that none sees its own label.
                out.extend(
                    (0..bind.len()).map(|i| xxh3_64(category.get(i, &mut buffer).unwrap_or_default(), 0)),
                );
            }
        }
        (scratch.fold_rows, scratch.fold_groups) = (rows, groups);
        let mut labels = std::mem::take(&mut scratch.labels);
        labels.clear();
        if let Some(label) = self.plan.label {
            let bind = Bind {
                plan: self.plan,
                frame,
                tile,
                scratch,
                steps: &[],
                groups_axis: false,
            };
            bind.fill_numbers(Source::Input(label), f64::NAN, &mut labels, None);
        }
        scratch.labels = labels;
    }

    fn step(
        &self,
        at: usize,
        frame: &Frame<'_>,
        tile: &Tile<'_>,
        scratch: &TileScratch,
        before: &[StepScratch],
        current: &mut StepScratch,
    ) -> Result<()> {
        let planned = &self.plan.steps[at];
        let ready = &self.ready[at];
        let groups_axis = planned.query_side && tile.groups.is_some();
        let bind = Bind {
            plan: self.plan,
            frame,
            tile,
            scratch,
            steps: before,
            groups_axis,
        };
        let StepScratch {
            slot,
            work,
            numbers,
            missing,
        } = current;
        missing.clear();
        if planned.indicator {
            missing.resize(bind.len(), false);
        }
        for (i, buffer) in numbers.iter_mut().enumerate() {
            if planned.reads[i] == Read::Number && !bind.lends_numbers(planned, i, ready.fills[i]) {
                bind.fill_numbers(
                    planned.inputs[i],
                    ready.fills[i],
                    buffer,
                    planned.indicator.then_some(&mut *missing),
                );
            }
        }
        let mut args = bind.args();
        for (i, buffer) in numbers.iter().enumerate() {
            let lent = planned.reads[i] == Read::Number && bind.lends_numbers(planned, i, ready.fills[i]);
            args.items.push(match (lent, planned.inputs[i]) {
                (true, Source::Step(step)) => Arg::Number(bind.lent_numbers(step)?),
                (_, source) => bind.arg(source, planned.reads[i], buffer)?,
            });
        }
        slot.clear();
        ready.kernel.eval(&args, slot, work.as_mut())
    }

    fn append(
        &self,
        frame: &Frame<'_>,
        tile: &Tile<'_>,
        scratch: &TileScratch,
        steps: &[StepScratch],
        block: &mut FeatureBlock,
    ) {
        let rows = tile.rows.len();
        let width = block.dense_names.len();
        let start = block.dense.len();
        block.dense.resize(start + rows * width, 0.0);
        let bind = Bind {
            plan: self.plan,
            frame,
            tile,
            scratch,
            steps,
            groups_axis: false,
        };
        let (mut dense_at, mut sparse_at) = (0, 0);
        for output in &self.plan.outputs {
            let cells = block.dense[start..]
                .iter_mut()
                .skip(dense_at)
                .step_by(width.max(1));
            match output.source {
                OutputSource::Input(input) => {
                    let index = bind.column_index(input);
                    let column = frame.column(input);
                    cells
                        .enumerate()
                        .for_each(|(row, cell)| *cell = output_bits(column.number(index.get(row))));
                    dense_at += 1;
                }
                OutputSource::Numbers(step) => {
                    let index = bind.slot_index(step);
                    if let Slot::Numbers(values) = &steps[step].slot {
                        cells
                            .enumerate()
                            .for_each(|(row, cell)| *cell = output_bits(values[index.get(row)]));
                    }
                    dense_at += 1;
                }
                OutputSource::VectorItem(step, item) => {
                    let index = bind.slot_index(step);
                    if let Slot::Vectors(rows) = &steps[step].slot {
                        let value =
                            |row: usize| rows.row(index.get(row)).map_or(f64::NAN, |items| items[item]);
                        cells
                            .enumerate()
                            .for_each(|(row, cell)| *cell = output_bits(value(row)));
                    }
                    dense_at += 1;
                }
                OutputSource::Missing(step) => {
                    let index = bind.slot_index(step);
                    let missing = &steps[step].missing;
                    let flag = |row: usize| f32::from(u8::from(missing[index.get(row)]));
                    cells.enumerate().for_each(|(row, cell)| *cell = flag(row));
                    dense_at += 1;
                }
                OutputSource::Sparse(step) => {
                    if let Slot::Sparse(sparse) = &steps[step].slot {
                        block.sparse[sparse_at].append(sparse, bind.slot_index(step), rows);
                    }
                    sparse_at += 1;
                }
            }
        }
        block.rows += rows;
    }
}

/// Binds sources to the rows or groups of one tile.
struct Bind<'a> {
    plan: &'a Plan,
    frame: &'a Frame<'a>,
    tile: &'a Tile<'a>,
    scratch: &'a TileScratch,
    steps: &'a [StepScratch],
    /// Whether the output has one value a group.
    groups_axis: bool,
}

impl<'a> Bind<'a> {
    fn len(&self) -> usize {
        if self.groups_axis {
            self.scratch.first_local.len()
        } else {
            self.tile.rows.len()
        }
    }

    fn args(&self) -> Args<'a> {
        let folds = if self.groups_axis {
            &self.scratch.fold_groups
        } else {
            &self.scratch.fold_rows
        };
        let label = (!self.scratch.labels.is_empty()).then_some(NumberArg {
            values: &self.scratch.labels,
            index: Index::Offset(0),
        });
        Args {
            len: self.len(),
            first: if self.groups_axis {
                self.tile.first_group
            } else {
                self.tile.rows.start
            },
            items: ArrayVec::new(),
            groups: self.tile.groups,
            label,
            folds: (!folds.is_empty()).then_some(folds.as_slice()),
        }
    }

    /// Positions in a frame's column.
    fn column_index(&self, input: usize) -> Index<'a> {
        match (self.groups_axis, self.frame.axis(input)) {
            (false, Axis::Rows) => Index::Offset(self.tile.rows.start),
            (false, Axis::Groups) => Index::Table(&self.scratch.group_global),
            (true, Axis::Groups) => Index::Offset(self.tile.first_group),
            (true, Axis::Rows) => Index::Table(self.tile.groups.unwrap_or_default()),
        }
    }

    /// Positions in what was repaired or gathered from a frame's column for this tile.
    fn gathered_index(&self, input: usize) -> Index<'a> {
        match (self.groups_axis, self.frame.axis(input)) {
            (false, Axis::Rows) | (true, Axis::Groups) => Index::Offset(0),
            (false, Axis::Groups) => Index::Table(&self.scratch.group_local),
            (true, Axis::Rows) => Index::Table(&self.scratch.first_local),
        }
    }

    /// Positions in a step's slot.
    fn slot_index(&self, step: usize) -> Index<'a> {
        let slot_groups = self.plan.steps[step].query_side && self.tile.groups.is_some();
        if slot_groups && !self.groups_axis {
            Index::Table(&self.scratch.group_local)
        } else {
            Index::Offset(0)
        }
    }

    /// Whether the numbers of a step can be read where they are.
    fn lends_numbers(&self, planned: &PlannedStep, input: usize, fill: f64) -> bool {
        matches!(planned.inputs[input], Source::Step(_)) && fill.is_nan() && !planned.indicator
    }

    fn lent_numbers(&self, step: usize) -> Result<NumberArg<'a>> {
        match &self.steps[step].slot {
            Slot::Numbers(values) => Ok(NumberArg {
                values,
                index: self.slot_index(step),
            }),
            _ => Err(Error::internal(
                "a step without numbers was read as numbers",
                None,
            )),
        }
    }

    fn fill_numbers(
        &self,
        source: Source,
        fill: f64,
        out: &mut Vec<f64>,
        mut missing: Option<&mut Vec<bool>>,
    ) {
        out.clear();
        let mut put = |i: usize, value: f64| {
            if value.is_nan() {
                if let Some(mask) = missing.as_deref_mut() {
                    mask[i] = true;
                }
                out.push(fill);
            } else {
                out.push(value);
            }
        };
        match source {
            Source::Input(input) => {
                let (column, index) = (self.frame.column(input), self.column_index(input));
                (0..self.len()).for_each(|i| put(i, column.number(index.get(i))));
            }
            Source::Step(step) => {
                let index = self.slot_index(step);
                if let Slot::Numbers(values) = &self.steps[step].slot {
                    (0..self.len()).for_each(|i| put(i, values[index.get(i)]));
                }
            }
        }
    }

    fn text(&self, source: Source) -> Result<TextArg<'a>> {
        match source {
            Source::Input(input) => Ok(self.input_text(input)),
            Source::Step(step) => match &self.steps[step].slot {
                Slot::Text(rows) => Ok(TextArg::Rows(rows, IndexView(self.slot_index(step)))),
                _ => Err(Error::internal("a step without text was read as text", None)),
            },
        }
    }

    fn input_text(&self, input: usize) -> TextArg<'a> {
        let held: &InputScratch = &self.scratch.inputs[input];
        if held.repaired {
            TextArg::Rows(&held.text, IndexView(self.gathered_index(input)))
        } else {
            TextArg::Column(self.frame.column(input), IndexView(self.column_index(input)))
        }
    }

    fn category(&self, input: usize) -> CategoryArg<'a> {
        match self.plan.inputs[input].data_type {
            DataType::String | DataType::Binary => CategoryArg::Text(self.input_text(input)),
            _ => CategoryArg::Exact(self.frame.column(input), IndexView(self.column_index(input))),
        }
    }

    fn arg(&self, source: Source, read: Read, numbers: &'a [f64]) -> Result<Arg<'a>> {
        Ok(match (read, source) {
            (Read::Number, _) => Arg::Number(NumberArg {
                values: numbers,
                index: Index::Offset(0),
            }),
            (Read::Text, source) => Arg::Text(self.text(source)?),
            (Read::Category, Source::Input(input)) => Arg::Category(self.category(input)),
            (Read::Category, source) => Arg::Category(CategoryArg::Text(self.text(source)?)),
            (Read::Terms, Source::Input(input)) => Arg::Terms(TermsArg {
                terms: &self.scratch.inputs[input].terms,
                index: self.gathered_index(input),
            }),
            (Read::Terms, Source::Step(step)) => match &self.steps[step].slot {
                Slot::Terms(terms) => Arg::Terms(TermsArg {
                    terms,
                    index: self.slot_index(step),
                }),
                _ => return Err(Error::internal("a step without tokens was read as tokens", None)),
            },
            (Read::Time, Source::Input(input)) => Arg::Time(TimeArg {
                column: self.frame.column(input),
                index: self.column_index(input),
            }),
            (Read::Map, Source::Input(input)) => Arg::Map(MapArg {
                column: self.frame.column(input),
                index: self.column_index(input),
            }),
            (Read::Vector, Source::Input(input)) => Arg::Vector(VectorArg {
                rows: &self.scratch.inputs[input].vectors,
                index: self.gathered_index(input),
            }),
            (Read::Vector, Source::Step(step)) => match &self.steps[step].slot {
                Slot::Vectors(rows) => Arg::Vector(VectorArg {
                    rows,
                    index: self.slot_index(step),
                }),
                _ => return Err(Error::internal("a step without lists was read as lists", None)),
            },
            (Read::Sparse, Source::Step(step)) => match &self.steps[step].slot {
                Slot::Sparse(rows) => Arg::Sparse(SparseArg {
                    rows,
                    index: self.slot_index(step),
                }),
                _ => {
                    return Err(Error::internal(
                        "a step without sparse rows was read as sparse",
                        None,
                    ));
                }
            },
            (Read::Sparse, Source::Input(_)) => {
                return Err(Error::internal("no input column is sparse", None));
            }
            (Read::Time | Read::Map, Source::Step(_)) => {
                return Err(Error::internal("only an input column can be read so", None));
            }
        })
    }
}
