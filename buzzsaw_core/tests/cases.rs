//! Every transform against its oracle, without Python: the cases that `tests/parity/freeze.py` has written.
//!
//! The folder is `build/cases`, or what `BUZZSAW_CASES` names; `make cases` writes it. `BUZZSAW_CASE=clip,bm25` runs
//! those cases alone.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "common/frozen.rs"]
mod frozen;

use arrow_array::RecordBatch;
use buzzsaw_core::{FeatureBlock, Folds, Frame, Pipeline, Scratch, Spec};
use frozen::{Case, batch, chosen, fitted, folder, names, offsets};
use serde_json::Value;

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

/// The rows that a case is fitted on: those that it serves, unless it has others.
fn fit_batch(name: &str, served: &RecordBatch) -> RecordBatch {
    let name = format!("{name}.fit");
    if folder().join(format!("{name}.arrow")).is_file() {
        batch(&name)
    } else {
        served.clone()
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
        let pipeline = fitted(&name, &case, &fit_batch(&name, &batch));
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
