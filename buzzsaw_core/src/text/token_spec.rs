//! Options of an analyzer for what happens to tokens, as a spec writes them.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// Whether a number and its unit become one token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// They stay as they are segmented.
    #[default]
    None,
    /// `2 TB` and `2-TB` to `2tb`, `1/2"` to `0.5in`, `1920 x 1080` to `1920x1080`; in `1,234` the comma groups
    /// thousands, in `2,5` it is a decimal sign.
    Standard,
    /// As `standard`, and in `1.234` the point groups thousands.
    DecimalComma,
}

/// What the characters of `char_ngrams` are taken from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// Each token; a shorter one gives nothing.
    #[default]
    Token,
    /// Each token with a space on both sides; a shorter one is given as it is (scikit-learn's `char_wb`).
    Word,
    /// The folded text with runs of white space as one space (scikit-learn's `char`); nothing is segmented.
    Text,
}

/// Beginnings and ends of tokens: the fewest and most code points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Affixes {
    /// Lengths of beginnings.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefixes: Option<[u32; 2]>,
    /// Lengths of ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suffixes: Option<[u32; 2]>,
}

/// A list of lines. `Spec.load` puts the lines of a `{file: path}` here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
pub struct Lines(pub Vec<String>);

/// What is wrong about a file that nothing has read.
/// What schemas say of the file of a list.
pub(super) const FILE_DESCRIPTION: &str = "The path of a text file, from the spec's own folder, with one entry a line; in specs that are loaded from a file.";

pub(super) const FILE: &str = "a list in a file is read by `Spec.load`, relative to the spec's file; \
                               load the spec from a file, or write the lines here";

impl<'de> Deserialize<'de> for Lines {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visit;
        impl<'de> Visitor<'de> for Visit {
            type Value = Lines;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list of lines")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Lines, A::Error> {
                let mut lines = Vec::new();
                while let Some(line) = seq.next_element()? {
                    lines.push(line);
                }
                Ok(Lines(lines))
            }

            fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Lines, A::Error> {
                Err(A::Error::custom(FILE))
            }
        }
        deserializer.deserialize_any(Visit)
    }
}

impl JsonSchema for Lines {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Lines".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A list of lines, or `{file: path}` in a spec that is loaded from a file.",
            "oneOf": [
                {"type": "array", "items": {"type": "string"}},
                {
                    "type": "object",
                    "properties": {"file": {"type": "string", "description": FILE_DESCRIPTION}},
                    "required": ["file"],
                    "additionalProperties": false,
                },
            ],
        })
    }
}

/// Checks lengths: from 1, ascending, up to `most`.
pub(super) fn check_range([low, high]: [u32; 2], most: u32) -> Result<(), String> {
    if low == 0 {
        return Err("the lower number must be at least 1".to_owned());
    }
    if high < low {
        return Err(format!(
            "[{low}, {high}] is no range: the upper number is below the lower one"
        ));
    }
    if high > most {
        return Err(format!("the upper number is {high}; at most {most}"));
    }
    Ok(())
}
