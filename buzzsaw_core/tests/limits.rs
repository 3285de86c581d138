//! A bound on the memory of a batch's features.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use buzzsaw_core::{ErrorKind, FeatureBlock, Folds, Frame, Scratch};
use common::{fit, groups, rows};

#[test]
fn features_past_the_limit_are_refused_and_their_memory_given_back() {
    let pipeline = fit(&[rows(1_000, 10)], None);
    let table = rows(4_000, 10);
    let offsets = groups(4_000, 10);
    let inputs = pipeline.inputs(Folds::Full);
    let frame = Frame::from_record_batch(&table, inputs, Some(&offsets), Folds::Full).unwrap();
    let mut whole = FeatureBlock::default();
    pipeline
        .transform(&frame, &mut whole, &mut Scratch::default())
        .unwrap();
    let bytes = whole.value_bytes();
    assert!(bytes >= 4_000 * whole.dense_names().len() * 4);

    let mut block = FeatureBlock::default();
    let mut enough = Scratch::with_output_limit(bytes);
    pipeline.transform(&frame, &mut block, &mut enough).unwrap();
    assert_eq!(block.dense().len(), whole.dense().len());

    for limit in [bytes - 1, bytes / 2, 0] {
        let mut short = Scratch::with_output_limit(limit);
        let error = pipeline.transform(&frame, &mut block, &mut short).unwrap_err();
        let problem = &error.problems()[0];
        assert_eq!(
            (problem.kind, problem.place.as_str()),
            (ErrorKind::ResourceLimit, "batch")
        );
        assert!(problem.message.contains(&limit.to_string()), "{error}");
        assert_eq!((block.rows(), block.value_bytes()), (0, 0));
        assert_eq!(block.capacity_bytes(), 0, "what it grew to is given back");
        let few = table.slice(0, 0);
        let none = Frame::from_record_batch(&few, inputs, Some(&[0]), Folds::Full).unwrap();
        pipeline.transform(&none, &mut block, &mut short).unwrap();
    }
}
