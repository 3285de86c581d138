//! Analyzers as a spec writes them.

use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::html::Html;
use super::normalize::Normalize;
pub use super::stemmer_name::StemmerName;
use super::stop_words;
use super::token_spec::{Affixes, FILE, FILE_DESCRIPTION, Lines, Units, Within};
use super::tokenizer::spark::SparkPattern;

/// How text is split into tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Tokenizer {
    /// Segments between the word boundaries of UAX #29 that hold a letter or digit: `can't`, `3.14`, `a_b`.
    #[default]
    UnicodeWords,
    /// Runs of characters other than white space (the Unicode property `White_Space`).
    Whitespace,
    /// scikit-learn's default `token_pattern`, `(?u)\b\w\w+\b`, as CPython 3.11 matches it.
    Sklearn,
    /// Each code point but white space (the Unicode property `White_Space`).
    Characters,
    /// Spark ML's `Tokenizer`: Java's `split("\\s")`, which gives empty tokens between and before separators and one for
    /// an empty text. They are kept while `min_length` is 1.
    Spark,
    /// Spark ML's `RegexTokenizer` with a listed `pattern`; `min_length` is its `minTokenLength`, in UTF-16 units.
    SparkRegex,
    /// Lucene's `StandardTokenizer`: UAX #29 with emoji, ideographs and Hiragana one by one, tokens cut at 255 UTF-16
    /// units.
    Lucene,
}

/// What is done about upper and lower case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Fold {
    /// Full Unicode case folding: `Straße` to `strasse`.
    CaseFold,
    /// Lower-casing as CPython 3.11's `str.lower()`, what scikit-learn does: `Straße` to `straße`.
    PythonLower,
    /// Lower-casing as JDK 17's `String.toLowerCase(Locale.ROOT)`, what Spark ML does: `Straße` to `straße`.
    JavaLower,
    /// Case is kept.
    None,
}

/// Tokens to drop: `none`, a language (the Snowball project's list) or a list of words. Words are folded as the
/// text is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum StopWordsSpec {
    /// Keep all.
    #[default]
    None,
    /// The Snowball project's English list, [`ENGLISH`](super::stop_words::ENGLISH).
    English,
    /// The Snowball project's list of another language, one of [`languages`](super::stop_words::languages).
    Language(&'static str),
    /// These.
    Words(Vec<String>),
}

fn one() -> u32 {
    1
}

fn yes() -> bool {
    true
}

fn is_true(value: &bool) -> bool {
    *value
}

fn underscore() -> String {
    "_".to_owned()
}

/// Whether a property has its default, so that the canonical document leaves it out.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Turns text into tokens, in this order: `html`, `normalize`, `fold`, `strip_accents`, segment (with `units`), `synonyms`,
/// `phrases`, drop tokens by length, drop stop words, stem, one of `ngrams`, `char_ngrams` and `affixes`, `unique`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AnalyzerSpec {
    /// How text is split.
    #[serde(default)]
    pub tokenizer: Tokenizer,
    /// What the tokenizer `spark_regex` splits at or finds; `{gaps: \s+}` when not given. No other tokenizer has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pattern: Option<SparkPattern>,
    /// What is done about HTML, before all else.
    #[serde(default, skip_serializing_if = "is_default")]
    pub html: Html,
    /// The normalization form that text gets before its case is folded.
    #[serde(default, skip_serializing_if = "is_default")]
    pub normalize: Normalize,
    /// What is done about case, before text is split. When not given: `python_lower` for the tokenizer
    /// `sklearn`, `java_lower` for `spark` and `spark_regex`, `case_fold` for the others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fold: Option<Fold>,
    /// Whether accents go, after folding, as scikit-learn's `strip_accents="unicode"`: compatibility decomposition, of
    /// which characters with a combining class are dropped.
    #[serde(default, skip_serializing_if = "is_default")]
    pub strip_accents: bool,
    /// Tokens to drop.
    #[serde(default)]
    pub stop_words: StopWordsSpec,
    /// Stemming, of what is left.
    #[serde(default)]
    pub stemmer: StemmerName,
    /// Tokens of fewer code points are dropped. At least 1.
    #[serde(default = "one")]
    #[schemars(range(min = 1))]
    pub min_length: u32,
    /// Tokens of more code points are dropped. When not given there is no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub max_length: Option<u32>,
    /// Whether a number and its unit become one token.
    #[serde(default, skip_serializing_if = "is_default")]
    pub units: Units,
    /// Synonyms in Solr's format: `a, b c` makes entries equivalent, `a b => c d` replaces. Entries are folded and
    /// segmented as the text is; the longest match wins, left to right.
    #[serde(default, skip_serializing_if = "is_default")]
    pub synonyms: Lines,
    /// Whether an entry of equivalent ones becomes all of them, in the order of their line, or the first;
    /// all by default.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub expand: bool,
    /// Sequences of tokens that become one token. They are folded and segmented as the text is; the longest match
    /// wins, left to right.
    #[serde(default, skip_serializing_if = "is_default")]
    pub phrases: Lines,
    /// What stands between the tokens of a phrase, by default `_`.
    #[serde(default = "underscore", skip_serializing_if = "is_underscore")]
    pub phrase_separator: String,
    /// The fewest and most neighbouring tokens that are joined by a space to one: `[1, 2]`. At most 16.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ngrams: Option<[u32; 2]>,
    /// The fewest and most neighbouring code points that are one token: `[2, 4]`. At most 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub char_ngrams: Option<[u32; 2]>,
    /// What the characters of `char_ngrams` are taken from, by default `token`.
    #[serde(default, skip_serializing_if = "is_default")]
    pub char_ngrams_within: Within,
    /// Beginnings and ends of tokens, by length in code points: `{prefixes: [1, 5], suffixes: [2, 3]}`. At most 64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affixes: Option<Affixes>,
    /// Whether a token that has come before in the text is dropped.
    #[serde(default, skip_serializing_if = "is_default")]
    pub unique: bool,
}

fn is_underscore(separator: &String) -> bool {
    separator == "_"
}

impl Default for AnalyzerSpec {
    fn default() -> Self {
        Self {
            tokenizer: Tokenizer::default(),
            pattern: None,
            html: Html::default(),
            normalize: Normalize::default(),
            fold: None,
            strip_accents: false,
            stop_words: StopWordsSpec::default(),
            stemmer: StemmerName::default(),
            min_length: one(),
            max_length: None,
            units: Units::default(),
            synonyms: Lines::default(),
            expand: yes(),
            phrases: Lines::default(),
            phrase_separator: underscore(),
            ngrams: None,
            char_ngrams: None,
            char_ngrams_within: Within::default(),
            affixes: None,
            unique: false,
        }
    }
}

impl AnalyzerSpec {
    /// The fold in force: the one given, or the tokenizer's default.
    pub fn fold(&self) -> Fold {
        self.fold.unwrap_or(match self.tokenizer {
            Tokenizer::Sklearn => Fold::PythonLower,
            Tokenizer::Spark | Tokenizer::SparkRegex => Fold::JavaLower,
            Tokenizer::UnicodeWords | Tokenizer::Whitespace | Tokenizer::Characters | Tokenizer::Lucene => {
                Fold::CaseFold
            }
        })
    }
}

/// An [`AnalyzerSpec`] that no analyzer can be made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidAnalyzer {
    /// The key at fault.
    pub field: &'static str,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for InvalidAnalyzer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.field, self.message)
    }
}

impl std::error::Error for InvalidAnalyzer {}

/// The analyzers that have a name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NamedAnalyzer {
    /// Unicode words, case-folded.
    #[default]
    Standard,
    /// `standard` without English stop words, stemmed by Snowball's English stemmer.
    English,
    /// scikit-learn's default: `str.lower()`, then `(?u)\b\w\w+\b`.
    Sklearn,
    /// Spark ML's `Tokenizer`.
    Spark,
    /// Lucene's `StandardTokenizer`, case-folded.
    Lucene,
}

impl NamedAnalyzer {
    /// All of them, in the order of the documentation.
    pub const ALL: [Self; 5] = [
        Self::Standard,
        Self::English,
        Self::Sklearn,
        Self::Spark,
        Self::Lucene,
    ];

    /// The name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::English => "english",
            Self::Sklearn => "sklearn",
            Self::Spark => "spark",
            Self::Lucene => "lucene",
        }
    }

    /// What the name stands for.
    pub fn spec(self) -> AnalyzerSpec {
        match self {
            Self::Standard => AnalyzerSpec::default(),
            Self::English => AnalyzerSpec {
                stop_words: StopWordsSpec::English,
                stemmer: StemmerName::English,
                ..AnalyzerSpec::default()
            },
            Self::Sklearn => AnalyzerSpec {
                tokenizer: Tokenizer::Sklearn,
                ..AnalyzerSpec::default()
            },
            Self::Spark => AnalyzerSpec {
                tokenizer: Tokenizer::Spark,
                ..AnalyzerSpec::default()
            },
            Self::Lucene => AnalyzerSpec {
                tokenizer: Tokenizer::Lucene,
                ..AnalyzerSpec::default()
            },
        }
    }
}

/// An analyzer in a step's parameters: a name or its parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum AnalyzerRef {
    /// By name.
    Named(NamedAnalyzer),
    /// By its parts.
    Inline(AnalyzerSpec),
}

impl Default for AnalyzerRef {
    fn default() -> Self {
        Self::Named(NamedAnalyzer::default())
    }
}

impl AnalyzerRef {
    /// What it stands for.
    pub fn spec(&self) -> AnalyzerSpec {
        match self {
            Self::Named(named) => named.spec(),
            Self::Inline(spec) => spec.clone(),
        }
    }
}

/// By hand, as an untagged enum would only say that no variant matched.
impl<'de> Deserialize<'de> for AnalyzerRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Ref;
        impl<'de> Visitor<'de> for Ref {
            type Value = AnalyzerRef;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                let names = NamedAnalyzer::ALL.map(NamedAnalyzer::name).join(", ");
                write!(
                    formatter,
                    "the name of an analyzer ({names}) or its parts as a map"
                )
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<AnalyzerRef, E> {
                let names = NamedAnalyzer::ALL.map(NamedAnalyzer::name);
                match NamedAnalyzer::ALL
                    .into_iter()
                    .find(|analyzer| analyzer.name() == name)
                {
                    Some(named) => Ok(AnalyzerRef::Named(named)),
                    None => Err(E::custom(unknown("analyzer", name, &names))),
                }
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AnalyzerRef, A::Error> {
                AnalyzerSpec::deserialize(MapAccessDeserializer::new(map)).map(AnalyzerRef::Inline)
            }
        }
        deserializer.deserialize_any(Ref)
    }
}

impl Serialize for StopWordsSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str("none"),
            Self::English => serializer.serialize_str("english"),
            Self::Language(language) => serializer.serialize_str(language),
            Self::Words(words) => words.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for StopWordsSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct StopWords;
        impl<'de> Visitor<'de> for StopWords {
            type Value = StopWordsSpec;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("none, a language or a list of words")
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<StopWordsSpec, E> {
                match name {
                    "none" => Ok(StopWordsSpec::None),
                    "english" => Ok(StopWordsSpec::English),
                    _ => match stop_words::languages().find(|language| *language == name) {
                        Some(language) => Ok(StopWordsSpec::Language(language)),
                        None => Err(E::custom(unknown("list of stop words", name, &stop_word_names()))),
                    },
                }
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<StopWordsSpec, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = seq.next_element()? {
                    words.push(word);
                }
                Ok(StopWordsSpec::Words(words))
            }

            fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<StopWordsSpec, A::Error> {
                Err(A::Error::custom(FILE))
            }
        }
        deserializer.deserialize_any(StopWords)
    }
}

impl JsonSchema for StopWordsSpec {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "StopWords".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "Tokens to drop: `none`, a language (the Snowball project's list), a list of words, \
                            or `{file: path}` in a spec that is loaded from a file. Words are folded as the text is.",
            "oneOf": [
                {"type": "string", "enum": stop_word_names()},
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

fn stop_word_names() -> Vec<&'static str> {
    let mut names = vec!["none", "english"];
    names.extend(stop_words::languages());
    names
}

pub(super) fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|known| (strsim::osa_distance(name, known), known))
        .min();
    let hint = match nearest {
        Some((distance, known)) if distance <= known.len() / 2 => format!("did you mean `{known}`? "),
        _ => String::new(),
    };
    format!("unknown {what} `{name}`; {hint}known: {}", known.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(json: &str) -> Result<AnalyzerRef, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    #[test]
    fn names_and_parts() {
        for named in NamedAnalyzer::ALL {
            let json = format!("\"{}\"", named.name());
            assert_eq!(parse(&json), Ok(AnalyzerRef::Named(named)));
            assert_eq!(serde_json::to_string(&AnalyzerRef::Named(named)).unwrap(), json);
        }
        assert_eq!(
            parse("{}"),
            Ok(AnalyzerRef::Inline(NamedAnalyzer::Standard.spec()))
        );
        let full = r#"{"tokenizer":"whitespace","fold":"none","stop_words":["a","b"],"stemmer":"english","min_length":2,"max_length":9}"#;
        let parsed = parse(full).unwrap();
        assert_eq!(serde_json::to_string(&parsed).unwrap(), full);
        let spec = parsed.spec();
        assert_eq!((spec.fold(), spec.max_length), (Fold::None, Some(9)));
        assert_eq!(
            spec.stop_words,
            StopWordsSpec::Words(vec!["a".into(), "b".into()])
        );
        assert_eq!(NamedAnalyzer::Sklearn.spec().fold(), Fold::PythonLower);
        assert_eq!(NamedAnalyzer::Spark.spec().fold(), Fold::JavaLower);
        assert_eq!(NamedAnalyzer::Lucene.spec().fold(), Fold::CaseFold);
        let parts = r#"{"tokenizer":"spark_regex","pattern":{"matches":"\\p{L}+"},"html":"strip","normalize":"nfkc","strip_accents":true,"stop_words":"none","stemmer":"none","min_length":1}"#;
        assert_eq!(serde_json::to_string(&parse(parts).unwrap()).unwrap(), parts);
    }

    #[test]
    fn errors_name_the_nearest() {
        let error = parse(r#""englsh""#).unwrap_err();
        assert!(
            error.contains("unknown analyzer `englsh`; did you mean `english`? known: standard,"),
            "{error}"
        );
        let error = parse(r#""x""#).unwrap_err();
        assert!(!error.contains("did you mean"), "{error}");
        let error = parse(r#"{"stop_words": "englisch"}"#).unwrap_err();
        assert!(error.contains("did you mean `english`?"), "{error}");
        assert!(
            parse(r#"{"tokeniser": "whitespace"}"#)
                .unwrap_err()
                .contains("unknown field `tokeniser`")
        );
        assert!(parse("3").unwrap_err().contains("the name of an analyzer"));
    }

    #[test]
    fn the_schema_accepts_both_forms() {
        let schema = serde_json::to_value(schemars::schema_for!(AnalyzerRef)).unwrap();
        assert_eq!(schema["anyOf"].as_array().unwrap().len(), 2);
        let spec = &schema["$defs"]["AnalyzerSpec"];
        assert_eq!(spec["additionalProperties"], false);
        assert_eq!(spec["properties"]["min_length"]["default"], 1);
        assert!(schema["$defs"]["StopWords"]["oneOf"].is_array());
    }
}
