//! Whole pipelines give the same bits whatever vector instructions they may use. Alone in its process: the limit is global.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use buzzsaw_core::cpu::Level;
use buzzsaw_core::{FeatureBlock, Folds, Frame, Scratch};
use common::{fit, groups, rows};

#[test]
fn every_level_gives_the_same_artifact_and_the_same_bits() {
    let table = rows(3_000, 10);
    let offsets = groups(3_000, 10);
    let mut want: Option<(String, Vec<i64>)> = None;
    for levels in 1..=Level::available().len() as u8 {
        Level::limit(levels);
        assert_eq!(Level::detect(), Level::available()[usize::from(levels) - 1]);
        let pipeline = fit(std::slice::from_ref(&table), None);
        let frame =
            Frame::from_record_batch(&table, pipeline.inputs(Folds::Full), Some(&offsets), Folds::Full)
                .unwrap();
        let (mut block, mut scratch) = (FeatureBlock::default(), Scratch::default());
        pipeline.transform(&frame, &mut block, &mut scratch).unwrap();
        let mut fingerprints = Vec::new();
        block.fingerprints(&mut fingerprints);
        let got = (pipeline.content_hash().to_owned(), fingerprints);
        assert_eq!(&got, want.get_or_insert_with(|| got.clone()), "{levels}");
    }
}
