//! From validated spec to plan: what is needed, in which order, for whom.

use crate::spec::{Input, Source, Spec};
use crate::transforms::Read;
use crate::types::{Role, Side, ValueType};

/// One step of a plan; sources are indices into the plan.
#[derive(Clone, Debug)]
pub(crate) struct PlannedStep {
    /// Index of the step in the spec.
    pub step: usize,
    /// What each input reads, in the plan's indices.
    pub inputs: Vec<Source>,
    /// How each input is read.
    pub reads: Vec<Read>,
    /// Whether the step is evaluated once a group.
    pub query_side: bool,
    /// The type of the output.
    pub output: ValueType,
    /// Whether a mask of missing numbers is kept for an indicator.
    pub indicator: bool,
}

/// A step to fit: what its state reads, by plan index.
#[derive(Clone, Debug)]
pub(crate) struct FitStep {
    /// Index of the step in the spec.
    pub step: usize,
    /// What each input reads; `None` for one that learning does not look at.
    pub inputs: Vec<Option<Source>>,
    /// How each input is read.
    pub reads: Vec<Read>,
}

/// One dense or sparse output.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    pub name: String,
    pub source: OutputSource,
}

/// Where an output's values come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OutputSource {
    /// A numeric input, by plan index.
    Input(usize),
    /// A step that makes numbers.
    Numbers(usize),
    /// Whether a number of this step was missing.
    Missing(usize),
    /// A step that makes sparse rows.
    Sparse(usize),
    /// One item of the lists, all of one length, of a step.
    VectorItem(usize, usize),
}

/// The part of a spec that some outputs need, in evaluation order.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) inputs: Vec<Input>,
    /// Which inputs are read as lists of categories, and which as lists of numbers.
    pub(crate) read_as_terms: Vec<bool>,
    pub(crate) read_as_vectors: Vec<bool>,
    pub(crate) steps: Vec<PlannedStep>,
    pub(crate) outputs: Vec<Output>,
    /// The steps to fit, when that is what the plan is for.
    pub(crate) fits: Vec<FitStep>,
    /// The plan index of the input whose hash is the fold, when folds are in use.
    pub(crate) qid: Option<usize>,
    /// The plan index of the label, when a fit reads it.
    pub(crate) label: Option<usize>,
    pub(crate) grouped: bool,
}

/// What a plan is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose<'a> {
    /// All features, as served.
    Serve,
    /// All features, each row with the fold of its qid.
    Train,
    /// What the fits of these spec steps read, in this table.
    Fit(&'a [usize]),
}

impl Plan {
    /// Plans `spec` for `purpose`; steps and inputs that nothing needs are left out.
    pub(crate) fn new(spec: &Spec, purpose: Purpose<'_>) -> Plan {
        let mut needed_steps = vec![false; spec.steps().len()];
        let mut needed_inputs = vec![false; spec.inputs().len()];
        let mut stack: Vec<Source> = match purpose {
            Purpose::Fit(steps) => steps.iter().flat_map(|step| fit_sources(spec, *step)).collect(),
            _ => spec.features().iter().map(|feature| feature.source).collect(),
        };
        while let Some(source) = stack.pop() {
            match source {
                Source::Input(i) => needed_inputs[i] = true,
                Source::Step(i) if !needed_steps[i] => {
                    needed_steps[i] = true;
                    stack.extend(&spec.steps()[i].inputs);
                }
                Source::Step(_) => {}
            }
        }
        let fits = |step: &usize| spec.steps()[*step].signature.fit.as_ref();
        let (folds, label) = match purpose {
            Purpose::Serve => (false, false),
            Purpose::Train => {
                let mut used = (0..spec.steps().len()).filter(|i| needed_steps[*i]);
                (
                    used.any(|i| fits(&i).is_some_and(|fit| fit.folds.is_some())),
                    false,
                )
            }
            Purpose::Fit(steps) => (
                steps.iter().filter_map(fits).any(|fit| fit.folds.is_some()),
                steps.iter().filter_map(fits).any(|fit| fit.label),
            ),
        };
        let role = |wanted: bool, role: Role| if wanted { spec.role(role) } else { None };
        let (qid, label) = (role(folds, Role::Qid), role(label, Role::Label));
        for role in [qid, label].into_iter().flatten() {
            needed_inputs[role] = true;
        }
        let input_at = positions(&needed_inputs);
        let step_at = positions(&needed_steps);
        let moved = |source: &Source| match source {
            Source::Input(i) => Source::Input(input_at[*i]),
            Source::Step(i) => Source::Step(step_at[*i]),
        };
        let inputs: Vec<Input> = spec
            .inputs()
            .iter()
            .zip(&needed_inputs)
            .filter(|(_, needed)| **needed)
            .map(|(i, _)| i.clone())
            .collect();
        let steps: Vec<PlannedStep> = (0..spec.steps().len())
            .filter(|i| needed_steps[*i])
            .map(|i| {
                let step = &spec.steps()[i];
                PlannedStep {
                    step: i,
                    inputs: step.inputs.iter().map(moved).collect(),
                    reads: step.signature.reads.clone(),
                    query_side: step.side == Side::Query,
                    output: step.signature.output.clone(),
                    indicator: step.missing.indicator,
                }
            })
            .collect();
        let grouped = steps
            .iter()
            .any(|planned| spec.steps()[planned.step].signature.grouped);
        let mut outputs = Vec::new();
        if !matches!(purpose, Purpose::Fit(_)) {
            for feature in spec.features() {
                let source = moved(&feature.source);
                let indicator = matches!(source, Source::Step(i) if steps[i].indicator);
                let mut push = |name: String, source: OutputSource| outputs.push(Output { name, source });
                match source {
                    Source::Input(i) => push(feature.name.clone(), OutputSource::Input(i)),
                    Source::Step(i) => match &steps[i].output {
                        ValueType::Sparse => push(feature.name.clone(), OutputSource::Sparse(i)),
                        made @ ValueType::Vector(_) => {
                            for (item, name) in made.dense_names(&feature.name).into_iter().enumerate() {
                                push(name, OutputSource::VectorItem(i, item));
                            }
                        }
                        _ => push(feature.name.clone(), OutputSource::Numbers(i)),
                    },
                }
                if let (true, Source::Step(i)) = (indicator, source) {
                    let name = format!("{}_missing", feature.name);
                    outputs.push(Output {
                        name,
                        source: OutputSource::Missing(i),
                    });
                }
            }
        }
        let fits: Vec<FitStep> = match purpose {
            Purpose::Fit(fitted) => fitted
                .iter()
                .map(|i| {
                    let step = &spec.steps()[*i];
                    let read = fit_inputs(spec, *i);
                    let inputs = step.inputs.iter().enumerate();
                    let inputs = inputs
                        .map(|(k, source)| read.contains(&k).then(|| moved(source)))
                        .collect();
                    FitStep {
                        step: *i,
                        inputs,
                        reads: step.signature.reads.clone(),
                    }
                })
                .collect(),
            _ => Vec::new(),
        };
        let mut reads: Vec<(Source, Read)> = Vec::new();
        for step in &steps {
            reads.extend(step.inputs.iter().copied().zip(step.reads.iter().copied()));
        }
        for fit in &fits {
            let read = fit.inputs.iter().zip(&fit.reads);
            reads.extend(read.filter_map(|(source, read)| source.map(|source| (source, *read))));
        }
        let read_as = |wanted: Read| -> Vec<bool> {
            let mut flags = vec![false; inputs.len()];
            for (source, read) in &reads {
                if let (Source::Input(i), true) = (source, *read == wanted) {
                    flags[*i] = true;
                }
            }
            flags
        };
        Plan {
            read_as_terms: read_as(Read::Terms),
            read_as_vectors: read_as(Read::Vector),
            inputs,
            steps,
            outputs,
            fits,
            qid: moved_role(qid, &input_at),
            label: moved_role(label, &input_at),
            grouped,
        }
    }
}

fn moved_role(role: Option<usize>, input_at: &[usize]) -> Option<usize> {
    role.map(|i| input_at[i])
}

/// What the fit of a spec step reads: its state's inputs, and all its numbers when a statistic fills them.
pub(crate) fn fit_inputs(spec: &Spec, step: usize) -> Vec<usize> {
    let step = &spec.steps()[step];
    let learnt = step
        .signature
        .fit
        .iter()
        .flat_map(|fit| fit.inputs.iter().copied());
    let filled = match step.missing.impute {
        Some(impute) if impute.is_learnt() => (0..step.inputs.len())
            .filter(|i| step.signature.reads[*i] == Read::Number)
            .collect(),
        _ => Vec::new(),
    };
    let mut inputs: Vec<usize> = learnt.chain(filled).collect();
    inputs.sort_unstable();
    inputs.dedup();
    inputs
}

fn fit_sources(spec: &Spec, step: usize) -> Vec<Source> {
    fit_inputs(spec, step)
        .into_iter()
        .map(|i| spec.steps()[step].inputs[i])
        .collect()
}

fn positions(needed: &[bool]) -> Vec<usize> {
    let mut next = 0;
    needed
        .iter()
        .map(|needed| {
            let at = next;
            next += usize::from(*needed);
            at
        })
        .collect()
}
