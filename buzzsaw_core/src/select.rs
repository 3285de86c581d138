//! A part of a pipeline: some of its features, with the state that they learnt.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::error::{Error, ErrorKind, Problem, Result};
use crate::pipeline::Pipeline;
use crate::plan::{Plan, Purpose};
use crate::spec::Spec;
use crate::types::Side;

impl Pipeline {
    /// The names of the spec's features that depend on `side` alone, in the order of the spec.
    pub fn features_of_side(&self, side: Side) -> Vec<&str> {
        let spec = self.spec();
        let features = spec.features().iter();
        features
            .filter(|feature| spec.side(feature.source) == side)
            .map(|feature| feature.name.as_str())
            .collect()
    }

    /// The pipeline of some features, in the order of the spec: each has the bits that it has here.
    ///
    /// Steps and inputs that they do not need are left out of its spec, but for inputs with a role. A change of another
    /// feature, or of another step's state, does not change its content hash.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` without a name, and for names that are no feature of the spec.
    pub fn select(&self, features: &[&str]) -> Result<Pipeline> {
        let known: BTreeSet<&str> = self.spec().features().iter().map(|f| f.name.as_str()).collect();
        let mut problems: Vec<Problem> = features
            .iter()
            .filter(|name| !known.contains(*name))
            .map(|name| {
                Problem::new(
                    ErrorKind::InvalidValue,
                    format!("the spec has no feature `{name}`"),
                )
                .at("features")
            })
            .collect();
        if features.is_empty() {
            problems.push(Problem::new(ErrorKind::InvalidValue, "no feature is named").at("features"));
        }
        Error::check(problems)?;
        let mut document = self.spec().to_json();
        if let Some(Value::Array(entries)) = document.get_mut("features") {
            entries.retain(|entry| {
                entry["name"]
                    .as_str()
                    .is_some_and(|name| features.contains(&name))
            });
        }
        let wide = parse(&document)?;
        let plan = Plan::new(&wide, Purpose::Serve);
        let steps: BTreeSet<&str> = plan
            .steps
            .iter()
            .map(|planned| wide.steps()[planned.step].name.as_str())
            .collect();
        let inputs: BTreeSet<&str> = plan.inputs.iter().map(|input| input.name.as_str()).collect();
        retain(&mut document, "steps", |name, _| steps.contains(name));
        retain(&mut document, "inputs", |name, input| {
            inputs.contains(name) || input.get("role").is_some()
        });
        let state: BTreeMap<_, _> = self
            .state()
            .filter(|(step, _)| steps.contains(step))
            .map(|(step, tables)| (step.to_owned(), tables.clone()))
            .collect();
        Pipeline::with_state(Arc::new(parse(&document)?), state, None)
    }
}

/// A spec out of the parts of a valid one; a failure is a defect of this file.
fn parse(document: &Value) -> Result<Spec> {
    Spec::parse(&document.to_string()).map_err(|error| {
        Error::new(
            ErrorKind::Internal,
            format!("a part of a spec is no spec: {error}"),
        )
    })
}

fn retain(document: &mut Value, section: &str, keep: impl Fn(&str, &Value) -> bool) {
    if let Some(Value::Object(entries)) = document.get_mut(section) {
        let kept: Map<String, Value> = std::mem::take(entries)
            .into_iter()
            .filter(|(name, entry)| keep(name, entry))
            .collect();
        *entries = kept;
    }
}
