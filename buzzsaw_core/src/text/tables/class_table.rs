//! A class for each code point as a two-level byte table, for automata.

/// One byte a code point: blocks of 256, equal blocks shared.
pub(in crate::text) struct ClassTable {
    /// The block of each run of 256 code points.
    pub(super) index: &'static [u8],
    /// The distinct blocks.
    pub(super) blocks: &'static [[u8; 256]],
}

impl ClassTable {
    /// The class of the character.
    #[inline]
    pub(in crate::text) fn class(&self, c: char) -> u8 {
        let block = self.index[(c as usize) >> 8];
        self.blocks[usize::from(block)][c as usize & 255]
    }
}

/// What the match of an automaton that ends in a state is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::text) enum Accept {
    /// No match ends here.
    No,
    /// Text to pass over.
    Skip,
    /// A token.
    Token,
}
