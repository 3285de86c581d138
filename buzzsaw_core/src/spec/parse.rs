//! From document tree to raw spec: shapes, names and known keys, with every problem collected.

use serde_json::Value;

use super::checks;
use super::model::{Impute, Input, Meta, Missing};
use super::nearest;
use super::node::Node;
use crate::error::{ErrorKind, Problem};
use crate::types::{DataType, Role, Side};

/// The version of the spec language that this library reads.
pub(super) const SPEC_VERSION: u64 = 1;

/// The most inputs, steps or features of one spec.
const MAX_ENTRIES: usize = 10_000;

pub(super) const META_KEYS: [&str; 4] = ["description", "owner", "tags", "deprecated"];
pub(super) const STEP_KEYS: [&str; 5] = ["transform", "version", "input", "inputs", "missing"];
const SPEC_KEYS: [&str; 5] = ["buzzsaw", "name", "inputs", "steps", "features"];
const INPUT_KEYS: [&str; 4] = ["type", "side", "role", "checks"];
const FEATURE_KEYS: [&str; 2] = ["step", "name"];

/// A spec whose shape is right and whose names are not yet resolved.
pub(super) struct RawSpec {
    pub name: String,
    pub meta: Meta,
    pub inputs: Vec<Input>,
    pub steps: Vec<RawStep>,
    pub features: Vec<RawFeature>,
}

/// A step before its transform and inputs are resolved.
pub(super) struct RawStep {
    pub name: String,
    pub transform: String,
    pub version: Option<u64>,
    pub inputs: Vec<(String, String)>,
    pub params: Value,
    pub missing: Option<Missing>,
    pub meta: Meta,
}

/// A feature before its step is resolved, with its place.
pub(super) struct RawFeature {
    pub name: String,
    pub source: String,
    pub meta: Meta,
    pub place: String,
}

/// Collects problems while reading.
pub(super) struct Reader {
    pub problems: Vec<Problem>,
}

impl Reader {
    pub fn report(&mut self, kind: ErrorKind, place: &str, message: String, hint: String) {
        self.problems
            .push(Problem::new(kind, message).at(place).hint(hint));
    }

    pub(super) fn invalid(&mut self, place: &str, message: String, hint: &str) {
        self.report(ErrorKind::InvalidSpec, place, message, hint.to_owned());
    }

    /// The entries of a map, each key once; anything else is a problem.
    pub(super) fn entries<'n>(
        &mut self,
        node: Option<&'n Node>,
        place: &str,
        what: &str,
    ) -> Vec<(&'n str, &'n Node)> {
        let Some(Node::Map(entries)) = node else {
            if let Some(node) = node {
                self.invalid(
                    place,
                    format!("{what} must be a map, not {}", node.type_name()),
                    "",
                );
            }
            return Vec::new();
        };
        if entries.len() > MAX_ENTRIES {
            let message = format!("{} entries; at most {MAX_ENTRIES} are read", entries.len());
            self.report(ErrorKind::ResourceLimit, place, message, "split the spec".into());
            return Vec::new();
        }
        let mut seen = std::collections::HashSet::new();
        let mut unique = Vec::new();
        for (key, value) in entries {
            if seen.insert(key.as_str()) {
                unique.push((key.as_str(), value));
            } else {
                let place = join(place, key);
                self.invalid(&place, format!("`{key}` is given twice"), "keep one of the two");
            }
        }
        unique
    }

    fn known(&mut self, entries: &[(&str, &Node)], place: &str, known: &[&str]) {
        let known: Vec<&str> = known.iter().chain(&META_KEYS).copied().collect();
        self.only(entries, place, &known);
    }

    /// Keys that are not `known` are problems.
    pub(super) fn only(&mut self, entries: &[(&str, &Node)], place: &str, known: &[&str]) {
        for (key, _) in entries {
            if !known.contains(key) {
                let hint = nearest::hint(key, known.iter().copied());
                self.report(
                    ErrorKind::InvalidSpec,
                    &join(place, key),
                    format!("unknown key `{key}`"),
                    hint,
                );
            }
        }
    }

    fn text(&mut self, node: &Node, place: &str) -> Option<String> {
        match node {
            Node::String(text) => Some(text.clone()),
            other => {
                let message = format!("must be a string, not {}", other.type_name());
                self.invalid(place, message, "put it in quotes if it is meant as text");
                None
            }
        }
    }

    pub(super) fn flag(&mut self, node: &Node, place: &str) -> bool {
        match node {
            Node::Bool(flag) => *flag,
            other => {
                self.invalid(
                    place,
                    format!("must be true or false, not {}", other.type_name()),
                    "",
                );
                false
            }
        }
    }

    fn name(&mut self, name: &str, place: &str) {
        if !is_name(name) {
            let message = format!("`{name}` is not a name: names match [a-z][a-z0-9_]*");
            self.invalid(place, message, "use lower-case letters, digits and underscores");
        }
    }

    fn meta(&mut self, entries: &[(&str, &Node)], place: &str) -> Meta {
        let mut meta = Meta::default();
        for (key, node) in entries {
            let at = join(place, key);
            match *key {
                "description" => meta.description = self.text(node, &at),
                "owner" => meta.owner = self.text(node, &at),
                "deprecated" => meta.deprecated = self.flag(node, &at),
                "tags" => match node {
                    Node::List(items) => {
                        for (i, item) in items.iter().enumerate() {
                            meta.tags.extend(self.text(item, &format!("{at}[{i}]")));
                        }
                    }
                    other => self.invalid(&at, format!("must be a list, not {}", other.type_name()), ""),
                },
                _ => {}
            }
        }
        meta
    }

    pub fn spec(&mut self, node: &Node) -> RawSpec {
        let top = self.entries(Some(node), "", "a spec");
        self.known(&top, "", &SPEC_KEYS);
        let get = |key: &str| top.iter().find(|(k, _)| *k == key).map(|(_, node)| *node);
        match get("buzzsaw") {
            Some(Node::Number(n)) if n.as_u64() == Some(SPEC_VERSION) => {}
            Some(Node::Number(n)) if n.as_u64().is_some_and(|v| v > SPEC_VERSION) => self.report(
                ErrorKind::UnsupportedVersion,
                "buzzsaw",
                format!("the spec is of version {n}; this library reads version {SPEC_VERSION}"),
                "use a newer library".into(),
            ),
            _ => self.invalid(
                "buzzsaw",
                "the spec must say `buzzsaw: 1`".into(),
                "add `buzzsaw: 1` at the top",
            ),
        }
        let name = match get("name") {
            Some(node) => self.text(node, "name").unwrap_or_default(),
            None => {
                self.invalid("name", "the spec has no name".into(), "add `name: my_features`");
                String::new()
            }
        };
        if !name.is_empty() {
            self.name(&name, "name");
        }
        let inputs = self.entries(get("inputs"), "inputs", "inputs");
        let inputs = inputs
            .into_iter()
            .filter_map(|(name, node)| self.input(name, node))
            .collect();
        let steps = self.entries(get("steps"), "steps", "steps");
        let steps = steps
            .into_iter()
            .filter_map(|(name, node)| self.step(name, node))
            .collect();
        let features = self.features(get("features"));
        RawSpec {
            name,
            meta: self.meta(&top, ""),
            inputs,
            steps,
            features,
        }
    }

    fn input(&mut self, name: &str, node: &Node) -> Option<Input> {
        let place = join("inputs", name);
        self.name(name, &place);
        let entries = self.entries(Some(node), &place, "an input");
        self.known(&entries, &place, &INPUT_KEYS);
        let get = |key: &str| entries.iter().find(|(k, _)| *k == key).map(|(_, node)| *node);
        let data_type = match get("type").and_then(|node| self.text(node, &join(&place, "type"))) {
            Some(text) => {
                let parsed = DataType::parse(&text);
                if parsed.is_none() {
                    let names = DataType::SCALARS
                        .iter()
                        .map(|(name, _)| *name)
                        .chain(["list<string>", "map<string>"]);
                    let hint = nearest::hint(&text, names);
                    let message = format!("`{text}` is not a type");
                    self.report(ErrorKind::InvalidSpec, &join(&place, "type"), message, hint);
                }
                parsed
            }
            None => {
                if get("type").is_none() {
                    self.invalid(
                        &place,
                        "the input has no type".into(),
                        "add `type: string`, for example",
                    );
                }
                None
            }
        };
        let role = get("role").and_then(|node| {
            let text = self.text(node, &join(&place, "role"))?;
            let found = Role::ALL
                .iter()
                .find(|(name, _)| *name == text)
                .map(|(_, role)| *role);
            if found.is_none() {
                let hint = nearest::hint(&text, Role::ALL.iter().map(|(name, _)| *name));
                let message = format!("`{text}` is not a role");
                self.report(ErrorKind::InvalidSpec, &join(&place, "role"), message, hint);
            }
            found
        });
        let side = match (
            get("side").and_then(|node| self.text(node, &join(&place, "side"))),
            role,
        ) {
            (Some(text), _) => {
                let sides = [Side::Query, Side::Document, Side::Pair];
                let found = sides.into_iter().find(|side| side.name() == text);
                if found.is_none() {
                    let hint = nearest::hint(&text, sides.iter().map(|side| side.name()));
                    let message = format!("`{text}` is not a side");
                    self.report(ErrorKind::InvalidSpec, &join(&place, "side"), message, hint);
                }
                found
            }
            (None, Some(Role::Qid | Role::Group)) => Some(Side::Query),
            (None, Some(Role::Label | Role::Weight)) => Some(Side::Pair),
            (None, None) => {
                if get("side").is_none() && get("role").is_none() {
                    let hint = "add `side: query`, `side: document` or `side: pair`";
                    self.invalid(&place, "the input has no side".into(), hint);
                }
                None
            }
        };
        let meta = self.meta(&entries, &place);
        let data_type = data_type?;
        let checks =
            get("checks").and_then(|node| checks::read(self, node, &join(&place, "checks"), &data_type));
        Some(Input {
            name: name.to_owned(),
            data_type,
            side: side?,
            role,
            checks,
            meta,
        })
    }

    fn step(&mut self, name: &str, node: &Node) -> Option<RawStep> {
        let place = join("steps", name);
        self.name(name, &place);
        let entries = self.entries(Some(node), &place, "a step");
        let get = |key: &str| entries.iter().find(|(k, _)| *k == key).map(|(_, node)| *node);
        let transform = match get("transform") {
            Some(node) => self.text(node, &join(&place, "transform")),
            None => {
                self.invalid(
                    &place,
                    "the step names no transform".into(),
                    "add `transform: ...`",
                );
                None
            }
        };
        let version = get("version").and_then(|node| match node {
            Node::Number(n) if n.as_u64().is_some() => n.as_u64(),
            other => {
                let message = format!("must be a whole number, not {}", other.type_name());
                self.invalid(&join(&place, "version"), message, "");
                None
            }
        });
        let inputs = self.step_inputs(get("input"), get("inputs"), &place);
        let missing = get("missing").and_then(|node| self.missing(node, &join(&place, "missing")));
        let mut params = serde_json::Map::new();
        for (key, node) in &entries {
            if !STEP_KEYS.contains(key) && !META_KEYS.contains(key) {
                params.insert((*key).to_owned(), node.to_value());
            }
        }
        let meta = self.meta(&entries, &place);
        let params = Value::Object(params);
        Some(RawStep {
            name: name.to_owned(),
            transform: transform?,
            version,
            inputs: inputs?,
            params,
            missing,
            meta,
        })
    }

    fn step_inputs(
        &mut self,
        one: Option<&Node>,
        many: Option<&Node>,
        place: &str,
    ) -> Option<Vec<(String, String)>> {
        match (one, many) {
            (Some(node), None) => {
                let at = join(place, "input");
                Some(vec![(self.text(node, &at)?, at)])
            }
            (None, Some(Node::List(items))) => {
                let mut inputs = Vec::new();
                for (i, item) in items.iter().enumerate() {
                    let at = format!("{place}.inputs[{i}]");
                    inputs.push((self.text(item, &at)?, at));
                }
                Some(inputs)
            }
            (None, Some(other)) => {
                let message = format!("must be a list, not {}", other.type_name());
                self.invalid(
                    &join(place, "inputs"),
                    message,
                    "write `input: name` for one input",
                );
                None
            }
            (Some(_), Some(_)) => {
                self.invalid(
                    place,
                    "the step has both `input` and `inputs`".into(),
                    "keep one of them",
                );
                None
            }
            (None, None) => {
                self.invalid(
                    place,
                    "the step has no input".into(),
                    "add `input: name` or `inputs: [a, b]`",
                );
                None
            }
        }
    }

    fn missing(&mut self, node: &Node, place: &str) -> Option<Missing> {
        const HINT: &str = "write `propagate`, `indicator`, or `{impute: median, indicator: true}`";
        match node {
            Node::String(word) if word == "propagate" => Some(Missing::default()),
            Node::String(word) if word == "indicator" => Some(Missing {
                impute: None,
                indicator: true,
            }),
            Node::Map(_) => {
                let entries = self.entries(Some(node), place, "missing");
                let mut missing = Missing::default();
                for (key, node) in entries {
                    let at = join(place, key);
                    match key {
                        "impute" => missing.impute = self.impute(node, &at),
                        "indicator" => missing.indicator = self.flag(node, &at),
                        _ => {
                            let hint = nearest::hint(key, ["impute", "indicator"]);
                            self.report(ErrorKind::InvalidSpec, &at, format!("unknown key `{key}`"), hint);
                        }
                    }
                }
                Some(missing)
            }
            other => {
                let message = match other.as_str() {
                    Some(word) => format!("`{word}` is not a policy for missing values"),
                    None => format!("must be a word or a map, not {}", other.type_name()),
                };
                self.invalid(place, message, HINT);
                None
            }
        }
    }

    fn impute(&mut self, node: &Node, place: &str) -> Option<Impute> {
        match node {
            Node::Null => None,
            Node::Number(n) => n.as_f64().map(Impute::Constant),
            Node::String(word) => {
                let found = Impute::LEARNT.iter().find(|(name, _)| name == word);
                if found.is_none() {
                    let hint = nearest::hint(word, Impute::LEARNT.map(|(name, _)| name));
                    self.report(
                        ErrorKind::InvalidSpec,
                        place,
                        format!("`{word}` fills nothing"),
                        hint,
                    );
                }
                found.map(|(_, impute)| *impute)
            }
            other => {
                let message = format!(
                    "must be a number, mean, median, approximate_median or mode, not {}",
                    other.type_name()
                );
                self.invalid(place, message, "");
                None
            }
        }
    }

    fn features(&mut self, node: Option<&Node>) -> Vec<RawFeature> {
        let items = match node {
            Some(Node::List(items)) if items.len() > MAX_ENTRIES => {
                let message = format!("{} features; at most {MAX_ENTRIES} are read", items.len());
                self.report(
                    ErrorKind::ResourceLimit,
                    "features",
                    message,
                    "split the spec".into(),
                );
                return Vec::new();
            }
            Some(Node::List(items)) if !items.is_empty() => items,
            Some(Node::List(_)) | None => {
                self.invalid(
                    "features",
                    "the spec has no features".into(),
                    "list the steps to show",
                );
                return Vec::new();
            }
            Some(other) => {
                self.invalid(
                    "features",
                    format!("must be a list, not {}", other.type_name()),
                    "",
                );
                return Vec::new();
            }
        };
        let mut features = Vec::new();
        for (i, item) in items.iter().enumerate() {
            let place = format!("features[{i}]");
            if let Node::String(step) = item {
                features.push(RawFeature {
                    name: step.clone(),
                    source: step.clone(),
                    meta: Meta::default(),
                    place,
                });
                continue;
            }
            let entries = self.entries(Some(item), &place, "a feature");
            self.known(&entries, &place, &FEATURE_KEYS);
            let get = |key: &str| entries.iter().find(|(k, _)| *k == key).map(|(_, node)| *node);
            let Some(step) = get("step") else {
                if matches!(item, Node::Map(_)) {
                    self.invalid(&place, "the feature names no step".into(), "add `step: name`");
                }
                continue;
            };
            let Some(source) = self.text(step, &join(&place, "step")) else {
                continue;
            };
            let name = get("name").and_then(|node| self.text(node, &join(&place, "name")));
            let name = name.unwrap_or_else(|| source.clone());
            self.name(&name, &place);
            let meta = self.meta(&entries, &place);
            features.push(RawFeature {
                name,
                source,
                meta,
                place,
            });
        }
        features
    }
}

/// `outer.inner`, or `inner` at the top.
pub(super) fn join(outer: &str, inner: &str) -> String {
    if outer.is_empty() {
        inner.to_owned()
    } else {
        format!("{outer}.{inner}")
    }
}

/// Whether `name` matches `[a-z][a-z0-9_]*`.
pub(super) fn is_name(name: &str) -> bool {
    name.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
