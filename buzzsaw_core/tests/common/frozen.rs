//! The cases that `tests/parity/freeze.py` has written: specs, rows and the oracles' values.

#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch};
use arrow_ipc::reader::FileReader;
use buzzsaw_core::fit::{Fitter, Partial};
use buzzsaw_core::{Folds, Frame, Pipeline, Spec};
use serde::Deserialize;
use serde_json::Value;

/// One case as it was frozen.
#[derive(Deserialize)]
pub struct Case {
    pub spec: String,
    pub grouped: bool,
    pub tables: Vec<String>,
    /// By mode and feature, one entry a row: bits of f32, or `[column, bits]` of each sparse entry.
    pub modes: BTreeMap<String, BTreeMap<String, Vec<Value>>>,
    /// By step, what `explain` shows of each row.
    pub steps: BTreeMap<String, Vec<Value>>,
    /// By sparse feature, the number of its columns, where the oracle says so.
    pub columns: BTreeMap<String, u32>,
    pub ulp: BTreeMap<String, u32>,
    pub bad: Vec<Bad>,
}

/// A spec that must be refused.
#[derive(Deserialize)]
pub struct Bad {
    pub name: String,
    pub spec: String,
    pub code: String,
    pub place: String,
}

/// Where the cases are.
pub fn folder() -> PathBuf {
    let default = Path::new(env!("CARGO_MANIFEST_DIR")).join("../build/cases");
    let folder = std::env::var_os("BUZZSAW_CASES").map_or(default, PathBuf::from);
    assert!(
        folder.is_dir(),
        "{} is not there; run `make cases`",
        folder.display()
    );
    folder
}

/// The names of all cases.
pub fn names() -> Vec<String> {
    let mut found: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    found
}

/// The rows of a case, or of a lookup table.
pub fn batch(name: &str) -> RecordBatch {
    let file = File::open(folder().join(format!("{name}.arrow"))).unwrap();
    FileReader::try_new(file, None).unwrap().next().unwrap().unwrap()
}

/// Row offsets of runs of equal ids.
pub fn offsets(batch: &RecordBatch) -> Vec<u32> {
    let ids = batch.column_by_name("parity_group").unwrap();
    let ids = ids.as_any().downcast_ref::<Int64Array>().unwrap();
    (0..ids.len())
        .filter(|i| *i == 0 || ids.value(*i) != ids.value(i - 1))
        .chain([ids.len()])
        .map(|at| at as u32)
        .collect()
}

/// The cases that `BUZZSAW_CASE` names with commas between, or all; a name that is no case fails.
pub fn chosen() -> Vec<(String, Case)> {
    let given = std::env::var("BUZZSAW_CASE").unwrap_or_default();
    let all = names();
    let chosen: Vec<String> = match given.as_str() {
        "" => all,
        given => given.split(',').map(str::to_owned).collect(),
    };
    let read = |name: String| {
        let path = folder().join(format!("{name}.json"));
        let text = std::fs::read(&path).unwrap_or_else(|_| panic!("there is no case {name}"));
        (name, serde_json::from_slice(&text).unwrap())
    };
    chosen.into_iter().map(read).collect()
}

/// Into how many parts [`fitted`] cuts what is learnt by key.
const PARTS: usize = 3;

/// The pipeline, learnt in two halves that are cut by key, sent as bytes and merged backwards, as a cluster does it.
pub fn fitted(name: &str, case: &Case, batch: &RecordBatch) -> Pipeline {
    let spec = Arc::new(Spec::parse(&case.spec).unwrap());
    let mut fitter = Fitter::new(spec, false).unwrap();
    for table in &case.tables {
        let rows = self::batch(&format!("{name}.{table}"));
        fitter.give_table(table, &[rows]).unwrap();
    }
    let groups = offsets(batch);
    let middle = groups[groups.len() / 2] as usize;
    while let Some(source) = fitter.pending().first().copied() {
        let send = |partial: &Partial| fitter.partial_from_bytes(&partial.to_bytes().unwrap()).unwrap();
        let mut merged = fitter.partial(source).unwrap();
        let mut parts: Vec<Vec<Partial>> = (0..PARTS).map(|_| Vec::new()).collect();
        for (start, end) in [(middle, batch.num_rows()), (0, middle)] {
            let half = batch.slice(start, end - start);
            let groups = offsets(&half);
            let mut partial = fitter.partial(source).unwrap();
            let inputs = fitter.inputs(source).unwrap();
            let frame = Frame::from_record_batch(&half, inputs, Some(&groups), Folds::OfQid).unwrap();
            fitter.update(&mut partial, &frame).unwrap();
            let split = partial.split(PARTS);
            assert_eq!(partial.keys(), 0);
            for (part, state) in parts.iter_mut().zip(&split).filter(|(_, state)| state.keys() > 0) {
                part.push(send(state));
            }
            merged.merge(send(&partial)).unwrap();
        }
        for part in parts {
            let of_number = part.into_iter().reduce(|mut part, other| {
                part.merge(other).unwrap();
                part
            });
            let Some(mut part) = of_number else { continue };
            // Knowing the rest may drop more, but nothing that is kept.
            part.prune(None).unwrap();
            part.prune(Some(&merged)).unwrap();
            merged.merge(send(&part)).unwrap();
        }
        fitter.finish(merged).unwrap();
    }
    Pipeline::from_bytes(fitter.into_pipeline().unwrap().to_bytes().unwrap()).unwrap()
}
