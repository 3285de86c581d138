//! Reading a transform's parameters with every problem reported, not only the first.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::nearest;
use crate::error::{ErrorKind, Problem};

/// The JSON Schema of a parameter struct with nothing behind references.
pub(crate) fn params_schema<P: JsonSchema>() -> Value {
    let settings = SchemaSettings::draft2020_12().with(|s| {
        s.inline_subschemas = true;
        s.meta_schema = None;
    });
    SchemaGenerator::new(settings)
        .into_root_schema_for::<P>()
        .to_value()
}

/// Reads `value` as parameters of type `P`, returning them with the canonical value in which every default
/// is written out.
///
/// Unknown keys are reported with the nearest known one. A value of a wrong type is reported, taken out, and the
/// rest read again, so that one call names all of them.
pub(crate) fn read_params<P>(value: &Value) -> Result<(P, Value), Vec<Problem>>
where
    P: DeserializeOwned + Serialize + JsonSchema,
{
    let mut problems = Vec::new();
    let mut object = value.as_object().cloned().unwrap_or_default();
    let schema = params_schema::<P>();
    let known: Vec<&str> = schema["properties"]
        .as_object()
        .map(|p| p.keys().map(String::as_str).collect())
        .unwrap_or_default();
    object.retain(|key, _| {
        let found = known.contains(&key.as_str());
        if !found {
            problems.push(
                Problem::new(ErrorKind::InvalidSpec, format!("unknown parameter `{key}`"))
                    .at(key.as_str())
                    .hint(nearest::hint(key, known.iter().copied())),
            );
        }
        found
    });
    let mut removed = Vec::new();
    let params = loop {
        match serde_path_to_error::deserialize::<_, P>(Value::Object(object.clone())) {
            Ok(params) => break Some(params),
            Err(error) => {
                let path = error.path().to_string();
                let top = path.split(['.', '[']).next().unwrap_or_default().to_owned();
                let message = error.into_inner().to_string();
                // A required parameter that was removed for its value is not missing.
                if removed
                    .iter()
                    .any(|key| message == format!("missing field `{key}`"))
                {
                    break None;
                }
                let hint = hint(&schema, &path, &message);
                let removed_value = object.remove(&top);
                let message = match &removed_value {
                    // What serde says of an untagged enum names a Rust type and nothing that was given.
                    Some(value) if message.contains("untagged enum") => format!("`{top}` cannot be {value}"),
                    _ => message,
                };
                let problem = Problem::new(ErrorKind::InvalidSpec, message).hint(hint);
                if removed_value.is_none() {
                    problems.push(problem);
                    break None;
                }
                problems.push(problem.at(path));
                removed.push(top);
            }
        }
    };
    match (params, problems.is_empty()) {
        (Some(params), true) => match serde_json::to_value(&params) {
            Ok(canonical) => Ok((params, canonical)),
            Err(error) => Err(vec![Problem::new(ErrorKind::InvalidSpec, error.to_string())]),
        },
        _ => Err(problems),
    }
}

/// What to give instead: the nearest of the names that serde expected, or what the schema says of the parameter.
fn hint(schema: &Value, path: &str, message: &str) -> String {
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let mut node = schema;
    let mut description = None;
    for name in path.split(['.', '[']) {
        let Some(property) = properties(node).and_then(|known| known.get(name)) else {
            break;
        };
        description = property["description"].as_str().or(description);
        node = property;
    }
    match quoted.as_slice() {
        [name, known @ ..] if message.starts_with("unknown field") => {
            nearest::hint(name, known.iter().copied())
        }
        [name, ..] if message.starts_with("missing field") => {
            let property = properties(node).and_then(|known| known.get(*name));
            let text = property.and_then(|property| property["description"].as_str());
            format!("give `{name}`: {}", text.unwrap_or("it is required"))
        }
        _ => description
            .unwrap_or("give a value of the type that it says")
            .to_owned(),
    }
}

/// The properties of an object, or of the alternative that is one.
fn properties(schema: &Value) -> Option<&serde_json::Map<String, Value>> {
    let alternatives = ["anyOf", "oneOf"]
        .into_iter()
        .filter_map(|key| schema[key].as_array());
    schema["properties"]
        .as_object()
        .or_else(|| alternatives.flatten().find_map(properties))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;
    use serde_json::json;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields, default)]
    struct Example {
        k1: f64,
        /// 1 to 31.
        bits: u8,
    }

    impl Default for Example {
        fn default() -> Self {
            Self { k1: 1.2, bits: 18 }
        }
    }

    #[test]
    fn defaults_are_written_out() {
        let (params, canonical) = read_params::<Example>(&json!({"bits": 20})).unwrap();
        assert_eq!(params, Example { k1: 1.2, bits: 20 });
        assert_eq!(canonical, json!({"k1": 1.2, "bits": 20}));
    }

    #[test]
    fn all_problems_are_named_at_once() {
        let problems = read_params::<Example>(&json!({"k1": "x", "bits": 300, "bitz": 1})).unwrap_err();
        let places: Vec<_> = problems.iter().map(|p| p.place.as_str()).collect();
        assert_eq!(places, ["bitz", "k1", "bits"]);
        assert_eq!(problems[0].hint, "did you mean `bits`?");
        assert_eq!(problems[2].hint, "1 to 31.");
    }

    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    #[serde(untagged)]
    enum Weight {
        One(f64),
        Parts(Parts),
    }

    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Parts {
        /// How long.
        length: u32,
    }

    #[derive(Debug, Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        /// A number or its parts.
        weight: Option<Weight>,
        /// Parts of it.
        parts: Parts,
    }

    #[test]
    fn hints_are_what_the_schema_says() {
        let problem = |value| read_params::<Outer>(&value).unwrap_err().remove(0);
        let untagged = problem(json!({"weight": "x", "parts": {"length": 1}}));
        assert_eq!(
            (untagged.message.as_str(), untagged.hint.as_str()),
            ("`weight` cannot be \"x\"", "A number or its parts.")
        );
        assert_eq!(problem(json!({"parts": {"length": -1}})).hint, "How long.");
        assert_eq!(
            problem(json!({"parts": {"lenght": 1}})).hint,
            "did you mean `length`?"
        );
        assert_eq!(problem(json!({"parts": {}})).hint, "give `length`: How long.");
        assert_eq!(problem(json!({})).hint, "give `parts`: Parts of it.");
    }
}
