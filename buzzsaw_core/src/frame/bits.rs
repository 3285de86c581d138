//! Validity and boolean values, as bits or as bytes.

/// One flag a row: Arrow's bits, or one byte a row as the JVM writes them.
#[derive(Clone, Copy, Debug)]
pub enum Bitmap<'a> {
    /// Every row is set.
    AllSet,
    /// Least significant bit first, starting at bit `offset`.
    Bits {
        /// The bytes that hold the bits.
        bytes: &'a [u8],
        /// The position of row 0, in bits.
        offset: usize,
    },
    /// One byte a row; zero is unset.
    Bytes(&'a [u8]),
}

impl Bitmap<'_> {
    /// Whether row `i` is set; rows past the end are not.
    #[inline]
    pub fn get(&self, i: usize) -> bool {
        match self {
            Bitmap::AllSet => true,
            Bitmap::Bits { bytes, offset } => {
                let bit = i + offset;
                bytes.get(bit / 8).is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
            }
            Bitmap::Bytes(bytes) => bytes.get(i).is_some_and(|byte| *byte != 0),
        }
    }

    /// How many rows the bitmap can answer for; `usize::MAX` when it holds no storage.
    pub fn capacity(&self) -> usize {
        match self {
            Bitmap::AllSet => usize::MAX,
            Bitmap::Bits { bytes, offset } => (bytes.len() * 8).saturating_sub(*offset),
            Bitmap::Bytes(bytes) => bytes.len(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_start_at_their_offset() {
        let bitmap = Bitmap::Bits {
            bytes: &[0b1010_0000, 0b1],
            offset: 5,
        };
        assert_eq!(
            (0..4).map(|i| bitmap.get(i)).collect::<Vec<_>>(),
            [true, false, true, true]
        );
        assert!(!bitmap.get(100));
        assert_eq!(bitmap.capacity(), 11);
    }
}
