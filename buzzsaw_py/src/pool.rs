//! Memory that a pipeline's calls reuse, so that a loop over batches settles to no allocation.

use std::sync::Mutex;

use buzzsaw_core::{FeatureBlock, Folds, Scratch};

/// Scratch memories kept between calls; more threads than this at once make their own.
const SCRATCHES: usize = 16;
/// Blocks kept: in a loop one is being filled while the last is still held.
const BLOCKS: usize = 2;
/// Larger blocks, and scratch memories after larger inputs, are given back to the system.
const KEPT_BYTES: usize = 64 << 20;

/// Locks are only ever tried, never waited for: a fork may leave one locked by a thread that the child does not have.
#[derive(Default)]
pub struct Pool {
    /// Those of serving and of training: a scratch memory starts anew when it goes from one plan to the other.
    serving: Mutex<Vec<Scratch>>,
    training: Mutex<Vec<Scratch>>,
    blocks: Mutex<Vec<FeatureBlock>>,
}

impl Pool {
    /// A scratch memory, used before if there is one.
    pub fn scratch(&self, folds: Folds) -> Scratch {
        take(self.scratches(folds))
    }

    /// Keeps a scratch memory for later, unless it has seen a large input: one of its rows may have been all of it.
    pub fn keep_scratch(&self, scratch: Scratch, folds: Folds, input_bytes: usize) {
        if input_bytes <= KEPT_BYTES {
            keep(self.scratches(folds), scratch, SCRATCHES);
        }
    }

    fn scratches(&self, folds: Folds) -> &Mutex<Vec<Scratch>> {
        match folds {
            Folds::Full => &self.serving,
            Folds::OfQid => &self.training,
        }
    }

    /// A block, used before if there is one; what it holds is to be overwritten.
    pub fn block(&self) -> FeatureBlock {
        take(&self.blocks)
    }

    /// Keeps a block's memory for later, unless it is large.
    pub fn keep_block(&self, block: FeatureBlock) {
        if block.capacity_bytes() <= KEPT_BYTES {
            keep(&self.blocks, block, BLOCKS);
        }
    }
}

fn take<T: Default>(kept: &Mutex<Vec<T>>) -> T {
    kept.try_lock()
        .ok()
        .and_then(|mut kept| kept.pop())
        .unwrap_or_default()
}

fn keep<T>(kept: &Mutex<Vec<T>>, item: T, limit: usize) {
    if let Ok(mut kept) = kept.try_lock()
        && kept.len() < limit
    {
        kept.push(item);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kept_memory_is_bounded() {
        let pool = Pool::default();
        for _ in 0..40 {
            pool.keep_scratch(Scratch::default(), Folds::Full, 1);
            pool.keep_block(FeatureBlock::default());
        }
        assert_eq!(pool.serving.lock().unwrap().len(), SCRATCHES);
        assert!(pool.training.lock().unwrap().is_empty());
        assert_eq!(pool.blocks.lock().unwrap().len(), BLOCKS);
        let pool = Pool::default();
        pool.keep_scratch(Scratch::default(), Folds::Full, KEPT_BYTES + 1);
        assert!(pool.serving.lock().unwrap().is_empty());
    }
}
