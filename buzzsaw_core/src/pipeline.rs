//! A compiled spec with its fitted state: immutable, thread-safe, the only way to features.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::artifact::{Artifact, ArtifactInfo, ArtifactWriter, Check, Kind};
use crate::block::{FeatureBlock, SparsePart};
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::evaluate::Evaluator;
use crate::fit::Tables;
use crate::frame::{Folds, Frame};
use crate::golden;
use crate::plan::{OutputSource, Plan, Purpose};
use crate::scratch::{Ready, Scratch};
use crate::spec::{Impute, Input, Source, Spec};
use crate::text;
use crate::transforms::Read;

static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// The entry of an artifact that holds the canonical spec.
const SPEC_ENTRY: &str = "spec.json";

/// A compiled spec with its fitted state.
///
/// It is immutable and may be shared between threads; each thread brings its own [`Scratch`].
pub struct Pipeline {
    spec: Arc<Spec>,
    pub(crate) serve: Plan,
    pub(crate) train: Plan,
    ready: Vec<Ready>,
    names: Vec<String>,
    state: BTreeMap<String, Tables>,
    id: u64,
    content_hash: String,
}

impl std::fmt::Debug for Pipeline {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pipeline({}, {})", self.spec.name(), self.content_hash)
    }
}

impl Pipeline {
    /// The pipeline of a spec none of whose steps learns anything.
    ///
    /// # Errors
    /// `BZ_NOT_FITTED` that names every step to fit.
    pub fn from_spec(spec: Spec) -> Result<Pipeline> {
        Self::with_state(Arc::new(spec), BTreeMap::new(), None)
    }

    /// The pipeline of a spec with the learnt tables of its steps; the hash is known when they come from a file.
    pub(crate) fn with_state(
        spec: Arc<Spec>,
        mut state: BTreeMap<String, Tables>,
        content_hash: Option<String>,
    ) -> Result<Pipeline> {
        let serve = Plan::new(&spec, Purpose::Serve);
        let train = Plan::new(&spec, Purpose::Train);
        let mut problems = Vec::new();
        let mut ready = Vec::with_capacity(serve.steps.len());
        let mut names = Vec::with_capacity(serve.steps.len());
        let mut used = BTreeMap::new();
        for planned in &serve.steps {
            let step = &spec.steps()[planned.step];
            let place = || format!("steps.{}", step.name);
            names.push(step.name.clone());
            let tables = state.remove(&step.name).unwrap_or_default();
            let learnt = step.missing.impute.is_some_and(Impute::is_learnt);
            if tables.is_empty() && (step.signature.fit.is_some() || step.table.is_some() || learnt) {
                problems.push(
                    Problem::new(
                        ErrorKind::NotFitted,
                        format!("`{}` has no learnt state", step.name),
                    )
                    .at(place())
                    .hint("fit the spec, or load a fitted artifact"),
                );
                continue;
            }
            let numbers = step.signature.reads.iter().map(|read| *read == Read::Number);
            let fills = match step.missing.impute {
                None => numbers.map(|_| f64::NAN).collect(),
                Some(Impute::Constant(fill)) => numbers.map(|n| if n { fill } else { f64::NAN }).collect(),
                Some(_) => {
                    let fills = tables.f64s("impute", "fill").map_err(|e| e.at(place()))?;
                    if fills.len() != step.inputs.len() {
                        return Err(
                            Error::new(ErrorKind::CorruptArtifact, "one fill an input was expected")
                                .at(place()),
                        );
                    }
                    fills.values().to_vec()
                }
            };
            let kernel = (step.transform.build)(&step.params, &tables).map_err(|e| e.at(place()))?;
            ready.push(Ready { kernel, fills });
            if !tables.is_empty() {
                used.insert(step.name.clone(), tables);
            }
        }
        Error::check(problems)?;
        if let Some(stray) = state.keys().next() {
            return Err(Error::new(
                ErrorKind::CorruptArtifact,
                format!("there is state for no step `{stray}`"),
            ));
        }
        let id = NEXT_ID.fetch_add(1, Ordering::Relaxed) * 2;
        let hash = content_hash.unwrap_or_default();
        let mut pipeline = Self {
            spec,
            serve,
            train,
            ready,
            names,
            state: used,
            id,
            content_hash: hash,
        };
        if pipeline.content_hash.is_empty() {
            pipeline.content_hash = pipeline.writer()?.manifest().content_hash.to_string();
        }
        Ok(pipeline)
    }

    /// Reads an artifact file: checked in full the first time on this host, then by size and manifest.
    ///
    /// # Errors
    /// `BZ_IO`, `BZ_CORRUPT_ARTIFACT`, `BZ_UNSUPPORTED_VERSION`.
    pub fn load(path: impl AsRef<Path>) -> Result<Pipeline> {
        Self::from_artifact(&Artifact::open(path)?)
    }

    /// Reads an artifact from memory, checked in full.
    ///
    /// # Errors
    /// As [`Pipeline::load`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Pipeline> {
        Self::from_artifact(&Artifact::from_bytes_checked(bytes, Check::Full)?)
    }

    /// Reads an opened artifact; large state stays in the file's memory map.
    ///
    /// # Errors
    /// `BZ_CORRUPT_ARTIFACT`, `BZ_UNSUPPORTED_VERSION`.
    pub fn from_artifact(artifact: &Artifact) -> Result<Pipeline> {
        let manifest = artifact.manifest();
        if manifest.kind != Kind::Pipeline {
            return Err(Error::new(
                ErrorKind::CorruptArtifact,
                "the artifact does not hold a pipeline",
            )
            .hint("give the file that fit wrote"));
        }
        check_versions(manifest)?;
        let corrupt = |what: String| Error::new(ErrorKind::CorruptArtifact, what).at(SPEC_ENTRY);
        let spec = artifact
            .entry(SPEC_ENTRY)
            .ok_or_else(|| corrupt("the artifact has no spec".into()))?;
        let spec = std::str::from_utf8(spec).map_err(|_| corrupt("the spec is not UTF-8".into()))?;
        let spec = Spec::parse(spec).map_err(|e| match e.kind() {
            ErrorKind::UnknownTransform | ErrorKind::UnsupportedVersion => e,
            _ => corrupt(format!("the spec does not validate: {e}")),
        })?;
        let mut state: BTreeMap<String, Tables> = BTreeMap::new();
        for entry in &manifest.entries {
            let Some(name) = entry
                .name
                .strip_prefix("state/")
                .and_then(|name| name.strip_suffix(".arrow"))
            else {
                continue;
            };
            let Some((step, table)) = name.split_once('.') else {
                return Err(
                    Error::new(ErrorKind::CorruptArtifact, "state is named <step>.<table>").at(&*entry.name),
                );
            };
            state
                .entry(step.to_owned())
                .or_default()
                .put(table, artifact.table(&entry.name)?);
        }
        let pipeline = Self::with_state(Arc::new(spec), state, Some(manifest.content_hash.to_string()))?;
        if pipeline.transforms() != manifest.transforms {
            return Err(Error::new(
                ErrorKind::CorruptArtifact,
                "the manifest names other transforms than the spec uses",
            )
            .at("manifest.json")
            .hint("fit the spec again"));
        }
        Ok(pipeline)
    }

    /// The transforms that serving uses, with their versions.
    fn transforms(&self) -> BTreeMap<String, u32> {
        let entries = self.serve.steps.iter().map(|planned| {
            let entry = self.spec.steps()[planned.step].transform;
            (entry.name.to_owned(), entry.version)
        });
        entries.collect()
    }

    fn writer(&self) -> Result<ArtifactWriter> {
        let transforms = self.transforms();
        let mut writer = ArtifactWriter::new(ArtifactInfo {
            kind: Kind::Pipeline,
            library_version: env!("CARGO_PKG_VERSION").to_owned(),
            unicode_version: text::UNICODE_VERSION.to_owned(),
            snowball_version: text::SNOWBALL_VERSION.to_owned(),
            transforms,
        });
        writer.add(
            SPEC_ENTRY,
            serde_json::to_vec_pretty(&self.spec.to_json()).unwrap_or_default(),
        )?;
        for (step, tables) in &self.state {
            for (table, batch) in tables.iter() {
                writer.add_table(&format!("state/{step}.{table}.arrow"), batch)?;
            }
        }
        let golden = golden::table(self)?;
        writer.add_table(golden::ENTRY, &golden)?;
        Ok(writer)
    }

    /// The artifact as bytes; equal pipelines give equal bytes.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when the state cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.writer()?.to_bytes()
    }

    /// Writes the artifact; the file appears whole or not at all.
    ///
    /// # Errors
    /// `BZ_IO` when the file cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.writer()?.write(path).map(|_| ())
    }

    /// Recomputes the golden rows that the artifact was written with.
    ///
    /// # Errors
    /// `BZ_CORRUPT_ARTIFACT` that names the first row whose bits differ on this machine.
    pub fn verify_golden(&self, artifact: &Artifact) -> Result<usize> {
        golden::verify(self, &artifact.table(golden::ENTRY)?)
    }

    /// The spec, with every default written out.
    pub fn spec(&self) -> &Arc<Spec> {
        &self.spec
    }

    /// The columns that [`Pipeline::transform`] reads, in the order of the frame.
    pub fn inputs(&self, folds: Folds) -> &[Input] {
        &self.plan(folds).inputs
    }

    /// Whether training rows see the fold of their qid, so that their values may differ from serving.
    pub fn has_folds(&self) -> bool {
        self.train.qid.is_some()
    }

    /// Whether a row's values depend on the other rows of its group.
    pub fn needs_groups(&self) -> bool {
        self.serve.grouped
    }

    /// The content hash of the artifact, `sha256:` and hex digits.
    pub fn content_hash(&self) -> &str {
        &self.content_hash
    }

    /// The names of the dense features, in the order of the matrix.
    pub fn dense_names(&self) -> Vec<&str> {
        let dense = self
            .serve
            .outputs
            .iter()
            .filter(|o| !matches!(o.source, OutputSource::Sparse(_)));
        dense.map(|o| o.name.as_str()).collect()
    }

    /// The names and column counts of the sparse features, in feature order.
    pub fn sparse_columns(&self) -> Vec<(&str, u32)> {
        // Steps come after what they read.
        let mut columns: Vec<u32> = Vec::with_capacity(self.ready.len());
        for (planned, ready) in self.serve.steps.iter().zip(&self.ready) {
            let read = planned.inputs.iter().map(|source| match source {
                Source::Step(step) => columns[*step],
                Source::Input(_) => 0,
            });
            let read: Vec<u32> = read.collect();
            columns.push(ready.kernel.columns(&read));
        }
        let outputs = self.serve.outputs.iter();
        outputs
            .filter_map(|o| match o.source {
                OutputSource::Sparse(step) => Some((o.name.as_str(), columns[step])),
                _ => None,
            })
            .collect()
    }

    /// The names of all features, in the order of the spec.
    pub fn feature_names(&self) -> Vec<&str> {
        self.serve
            .outputs
            .iter()
            .map(|output| output.name.as_str())
            .collect()
    }

    /// The learnt state, by step.
    pub fn state(&self) -> impl Iterator<Item = (&str, &Tables)> {
        self.state.iter().map(|(name, tables)| (name.as_str(), tables))
    }

    fn plan(&self, folds: Folds) -> &Plan {
        match folds {
            Folds::Full => &self.serve,
            Folds::OfQid => &self.train,
        }
    }

    pub(crate) fn evaluator(&self, folds: Folds) -> Evaluator<'_> {
        Evaluator {
            owner: self.id + u64::from(folds == Folds::OfQid),
            plan: self.plan(folds),
            ready: &self.ready,
            names: &self.names,
        }
    }

    /// Computes the features of every row of `frame` into `block`, replacing what it held.
    ///
    /// The frame is built from [`Pipeline::inputs`]. With `block` and `scratch` reused, batches of a size seen before
    /// allocate nothing (but for words that a stem cache has not seen).
    ///
    /// # Errors
    /// `BZ_MISSING_INPUT` without the groups that the spec needs, `BZ_INVALID_VALUE` for a query-side column that
    /// changes within a group or a time that microseconds cannot hold, `BZ_RESOURCE_LIMIT` past 4 GiB of tokens in
    /// one tile, or when features or steps pass the limit of [`Scratch::with_limit`]. The block is empty after an error.
    pub fn transform(
        &self,
        frame: &Frame<'_>,
        block: &mut FeatureBlock,
        scratch: &mut Scratch,
    ) -> Result<()> {
        if block.owner != self.id {
            block.owner = self.id;
            block.dense_names = self.dense_names().into_iter().map(str::to_owned).collect();
            block.sparse = self
                .sparse_columns()
                .into_iter()
                .map(|(name, columns)| SparsePart {
                    name: name.to_owned(),
                    columns,
                    ..SparsePart::default()
                })
                .collect();
        }
        let outcome = self.evaluator(frame.folds()).transform(frame, block, scratch);
        if outcome.is_err() {
            block.clear();
        }
        outcome
    }
}

/// Refuses an artifact whose values this library would not reproduce, because a table behind them differs.
fn check_versions(manifest: &crate::artifact::Manifest) -> Result<()> {
    for (what, written, here, same) in [
        (
            "Unicode",
            manifest.unicode_version.as_str(),
            text::UNICODE_VERSION,
            text::has_tables(&manifest.unicode_version),
        ),
        (
            "Snowball",
            manifest.snowball_version.as_str(),
            text::SNOWBALL_VERSION,
            manifest.snowball_version == text::SNOWBALL_VERSION,
        ),
    ] {
        if !same {
            return Err(Error::new(
                ErrorKind::UnsupportedVersion,
                format!("the artifact was made with {what} {written}; this library has {here}"),
            )
            .hint(format!(
                "use library {} or fit the spec again",
                manifest.library_version
            )));
        }
    }
    Ok(())
}
