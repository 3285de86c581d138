//! The `checks` of an input: what its values must fulfil where a job reads them. No feature depends on them.

use serde_json::{Map, Value};

use super::node::Node;
use super::parse::{Reader, join};
use crate::types::DataType;

/// The keys of checks.
const KEYS: [&str; 5] = ["required", "min", "max", "allowed", "missing"];
/// The keys of limits.
const LIMITS: [&str; 2] = ["warn", "stop"];

/// What the values of a type are written as in checks.
#[derive(Clone, Copy, PartialEq)]
enum Written {
    Number,
    Date,
    Time,
    Text,
    Flag,
    /// Values of lists, maps and bytes are not written.
    Not,
}

impl Written {
    fn of(data_type: &DataType) -> Self {
        match data_type {
            DataType::Int32 | DataType::Int64 | DataType::Float32 | DataType::Float64 | DataType::Decimal => {
                Self::Number
            }
            DataType::Date => Self::Date,
            DataType::Timestamp => Self::Time,
            DataType::String => Self::Text,
            DataType::Bool => Self::Flag,
            DataType::Binary | DataType::List(_) | DataType::Map(_) => Self::Not,
        }
    }

    fn fits(self, node: &Node) -> bool {
        match (self, node) {
            (Self::Number, Node::Number(_)) | (Self::Text, Node::String(_)) | (Self::Flag, Node::Bool(_)) => {
                true
            }
            (Self::Date, Node::String(text)) => is_date(text),
            // What follows a date is for who knows times; a text that is none at all is told at once.
            (Self::Time, Node::String(text)) => {
                let (date, rest) = text.split_at_checked(DATE).unwrap_or((text, ""));
                is_date(date) && (rest.is_empty() || rest.starts_with(['T', ' ']))
            }
            _ => false,
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Date => "a date in quotes, as \"2026-11-22\"",
            Self::Time => "a date or a time in quotes, as \"2026-11-22T00:00:00Z\"",
            Self::Text => "a string",
            Self::Flag => "true or false",
            Self::Not => "nothing",
        }
    }
}

/// Characters of a date.
const DATE: usize = "2026-11-22".len();

fn is_date(text: &str) -> bool {
    let within = |part: Option<&str>, digits: usize, least: u32, most: u32| {
        part.filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
            .and_then(|part| part.parse().ok())
            .is_some_and(|number: u32| (least..=most).contains(&number))
    };
    let mut parts = text.split('-');
    within(parts.next(), 4, 1, 9999)
        && within(parts.next(), 2, 1, 12)
        && within(parts.next(), 2, 1, 31)
        && parts.next().is_none()
}

/// Reads the checks of an input at `place`; `None` when they ask for nothing or are wrong, which is then reported.
pub(super) fn read(reader: &mut Reader, node: &Node, place: &str, data_type: &DataType) -> Option<Value> {
    let entries = reader.entries(Some(node), place, "checks");
    reader.only(&entries, place, &KEYS);
    let written = Written::of(data_type);
    let mut checks = Map::new();
    for (key, node) in entries {
        let at = join(place, key);
        match key {
            "required" if reader.flag(node, &at) => {
                checks.insert(key.into(), true.into());
            }
            "min" | "max" => {
                if !matches!(written, Written::Number | Written::Date | Written::Time) {
                    let message = format!("an input of type {data_type} has no range");
                    reader.invalid(&at, message, "numbers, dates and timestamps have one");
                } else if value(reader, node, &at, written) {
                    checks.insert(key.into(), node.to_value());
                }
            }
            "allowed" if allowed(reader, node, &at, written, data_type) => {
                checks.insert(key.into(), node.to_value());
            }
            "missing" => {
                if let Some(limits) = limits(reader, node, &at) {
                    checks.insert(key.into(), limits);
                }
            }
            _ => {}
        }
    }
    let number = |key: &str| checks.get(key).and_then(Value::as_f64);
    if number("min")
        .zip(number("max"))
        .is_some_and(|(min, max)| min > max)
    {
        reader.invalid(place, "min is above max".into(), "no value would pass");
    }
    (!checks.is_empty()).then(|| checks.into())
}

fn value(reader: &mut Reader, node: &Node, place: &str, written: Written) -> bool {
    let fits = written.fits(node);
    if !fits {
        let message = format!("must be {}, not {}", written.words(), node.type_name());
        reader.invalid(place, message, "");
    }
    fits
}

fn allowed(reader: &mut Reader, node: &Node, place: &str, written: Written, data_type: &DataType) -> bool {
    if written == Written::Not {
        let message = format!("the values of type {data_type} cannot be listed");
        reader.invalid(place, message, "check an input of single values");
        return false;
    }
    match node {
        Node::List(items) if items.is_empty() => {
            reader.invalid(place, "allows nothing".into(), "name the allowed values");
            false
        }
        // Each of them is judged, so that all problems are told.
        Node::List(items) => items.iter().enumerate().fold(true, |fit, (i, item)| {
            value(reader, item, &format!("{place}[{i}]"), written) && fit
        }),
        other => {
            reader.invalid(place, format!("must be a list, not {}", other.type_name()), "");
            false
        }
    }
}

fn limits(reader: &mut Reader, node: &Node, place: &str) -> Option<Value> {
    let entries = reader.entries(Some(node), place, "limits");
    reader.only(&entries, place, &LIMITS);
    let mut limits = Map::new();
    for (key, node) in entries {
        match node {
            Node::Number(share) if share.as_f64().is_some_and(|share| (0.0..=1.0).contains(&share)) => {
                limits.insert(key.into(), Value::Number(share.clone()));
            }
            _ => reader.invalid(
                &join(place, key),
                "must be a number from 0 to 1".into(),
                "it is a share of the rows",
            ),
        }
    }
    let share = |key: &str| limits.get(key).and_then(Value::as_f64);
    if share("warn")
        .zip(share("stop"))
        .is_some_and(|(warn, stop)| warn > stop)
    {
        reader.invalid(
            place,
            "warn is above stop".into(),
            "the run would end before it warns",
        );
    }
    (!limits.is_empty()).then(|| limits.into())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::spec::Spec;

    fn spec(kind: &str, checks: &str) -> String {
        format!(
            "buzzsaw: 1\nname: t\ninputs: {{x: {{type: {kind}, side: document, checks: {checks}}}, \
             y: {{type: int64, side: pair}}}}\nfeatures: [y]"
        )
    }

    #[test]
    fn checks_are_kept_as_they_are_written() {
        for (kind, checks) in [
            (
                "float64",
                json!({"min": -1.5, "max": 3, "missing": {"warn": 0.1, "stop": 1}, "required": true}),
            ),
            (
                "timestamp",
                json!({"min": "2020-01-10T00:00:00Z", "max": "2030-01-10"}),
            ),
            ("date", json!({"min": "2020-01-10"})),
            ("string", json!({"allowed": ["a", "b"], "missing": {"stop": 0}})),
            ("bool", json!({"allowed": [true]})),
        ] {
            let made = Spec::parse(&spec(kind, &checks.to_string())).unwrap().to_json();
            assert_eq!(made["inputs"]["x"]["checks"], checks);
            assert_eq!(Spec::parse(&made.to_string()).unwrap().to_json(), made);
        }
        for nothing in ["{}", "{required: false}", "{missing: {}}"] {
            let made = Spec::parse(&spec("string", nothing)).unwrap().to_json();
            assert_eq!(made["inputs"]["x"].get("checks"), None);
        }
    }

    #[test]
    fn every_value_that_is_not_allowed_is_told() {
        let error = Spec::parse(&spec("string", "{allowed: [1, a, 2]}")).unwrap_err();
        let places: Vec<&str> = error
            .problems()
            .iter()
            .map(|problem| problem.place.as_str())
            .collect();
        assert_eq!(
            places,
            ["inputs.x.checks.allowed[0]", "inputs.x.checks.allowed[2]"]
        );
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (kind, checks, place, message) in [
            ("float64", "[]", "", "checks must be a map, not a list"),
            ("float64", "{mim: 1}", ".mim", "unknown key `mim`"),
            (
                "float64",
                "{description: a}",
                ".description",
                "unknown key `description`",
            ),
            ("float64", "{min: low}", ".min", "must be a number, not a string"),
            (
                "string",
                "{max: a}",
                ".max",
                "an input of type string has no range",
            ),
            ("date", "{max: 3}", ".max", "must be a date in quotes"),
            ("date", "{max: '2026-13-01'}", ".max", "must be a date in quotes"),
            (
                "date",
                "{max: '2026-11-22T00:00:00Z'}",
                ".max",
                "must be a date in quotes",
            ),
            (
                "timestamp",
                "{min: soon}",
                ".min",
                "must be a date or a time in quotes",
            ),
            ("float64", "{min: 2, max: 1}", "", "min is above max"),
            (
                "float64",
                "{missing: {warn: 0.2, stop: 0.1}}",
                ".missing",
                "warn is above stop",
            ),
            (
                "string",
                "{allowed: a}",
                ".allowed",
                "must be a list, not a string",
            ),
            ("string", "{allowed: []}", ".allowed", "allows nothing"),
            (
                "string",
                "{allowed: [a, 1]}",
                ".allowed[1]",
                "must be a string, not a number",
            ),
            (
                "list<string>",
                "{allowed: [a]}",
                ".allowed",
                "the values of type list<string> cannot be listed",
            ),
            ("float64", "{required: 1}", ".required", "must be true or false"),
            (
                "float64",
                "{missing: {warn: 2}}",
                ".missing.warn",
                "must be a number from 0 to 1",
            ),
            (
                "float64",
                "{missing: {warm: 0.5}}",
                ".missing.warm",
                "unknown key `warm`",
            ),
        ] {
            let error = Spec::parse(&spec(kind, checks)).unwrap_err();
            let problem = &error.problems()[0];
            assert_eq!(problem.place, format!("inputs.x.checks{place}"), "{checks}");
            assert!(problem.message.starts_with(message), "{}", problem.message);
        }
    }
}
