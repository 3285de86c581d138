//! A set of code points as a two-level bit table.

/// A set of code points: blocks of 256 bits, equal blocks shared.
pub(in crate::text) struct BitTable {
    /// The block of each run of 256 code points.
    pub(super) index: &'static [u8],
    /// The distinct blocks, least significant bit first.
    pub(super) blocks: &'static [[u64; 4]],
}

impl BitTable {
    /// Whether the set has the code point. False past U+10FFFF.
    #[inline]
    pub(in crate::text) fn contains(&self, code_point: u32) -> bool {
        let Some(&block) = self.index.get((code_point >> 8) as usize) else {
            return false;
        };
        let word = self.blocks[usize::from(block)][(code_point >> 6 & 3) as usize];
        word >> (code_point & 63) & 1 == 1
    }
}
