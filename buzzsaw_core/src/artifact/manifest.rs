//! `manifest.json`: what an artifact holds and what wrote it.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::content_hash::{ContentHash, Sha256};
use super::name;
use crate::error::{Error, ErrorKind, Result};

/// The name of the entry that describes the others; it is always the first one in the file.
pub const MANIFEST: &str = "manifest.json";

/// The newest format this library reads, and the one it writes.
pub const FORMAT_VERSION: u32 = 1;

/// The largest manifest a reader accepts, in bytes.
pub(super) const MAX_MANIFEST: u64 = 8 << 20;

/// What an artifact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A compiled feature spec with its fitted state.
    Pipeline,
}

/// What the writer of an artifact says of it; none of it enters the content hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArtifactInfo {
    /// What the artifact is.
    pub kind: Kind,
    /// Version of the library that writes it, as in `1.4.0`.
    pub library_version: String,
    /// Version of the Unicode tables the text transforms use, as in `17.0.0`.
    pub unicode_version: String,
    /// Version of the Snowball stemmers the analyzers use, as in `3.0.1`.
    pub snowball_version: String,
    /// Each transform the artifact uses, with the version its values come from.
    pub transforms: BTreeMap<String, u32>,
}

/// The content of `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What the artifact is.
    pub kind: Kind,
    /// Version of the container format; a reader refuses a newer one than its own.
    pub format_version: u32,
    /// Version of the library that wrote the artifact.
    pub library_version: String,
    /// Version of the Unicode tables the text transforms use.
    pub unicode_version: String,
    /// Version of the Snowball stemmers the analyzers use.
    pub snowball_version: String,
    /// Each transform the artifact uses, with the version its values come from.
    pub transforms: BTreeMap<String, u32>,
    /// The identity of the content: SHA-256 over the names and SHA-256 of all entries but this one.
    pub content_hash: ContentHash,
    /// All entries but `manifest.json` itself, in ascending byte order of their names.
    pub entries: Vec<ManifestEntry>,
}

/// One entry as the manifest knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ManifestEntry {
    /// The entry's name in the archive: lower-case ASCII, parts joined by `/`.
    pub name: String,
    /// The entry's length in bytes.
    pub size: u64,
    /// SHA-256 of the entry's bytes.
    pub sha256: Sha256,
}

/// The fields that every format version has, read before anything else is believed.
#[derive(Deserialize)]
struct Head {
    format_version: u64,
    kind: String,
    library_version: String,
}

impl Manifest {
    pub(super) fn new(info: ArtifactInfo, mut entries: Vec<ManifestEntry>) -> Self {
        entries.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        let ArtifactInfo {
            kind,
            library_version,
            unicode_version,
            snowball_version,
            transforms,
        } = info;
        Self {
            kind,
            format_version: FORMAT_VERSION,
            library_version,
            unicode_version,
            snowball_version,
            transforms,
            content_hash: ContentHash::of(&entries),
            entries,
        }
    }

    /// The one spelling of this manifest: fields in the order of the type, maps sorted by key, two spaces of
    /// indent, a line feed at the end.
    ///
    /// # Errors
    /// `Internal` when serialisation fails, which it cannot for these types.
    pub fn to_json(&self) -> Result<Vec<u8>> {
        let mut json = serde_json::to_vec_pretty(self)
            .map_err(|e| Error::internal(format!("cannot write the manifest: {e}"), None).at(MANIFEST))?;
        json.push(b'\n');
        Ok(json)
    }

    /// Reads and checks a manifest.
    ///
    /// # Errors
    /// `UnsupportedVersion` for a newer format or an unknown kind; `CorruptArtifact` for anything but the one
    /// spelling of a consistent manifest (see [`Manifest::to_json`]).
    pub fn parse(json: &[u8]) -> Result<Self> {
        refuse_newer(json)?;
        let manifest: Self =
            serde_json::from_slice(json).map_err(|e| corrupt(format!("not a manifest: {e}")))?;
        if manifest.format_version != FORMAT_VERSION {
            return Err(corrupt(format!(
                "there is no format version {}",
                manifest.format_version
            )));
        }
        if manifest.to_json()? != json {
            return Err(corrupt("the manifest is not in its canonical spelling"));
        }
        manifest.check_entries()?;
        Ok(manifest)
    }

    /// The manifest's line for `name`.
    pub fn entry(&self, name: &str) -> Option<&ManifestEntry> {
        let found = self
            .entries
            .binary_search_by(|entry| entry.name.as_str().cmp(name))
            .ok()?;
        self.entries.get(found)
    }

    fn check_entries(&self) -> Result<()> {
        for entry in &self.entries {
            if let Some(fault) = name::fault(entry.name.as_bytes()) {
                return Err(corrupt(format!("entry {:?}: {fault}", entry.name)));
            }
        }
        if !self.entries.is_sorted_by(|a, b| a.name < b.name) {
            return Err(corrupt(
                "the entries are not sorted by name, or one is there twice",
            ));
        }
        if self.entry(MANIFEST).is_some() {
            return Err(corrupt("the manifest lists itself"));
        }
        let names: BTreeSet<&str> = self.entries.iter().map(|entry| entry.name.as_str()).collect();
        if let Some(both) = name::file_and_folder(&names) {
            return Err(corrupt(format!(
                "`{both}` is both an entry and the folder of another"
            )));
        }
        if ContentHash::of(&self.entries) != self.content_hash {
            return Err(corrupt("the content hash is not that of the entries"));
        }
        Ok(())
    }
}

/// Fails when `json` is the manifest of a version this library cannot read; says nothing about anything else.
pub(super) fn refuse_newer(json: &[u8]) -> Result<()> {
    let Ok(head) = serde_json::from_slice::<Head>(json) else {
        return Ok(());
    };
    let newer = if head.format_version > u64::from(FORMAT_VERSION) {
        format!(
            "artifact format {} (this library reads up to {FORMAT_VERSION})",
            head.format_version
        )
    } else if serde_json::from_value::<Kind>(head.kind.as_str().into()).is_err() {
        format!("artifact kind {:?}", brief(&head.kind))
    } else {
        return Ok(());
    };
    let writer = brief(&head.library_version);
    Err(Error::new(
        ErrorKind::UnsupportedVersion,
        format!("{newer}, written by buzzsaw {writer}"),
    )
    .at(MANIFEST)
    .hint(format!(
        "upgrade buzzsaw to {writer} or newer, or write the artifact again with this version"
    )))
}

/// Text of a file nobody has checked yet, short and printable.
fn brief(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic()).take(40).collect()
}

fn corrupt(message: impl Into<String>) -> Error {
    Error::new(ErrorKind::CorruptArtifact, message)
        .at(MANIFEST)
        .hint("copy the artifact again from where it was written, or write it again")
}

#[cfg(test)]
mod tests {
    use super::super::testing::info;
    use super::*;

    fn sample() -> Manifest {
        let entry = |name: &str| ManifestEntry {
            name: name.into(),
            size: 3,
            sha256: Sha256::of(b"abc"),
        };
        Manifest::new(info(), vec![entry("state/a.arrow"), entry("spec.json")])
    }

    fn parse_changed(change: impl Fn(&mut Manifest)) -> Error {
        let mut manifest = sample();
        change(&mut manifest);
        Manifest::parse(&manifest.to_json().unwrap()).unwrap_err()
    }

    #[test]
    fn the_canonical_spelling_is_frozen() {
        let json = String::from_utf8(sample().to_json().unwrap()).unwrap();
        let expected = r#"{
  "kind": "pipeline",
  "format_version": 1,
  "library_version": "0.1.0",
  "unicode_version": "17.0.0",
  "snowball_version": "3.0.1",
  "transforms": {
    "bm25": 2,
    "log1p": 1
  },
  "content_hash": "sha256:4a0a3b95ef238e9dc2a3e16c005a9bb17ac33218ee1001f7d8688d516d8a6ebf",
  "entries": [
    {
      "name": "spec.json",
      "size": 3,
      "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    },
    {
      "name": "state/a.arrow",
      "size": 3,
      "sha256": "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    }
  ]
}
"#;
        assert_eq!(json, expected);
        assert_eq!(Manifest::parse(json.as_bytes()).unwrap(), sample());
    }

    #[test]
    fn the_content_hash_ignores_versions() {
        let mut other = info();
        other.library_version = "9.9.9".into();
        assert_eq!(
            Manifest::new(other, sample().entries).content_hash,
            sample().content_hash
        );
    }

    #[test]
    fn inconsistent_manifests_are_corrupt() {
        type Change = fn(&mut Manifest);
        let changes: [(&str, Change); 7] = [
            ("format version 0", |m| m.format_version = 0),
            ("sorted", |m| m.entries.reverse()),
            ("twice", |m| m.entries.push(m.entries[1].clone())),
            ("content hash", |m| m.entries[0].sha256 = Sha256::of(b"abd")),
            ("starts with a dot", |m| m.entries[0].name = "../up".into()),
            ("lists itself", |m| m.entries[0].name = MANIFEST.into()),
            ("folder", |m| m.entries[0].name = "state".into()),
        ];
        for (word, change) in changes {
            let error = parse_changed(change);
            assert_eq!(error.kind(), ErrorKind::CorruptArtifact, "{word}");
            assert!(error.to_string().contains(word), "{word}: {error}");
        }
    }

    #[test]
    fn other_spellings_are_corrupt() {
        let json = String::from_utf8(sample().to_json().unwrap()).unwrap();
        let deep = format!("{}{}", "[".repeat(1 << 20), "]".repeat(1 << 20));
        let twice = json.replacen("\"bm25\": 2", "\"bm25\": 1,\n    \"bm25\": 2", 1);
        let unknown = json.replacen("\"kind\"", "\"more\": 1,\n  \"kind\"", 1);
        let compact = json.replace('\n', "");
        for text in [
            "",
            "null",
            "{}",
            &deep,
            &twice,
            &unknown,
            &compact,
            json.trim_end(),
        ] {
            let error = Manifest::parse(text.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CorruptArtifact, "{error}");
        }
        assert!(Manifest::parse(b"\xff").is_err());
    }

    #[test]
    fn newer_formats_and_kinds_say_what_to_do() {
        let newer = r#"{"format_version": 2, "kind": "pipeline", "library_version": "3.0.0", "shards": [1]}"#;
        let ranker = r#"{"format_version": 1, "kind": "swarm", "library_version": "3.0.0"}"#;
        for json in [newer, ranker] {
            let error = Manifest::parse(json.as_bytes()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::UnsupportedVersion, "{error}");
            assert!(
                format!("{error:?}").contains("upgrade buzzsaw to 3.0.0"),
                "{error:?}"
            );
        }
    }
}
