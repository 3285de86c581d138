//! Which vector instructions the kernels may use. No value depends on it: every kernel has a scalar twin.

use std::sync::atomic::{AtomicU8, Ordering};

/// The instructions that kernels may use, lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(Isa);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Isa {
    Scalar,
    #[cfg(target_arch = "x86_64")]
    Sse2,
    #[cfg(target_arch = "x86_64")]
    Avx2,
}

/// How many of [`Level::available`] may be used.
static LIMIT: AtomicU8 = AtomicU8::new(u8::MAX);

impl Level {
    /// No vector instructions: the twin that the others are tested against.
    pub const SCALAR: Self = Self(Isa::Scalar);

    /// The best that this CPU has and [`Level::limit`] allows.
    pub fn detect() -> Self {
        let levels = Self::available();
        let allowed = usize::from(LIMIT.load(Ordering::Relaxed)).clamp(1, levels.len());
        levels[allowed - 1]
    }

    /// All levels that this CPU has, lowest first.
    pub fn available() -> &'static [Self] {
        #[cfg(target_arch = "x86_64")]
        {
            const ALL: &[Level] = &[Level::SCALAR, Level(Isa::Sse2), Level(Isa::Avx2)];
            let avx2 = is_x86_feature_detected!("avx2")
                && is_x86_feature_detected!("bmi1")
                && is_x86_feature_detected!("bmi2")
                && is_x86_feature_detected!("lzcnt")
                && is_x86_feature_detected!("popcnt");
            if avx2 { ALL } else { &ALL[..2] }
        }
        #[cfg(not(target_arch = "x86_64"))]
        &[Self::SCALAR]
    }

    /// Lets pipelines that this process builds from now on use the lowest `levels` of [`Level::available`] only: for
    /// tests that hold whole pipelines to the scalar twin.
    pub fn limit(levels: u8) {
        LIMIT.store(levels, Ordering::Relaxed);
    }

    pub(crate) fn isa(self) -> Isa {
        self.0
    }
}
