//! Types of input columns and of the values that flow between steps.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The type of an input column, as a spec names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataType {
    /// true or false
    Bool,
    /// 32-bit signed integer
    Int32,
    /// 64-bit signed integer
    Int64,
    /// IEEE 754 binary32
    Float32,
    /// IEEE 754 binary64
    Float64,
    /// fixed-point decimal of up to 38 digits (Arrow's decimal128) and any scale; read as f64 with one rounding
    Decimal,
    /// text; invalid UTF-8 is repaired on the way in
    String,
    /// bytes, taken as they are
    Binary,
    /// days since 1970-01-01
    Date,
    /// microseconds since 1970-01-01T00:00:00 UTC
    Timestamp,
    /// a list of values of one scalar type
    List(Box<DataType>),
    /// string keys to values of one scalar type
    Map(Box<DataType>),
}

impl DataType {
    /// The scalar type names, as a spec writes them.
    pub const SCALARS: [(&'static str, DataType); 10] = [
        ("bool", DataType::Bool),
        ("int32", DataType::Int32),
        ("int64", DataType::Int64),
        ("float32", DataType::Float32),
        ("float64", DataType::Float64),
        ("decimal", DataType::Decimal),
        ("string", DataType::String),
        ("binary", DataType::Binary),
        ("date", DataType::Date),
        ("timestamp", DataType::Timestamp),
    ];

    /// Reads `int64`, `list<string>`, `map<float64>`; `None` when the text names no type.
    pub fn parse(text: &str) -> Option<DataType> {
        let scalar = |name: &str| {
            Self::SCALARS
                .iter()
                .find(|(known, _)| *known == name.trim())
                .map(|(_, data_type)| data_type.clone())
        };
        let text = text.trim();
        if let Some(inner) = text.strip_prefix("list<").and_then(|rest| rest.strip_suffix('>')) {
            return scalar(inner).map(|item| DataType::List(Box::new(item)));
        }
        if let Some(inner) = text.strip_prefix("map<").and_then(|rest| rest.strip_suffix('>')) {
            return scalar(inner).map(|item| DataType::Map(Box::new(item)));
        }
        scalar(text)
    }

    /// Whether the type is read as an f64 (bool as 0 and 1).
    pub fn is_number(&self) -> bool {
        use DataType::{Bool, Decimal, Float32, Float64, Int32, Int64};
        matches!(self, Bool | Int32 | Int64 | Float32 | Float64 | Decimal)
    }

    /// Whether the type can be a category: text, or an exact scalar that is written as its decimal text.
    pub fn is_category(&self) -> bool {
        use DataType::{Binary, Bool, Date, Int32, Int64, String};
        matches!(self, Bool | Int32 | Int64 | String | Binary | Date)
    }

    /// Whether the type is a point in time.
    pub fn is_time(&self) -> bool {
        matches!(self, DataType::Date | DataType::Timestamp)
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DataType::List(item) => write!(f, "list<{item}>"),
            DataType::Map(item) => write!(f, "map<{item}>"),
            scalar => {
                let name = Self::SCALARS
                    .iter()
                    .find(|(_, known)| known == scalar)
                    .map_or("", |(name, _)| name);
                f.write_str(name)
            }
        }
    }
}

/// What an input or a step depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// The request: one value a group.
    Query,
    /// The product or page: one value a document.
    Document,
    /// Both, or something known only of the two together.
    Pair,
}

impl Side {
    /// The side of a step that reads both.
    pub fn join(self, other: Side) -> Side {
        if self == other { self } else { Side::Pair }
    }

    /// The name a spec uses.
    pub fn name(self) -> &'static str {
        match self {
            Side::Query => "query",
            Side::Document => "document",
            Side::Pair => "pair",
        }
    }
}

/// What a training column is for; serving never asks for a column with a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The relevance grade or target.
    Label,
    /// The normalised query; folds hash it.
    Qid,
    /// The request whose candidates belong together.
    Group,
    /// The weight of a row in training.
    Weight,
}

impl Role {
    /// Every role with the name a spec uses.
    pub const ALL: [(&'static str, Role); 4] = [
        ("label", Role::Label),
        ("qid", Role::Qid),
        ("group", Role::Group),
        ("weight", Role::Weight),
    ];

    /// The name a spec uses.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(_, role)| *role == self)
            .map_or("", |(name, _)| name)
    }
}

/// The type of a value that a step reads or makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueType {
    /// An input column as the caller gave it.
    Column(DataType),
    /// One f64 a row; NaN is missing.
    Number,
    /// A repaired string a row.
    Text,
    /// A list of tokens a row.
    Terms,
    /// Sparse entries a row; the number of columns is known before or after fitting.
    Sparse,
    /// A list of f64 a row, NaN for a missing item; with the number of items where it is the same in every row.
    Vector(Option<u32>),
}

impl ValueType {
    /// Whether the value can be read as an f64.
    pub fn is_number(&self) -> bool {
        match self {
            ValueType::Number => true,
            ValueType::Column(data_type) => data_type.is_number(),
            _ => false,
        }
    }

    /// Whether the value can be read as text.
    pub fn is_text(&self) -> bool {
        matches!(self, ValueType::Text | ValueType::Column(DataType::String))
    }

    /// Whether the value can be read as a category.
    pub fn is_category(&self) -> bool {
        match self {
            ValueType::Text => true,
            ValueType::Column(data_type) => data_type.is_category(),
            _ => false,
        }
    }

    /// Whether the value can be read as a list of tokens.
    pub fn is_terms(&self) -> bool {
        match self {
            ValueType::Terms => true,
            ValueType::Column(DataType::List(item)) => **item == DataType::String,
            _ => false,
        }
    }

    /// Whether the value can be read as a list of categories: tokens, or exact scalars as their decimal text.
    pub fn is_category_list(&self) -> bool {
        match self {
            ValueType::Terms => true,
            ValueType::Column(DataType::List(item)) => item.is_category(),
            _ => false,
        }
    }

    /// Whether the value can be read as a list of numbers.
    pub fn is_vector(&self) -> bool {
        match self {
            ValueType::Vector(_) => true,
            ValueType::Column(DataType::List(item)) => item.is_number(),
            _ => false,
        }
    }

    /// Whether the value can be read as sparse entries.
    pub fn is_sparse(&self) -> bool {
        *self == ValueType::Sparse
    }

    /// Whether the value is a map with string keys.
    pub fn is_map(&self) -> bool {
        matches!(self, ValueType::Column(DataType::Map(_)))
    }

    /// Whether the value is a point in time.
    pub fn is_time(&self) -> bool {
        matches!(self, ValueType::Column(data_type) if data_type.is_time())
    }

    /// Whether the value can be a feature: one number or several a row, or sparse.
    pub fn is_feature(&self) -> bool {
        self.is_number() || self.is_sparse() || matches!(self, ValueType::Vector(Some(_)))
    }

    /// The dense columns of a feature of this type and name.
    pub(crate) fn dense_names(&self, name: &str) -> Vec<String> {
        match self {
            ValueType::Vector(Some(width)) => (0..*width).map(|i| format!("{name}_{i}")).collect(),
            _ => vec![name.to_owned()],
        }
    }
}

impl fmt::Display for ValueType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ValueType::Column(data_type) => data_type.fmt(f),
            ValueType::Number => f.write_str("number"),
            ValueType::Text => f.write_str("text"),
            ValueType::Terms => f.write_str("terms"),
            ValueType::Sparse => f.write_str("sparse"),
            ValueType::Vector(_) => f.write_str("a list of numbers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_name_reads_back() {
        for (name, data_type) in DataType::SCALARS {
            assert_eq!(DataType::parse(name), Some(data_type.clone()));
            assert_eq!(data_type.to_string(), name);
            for outer in ["list", "map"] {
                let nested = format!("{outer}<{name}>");
                assert_eq!(DataType::parse(&nested).map(|t| t.to_string()), Some(nested));
            }
        }
        assert_eq!(DataType::parse("list<list<string>>"), None);
        assert_eq!(DataType::parse("text"), None);
    }

    #[test]
    fn sides_join_to_pair() {
        assert_eq!(Side::Query.join(Side::Query), Side::Query);
        assert_eq!(Side::Query.join(Side::Document), Side::Pair);
    }
}
