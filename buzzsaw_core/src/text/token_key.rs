//! Tokens as fixed-size keys, for tables that are looked up once a token.

use std::cmp::Ordering;

/// A token of at most [`TokenKey::MAX`] bytes, padded with zeros.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TokenKey {
    words: [u64; 3],
    len: u64,
}

/// Which bits of the words a token of each length has.
const MASKS: [[u64; 3]; TokenKey::MAX + 1] = {
    let mut masks = [[0; 3]; TokenKey::MAX + 1];
    let mut len = 1;
    while len <= TokenKey::MAX {
        masks[len] = masks[len - 1];
        masks[len][(len - 1) / 8] |= 0xff << (8 * ((len - 1) % 8));
        len += 1;
    }
    masks
};

impl PartialEq for TokenKey {
    /// Word by word: keys are made in registers, and whole vectors would have to wait until they are in memory.
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        let ([a, b, c], [x, y, z]) = (self.words, other.words);
        (a ^ x) | (b ^ y) | (c ^ z) | (self.len ^ other.len) == 0
    }
}

impl Eq for TokenKey {}

impl TokenKey {
    /// The longest token that has a key.
    pub(crate) const MAX: usize = 24;

    /// `None` when the token is too long.
    #[inline]
    pub(crate) fn new(token: &[u8]) -> Option<Self> {
        let mut padded = [0; Self::MAX];
        padded.get_mut(..token.len())?.copy_from_slice(token);
        Some(Self {
            words: words(&padded),
            len: token.len() as u64,
        })
    }

    /// The key of `arena[start..start + len]`, read without a copy where the arena goes on after it.
    #[inline]
    pub(crate) fn at(arena: &[u8], start: usize, len: usize) -> Option<Self> {
        if len > Self::MAX {
            return None;
        }
        let Some(ahead) = arena.get(start..).and_then(<[u8]>::first_chunk) else {
            return Self::new(arena.get(start..start + len)?);
        };
        let ([a, b, c], [x, y, z]) = (words(ahead), MASKS[len]);
        Some(Self {
            words: [a & x, b & y, c & z],
            len: len as u64,
        })
    }

    /// The token's bytes, the first lowest, padded with zeros.
    #[inline]
    pub(crate) fn words(&self) -> [u64; Self::MAX / 8] {
        self.words
    }

    /// The number of the token's bytes.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.len as usize
    }

    /// A hash for tables. The lookup tables of artifacts are laid out by it, so it is part of their format; it decides no
    /// value.
    #[inline]
    pub(crate) fn hash(&self) -> u64 {
        let mut hash = self.len;
        for word in self.words {
            hash = (hash.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        hash ^ hash >> 32
    }

    /// The token's bytes, padded with zeros, and how many there are.
    #[inline]
    pub(crate) fn padded(&self) -> ([u8; Self::MAX], usize) {
        let mut bytes = [0; Self::MAX];
        let (chunks, _) = bytes.as_chunks_mut::<8>();
        for (chunk, word) in chunks.iter_mut().zip(self.words) {
            *chunk = word.to_le_bytes();
        }
        (bytes, self.len as usize)
    }

    /// The first bytes, in the order that numbers have; zeros past the end.
    #[inline]
    pub(crate) fn head(&self) -> u128 {
        u128::from(self.words[0].swap_bytes()) << 64 | u128::from(self.words[1].swap_bytes())
    }

    /// The order of the tokens' bytes.
    #[inline]
    pub(crate) fn cmp_bytes(&self, other: &Self) -> Ordering {
        // Zeros past the end sort first, and only a token that goes on with zeros ties.
        let words = self.words.iter().zip(&other.words);
        let unequal = words.map(|(a, b)| a.swap_bytes().cmp(&b.swap_bytes()));
        let unequal = unequal.fold(Ordering::Equal, Ordering::then);
        unequal.then(self.len.cmp(&other.len))
    }
}

#[inline]
fn words(bytes: &[u8; TokenKey::MAX]) -> [u64; 3] {
    let (chunks, _) = bytes.as_chunks::<8>();
    [
        u64::from_le_bytes(chunks[0]),
        u64::from_le_bytes(chunks[1]),
        u64::from_le_bytes(chunks[2]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_the_order_and_the_bytes_of_their_tokens() {
        let mut tokens: Vec<Vec<u8>> = vec![vec![], vec![0], vec![0, 0], vec![0xff; 24], vec![0xff; 23]];
        tokens.extend((1..400u32).map(|i| {
            let bytes = i.wrapping_mul(2_654_435_761).to_be_bytes();
            bytes.repeat(6)[..(i % 25) as usize].to_vec()
        }));
        for a in &tokens {
            let (padded, len) = TokenKey::new(a).unwrap().padded();
            assert_eq!(&padded[..len], a);
            for b in &tokens {
                let keys = (TokenKey::new(a).unwrap(), TokenKey::new(b).unwrap());
                assert_eq!(keys.0.cmp_bytes(&keys.1), a.cmp(b), "{a:?} {b:?}");
            }
        }
    }

    #[test]
    fn keys_in_an_arena_equal_keys_of_a_copy() {
        let arena: Vec<u8> = (1..=100).collect();
        for start in 0..arena.len() {
            for len in 0..=(arena.len() - start) {
                let key = TokenKey::at(&arena, start, len);
                assert_eq!(key, TokenKey::new(&arena[start..start + len]));
                assert_eq!(key.is_some(), len <= TokenKey::MAX);
            }
        }
    }
}
