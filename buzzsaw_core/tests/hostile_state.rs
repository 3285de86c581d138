//! Tables that are wrong behind right checksums: an artifact of them is refused, or computes without a panic.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, Float64Array, Int64Array, LargeBinaryArray, RecordBatch, UInt32Array, UInt64Array,
};
use buzzsaw_core::artifact::{Artifact, ArtifactInfo, ArtifactWriter, table_bytes};
use buzzsaw_core::{ErrorKind, FeatureBlock, Folds, Frame, Pipeline, Scratch};
use common::{fit, groups, rows};

/// The artifact with other transforms in its manifest, some tables replaced, and every checksum right.
fn rewritten(
    artifact: &Artifact,
    transforms: BTreeMap<String, u32>,
    replaced: impl Fn(&str) -> Option<RecordBatch>,
) -> Vec<u8> {
    let manifest = artifact.manifest();
    let mut writer = ArtifactWriter::new(ArtifactInfo {
        kind: manifest.kind,
        library_version: manifest.library_version.clone(),
        unicode_version: manifest.unicode_version.clone(),
        snowball_version: manifest.snowball_version.clone(),
        transforms,
    });
    for entry in &manifest.entries {
        if let Some(table) = replaced(&entry.name) {
            writer.add(&entry.name, table_bytes(&table).unwrap()).unwrap();
        } else {
            writer
                .add(&entry.name, artifact.entry(&entry.name).unwrap())
                .unwrap();
        }
    }
    writer.to_bytes().unwrap()
}

/// The column with other values of its own type.
fn values(column: &ArrayRef) -> Vec<ArrayRef> {
    let n = column.len();
    let mut made: Vec<ArrayRef> = Vec::new();
    if column.as_primitive_opt::<Int64Type>().is_some() {
        for value in [i64::MIN, -1, 0, 1, i64::MAX] {
            made.push(Arc::new(Int64Array::from(vec![value; n])));
        }
    } else if column.as_primitive_opt::<UInt64Type>().is_some() {
        for value in [0, 1, u64::MAX] {
            made.push(Arc::new(UInt64Array::from(vec![value; n])));
        }
    } else if column.as_primitive_opt::<UInt32Type>().is_some() {
        for value in [0, 1, u32::MAX - 1, u32::MAX] {
            made.push(Arc::new(UInt32Array::from(vec![value; n])));
        }
    } else if column.as_primitive_opt::<Float64Type>().is_some() {
        for value in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1e300] {
            made.push(Arc::new(Float64Array::from(vec![value; n])));
        }
    } else if column.as_binary_opt::<i64>().is_some() {
        for value in [&b""[..], b"same", b"\xff\xfe"] {
            made.push(Arc::new(LargeBinaryArray::from_iter_values(vec![value; n])));
        }
    }
    // Backwards.
    let data = column.to_data();
    let mut mutable = arrow_data::transform::MutableArrayData::new(vec![&data], false, n);
    (0..n)
        .rev()
        .for_each(|i| mutable.try_extend(0, i, i + 1).unwrap());
    made.push(arrow_array::make_array(mutable.freeze()));
    made
}

fn mutations(table: &RecordBatch) -> Vec<(String, RecordBatch)> {
    let mut made = Vec::new();
    let n = table.num_rows();
    for length in [0, n / 2, n.saturating_sub(1)] {
        made.push((format!("the first {length} rows"), table.slice(0, length)));
    }
    let schema = table.schema();
    for (at, field) in schema.fields().iter().enumerate() {
        let columns = || {
            let pairs = schema.fields().iter().zip(table.columns());
            pairs.map(|(field, column)| (field.name().clone(), column.clone()))
        };
        let name = field.name();
        if table.num_columns() > 1 {
            let without = columns()
                .enumerate()
                .filter(|(i, _)| *i != at)
                .map(|(_, pair)| pair);
            made.push((format!("no {name}"), RecordBatch::try_from_iter(without).unwrap()));
        }
        let renamed =
            columns().map(|(old, column)| (if old == *name { "other".to_owned() } else { old }, column));
        made.push((
            format!("{name} renamed"),
            RecordBatch::try_from_iter(renamed).unwrap(),
        ));
        let wrong: ArrayRef = Arc::new(arrow_array::BooleanArray::from(vec![true; n]));
        for (i, column) in values(table.column(at)).into_iter().chain([wrong]).enumerate() {
            let changed =
                columns().map(|(old, held)| (old.clone(), if old == *name { column.clone() } else { held }));
            made.push((
                format!("{name}, values {i}"),
                RecordBatch::try_from_iter(changed).unwrap(),
            ));
        }
    }
    made
}

#[test]
fn a_manifest_with_other_transforms_is_refused() {
    let pipeline = fit(&[rows(200, 10)], None);
    let artifact = Artifact::from_bytes(pipeline.to_bytes().unwrap()).unwrap();
    let told = &artifact.manifest().transforms;
    for (name, version) in [("tfidf", 2), ("minhash", 1)] {
        let mut transforms = told.clone();
        transforms.insert(name.to_owned(), version);
        let bytes = rewritten(&artifact, transforms, |_| None);
        let error = Pipeline::from_bytes(bytes).err().unwrap();
        assert_eq!(
            error.kind(),
            ErrorKind::CorruptArtifact,
            "{name} {version}: {error}"
        );
    }
    let bytes = rewritten(&artifact, told.clone(), |_| None);
    assert!(Pipeline::from_bytes(bytes).is_ok());
}

#[test]
fn wrong_tables_are_refused_or_harmless() {
    let pipeline = fit(&[rows(200, 10)], None);
    let artifact = Artifact::from_bytes(pipeline.to_bytes().unwrap()).unwrap();
    let table = rows(100, 10);
    let offsets = groups(100, 10);
    let (mut refused, mut ran) = (0, 0);
    let names: Vec<String> = artifact
        .manifest()
        .entries
        .iter()
        .map(|e| e.name.clone())
        .collect();
    for name in names.iter().filter(|name| name.starts_with("state/")) {
        for (what, mutated) in mutations(&artifact.table(name).unwrap()) {
            let transforms = artifact.manifest().transforms.clone();
            let bytes = rewritten(&artifact, transforms, |entry| {
                (entry == name).then(|| mutated.clone())
            });
            match Pipeline::from_bytes(bytes) {
                Err(error) => {
                    assert_ne!(error.kind(), ErrorKind::Internal, "{name}, {what}: {error}");
                    refused += 1;
                }
                Ok(pipeline) => {
                    let frame = Frame::from_record_batch(
                        &table,
                        pipeline.inputs(Folds::Full),
                        Some(&offsets),
                        Folds::Full,
                    )
                    .unwrap();
                    let (mut block, mut scratch) = (FeatureBlock::default(), Scratch::default());
                    if let Err(error) = pipeline.transform(&frame, &mut block, &mut scratch) {
                        assert_ne!(error.kind(), ErrorKind::Internal, "{name}, {what}: {error}");
                    }
                    ran += 1;
                }
            }
        }
    }
    assert!(refused > 50 && ran > 10, "{refused} refused, {ran} ran");
}
