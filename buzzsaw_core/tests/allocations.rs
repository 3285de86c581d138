//! In the steady state `Pipeline::transform` allocates nothing: over the shop, and over the case of every transform.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;
#[path = "common/frozen.rs"]
mod frozen;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use arrow_array::{BinaryArray, RecordBatch, StringArray};
use buzzsaw_core::{FeatureBlock, Folds, Frame, Pipeline, Scratch};
use common::{fit, groups, rows};

thread_local! {
    /// Allocations of this thread: tests run side by side.
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// One allocation more.
fn count() {
    // Nothing is counted in a thread that ends.
    let _ = ALLOCATIONS.try_with(|allocations| allocations.set(allocations.get() + 1));
}

struct Counting;

// SAFETY: every call goes to the system allocator with the arguments that the caller vouches for.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count();
        // SAFETY: the caller keeps the contract of `alloc`, which is the system allocator's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: `ptr` came from `alloc` above with this layout, as the caller vouches.
        unsafe { System.dealloc(ptr, layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count();
        // SAFETY: as for `dealloc`, and the caller vouches for `size`.
        unsafe { System.realloc(ptr, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn the_steady_state_allocates_nothing() {
    let pipeline = fit(&[rows(1_000, 10)], None);
    for table in [rows(1_000, 10), broken(rows(1_000, 10))] {
        allocates_nothing(&pipeline, &table);
    }
}

/// The rows with titles that are not UTF-8, which take the path of repair.
fn broken(rows: RecordBatch) -> RecordBatch {
    let bytes: Vec<Vec<u8>> = (0..rows.num_rows())
        .map(|i| [format!("Shoe {i} ").as_bytes(), b"\xff \xed\xa0\x80 \xf0\x9f"].concat())
        .collect();
    let titles = BinaryArray::from_iter_values(bytes);
    let (offsets, values, nulls) = titles.into_parts();
    // SAFETY: nothing reads these strings as `str`: a frame takes their bytes, which is what is tested.
    let titles = unsafe { StringArray::new_unchecked(offsets, values, nulls) };
    let schema = rows.schema();
    let columns = schema.fields().iter().zip(rows.columns()).map(|(field, column)| {
        let column = if field.name() == "title" {
            Arc::new(titles.clone())
        } else {
            column.clone()
        };
        (field.name().clone(), column)
    });
    RecordBatch::try_from_iter(columns).unwrap()
}

fn allocates_nothing(pipeline: &Pipeline, table: &RecordBatch) {
    assert_eq!(steady(pipeline, table, Some(&groups(1_000, 10)), Folds::Full), 0);
    assert!(ALLOCATIONS.get() > 0, "the counter counts");
}

/// The allocations of three further calls over the same frame.
fn steady(pipeline: &Pipeline, table: &RecordBatch, groups: Option<&[u32]>, folds: Folds) -> u64 {
    let frame = Frame::from_record_batch(table, pipeline.inputs(folds), groups, folds).unwrap();
    let (mut block, mut scratch) = (FeatureBlock::default(), Scratch::default());
    pipeline.transform(&frame, &mut block, &mut scratch).unwrap();
    let before = ALLOCATIONS.get();
    for _ in 0..3 {
        pipeline.transform(&frame, &mut block, &mut scratch).unwrap();
    }
    ALLOCATIONS.get() - before
}

#[test]
fn no_transform_allocates_in_the_steady_state() {
    let mut found = Vec::new();
    for (name, case) in frozen::chosen() {
        let batch = frozen::batch(&name);
        let pipeline = frozen::fitted(&name, &case, &batch);
        let offsets = frozen::offsets(&batch);
        let groups = case.grouped.then_some(offsets.as_slice());
        for folds in [Folds::Full, Folds::OfQid] {
            let allocations = steady(&pipeline, &batch, groups, folds);
            if allocations > 0 {
                found.push(format!("{name}: {allocations} ({folds:?})"));
            }
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}
