//! The validated spec. It can only be made by [`Spec::parse`], so a `Spec` in hand is a valid one.

use serde_json::Value;

use crate::registry::TransformEntry;
use crate::transforms::Signature;
use crate::types::{DataType, Role, Side, ValueType};

/// What may be said of an input, a step or a feature without changing any value.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Meta {
    /// What it is, for people.
    pub description: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// Free labels.
    pub tags: Vec<String>,
    /// Whether it should no longer be used.
    pub deprecated: bool,
}

/// One input column.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// The column's name.
    pub name: String,
    /// Its type.
    pub data_type: DataType,
    /// What it depends on.
    pub side: Side,
    /// What a training column is for; `None` for a column that features read.
    pub role: Option<Role>,
    /// What its values must fulfil where a job reads them, as canonical JSON; no feature depends on it.
    pub checks: Option<Value>,
    /// Description, owner, tags.
    pub meta: Meta,
}

/// Where a step or a feature reads from: an index into the spec's inputs or steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// The input of this index.
    Input(usize),
    /// The step of this index.
    Step(usize),
}

/// What fills a missing number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Impute {
    /// This number.
    Constant(f64),
    /// The mean of the values given when fitting.
    Mean,
    /// Their median, the midpoint of the middle two.
    Median,
    /// Their median within a relative error of 2^-11, learnt in one pass.
    ApproximateMedian,
    /// The most frequent of them; the smallest of equally frequent ones.
    Mode,
}

impl Impute {
    /// What is learnt from the numbers that are given, as a spec writes it.
    pub const LEARNT: [(&'static str, Impute); 4] = [
        ("mean", Impute::Mean),
        ("median", Impute::Median),
        ("approximate_median", Impute::ApproximateMedian),
        ("mode", Impute::Mode),
    ];

    /// Whether it is learnt.
    pub fn is_learnt(self) -> bool {
        !matches!(self, Impute::Constant(_))
    }
}

/// What a step does with a missing number, before its function.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Missing {
    /// What fills it; `None` leaves it missing.
    pub impute: Option<Impute>,
    /// Whether a second feature, `<feature>_missing`, says 1.0 where the number was missing.
    pub indicator: bool,
}

/// One use of a transform.
#[derive(Clone, Debug)]
pub struct Step {
    /// The step's name.
    pub name: String,
    /// The transform, of the version that the spec fixes.
    pub transform: &'static TransformEntry,
    /// What it reads.
    pub inputs: Vec<Source>,
    /// Parameters with every default written out.
    pub params: Value,
    /// The policy for missing numbers.
    pub missing: Missing,
    /// How it reads its inputs and what it makes.
    pub signature: Signature,
    /// The name of the lookup table that it takes its state from.
    pub table: Option<String>,
    /// What it depends on.
    pub side: Side,
    /// Description, owner, tags.
    pub meta: Meta,
}

/// One output of the spec.
#[derive(Clone, Debug)]
pub struct Feature {
    /// The feature's name; the step's unless the spec renames it.
    pub name: String,
    /// The step or numeric input it shows.
    pub source: Source,
    /// Description, owner, tags.
    pub meta: Meta,
}

/// A feature spec that has passed every check.
#[derive(Clone, Debug)]
pub struct Spec {
    pub(super) name: String,
    pub(super) meta: Meta,
    pub(super) inputs: Vec<Input>,
    pub(super) steps: Vec<Step>,
    pub(super) features: Vec<Feature>,
}

impl Spec {
    /// The spec's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Description, owner and tags of the whole spec.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// All inputs, in the order of the document, with those that have a role.
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// All steps, each after the steps it reads; in the document's order where that leaves a choice.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// All features, in the order of the document.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The index of the input with this role.
    pub fn role(&self, role: Role) -> Option<usize> {
        self.inputs.iter().position(|input| input.role == Some(role))
    }

    /// The type of what `source` gives.
    pub fn value_type(&self, source: Source) -> ValueType {
        match source {
            Source::Input(i) => ValueType::Column(self.inputs[i].data_type.clone()),
            Source::Step(i) => self.steps[i].signature.output.clone(),
        }
    }

    /// The side of what `source` gives.
    pub fn side(&self, source: Source) -> Side {
        match source {
            Source::Input(i) => self.inputs[i].side,
            Source::Step(i) => self.steps[i].side,
        }
    }

    /// The name of the input or step behind `source`.
    pub fn source_name(&self, source: Source) -> &str {
        match source {
            Source::Input(i) => &self.inputs[i].name,
            Source::Step(i) => &self.steps[i].name,
        }
    }

    /// The names of all outputs, in order: each feature, and its `<feature>_missing` where the step's policy asks for
    /// an indicator.
    pub fn feature_names(&self) -> Vec<String> {
        let mut names = Vec::with_capacity(self.features.len());
        for feature in &self.features {
            names.push(feature.name.clone());
            if matches!(feature.source, Source::Step(i) if self.steps[i].missing.indicator) {
                names.push(format!("{}_missing", feature.name));
            }
        }
        names
    }
}
