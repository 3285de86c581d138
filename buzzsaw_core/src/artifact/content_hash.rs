//! SHA-256 of entries, and the hash of an artifact's whole content.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::Digest;

use super::manifest::ManifestEntry;

/// The SHA-256 of some bytes; text and JSON hold it as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Hashes `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(sha2::Sha256::digest(bytes).into())
    }

    pub(super) fn finish(hasher: sha2::Sha256) -> Self {
        Self(hasher.finalize().into())
    }

    fn parse(text: &str) -> Option<Self> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return None;
        }
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = hex_digit(pair[0])? << 4 | hex_digit(pair[1])?;
        }
        Some(Self(bytes))
    }
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Sha256 {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Sha256 {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("a SHA-256 is 64 lower-case hexadecimal digits"))
    }
}

impl JsonSchema for Sha256 {
    fn schema_name() -> Cow<'static, str> {
        "Sha256".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[0-9a-f]{64}$",
            "description": "SHA-256 of the entry's bytes, in lower-case hexadecimal.",
        })
    }
}

/// The identity of an artifact's content: equal content, equal hash, whoever wrote it and when.
///
/// It is the SHA-256 of one text. For each entry other than `manifest.json`, in ascending byte order of the
/// names, the text holds the name, a line feed (0x0A), the entry's SHA-256 as 64 lower-case hexadecimal
/// digits, and a line feed. JSON and text hold the hash as `sha256:` and 64 digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash(Sha256);

const PREFIX: &str = "sha256:";

impl ContentHash {
    /// The content hash of these entries, in whatever order they come.
    pub fn of(entries: &[ManifestEntry]) -> Self {
        let mut sorted: Vec<&ManifestEntry> = entries.iter().collect();
        sorted.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let mut hasher = sha2::Sha256::new();
        for entry in sorted {
            hasher.update(&entry.name);
            hasher.update(b"\n");
            hasher.update(entry.sha256.to_string());
            hasher.update(b"\n");
        }
        Self(Sha256::finish(hasher))
    }
}

impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}", self.0)
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ContentHash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ContentHash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.strip_prefix(PREFIX)
            .and_then(Sha256::parse)
            .map(Self)
            .ok_or_else(|| {
                de::Error::custom("a content hash is `sha256:` and 64 lower-case hexadecimal digits")
            })
    }
}

impl JsonSchema for ContentHash {
    fn schema_name() -> Cow<'static, str> {
        "ContentHash".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^sha256:[0-9a-f]{64}$",
            "description": "SHA-256 over the names and SHA-256 of all entries but the manifest, sorted by name.",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Digests by coreutils: `printf '' | sha256sum`, `printf abc | sha256sum`.
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn entry(name: &str, bytes: &[u8]) -> ManifestEntry {
        ManifestEntry {
            name: name.into(),
            size: bytes.len() as u64,
            sha256: Sha256::of(bytes),
        }
    }

    #[test]
    fn digests_equal_coreutils() {
        assert_eq!(Sha256::of(b"").to_string(), EMPTY);
        assert_eq!(Sha256::of(b"abc").to_string(), ABC);
        assert_eq!(Sha256::parse(ABC), Some(Sha256::of(b"abc")));
    }

    #[test]
    fn content_hash_follows_its_definition_in_any_order() {
        // printf 'spec.json\n%s\nstate/a.arrow\n%s\n' $ABC $EMPTY | sha256sum
        let expected = "sha256:cb4e377c3a1f17adf40d94afec22d5fcc0316b55acc6a4d781f7fd5144a8a5f6";
        let (spec, state) = (entry("spec.json", b"abc"), entry("state/a.arrow", b""));
        assert_eq!(
            ContentHash::of(&[spec.clone(), state.clone()]).to_string(),
            expected
        );
        assert_eq!(ContentHash::of(&[state, spec]).to_string(), expected);
    }

    #[test]
    fn other_spellings_are_refused() {
        let upper = ABC.to_ascii_uppercase();
        for text in ["", "sha256:", &ABC[1..], &upper, "sha256:zz", ABC] {
            let json = format!("\"{text}\"");
            assert!(serde_json::from_str::<ContentHash>(&json).is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Sha256>(&format!("\"{upper}\"")).is_err());
        assert!(serde_json::from_str::<ContentHash>(&format!("\"sha256:{ABC}\"")).is_ok());
    }
}
