//! The canonical JSON of a spec: every default written out, versions fixed, steps in dependency order.

use serde_json::{Map, Value, json};

use super::model::{Impute, Meta, Missing, Spec};
use super::parse::SPEC_VERSION;

impl Spec {
    /// The spec as canonical JSON. It parses back to an equal spec, whatever later libraries take as defaults.
    pub fn to_json(&self) -> Value {
        let mut inputs = Map::new();
        for input in &self.inputs {
            let mut entry = Map::new();
            entry.insert("type".into(), input.data_type.to_string().into());
            entry.insert("side".into(), input.side.name().into());
            if let Some(role) = input.role {
                entry.insert("role".into(), role.name().into());
            }
            if let Some(checks) = &input.checks {
                entry.insert("checks".into(), checks.clone());
            }
            put_meta(&mut entry, &input.meta);
            inputs.insert(input.name.clone(), entry.into());
        }
        let mut steps = Map::new();
        for step in &self.steps {
            let names: Vec<&str> = step
                .inputs
                .iter()
                .map(|source| self.source_name(*source))
                .collect();
            let mut entry = Map::new();
            entry.insert("transform".into(), step.transform.name.into());
            entry.insert("version".into(), step.transform.version.into());
            entry.insert("inputs".into(), names.into());
            if let Value::Object(params) = &step.params {
                entry.extend(params.clone());
            }
            if step.signature.reads_numbers() {
                entry.insert("missing".into(), missing_json(step.missing));
            }
            put_meta(&mut entry, &step.meta);
            steps.insert(step.name.clone(), entry.into());
        }
        let features: Vec<Value> = self
            .features
            .iter()
            .map(|feature| {
                let mut entry = Map::new();
                entry.insert("step".into(), self.source_name(feature.source).into());
                entry.insert("name".into(), feature.name.clone().into());
                put_meta(&mut entry, &feature.meta);
                entry.into()
            })
            .collect();
        let mut spec = Map::new();
        spec.insert("buzzsaw".into(), SPEC_VERSION.into());
        spec.insert("name".into(), self.name.clone().into());
        put_meta(&mut spec, &self.meta);
        spec.insert("inputs".into(), inputs.into());
        spec.insert("steps".into(), steps.into());
        spec.insert("features".into(), features.into());
        spec.into()
    }
}

fn missing_json(missing: Missing) -> Value {
    let impute = match missing.impute {
        None => Value::Null,
        Some(Impute::Constant(value)) => json!(value),
        Some(learnt) => {
            let found = Impute::LEARNT.iter().find(|(_, impute)| *impute == learnt);
            found.map_or(Value::Null, |(name, _)| (*name).into())
        }
    };
    json!({"impute": impute, "indicator": missing.indicator})
}

fn put_meta(entry: &mut Map<String, Value>, meta: &Meta) {
    if let Some(description) = &meta.description {
        entry.insert("description".into(), description.clone().into());
    }
    if let Some(owner) = &meta.owner {
        entry.insert("owner".into(), owner.clone().into());
    }
    if !meta.tags.is_empty() {
        entry.insert("tags".into(), meta.tags.clone().into());
    }
    if meta.deprecated {
        entry.insert("deprecated".into(), true.into());
    }
}
