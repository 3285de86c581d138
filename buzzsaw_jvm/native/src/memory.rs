//! Java's direct buffers as slices. The addresses are checked for what can be checked: null, alignment, length.
//!
//! The obligation that cannot be checked is Java's: `io.buzzsaw.internal` writes addresses and lengths of direct
//! buffers that `Batch` owns, keeps them reachable until the call returns, and lets no other thread write to them
//! meanwhile. `docs/ffi.md` has the layout of the words.
#![allow(unsafe_code)]

use buzzsaw_core::batch::Buffers;
use buzzsaw_core::{Error, ErrorKind, Result};

/// Types of which every bit pattern is a value.
pub(crate) trait Plain: Copy + 'static {}

macro_rules! plain {
    ($($type:ty),*) => { $(impl Plain for $type {})* };
}

plain!(u8, u32, i32, i64, i128, f32, f64);

fn refused(message: String) -> Error {
    Error::new(ErrorKind::InvalidValue, message).at("batch")
}

/// The number of values of `T` in `bytes` bytes at `address`.
fn checked<T: Plain>(address: i64, bytes: i64) -> Result<usize> {
    let size = size_of::<T>();
    let length = usize::try_from(bytes).map_err(|_| refused(format!("a buffer of {bytes} bytes")))?;
    if length % size != 0 {
        return Err(refused(format!(
            "a buffer of {bytes} bytes does not hold whole values of {size} bytes"
        )));
    }
    if length > 0 && (address == 0 || !(address as usize).is_multiple_of(align_of::<T>())) {
        return Err(refused(format!(
            "a buffer of {size}-byte values is absent or not aligned"
        )));
    }
    Ok(length / size)
}

/// `bytes` bytes at `address` as values.
pub(crate) fn slice<'a, T: Plain>(address: i64, bytes: i64) -> Result<&'a [T]> {
    let length = checked::<T>(address, bytes)?;
    if length == 0 {
        return Ok(&[]);
    }
    // SAFETY: the address is not null and is aligned for T, every bit pattern is a T, and `io.buzzsaw.internal.Batch`
    // vouches that `bytes` bytes of a direct buffer start there, initialised (direct buffers are zeroed), kept alive
    // and not written to until the native call returns, which is as long as callers keep the slice.
    Ok(unsafe { std::slice::from_raw_parts(address as *const T, length) })
}

/// `bytes` bytes at `address` as values to write.
pub(crate) fn slice_mut<'a, T: Plain>(address: i64, bytes: i64) -> Result<&'a mut [T]> {
    let length = checked::<T>(address, bytes)?;
    if length == 0 {
        return Ok(&mut []);
    }
    // SAFETY: as in `slice`; besides, Java gives each output buffer, and the words themselves, once in a call, so no
    // other slice covers these bytes.
    Ok(unsafe { std::slice::from_raw_parts_mut(address as *mut T, length) })
}

/// The words of a descriptor, read one after the other.
pub(crate) struct Words<'a> {
    words: &'a [i64],
}

impl<'a> Words<'a> {
    /// Reads `words` from its start.
    pub fn new(words: &'a [i64]) -> Self {
        Self { words }
    }

    /// The next word.
    pub fn word(&mut self) -> Result<i64> {
        let (first, rest) = self
            .words
            .split_first()
            .ok_or_else(|| refused("the descriptor is cut short".into()))?;
        self.words = rest;
        Ok(*first)
    }

    /// Whether all words were read.
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    fn buffer<T: Plain>(&mut self) -> Result<&'a [T]> {
        let address = self.word()?;
        slice(address, self.word()?)
    }
}

impl<'a> Buffers<'a> for Words<'a> {
    fn bytes(&mut self) -> Result<&'a [u8]> {
        self.buffer()
    }
    fn u32s(&mut self) -> Result<&'a [u32]> {
        self.buffer()
    }
    fn i32s(&mut self) -> Result<&'a [i32]> {
        self.buffer()
    }
    fn i64s(&mut self) -> Result<&'a [i64]> {
        self.buffer()
    }
    fn i128s(&mut self) -> Result<&'a [i128]> {
        self.buffer()
    }
    fn f32s(&mut self) -> Result<&'a [f32]> {
        self.buffer()
    }
    fn f64s(&mut self) -> Result<&'a [f64]> {
        self.buffer()
    }
    fn scale(&mut self) -> Result<i8> {
        let scale = self.word()?;
        i8::try_from(scale).map_err(|_| refused(format!("a decimal's scale is {scale}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_are_checked_before_they_are_read() {
        let values = [1_i64, 2];
        let address = values.as_ptr() as i64;
        assert_eq!(slice::<i64>(address, 16).unwrap(), values);
        assert!(slice::<i64>(address + 1, 8).is_err(), "not aligned");
        assert!(slice::<i64>(address, 12).is_err(), "not whole values");
        assert!(slice::<i64>(address, -8).is_err());
        assert!(slice::<i64>(0, 8).is_err());
        assert_eq!(slice::<i64>(0, 0).unwrap(), [] as [i64; 0]);
        let mut words = Words::new(&[0]);
        assert!(words.bytes().is_err(), "an address without length");
    }
}
