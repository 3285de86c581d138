//! Same artifact, same input: the same bits at any batch size, order, partitioning and number of threads.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use buzzsaw_core::{FeatureBlock, Folds, Frame, Pipeline, Scratch};
use common::{fit, groups, rows};

const ROWS: usize = 2_000;
const GROUP: usize = 8;

fn row_bytes(pipeline: &Pipeline, count: usize, batch: usize, folds: Folds) -> Vec<Vec<u8>> {
    let table = rows(count, GROUP);
    let (mut block, mut scratch) = (FeatureBlock::default(), Scratch::default());
    let mut all = Vec::new();
    for start in (0..count).step_by(batch) {
        let part = table.slice(start, batch.min(count - start));
        let offsets = groups(part.num_rows(), GROUP);
        let frame = Frame::from_record_batch(&part, pipeline.inputs(folds), Some(&offsets), folds).unwrap();
        pipeline.transform(&frame, &mut block, &mut scratch).unwrap();
        for row in 0..block.rows() {
            let mut bytes = Vec::new();
            block.row_bytes(row, &mut bytes);
            all.push(bytes);
        }
    }
    all
}

#[test]
fn batch_size_never_changes_bits() {
    let pipeline = fit(&[rows(ROWS, GROUP)], None);
    for folds in [Folds::Full, Folds::OfQid] {
        let whole = row_bytes(&pipeline, ROWS, ROWS, folds);
        for batch in [GROUP, 5 * GROUP, 64 * GROUP] {
            assert_eq!(
                row_bytes(&pipeline, ROWS, batch, folds),
                whole,
                "{batch} {folds:?}"
            );
        }
    }
}

#[test]
fn folds_change_training_values_and_not_serving_ones() {
    let pipeline = fit(&[rows(ROWS, GROUP)], None);
    assert!(pipeline.has_folds());
    let (served, trained) = (
        row_bytes(&pipeline, 64, 64, Folds::Full),
        row_bytes(&pipeline, 64, 64, Folds::OfQid),
    );
    assert_ne!(served, trained);
    assert!(
        pipeline
            .inputs(Folds::Full)
            .iter()
            .all(|input| input.role.is_none())
    );
}

#[test]
fn partitioning_order_and_merging_never_change_the_artifact() {
    let table = rows(ROWS, GROUP);
    let whole = fit(std::slice::from_ref(&table), None);
    for parts in [7, 64] {
        let size = ROWS.div_ceil(parts);
        let mut batches: Vec<_> = (0..ROWS)
            .step_by(size)
            .map(|at| table.slice(at, size.min(ROWS - at)))
            .collect();
        assert_eq!(
            fit(&batches, None).content_hash(),
            whole.content_hash(),
            "{parts} parts"
        );
        batches.reverse();
        assert_eq!(
            fit(&batches, None).content_hash(),
            whole.content_hash(),
            "{parts} parts, reversed"
        );
    }
}

#[test]
fn documents_are_a_table_of_their_own() {
    let (pairs, documents) = (rows(ROWS, GROUP), rows(100, GROUP));
    let with = fit(std::slice::from_ref(&pairs), Some(&[documents]));
    let without = fit(&[pairs], None);
    assert_ne!(with.content_hash(), without.content_hash());
}

#[test]
fn saving_and_loading_keeps_every_bit() {
    let pipeline = fit(&[rows(ROWS, GROUP)], None);
    let bytes = pipeline.to_bytes().unwrap();
    let loaded = Pipeline::from_bytes(bytes.clone()).unwrap();
    assert_eq!(loaded.content_hash(), pipeline.content_hash());
    assert_eq!(loaded.to_bytes().unwrap(), bytes);
    for folds in [Folds::Full, Folds::OfQid] {
        assert_eq!(
            row_bytes(&loaded, 500, 40, folds),
            row_bytes(&pipeline, 500, 40, folds)
        );
    }
    let artifact = buzzsaw_core::artifact::Artifact::from_bytes(bytes).unwrap();
    assert_eq!(loaded.verify_golden(&artifact).unwrap(), 32);
}

#[test]
fn threads_share_one_pipeline() {
    let pipeline = fit(&[rows(ROWS, GROUP)], None);
    let want = row_bytes(&pipeline, 800, 800, Folds::Full);
    std::thread::scope(|scope| {
        let run = || row_bytes(&pipeline, 800, 80, Folds::Full);
        let handles: Vec<_> = (0..8).map(|_| scope.spawn(run)).collect();
        for handle in handles {
            assert_eq!(handle.join().unwrap(), want);
        }
    });
}

#[test]
fn explain_agrees_with_transform() {
    let pipeline = fit(&[rows(ROWS, GROUP)], None);
    let table = rows(64, GROUP);
    let offsets = groups(64, GROUP);
    let frame =
        Frame::from_record_batch(&table, pipeline.inputs(Folds::Full), Some(&offsets), Folds::Full).unwrap();
    let mut block = FeatureBlock::default();
    pipeline
        .transform(&frame, &mut block, &mut Scratch::default())
        .unwrap();
    let mut fingerprints = Vec::new();
    block.fingerprints(&mut fingerprints);
    for row in [0, 9, 63] {
        let explained: serde_json::Value =
            serde_json::from_str(&pipeline.explain(&frame, row).unwrap()).unwrap();
        assert_eq!(explained["fingerprint"].as_i64(), Some(fingerprints[row]));
        for (name, value) in block.dense_names().iter().zip(block.dense_row(row)) {
            let shown = explained["features"][name]
                .as_f64()
                .map_or(f32::NAN, |v| v as f32);
            assert!(
                shown == *value || (shown.is_nan() && value.is_nan()),
                "{name}: {shown} {value}"
            );
        }
    }
    assert!(pipeline.explain(&frame, 64).is_err());
}
