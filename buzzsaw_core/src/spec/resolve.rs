//! From raw spec to validated spec: transforms, inputs, types and sides.

use std::collections::HashMap;

use super::model::{Feature, Input, Source, Spec, Step};
use super::nearest;
use super::node::Node;
use super::parse::{META_KEYS, RawFeature, RawSpec, RawStep, Reader, STEP_KEYS};
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::registry::{self, Checked};
use crate::types::{Role, Side};

/// The most inputs one step may have.
pub(crate) const MAX_STEP_INPUTS: usize = 16;

impl Spec {
    /// Parses and validates a YAML or JSON document.
    ///
    /// # Errors
    /// Every problem at once, each with its code, place and hint.
    ///
    /// # Example
    /// ```
    /// # use buzzsaw_core::Spec;
    /// let spec = Spec::parse("
    /// buzzsaw: 1
    /// name: prices
    /// inputs:
    ///   price: {type: float64, side: document}
    /// steps:
    ///   log_price: {transform: log1p, input: price}
    /// features: [log_price]
    /// ")?;
    /// assert_eq!(spec.features()[0].name, "log_price");
    /// # Ok::<(), buzzsaw_core::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Spec> {
        Self::from_node(&Node::parse(text)?)
    }

    /// As [`Spec::parse`], with the lines of each list given as `{file: path}` put inline; paths are relative to
    /// `base`.
    ///
    /// # Errors
    /// As [`Spec::parse`], and `BZ_IO` for a file that cannot be read.
    pub fn parse_in(text: &str, base: &std::path::Path) -> Result<Spec> {
        let mut node = Node::parse(text)?;
        super::files::inline(&mut node, base)?;
        Self::from_node(&node)
    }

    /// Validates a document tree.
    ///
    /// # Errors
    /// As [`Spec::parse`].
    pub fn from_node(node: &Node) -> Result<Spec> {
        let mut reader = Reader { problems: Vec::new() };
        let raw = reader.spec(node);
        // A name whose own entry was malformed is still a name: uses of it are not further problems.
        let declared = |section: &str| match node.get(section) {
            Some(Node::Map(entries)) => entries.iter().map(|(key, _)| key.clone()).collect(),
            _ => Vec::new(),
        };
        let mut names = declared("inputs");
        names.extend(declared("steps"));
        let spec = Resolver {
            reader: &mut reader,
            names,
        }
        .resolve(raw);
        Error::check(reader.problems)?;
        Ok(spec)
    }
}

struct Resolver<'r> {
    reader: &'r mut Reader,
    names: Vec<String>,
}

impl Resolver<'_> {
    fn resolve(mut self, raw: RawSpec) -> Spec {
        let mut found: HashMap<&str, Source> = HashMap::new();
        for (i, input) in raw.inputs.iter().enumerate() {
            found.insert(&input.name, Source::Input(i));
        }
        for (role_name, role) in Role::ALL {
            let holders: Vec<_> = raw
                .inputs
                .iter()
                .filter(|input| input.role == Some(role))
                .collect();
            if let [_, second, ..] = holders.as_slice() {
                let message = format!("two inputs have the role {role_name}");
                let place = format!("inputs.{}.role", second.name);
                self.reader.report(
                    ErrorKind::InvalidSpec,
                    &place,
                    message,
                    "give each role to one input".into(),
                );
            }
            for input in holders {
                self.check_role(input, role_name, role);
            }
        }
        let mut spec = Spec {
            name: raw.name,
            meta: raw.meta,
            inputs: raw.inputs.clone(),
            steps: Vec::with_capacity(raw.steps.len()),
            features: Vec::new(),
        };
        for step in &raw.steps {
            if found.contains_key(step.name.as_str()) {
                let message = format!("`{}` is both an input and a step", step.name);
                self.reader.problems.push(
                    Problem::new(ErrorKind::InvalidSpec, message)
                        .at(format!("steps.{}", step.name))
                        .hint("rename one of them"),
                );
            }
        }
        self.order_steps(&raw.steps, &mut spec, &mut found);
        self.features(&raw.features, &mut spec, &found);
        spec
    }

    /// A group or qid of a type that is no category would have no fold; a label that is no number no value.
    fn check_role(&mut self, input: &Input, role_name: &str, role: Role) {
        let (fits, wanted) = match role {
            Role::Qid | Role::Group => (
                input.data_type.is_category(),
                "a category: string, an integer, date or bool",
            ),
            Role::Label | Role::Weight => (input.data_type.is_number(), "a number"),
        };
        if !fits {
            self.reader.report(
                ErrorKind::TypeMismatch,
                &format!("inputs.{}.type", input.name),
                format!("the {role_name} is of type {}", input.data_type),
                format!("a {role_name} is {wanted}"),
            );
        }
    }

    /// Resolves steps in the order of their dependencies, document order among equals.
    fn order_steps<'s>(
        &mut self,
        steps: &'s [RawStep],
        spec: &mut Spec,
        found: &mut HashMap<&'s str, Source>,
    ) {
        let by_name: HashMap<&str, usize> = steps
            .iter()
            .enumerate()
            .map(|(i, s)| (s.name.as_str(), i))
            .collect();
        let mut state = vec![Visit::New; steps.len()];
        for start in 0..steps.len() {
            // An explicit stack: a chain of ten thousand steps must not overflow the thread's.
            let mut stack = vec![(start, 0usize)];
            while let Some((at, next)) = stack.pop() {
                if state[at] == Visit::Done {
                    continue;
                }
                state[at] = Visit::Open;
                let dependency = steps[at].inputs.get(next..).and_then(|rest| {
                    rest.iter().enumerate().find_map(|(k, (name, place))| {
                        let on = *by_name.get(name.as_str())?;
                        (state[on] != Visit::Done).then_some((next + k, on, place))
                    })
                });
                match dependency {
                    Some((_, on, place)) if state[on] == Visit::Open => {
                        let message = format!(
                            "`{}` depends on itself through `{}`",
                            steps[at].name, steps[on].name
                        );
                        let hint = "break the cycle".to_owned();
                        self.reader.report(ErrorKind::InvalidSpec, place, message, hint);
                        state[at] = Visit::Done;
                    }
                    Some((k, on, _)) => {
                        stack.push((at, k));
                        stack.push((on, 0));
                    }
                    None => {
                        state[at] = Visit::Done;
                        if let Some(step) = self.step(&steps[at], spec, found) {
                            found.insert(&steps[at].name, Source::Step(spec.steps.len()));
                            spec.steps.push(step);
                        }
                    }
                }
            }
        }
    }

    fn step(&mut self, raw: &RawStep, spec: &Spec, found: &HashMap<&str, Source>) -> Option<Step> {
        let place = format!("steps.{}", raw.name);
        let transform = match registry::find(&raw.transform, raw.version) {
            Ok(entry) => Some(entry),
            Err(problem) => {
                self.reader
                    .problems
                    .push(problem.at(format!("{place}.transform")));
                None
            }
        };
        if raw.inputs.len() > MAX_STEP_INPUTS {
            let message = format!(
                "{} inputs; a step has at most {MAX_STEP_INPUTS}",
                raw.inputs.len()
            );
            let hint = "combine some of them in a step before".to_owned();
            self.reader
                .report(ErrorKind::ResourceLimit, &place, message, hint);
            return None;
        }
        let mut inputs = Vec::with_capacity(raw.inputs.len());
        for (name, at) in &raw.inputs {
            match found.get(name.as_str()) {
                Some(Source::Input(i)) if spec.inputs[*i].role.is_some() => {
                    let role = spec.inputs[*i].role.map_or("", Role::name);
                    let message = format!("`{name}` has the role {role}, so no step reads it");
                    let hint = "read an input without a role".to_owned();
                    self.reader.report(ErrorKind::InvalidSpec, at, message, hint);
                }
                Some(source) => inputs.push(*source),
                None if self.names.contains(name) => {}
                None => {
                    let hint = nearest::hint(name, self.names.iter().map(String::as_str));
                    let message = format!("there is no input or step `{name}`");
                    self.reader.report(ErrorKind::InvalidSpec, at, message, hint);
                }
            }
        }
        let transform = transform?;
        if inputs.len() != raw.inputs.len() {
            // Parameters can be judged all the same, so that one call names every problem.
            if let Err(problems) = (transform.read)(&raw.params) {
                self.extend(&place, problems);
            }
            return None;
        }
        let types: Vec<_> = inputs.iter().map(|source| spec.value_type(*source)).collect();
        let Checked {
            params,
            signature,
            table,
        } = match (transform.check)(&raw.params, &types) {
            Ok(checked) => checked,
            Err(problems) => {
                self.extend(&place, problems);
                return None;
            }
        };
        let missing = raw.missing.unwrap_or_default();
        if missing != super::Missing::default() && !signature.reads_numbers() {
            let message = format!(
                "`{}` reads no numbers, so there is nothing to fill",
                transform.name
            );
            self.reader.report(
                ErrorKind::InvalidSpec,
                &format!("{place}.missing"),
                message,
                "missing text and tokens give a missing or empty output".into(),
            );
        }
        if let Some(fit) = &signature.fit {
            for (needed, role) in [(fit.label, Role::Label), (fit.folds.is_some(), Role::Qid)] {
                if needed && spec.role(role).is_none() {
                    let message = format!(
                        "`{}` learns from the {}, and no input has that role",
                        raw.name,
                        role.name()
                    );
                    let hint = format!("add an input with `role: {}`", role.name());
                    self.reader.report(ErrorKind::MissingInput, &place, message, hint);
                }
            }
        }
        let sides = inputs.iter().map(|source| spec.side(*source));
        let side = sides.reduce(Side::join).unwrap_or(Side::Pair);
        let side = if signature.grouped { Side::Pair } else { side };
        let meta = raw.meta.clone();
        Some(Step {
            name: raw.name.clone(),
            transform,
            inputs,
            params,
            missing,
            signature,
            table,
            side,
            meta,
        })
    }

    fn extend(&mut self, place: &str, problems: Vec<Problem>) {
        let keys = STEP_KEYS.iter().chain(&META_KEYS);
        for mut problem in problems {
            // A slip of a key that every step knows (`inputz`) reaches the transform as a parameter.
            let key = problem.place.clone();
            let strange = problem.message.starts_with("unknown parameter");
            if strange
                && !problem.hint.starts_with("did you mean")
                && let Some(near) = nearest::find(&key, keys.clone().copied())
            {
                problem.hint = format!("did you mean `{near}`?");
            }
            let inner = std::mem::take(&mut problem.place);
            let at = if inner.is_empty() {
                place.to_owned()
            } else {
                format!("{place}.{inner}")
            };
            self.reader.problems.push(problem.at(at));
        }
    }

    fn features(&mut self, features: &[RawFeature], spec: &mut Spec, found: &HashMap<&str, Source>) {
        let mut taken = std::collections::HashSet::new();
        for feature in features {
            let Some(source) = found.get(feature.source.as_str()).copied() else {
                if !self.names.contains(&feature.source) {
                    let hint = nearest::hint(&feature.source, self.names.iter().map(String::as_str));
                    let message = format!("there is no step `{}`", feature.source);
                    self.reader
                        .report(ErrorKind::InvalidSpec, &feature.place, message, hint);
                }
                continue;
            };
            let value_type = spec.value_type(source);
            let shown = value_type.is_feature();
            if let Source::Input(i) = source
                && let Some(role) = spec.inputs[i].role
            {
                let message = format!(
                    "`{}` has the role {}, so it is no feature",
                    feature.source,
                    role.name()
                );
                let hint = "name an input without a role, or a step".to_owned();
                self.reader
                    .report(ErrorKind::InvalidSpec, &feature.place, message, hint);
                continue;
            }
            if !shown {
                let message = format!("`{}` is {value_type}, which is not a feature", feature.source);
                let hint = "a feature is a number, a list of fixed length or sparse; add a step that makes one of it".to_owned();
                self.reader
                    .report(ErrorKind::TypeMismatch, &feature.place, message, hint);
                continue;
            }
            let mut names = value_type.dense_names(&feature.name);
            if let Source::Step(i) = source
                && spec.steps[i].missing.indicator
            {
                names.push(format!("{}_missing", feature.name));
            }
            for name in names {
                if !taken.insert(name.clone()) {
                    let message = format!("two features are named `{name}`");
                    let hint = "rename one with `name:`".to_owned();
                    self.reader
                        .report(ErrorKind::InvalidSpec, &feature.place, message, hint);
                }
            }
            let (name, meta) = (feature.name.clone(), feature.meta.clone());
            spec.features.push(Feature { name, source, meta });
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Visit {
    New,
    Open,
    Done,
}
