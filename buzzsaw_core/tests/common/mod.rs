//! A small shop: a spec with every transform, and rows for it.

use std::sync::Arc;

use arrow_array::builder::{MapBuilder, StringBuilder};
use arrow_array::{
    ArrayRef, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray, TimestampMicrosecondArray,
};
use buzzsaw_core::fit::{Fitter, Source};
use buzzsaw_core::{Folds, Frame, Pipeline, Spec};

/// Every transform of the slice, fitted and not, on every side.
pub const SHOP: &str = include_str!("shop.yaml");

const COLOURS: [&str; 4] = ["black", "Red", "bleu foncé", "白"];
const TITLES: [&str; 6] = [
    "Running shoes, size 9",
    "USB cable 2m black",
    "Wireless mouse – black & red",
    "Straße naïve ﬁne",
    "",
    "the of and",
];

/// Rows of the shop in groups of `per_group`, with missing values.
pub fn rows(count: usize, per_group: usize) -> RecordBatch {
    let of = |i: usize, modulus: usize| i.wrapping_mul(2_654_435_761) % 1_000_003 % modulus;
    let mut attributes = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
    for i in 0..count {
        if of(i, 3) > 0 {
            attributes.keys().append_value("t_product_colour");
            attributes.values().append_value(COLOURS[of(i, 4)]);
        }
        attributes.append(of(i, 7) > 0).unwrap();
    }
    let group = |i: usize| i / per_group;
    let columns: Vec<(&str, ArrayRef)> = vec![
        (
            "query",
            Arc::new(
                (0..count)
                    .map(|i| Some(TITLES[of(group(i), 6)]))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "qid",
            Arc::new(
                (0..count)
                    .map(|i| Some(format!("q{}", group(i))))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "now",
            Arc::new(
                (0..count)
                    .map(|_| Some(1_700_000_000_000_000))
                    .collect::<TimestampMicrosecondArray>(),
            ),
        ),
        (
            "title",
            Arc::new(
                (0..count)
                    .map(|i| (of(i, 11) > 0).then(|| format!("{} {}", TITLES[of(i, 6)], i % 37)))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "supplier",
            Arc::new(
                (0..count)
                    .map(|i| (of(i, 13) > 0).then(|| format!("s{}", of(i, 5))))
                    .collect::<StringArray>(),
            ),
        ),
        (
            "price_cents",
            Arc::new(
                (0..count)
                    .map(|i| (of(i, 5) > 0).then_some(of(i, 9973) as i64))
                    .collect::<Int64Array>(),
            ),
        ),
        (
            "released_at",
            Arc::new(
                (0..count)
                    .map(|i| (of(i, 17) > 0).then_some(1_600_000_000_000_000 + i as i64 * 1_000_001))
                    .collect::<TimestampMicrosecondArray>(),
            ),
        ),
        ("attributes", Arc::new(attributes.finish())),
        (
            "clicks",
            Arc::new(
                (0..count)
                    .map(|i| Some(of(i, 101) as f64 / 7.0))
                    .collect::<Float64Array>(),
            ),
        ),
        (
            "rating",
            Arc::new((0..count).map(|i| Some(of(i, 4) as i32)).collect::<Int32Array>()),
        ),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)))
        .unwrap()
}

/// Group offsets for [`rows`].
pub fn groups(count: usize, per_group: usize) -> Vec<u32> {
    (0..count)
        .step_by(per_group)
        .chain([count])
        .map(|at| at as u32)
        .collect()
}

/// Fits the shop over `batches`, each learnt into a partial of its own and merged in the given order.
pub fn fit(batches: &[RecordBatch], documents: Option<&[RecordBatch]>) -> Pipeline {
    let spec = Arc::new(Spec::parse(SHOP).unwrap());
    let mut fitter = Fitter::new(spec, documents.is_some()).unwrap();
    while let Some(source) = fitter.pending().first().copied() {
        let table = match source {
            Source::Pairs => batches,
            Source::Documents => documents.unwrap(),
        };
        let mut merged = fitter.partial(source).unwrap();
        for batch in table {
            let mut partial = fitter.partial(source).unwrap();
            let frame =
                Frame::from_record_batch(batch, fitter.inputs(source).unwrap(), None, Folds::OfQid).unwrap();
            fitter.update(&mut partial, &frame).unwrap();
            let sent = fitter.partial_from_bytes(&partial.to_bytes().unwrap()).unwrap();
            merged.merge(sent).unwrap();
        }
        fitter.finish(merged).unwrap();
    }
    fitter.into_pipeline().unwrap()
}
