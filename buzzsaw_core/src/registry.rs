//! The registry: transforms behind one set of function pointers, found by name and version.

use std::any::Any;

use arrow_array::RecordBatch;
use serde_json::Value;

use crate::args::Args;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{AnyFitState, FitState, Tables, Typed};
use crate::slot::Slot;
use crate::spec::{nearest, read_params};
use crate::transforms::{REGISTRY, Signature, Transform};
use crate::types::ValueType;

type Check = fn(&Value, &[ValueType]) -> std::result::Result<Checked, Vec<Problem>>;

/// What the judgement of a step gives.
pub(crate) struct Checked {
    /// Parameters with every default written out.
    pub params: Value,
    /// How the step reads its inputs and what it makes.
    pub signature: Signature,
    /// See [`Transform::table`].
    pub table: Option<String>,
}

/// One transform of one version.
pub struct TransformEntry {
    /// The name that a spec uses.
    pub name: &'static str,
    /// Its version.
    pub version: u32,
    /// Judges parameters alone.
    pub(crate) read: fn(&Value) -> std::result::Result<(), Vec<Problem>>,
    /// Judges parameters and input types.
    pub(crate) check: Check,
    /// An empty state.
    pub(crate) start: fn(&Value) -> Result<Box<dyn AnyFitState>>,
    /// A state from [`AnyFitState::to_bytes`].
    pub(crate) restore: fn(&[u8]) -> Result<Box<dyn AnyFitState>>,
    /// See [`Transform::take_table`].
    pub(crate) take_table: fn(&Value, &[RecordBatch]) -> Result<Tables>,
    /// The fitted transform.
    pub(crate) build: fn(&Value, &Tables) -> Result<Box<dyn Kernel>>,
    /// The JSON Schema of the parameters; its description documents the transform.
    pub schema: fn() -> Value,
}

impl std::fmt::Debug for TransformEntry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} v{}", self.name, self.version)
    }
}

impl TransformEntry {
    /// The documentation of the transform, as Markdown.
    pub fn documentation(&self) -> String {
        (self.schema)()["description"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The first paragraph of the documentation, on one line.
    pub fn summary(&self) -> String {
        let text = self.documentation();
        text.split("\n\n").next().unwrap_or_default().replace('\n', " ")
    }
}

/// A fitted transform whose type is forgotten.
pub(crate) trait Kernel: Send + Sync {
    /// See [`Transform::eval`].
    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut dyn Any) -> Result<()>;
    /// Memory for [`Kernel::eval`].
    fn work(&self) -> Box<dyn Any + Send>;
    /// See [`Transform::columns`].
    fn columns(&self, inputs: &[u32]) -> u32;
}

impl<T: Transform> Kernel for T {
    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut dyn Any) -> Result<()> {
        match work.downcast_mut::<T::Work>() {
            Some(work) => Transform::eval(self, args, out, work),
            None => Err(Error::internal("scratch memory of another transform", None)),
        }
    }

    fn work(&self) -> Box<dyn Any + Send> {
        Box::new(T::Work::default())
    }

    fn columns(&self, inputs: &[u32]) -> u32 {
        Transform::columns(self, inputs)
    }
}

/// The entry of a transform, for the list in `transforms/mod.rs`.
pub(crate) const fn entry<T: Transform>() -> TransformEntry {
    TransformEntry {
        name: T::NAME,
        version: T::VERSION,
        read: |params| read_params::<T::Params>(params).map(|_| ()),
        check: |params, inputs| {
            let (params, canonical) = read_params::<T::Params>(params)?;
            Ok(Checked {
                signature: T::signature(&params, inputs)?,
                table: T::table(&params).map(str::to_owned),
                params: canonical,
            })
        },
        start: |params| Ok(Box::new(Typed(T::start(&read::<T>(params)?)))),
        restore: |bytes| Ok(Box::new(Typed(<T::State as FitState>::from_bytes(bytes)?))),
        take_table: |params, batches| T::take_table(&read::<T>(params)?, batches),
        build: |params, tables| Ok(Box::new(T::build(read::<T>(params)?, tables)?)),
        schema: crate::spec::params_schema::<T::Params>,
    }
}

fn read<T: Transform>(params: &Value) -> Result<T::Params> {
    match read_params::<T::Params>(params) {
        Ok((params, _)) => Ok(params),
        Err(problems) => {
            Error::check(problems).and_then(|()| Err(Error::internal("parameters changed", None)))
        }
    }
}

/// Every transform, in the order of the list.
pub fn all() -> &'static [TransformEntry] {
    REGISTRY
}

/// The transform of this name, in this version or the newest.
///
/// # Errors
/// A problem of kind `BZ_UNKNOWN_TRANSFORM` with the nearest name or the known versions.
pub fn find(name: &str, version: Option<u64>) -> std::result::Result<&'static TransformEntry, Problem> {
    let named = || REGISTRY.iter().filter(|entry| entry.name == name);
    let found = match version {
        None => named().max_by_key(|entry| entry.version),
        Some(version) => named().find(|entry| u64::from(entry.version) == version),
    };
    found.ok_or_else(|| {
        let problem = |message: String| Problem::new(ErrorKind::UnknownTransform, message);
        match (named().map(|entry| entry.version).max(), version) {
            (Some(newest), Some(version)) => problem(format!("`{name}` has no version {version}")).hint(
                format!("this library has versions up to {newest}; use a library that has it"),
            ),
            _ => {
                let near = nearest::find(name, REGISTRY.iter().map(|entry| entry.name));
                let hint = near.map_or_else(
                    || "`buzzsaw transforms` lists them".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                problem(format!("there is no transform `{name}`")).hint(hint)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_are_unique_and_sorted() {
        let keys: Vec<_> = all().iter().map(|entry| (entry.name, entry.version)).collect();
        assert!(keys.windows(2).all(|pair| pair[0] < pair[1]), "{keys:?}");
    }

    #[test]
    fn unknown_names_and_versions_say_what_is_known() {
        assert_eq!(
            find("tokenise", None).unwrap_err().hint,
            "did you mean `tokenize`?"
        );
        let problem = find("log1p", Some(9)).unwrap_err();
        assert_eq!(problem.kind, ErrorKind::UnknownTransform);
        assert!(problem.hint.contains("up to 1"));
    }

    #[test]
    fn every_transform_is_documented() {
        for entry in all() {
            let text = entry.documentation();
            for part in ["**Missing.**", "**Example.**", "**Oracle.**", "**Source.**"] {
                assert!(text.contains(part), "{} has no part `{part}`", entry.name);
            }
            for (name, property) in (entry.schema)()["properties"].as_object().into_iter().flatten() {
                assert!(
                    property["description"].as_str().is_some(),
                    "{}.{name}",
                    entry.name
                );
            }
        }
    }
}
