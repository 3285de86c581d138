//! Every transform against its oracle, without Python: the cases that `tests/parity/freeze.py` has written.
//!
//! The folder is `build/cases`, or what `BUZZSAW_CASES` names; `make cases` writes it. `BUZZSAW_CASE=clip,bm25` runs
//! those cases alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::{Int64Array, RecordBatch};
use arrow_ipc::reader::FileReader;
use buzzsaw_core::fit::Fitter;
use buzzsaw_core::{FeatureBlock, Folds, Frame, Pipeline, Scratch, Spec};
use serde::Deserialize;
use serde_json::Value;

/// One case as it was frozen.
#[derive(Deserialize)]
struct Case {
    spec: String,
    grouped: bool,
    tables: Vec<String>,
    /// By mode and feature, one entry a row: bits of f32, or `[column, bits]` of each sparse entry.
    modes: BTreeMap<String, BTreeMap<String, Vec<Value>>>,
    /// By step, what `explain` shows of each row.
    steps: BTreeMap<String, Vec<Value>>,
    /// By sparse feature, the number of its columns, where the oracle says so.
    columns: BTreeMap<String, u32>,
    ulp: BTreeMap<String, u32>,
    bad: Vec<Bad>,
}

#[derive(Deserialize)]
struct Bad {
    name: String,
    spec: String,
    code: String,
    place: String,
}

fn folder() -> PathBuf {
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
fn names() -> Vec<String> {
    let mut found: Vec<String> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    found.sort();
    found
}

fn batch(name: &str) -> RecordBatch {
    let file = File::open(folder().join(format!("{name}.arrow"))).unwrap();
    FileReader::try_new(file, None).unwrap().next().unwrap().unwrap()
}

/// Row offsets of runs of equal ids.
fn offsets(batch: &RecordBatch) -> Vec<u32> {
    let ids = batch.column_by_name("parity_group").unwrap();
    let ids = ids.as_any().downcast_ref::<Int64Array>().unwrap();
    (0..ids.len())
        .filter(|i| *i == 0 || ids.value(*i) != ids.value(i - 1))
        .chain([ids.len()])
        .map(|at| at as u32)
        .collect()
}

/// The cases that `BUZZSAW_CASE` names with commas between, or all; a name that is no case fails.
fn chosen() -> Vec<(String, Case)> {
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

/// The pipeline, learnt in two halves that are sent as bytes and merged backwards.
fn fitted(name: &str, case: &Case, batch: &RecordBatch) -> Pipeline {
    let spec = Arc::new(Spec::parse(&case.spec).unwrap());
    let mut fitter = Fitter::new(spec, false).unwrap();
    for table in &case.tables {
        let rows = self::batch(&format!("{name}.{table}"));
        fitter.give_table(table, &[rows]).unwrap();
    }
    let groups = offsets(batch);
    let middle = groups[groups.len() / 2] as usize;
    while let Some(source) = fitter.pending().first().copied() {
        let mut merged = fitter.partial(source).unwrap();
        for (start, end) in [(middle, batch.num_rows()), (0, middle)] {
            let half = batch.slice(start, end - start);
            let groups = offsets(&half);
            let mut partial = fitter.partial(source).unwrap();
            let inputs = fitter.inputs(source).unwrap();
            let frame = Frame::from_record_batch(&half, inputs, Some(&groups), Folds::OfQid).unwrap();
            fitter.update(&mut partial, &frame).unwrap();
            let sent = fitter.partial_from_bytes(&partial.to_bytes().unwrap()).unwrap();
            merged.merge(sent).unwrap();
        }
        fitter.finish(merged).unwrap();
    }
    Pipeline::from_bytes(fitter.into_pipeline().unwrap().to_bytes().unwrap()).unwrap()
}

/// The distance of two f32 in units of the last place, by their bits; a missing value is far from all others.
fn distance(a: u32, b: u32) -> u32 {
    let ordered = |bits: u32| {
        if bits < 1 << 31 {
            i64::from(bits)
        } else {
            (1i64 << 31) - i64::from(bits)
        }
    };
    if a == b {
        0
    } else if a == 0x7fc0_0000 || b == 0x7fc0_0000 {
        u32::MAX
    } else {
        u32::try_from((ordered(a) - ordered(b)).abs()).unwrap_or(u32::MAX)
    }
}

fn bits(value: &Value) -> u32 {
    u32::try_from(value.as_u64().unwrap()).unwrap()
}

fn check_mode(name: &str, case: &Case, pipeline: &Pipeline, batch: &RecordBatch, mode: &str, folds: Folds) {
    let groups = offsets(batch);
    let groups = case.grouped.then_some(groups.as_slice());
    let frame = Frame::from_record_batch(batch, pipeline.inputs(folds), groups, folds).unwrap();
    let mut block = FeatureBlock::default();
    pipeline
        .transform(&frame, &mut block, &mut Scratch::default())
        .unwrap();
    let expected = &case.modes[mode];
    let ulp = |feature: &str| case.ulp.get(feature).copied().unwrap_or(0);
    let mut seen = 0;
    for (at, feature) in block.dense_names().iter().enumerate() {
        let Some(values) = expected.get(feature) else {
            panic!("{name}: the oracle has no {feature}");
        };
        for (row, value) in values.iter().enumerate() {
            let (made, want) = (block.dense_row(row)[at].to_bits(), bits(value));
            assert!(
                distance(made, want) <= ulp(feature),
                "{name}.{feature}[{row}] ({mode}) is {}, the oracle says {}",
                f32::from_bits(made),
                f32::from_bits(want)
            );
        }
        seen += 1;
    }
    for part in block.sparse() {
        if let Some(columns) = case.columns.get(&part.name) {
            assert_eq!(part.columns, *columns, "{name}.{} ({mode})", part.name);
        }
        for (row, value) in expected[&part.name].iter().enumerate() {
            let (indices, values) = part.row(row);
            assert!(
                indices.iter().all(|index| *index < part.columns),
                "{name}.{}[{row}] ({mode}) has a column past {}",
                part.name,
                part.columns
            );
            let want = value.as_array().unwrap();
            assert_eq!(indices.len(), want.len(), "{name}.{}[{row}] ({mode})", part.name);
            for ((index, value), entry) in indices.iter().zip(values).zip(want) {
                assert_eq!(*index, bits(&entry[0]), "{name}.{}[{row}] ({mode})", part.name);
                assert!(
                    distance(value.to_bits(), bits(&entry[1])) <= ulp(&part.name),
                    "{name}.{}[{row}] ({mode}), column {index}: {value}",
                    part.name
                );
            }
        }
        seen += 1;
    }
    assert_eq!(seen, expected.len(), "{name}");
    if mode == "serve" && !case.steps.is_empty() {
        for row in 0..batch.num_rows() {
            let text = pipeline.explain(&frame, row).unwrap();
            let explained: Value = serde_json::from_str(&text).unwrap();
            for (step, values) in &case.steps {
                assert_eq!(
                    explained["steps"][step]["value"], values[row],
                    "{name}.{step}[{row}]"
                );
            }
        }
    }
}

#[test]
fn every_transform_has_a_case() {
    let mut transforms: Vec<&str> = buzzsaw_core::registry::all()
        .iter()
        .map(|entry| entry.name)
        .collect();
    transforms.dedup();
    assert_eq!(names(), transforms);
}

#[test]
fn every_transform_equals_its_oracle() {
    for (name, case) in chosen() {
        let batch = batch(&name);
        let pipeline = fitted(&name, &case, &batch);
        check_mode(&name, &case, &pipeline, &batch, "serve", Folds::Full);
        check_mode(&name, &case, &pipeline, &batch, "train", Folds::OfQid);
    }
}

#[test]
fn bad_specs_are_refused_at_their_place() {
    for (_, case) in chosen() {
        for bad in &case.bad {
            let error = match Spec::parse(&bad.spec).and_then(Pipeline::from_spec) {
                Ok(_) => panic!("{} is not refused", bad.name),
                Err(error) => error,
            };
            let first = &error.problems()[0];
            assert_eq!(
                (first.kind.code(), first.place.as_str()),
                (bad.code.as_str(), bad.place.as_str()),
                "{}",
                bad.name
            );
        }
    }
}
