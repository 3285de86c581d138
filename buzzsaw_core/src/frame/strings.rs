//! String and binary columns in each of Arrow's layouts.

use crate::error::{Error, ErrorKind, Result};

/// The keys of a dictionary-encoded column.
#[derive(Clone, Copy, Debug)]
pub enum DictionaryKeys<'a> {
    /// 8-bit signed
    I8(&'a [i8]),
    /// 16-bit signed
    I16(&'a [i16]),
    /// 32-bit signed
    I32(&'a [i32]),
    /// 64-bit signed
    I64(&'a [i64]),
    /// 8-bit unsigned
    U8(&'a [u8]),
    /// 16-bit unsigned
    U16(&'a [u16]),
    /// 32-bit unsigned
    U32(&'a [u32]),
    /// 64-bit unsigned
    U64(&'a [u64]),
}

impl DictionaryKeys<'_> {
    #[inline]
    fn get(&self, i: usize) -> usize {
        match self {
            DictionaryKeys::I8(k) => k[i] as usize,
            DictionaryKeys::I16(k) => k[i] as usize,
            DictionaryKeys::I32(k) => k[i] as usize,
            DictionaryKeys::I64(k) => k[i] as usize,
            DictionaryKeys::U8(k) => k[i] as usize,
            DictionaryKeys::U16(k) => k[i] as usize,
            DictionaryKeys::U32(k) => k[i] as usize,
            DictionaryKeys::U64(k) => k[i] as usize,
        }
    }
}

/// Byte strings, one a row; text is not yet repaired.
#[derive(Clone, Debug)]
pub enum Strings<'a> {
    /// 32-bit offsets into one buffer.
    Small {
        /// One more offset than rows.
        offsets: &'a [i32],
        /// The bytes of all rows.
        bytes: &'a [u8],
    },
    /// 64-bit offsets into one buffer.
    Large {
        /// One more offset than rows.
        offsets: &'a [i64],
        /// The bytes of all rows.
        bytes: &'a [u8],
    },
    /// Arrow's 16-byte views: short strings inline, long ones in buffers.
    View {
        /// One view a row.
        views: &'a [u128],
        /// The buffers that long views point into.
        buffers: Vec<&'a [u8]>,
    },
    /// Keys into a smaller column of values.
    Dictionary {
        /// One key a row.
        keys: DictionaryKeys<'a>,
        /// The distinct values.
        values: Box<Strings<'a>>,
        /// Which of the values are not null.
        valid: super::Bitmap<'a>,
    },
}

impl<'a> Strings<'a> {
    /// Offsets and bytes from an untrusted builder, checked so that [`Strings::get`] stays in bounds.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when offsets are negative, fall, or pass the end of `bytes`.
    pub fn checked(offsets: &'a [i32], bytes: &'a [u8]) -> Result<Self> {
        check_offsets(offsets, bytes.len())?;
        Ok(Strings::Small { offsets, bytes })
    }

    /// The bytes of row `i`, whatever its validity; empty when the row's slot is malformed.
    #[inline]
    pub fn get(&self, i: usize) -> &'a [u8] {
        match self {
            Strings::Small { offsets, bytes } => bytes
                .get(offsets[i] as usize..offsets[i + 1] as usize)
                .unwrap_or_default(),
            Strings::Large { offsets, bytes } => bytes
                .get(offsets[i] as usize..offsets[i + 1] as usize)
                .unwrap_or_default(),
            Strings::View { views, buffers } => view_bytes(views, i, buffers),
            Strings::Dictionary { keys, values, .. } => values.get(keys.get(i)),
        }
    }

    /// Whether the value that row `i` points to is null although the row itself is not.
    #[inline]
    pub fn points_to_null(&self, i: usize) -> bool {
        match self {
            Strings::Dictionary { keys, valid, values } => {
                let key = keys.get(i);
                !valid.get(key) || values.points_to_null(key)
            }
            _ => false,
        }
    }

    /// The contiguous bytes of rows `start..end` with their boundaries, where the layout has them.
    pub fn contiguous(&self, start: usize, end: usize) -> Option<Contiguous<'a>> {
        match self {
            Strings::Small { offsets, bytes } => Some(Contiguous {
                bytes: bytes.get(offsets[start] as usize..offsets[end] as usize)?,
                ends: Ends::Small(&offsets[start..=end]),
            }),
            Strings::Large { offsets, bytes } => Some(Contiguous {
                bytes: bytes.get(offsets[start] as usize..offsets[end] as usize)?,
                ends: Ends::Large(&offsets[start..=end]),
            }),
            _ => None,
        }
    }
}

/// A run of rows whose bytes lie one after the other.
pub struct Contiguous<'a> {
    /// The bytes of all rows of the run.
    pub bytes: &'a [u8],
    ends: Ends<'a>,
}

enum Ends<'a> {
    Small(&'a [i32]),
    Large(&'a [i64]),
}

impl Contiguous<'_> {
    /// Whether no row starts inside a multi-byte UTF-8 sequence of the run.
    pub fn rows_start_on_characters(&self) -> bool {
        let starts_character = |at: usize| self.bytes.get(at).is_none_or(|byte| (*byte as i8) >= -0x40);
        match self.ends {
            Ends::Small(offsets) => {
                let first = offsets.first().copied().unwrap_or(0);
                offsets.iter().all(|o| starts_character((o - first) as usize))
            }
            Ends::Large(offsets) => {
                let first = offsets.first().copied().unwrap_or(0);
                offsets.iter().all(|o| starts_character((o - first) as usize))
            }
        }
    }
}

fn view_bytes<'a>(views: &'a [u128], i: usize, buffers: &[&'a [u8]]) -> &'a [u8] {
    let view = views[i];
    let length = (view as u32) as usize;
    if length <= 12 {
        inline_bytes(&views[i], length)
    } else {
        let buffer = ((view >> 64) as u32) as usize;
        let offset = ((view >> 96) as u32) as usize;
        buffers
            .get(buffer)
            .and_then(|b| b.get(offset..offset + length))
            .unwrap_or_default()
    }
}

#[allow(unsafe_code)]
fn inline_bytes(view: &u128, length: usize) -> &[u8] {
    // SAFETY: a u128 is 16 initialised bytes, any of which may be read as u8; the caller passes a length of at
    // most 12, so bytes 4..16 of this little-endian layout cover it; the lifetime is that of the view.
    let all = unsafe { std::slice::from_raw_parts(std::ptr::from_ref(view).cast::<u8>(), 16) };
    &all[4..4 + length.min(12)]
}

/// Checks offsets from outside: not negative, not falling, within `limit`.
pub(super) fn check_offsets(offsets: &[i32], limit: usize) -> Result<()> {
    let mut last = 0;
    for (i, &offset) in offsets.iter().enumerate() {
        if offset < last || offset as usize > limit {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!("offset {offset} is below the one before it or past the {limit} values given"),
            )
            .at(format!("[{i}]")));
        }
        last = offset;
    }
    Ok(())
}
