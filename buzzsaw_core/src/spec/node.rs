//! A document tree that keeps what JSON and YAML maps lose: order and duplicate keys.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

use crate::error::{Error, ErrorKind, Result};

/// The largest spec document that is read, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 8 << 20;

/// A JSON or YAML value whose maps keep order and duplicate keys.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// null
    Null,
    /// true or false
    Bool(bool),
    /// a number, as serde_json holds it
    Number(serde_json::Number),
    /// text
    String(String),
    /// a sequence
    List(Vec<Node>),
    /// keys and values in document order
    Map(Vec<(String, Node)>),
}

impl Node {
    /// Reads a YAML or JSON document; JSON when the first character is `{`.
    ///
    /// # Errors
    /// `BZ_INVALID_SPEC` with line and column when the text is neither, `BZ_RESOURCE_LIMIT` past
    /// [`MAX_DOCUMENT_BYTES`].
    pub fn parse(text: &str) -> Result<Node> {
        if text.len() > MAX_DOCUMENT_BYTES {
            return Err(Error::new(
                ErrorKind::ResourceLimit,
                format!(
                    "the spec has {} bytes; at most {MAX_DOCUMENT_BYTES} are read",
                    text.len()
                ),
            ));
        }
        let trimmed = text.trim_start_matches('\u{feff}');
        if trimmed.trim_ascii_start().starts_with('{') {
            serde_json::from_str(trimmed).map_err(|e| {
                Error::new(ErrorKind::InvalidSpec, format!("not valid JSON: {e}"))
                    .hint("check brackets, commas and quotes at that line and column")
            })
        } else {
            let options = serde_saphyr::options! {
                duplicate_keys: serde_saphyr::DuplicateKeyPolicy::PassThrough,
                strict_booleans: true,
                with_snippet: false,
            };
            serde_saphyr::from_str_with_options(trimmed, options).map_err(|e| {
                let problem = format!("not valid YAML: {e}");
                if matches!(e.without_snippet(), serde_saphyr::Error::Budget { .. }) {
                    return Error::new(ErrorKind::ResourceLimit, problem)
                        .hint("use fewer anchors and aliases, and nest less deeply");
                }
                Error::new(ErrorKind::InvalidSpec, problem)
                    .hint("check the indentation and quote values that hold `:` or `#`")
            })
        }
    }

    /// The name of the node's type, for messages.
    pub fn type_name(&self) -> &'static str {
        match self {
            Node::Null => "null",
            Node::Bool(_) => "a boolean",
            Node::Number(_) => "a number",
            Node::String(_) => "a string",
            Node::List(_) => "a list",
            Node::Map(_) => "a map",
        }
    }

    /// The value of `key` in a map; the first one when the key is repeated.
    pub fn get(&self, key: &str) -> Option<&Node> {
        match self {
            Node::Map(entries) => entries.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The text of a string node.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Node::String(text) => Some(text),
            _ => None,
        }
    }

    /// The same tree as a `serde_json::Value`; of duplicate keys the first one is kept.
    pub fn to_value(&self) -> Value {
        match self {
            Node::Null => Value::Null,
            Node::Bool(b) => Value::Bool(*b),
            Node::Number(n) => Value::Number(n.clone()),
            Node::String(s) => Value::String(s.clone()),
            Node::List(items) => Value::Array(items.iter().map(Node::to_value).collect()),
            Node::Map(entries) => {
                let mut map = serde_json::Map::new();
                for (key, value) in entries {
                    map.entry(key.clone()).or_insert_with(|| value.to_value());
                }
                Value::Object(map)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON or YAML value")
    }

    fn visit_unit<E>(self) -> std::result::Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> std::result::Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> std::result::Result<Node, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }

    fn visit_bool<E>(self, value: bool) -> std::result::Result<Node, E> {
        Ok(Node::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> std::result::Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> std::result::Result<Node, E> {
        Ok(Node::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> std::result::Result<Node, E> {
        serde_json::Number::from_f64(value)
            .map(Node::Number)
            .ok_or_else(|| E::custom("numbers in a spec are finite; .nan and .inf are not"))
    }

    fn visit_str<E>(self, value: &str) -> std::result::Result<Node, E> {
        Ok(Node::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> std::result::Result<Node, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Node::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> std::result::Result<Node, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<String, Node>()? {
            entries.push((key, value));
        }
        Ok(Node::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_and_json_give_the_same_tree() {
        let yaml = Node::parse("a: 1\nb: [x, 2.5, true, null, 'no']\n").unwrap();
        let json = Node::parse(r#"{"a": 1, "b": ["x", 2.5, true, null, "no"]}"#).unwrap();
        assert_eq!(yaml, json);
    }

    #[test]
    fn duplicate_keys_are_kept() {
        let want = Node::Map(vec![
            ("a".into(), Node::Number(1.into())),
            ("a".into(), Node::Number(2.into())),
        ]);
        assert_eq!(Node::parse(r#"{"a": 1, "a": 2}"#).unwrap(), want);
        assert_eq!(Node::parse("a: 1\na: 2\n").unwrap(), want);
    }

    #[test]
    fn floats_keep_every_bit() {
        let node = Node::parse(r#"{"a": 0.1234567890123456789}"#).unwrap();
        assert_eq!(node.to_value()["a"].as_f64(), Some(0.123_456_789_012_345_68));
    }

    #[test]
    fn text_that_is_neither_names_its_line() {
        let error = Node::parse("a: [1, 2").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidSpec);
        let error = Node::parse("{\"a\": }").unwrap_err();
        assert!(error.to_string().contains("line 1"), "{error}");
    }

    #[test]
    fn deep_nesting_is_an_error_and_not_a_crash() {
        let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(Node::parse(&format!("{{\"a\": {text}}}")).is_err());
        assert!(Node::parse(&format!("a: {text}")).is_err());
    }
}
