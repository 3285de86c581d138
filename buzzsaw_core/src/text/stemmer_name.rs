//! The names of Snowball's stemmers.

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};

use super::spec::unknown;
use super::stem::Stemmer;

/// Stemming.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StemmerName {
    /// Words are kept.
    #[default]
    None,
    /// Snowball's Arabic stemmer.
    Arabic,
    /// Snowball's Czech stemmer.
    Czech,
    /// Snowball's Danish stemmer.
    Danish,
    /// Snowball's Dutch stemmer, that of release 3.0.
    Dutch,
    /// Snowball's Dutch stemmer before release 3.0.
    DutchPorter,
    /// Snowball's English stemmer ("Porter2"), made for folded words.
    English,
    /// Snowball's Finnish stemmer.
    Finnish,
    /// Snowball's French stemmer.
    French,
    /// Snowball's German stemmer.
    German,
    /// Snowball's Greek stemmer.
    Greek,
    /// Snowball's Hungarian stemmer.
    Hungarian,
    /// Snowball's Italian stemmer.
    Italian,
    /// Snowball's Norwegian stemmer.
    Norwegian,
    /// Snowball's Polish stemmer.
    Polish,
    /// Snowball's Portuguese stemmer.
    Portuguese,
    /// Snowball's Romanian stemmer.
    Romanian,
    /// Snowball's Russian stemmer.
    Russian,
    /// Snowball's Spanish stemmer.
    Spanish,
    /// Snowball's Swedish stemmer.
    Swedish,
    /// Snowball's Tamil stemmer.
    Tamil,
    /// Snowball's Turkish stemmer.
    Turkish,
}

impl StemmerName {
    /// All of them.
    pub const ALL: [Self; 22] = [
        Self::None,
        Self::Arabic,
        Self::Czech,
        Self::Danish,
        Self::Dutch,
        Self::DutchPorter,
        Self::English,
        Self::Finnish,
        Self::French,
        Self::German,
        Self::Greek,
        Self::Hungarian,
        Self::Italian,
        Self::Norwegian,
        Self::Polish,
        Self::Portuguese,
        Self::Romanian,
        Self::Russian,
        Self::Spanish,
        Self::Swedish,
        Self::Tamil,
        Self::Turkish,
    ];

    /// The name in a spec.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Arabic => "arabic",
            Self::Czech => "czech",
            Self::Danish => "danish",
            Self::Dutch => "dutch",
            Self::DutchPorter => "dutch_porter",
            Self::English => "english",
            Self::Finnish => "finnish",
            Self::French => "french",
            Self::German => "german",
            Self::Greek => "greek",
            Self::Hungarian => "hungarian",
            Self::Italian => "italian",
            Self::Norwegian => "norwegian",
            Self::Polish => "polish",
            Self::Portuguese => "portuguese",
            Self::Romanian => "romanian",
            Self::Russian => "russian",
            Self::Spanish => "spanish",
            Self::Swedish => "swedish",
            Self::Tamil => "tamil",
            Self::Turkish => "turkish",
        }
    }

    /// The stemmer; none for [`StemmerName::None`].
    pub fn stemmer(self) -> Option<Stemmer> {
        Stemmer::new(self.name())
    }
}

/// By hand, to name the nearest.
impl<'de> Deserialize<'de> for StemmerName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let names = Self::ALL.map(Self::name);
        Self::ALL
            .into_iter()
            .find(|stemmer| stemmer.name() == name)
            .ok_or_else(|| serde::de::Error::custom(unknown("stemmer", &name, &names)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_its_stemmer() {
        for name in StemmerName::ALL {
            assert_eq!(name.stemmer().is_none(), name == StemmerName::None);
            let json = serde_json::to_string(&name).unwrap();
            assert_eq!(serde_json::from_str::<StemmerName>(&json).unwrap(), name);
        }
        let error = serde_json::from_str::<StemmerName>("\"germn\"")
            .unwrap_err()
            .to_string();
        assert!(error.contains("did you mean `german`?"), "{error}");
    }
}
