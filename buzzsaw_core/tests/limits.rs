//! A bound on the memory of a batch's features, and on what its steps make on the way.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use buzzsaw_core::{BatchBuilder, ErrorKind, FeatureBlock, Folds, Frame, Pipeline, Scratch, Spec};
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
    let mut enough = Scratch::with_limit(bytes);
    pipeline.transform(&frame, &mut block, &mut enough).unwrap();
    assert_eq!(block.dense().len(), whole.dense().len());

    for limit in [bytes - 1, bytes / 2] {
        let mut short = Scratch::with_limit(limit);
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

#[test]
fn steps_past_the_limit_are_refused_though_the_features_are_small() {
    let text = "buzzsaw: 1\nname: t\ninputs: {text: {type: string, side: document}}\n\
        steps: {terms: {transform: tokenize, input: text}, count: {transform: list_length, input: terms}}\n\
        features: [count]";
    let pipeline = Pipeline::from_spec(Spec::parse(text).unwrap()).unwrap();
    let batch = |words: usize| {
        let mut batch = BatchBuilder::new(&pipeline);
        batch.set(0, &*"ab ".repeat(words)).unwrap();
        batch.end_row().unwrap();
        batch
    };
    let (long, short) = (batch(2_000_000), batch(10));
    let mut block = FeatureBlock::default();
    let mut scratch = Scratch::with_limit(17 << 20);
    let error = pipeline
        .transform(&long.frame().unwrap(), &mut block, &mut scratch)
        .unwrap_err();
    let problem = &error.problems()[0];
    assert_eq!(
        (problem.kind, problem.place.as_str()),
        (ErrorKind::ResourceLimit, "steps.terms")
    );
    assert!(
        problem.message.contains("row 0, over the limit of 17825792"),
        "{error}"
    );
    assert_eq!(block.rows(), 0);
    // The same memory serves on.
    pipeline
        .transform(&short.frame().unwrap(), &mut block, &mut scratch)
        .unwrap();
    assert_eq!(block.dense(), [10.0]);
    let mut enough = Scratch::with_limit(64 << 20);
    pipeline
        .transform(&long.frame().unwrap(), &mut block, &mut enough)
        .unwrap();
    assert_eq!(block.dense(), [2_000_000.0]);
}
