//! Tokens as fixed-size keys, for tables that are looked up once a token.

/// A token of at most [`TokenKey::MAX`] bytes, padded with zeros.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TokenKey {
    words: [u64; 3],
    len: u64,
}

impl TokenKey {
    /// The longest token that has a key.
    pub(super) const MAX: usize = 24;

    /// `None` when the token is too long.
    #[inline]
    pub(super) fn new(token: &[u8]) -> Option<Self> {
        let mut padded = [0; Self::MAX];
        padded.get_mut(..token.len())?.copy_from_slice(token);
        Some(Self {
            words: words(&padded),
            len: token.len() as u64,
        })
    }

    /// The key of `arena[start..start + len]`, read without a copy where the arena goes on after it.
    #[inline]
    pub(super) fn at(arena: &[u8], start: usize, len: usize) -> Option<Self> {
        if len > Self::MAX {
            return None;
        }
        let Some(ahead) = arena.get(start..).and_then(<[u8]>::first_chunk) else {
            return Self::new(arena.get(start..start + len)?);
        };
        let mut words = words(ahead);
        for (i, word) in words.iter_mut().enumerate() {
            let bits = 8 * len.saturating_sub(8 * i).min(8) as u32;
            *word &= u64::MAX.checked_shr(64 - bits).unwrap_or(0);
        }
        Some(Self {
            words,
            len: len as u64,
        })
    }

    /// A hash for tables in memory. It never leaves the process and decides no value.
    #[inline]
    pub(super) fn hash(&self) -> u64 {
        let mut hash = self.len;
        for word in self.words {
            hash = (hash.rotate_left(23) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        hash ^ hash >> 32
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
