//! In the steady state `Pipeline::transform` allocates nothing.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arrow_array::{BinaryArray, RecordBatch, StringArray};
use buzzsaw_core::{FeatureBlock, Folds, Frame, Pipeline, Scratch};
use common::{fit, groups, rows};

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

struct Counting;

// SAFETY: every call goes to the system allocator with the arguments that the caller vouches for.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller keeps the contract of `alloc`, which is the system allocator's.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: `ptr` came from `alloc` above with this layout, as the caller vouches.
        unsafe { System.dealloc(ptr, layout) }
    }

    unsafe fn realloc(&self, ptr: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
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
    let offsets = groups(1_000, 10);
    let frame =
        Frame::from_record_batch(table, pipeline.inputs(Folds::Full), Some(&offsets), Folds::Full).unwrap();
    let (mut block, mut scratch) = (FeatureBlock::default(), Scratch::default());
    pipeline.transform(&frame, &mut block, &mut scratch).unwrap();
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    for _ in 0..3 {
        pipeline.transform(&frame, &mut block, &mut scratch).unwrap();
    }
    assert_eq!(ALLOCATIONS.load(Ordering::Relaxed) - before, 0);
    assert!(before > 0, "the counter counts");
}
