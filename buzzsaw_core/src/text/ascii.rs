//! The tokenizers' kernel: lower-cases and segments text 64 bytes at a time.
//!
//! Each block becomes a few 64-bit masks with one bit a byte: which bytes are in tokens, which are not
//! ASCII. Tokens are the runs of ones, found by bit operations and written without a branch per token. The
//! blocks are classified by AVX2, SSE2 or a table (the scalar twin); all that follows is shared, so the
//! three give the same tokens if they give the same masks, which a test holds them to.
//!
//! This file and `ascii_x86.rs` are the ones of the text stack with `unsafe`: vector loads and stores, and
//! tokens written to reserved memory.

use super::terms::Span;
use crate::cpu::{Isa, Level};

/// What the kernel takes for a token among ASCII bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Two or more of `[A-Za-z0-9_]`.
    Python,
    /// A segment of UAX #29 that starts with `[A-Za-z0-9_]`.
    Unicode,
    /// A run without white space.
    Whitespace,
}

/// What to do with ASCII capitals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capitals {
    Lower,
    Keep,
}

/// What a character outside ASCII is to the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NonAscii {
    /// Part of a token, kept as it is.
    Token,
    /// Not part of a token.
    Gap,
    /// Beyond the kernel: the caller must take another path.
    Unsupported,
}

/// What the kernel made of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// All tokens are in. With `review`, some may not be wanted: of one character outside ASCII
    /// ([`Rule::Python`]) or without a letter or digit ([`Rule::Unicode`]).
    Done { review: bool },
    /// A character was [`NonAscii::Unsupported`]. Arena and spans hold part of the text.
    Unsupported,
    /// The text is not UTF-8. Arena and spans hold part of the text.
    Invalid,
}

const PYTHON: u8 = Rule::Python as u8;
const UNICODE: u8 = Rule::Unicode as u8;
const WHITESPACE: u8 = Rule::Whitespace as u8;
const BLOCK: usize = 64;
/// Tokens are written this many at a time; what is written past the last token is not kept.
const STEP: usize = 4;

/// Appends `text` to `bytes`, capitals lowered or kept, and its tokens to `spans`.
///
/// The caller has checked that the arena's offsets stay within 32 bits.
#[inline]
pub(super) fn scan(
    level: Level,
    (rule, capitals): (Rule, Capitals),
    text: &[u8],
    classify: fn(char) -> NonAscii,
    bytes: &mut Vec<u8>,
    spans: &mut Vec<Span>,
) -> Outcome {
    match (rule, capitals) {
        (Rule::Python, Capitals::Lower) => dispatch::<PYTHON, true>(level, text, classify, bytes, spans),
        (Rule::Python, Capitals::Keep) => dispatch::<PYTHON, false>(level, text, classify, bytes, spans),
        (Rule::Unicode, Capitals::Lower) => dispatch::<UNICODE, true>(level, text, classify, bytes, spans),
        (Rule::Unicode, Capitals::Keep) => dispatch::<UNICODE, false>(level, text, classify, bytes, spans),
        (Rule::Whitespace, Capitals::Lower) => {
            dispatch::<WHITESPACE, true>(level, text, classify, bytes, spans)
        }
        (Rule::Whitespace, Capitals::Keep) => {
            dispatch::<WHITESPACE, false>(level, text, classify, bytes, spans)
        }
    }
}

#[inline]
fn dispatch<const RULE: u8, const LOWER: bool>(
    level: Level,
    text: &[u8],
    classify: fn(char) -> NonAscii,
    bytes: &mut Vec<u8>,
    spans: &mut Vec<Span>,
) -> Outcome {
    match level.isa() {
        Isa::Scalar => run::<Scalar, RULE, LOWER>(text, classify, bytes, spans),
        #[cfg(target_arch = "x86_64")]
        Isa::Sse2 => run::<x86::Sse2, RULE, LOWER>(text, classify, bytes, spans),
        #[cfg(target_arch = "x86_64")]
        // SAFETY: the function needs the CPU features that `Level::available` checked before it handed out
        // this level, and no other code builds it.
        Isa::Avx2 => unsafe { x86::run_avx2::<RULE, LOWER>(text, classify, bytes, spans) },
    }
}

/// One bit a byte of a block, the first byte lowest. Masks a rule does not use are zero.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Masks {
    /// In a token whatever its neighbours are.
    core: u64,
    letter: u64,
    digit: u64,
    underscore: u64,
    /// `'`, `.` and `:`, which join letters (WB6, WB7).
    mid_letter: u64,
    /// `'`, `.`, `,` and `;`, which join digits (WB11, WB12).
    mid_number: u64,
    non_ascii: u64,
}

impl Masks {
    fn map(self, f: impl Fn(u64) -> u64) -> Self {
        Self {
            core: f(self.core),
            letter: f(self.letter),
            digit: f(self.digit),
            underscore: f(self.underscore),
            mid_letter: f(self.mid_letter),
            mid_number: f(self.mid_number),
            non_ascii: f(self.non_ascii),
        }
    }
}

/// Classifies a block and copies it, capitals lowered if `LOWER`.
trait Classify {
    fn block<const RULE: u8, const LOWER: bool>(source: &[u8; BLOCK], target: &mut [u8; BLOCK]) -> Masks;
}

#[inline(always)]
fn run<C: Classify, const RULE: u8, const LOWER: bool>(
    text: &[u8],
    classify: fn(char) -> NonAscii,
    bytes: &mut Vec<u8>,
    spans: &mut Vec<Span>,
) -> Outcome {
    let base = bytes.len();
    bytes.reserve(text.len() + BLOCK);
    let mut state = State {
        base: base as u32,
        ..State::default()
    };
    let (blocks, tail) = text.as_chunks::<BLOCK>();
    let mut lowered = [0; BLOCK];
    let mut position = 0;
    for source in blocks {
        let masks = C::block::<RULE, LOWER>(source, &mut lowered);
        bytes.extend_from_slice(&lowered);
        let next = text.get(position + BLOCK).copied().unwrap_or(0);
        if let Err(outcome) = state.block::<RULE>(masks, next, position, text, classify, spans) {
            return outcome;
        }
        position += BLOCK;
    }
    if !tail.is_empty() {
        // Whole blocks only: copying a tail of any length costs more.
        let masks = if let Some(last) = text.last_chunk::<BLOCK>() {
            let masks = C::block::<RULE, LOWER>(last, &mut lowered);
            bytes.truncate(base + text.len() - BLOCK);
            masks.map(|mask| mask >> (BLOCK - tail.len()))
        } else {
            let mut block = [0; BLOCK];
            block[..tail.len()].copy_from_slice(tail);
            let masks = C::block::<RULE, LOWER>(&block, &mut lowered);
            masks.map(|mask| mask & ((1 << tail.len()) - 1))
        };
        bytes.extend_from_slice(&lowered);
        bytes.truncate(base + text.len());
        if let Err(outcome) = state.block::<RULE>(masks, 0, position, text, classify, spans) {
            return outcome;
        }
        position += BLOCK;
    }
    if state.inside == 1 {
        let len = (position as u32 + state.base) - state.open;
        if RULE != PYTHON || len > 1 {
            spans.push(Span {
                start: state.open,
                len,
            });
        }
    }
    Outcome::Done { review: state.review }
}

/// What one block hands to the next.
#[derive(Default)]
struct State {
    base: u32,
    /// 1 if the block ended inside a token, and where that token started.
    inside: u64,
    open: u32,
    letter: u64,
    digit: u64,
    /// Bytes of the next block that belong to a token's character begun in this one.
    spill: u64,
    valid: bool,
    review: bool,
}

impl State {
    #[inline(always)]
    fn block<const RULE: u8>(
        &mut self,
        masks: Masks,
        next: u8,
        position: usize,
        text: &[u8],
        classify: fn(char) -> NonAscii,
        spans: &mut Vec<Span>,
    ) -> Result<(), Outcome> {
        let mut core = masks.core | std::mem::take(&mut self.spill);
        if RULE == UNICODE {
            core |= self.infixes(&masks, next);
            self.review |= masks.underscore != 0;
        }
        if masks.non_ascii != 0 {
            core |= self.characters(masks.non_ascii, position, text, classify)?;
        }
        self.tokens::<RULE>(core, position, spans);
        Ok(())
    }

    /// Punctuation between two letters or two digits, which joins them (UAX #29, WB6, WB7, WB11, WB12).
    #[inline(always)]
    fn infixes(&mut self, masks: &Masks, next: u8) -> u64 {
        let after_letter = masks.letter << 1 | self.letter;
        let after_digit = masks.digit << 1 | self.digit;
        let before_letter = masks.letter >> 1 | u64::from(next.is_ascii_alphabetic()) << 63;
        let before_digit = masks.digit >> 1 | u64::from(next.is_ascii_digit()) << 63;
        self.letter = masks.letter >> 63;
        self.digit = masks.digit >> 63;
        masks.mid_letter & after_letter & before_letter | masks.mid_number & after_digit & before_digit
    }

    /// The bytes of token characters outside ASCII.
    #[cold]
    #[inline(never)]
    fn characters(
        &mut self,
        mut non_ascii: u64,
        position: usize,
        text: &[u8],
        classify: fn(char) -> NonAscii,
    ) -> Result<u64, Outcome> {
        if !self.valid {
            if simdutf8::basic::from_utf8(text).is_err() {
                return Err(Outcome::Invalid);
            }
            self.valid = true;
        }
        let mut core = 0;
        while non_ascii != 0 {
            let offset = non_ascii.trailing_zeros();
            let (character, width) = decode(&text[position + offset as usize..]);
            let bits = ((1_u128 << width) - 1) << offset;
            non_ascii &= !(bits as u64);
            match character.map(classify) {
                Some(NonAscii::Token) => {
                    core |= bits as u64;
                    self.spill |= (bits >> 64) as u64;
                    self.review = true;
                }
                // A continuation byte of a character that the block before has seen.
                Some(NonAscii::Gap) | None => {}
                Some(NonAscii::Unsupported) => return Err(Outcome::Unsupported),
            }
        }
        Ok(core)
    }

    /// Writes the tokens that end in this block.
    #[inline(always)]
    fn tokens<const RULE: u8>(&mut self, core: u64, position: usize, spans: &mut Vec<Span>) {
        let base = self.base + position as u32;
        let min = if RULE == PYTHON { 2 } else { 1 };
        let before = core << 1 | self.inside;
        let mut starts = core & !before;
        let mut ends = !core & before;
        spans.reserve(BLOCK / 2 + 1 + STEP);
        let written = spans.len();
        let mut count = 0;
        // SAFETY: a block holds at most 32 ends of tokens and each round of the loop consumes `STEP` of them
        // or the rest, so at most 33 + STEP tokens are written to the memory reserved above, each before it is
        // counted; `set_len` counts no more than that.
        unsafe {
            let out = spans.as_mut_ptr().add(written);
            let end = ends.trailing_zeros();
            let open = self.open;
            let len = (base + end).wrapping_sub(open);
            out.write(Span { start: open, len });
            count += usize::from((self.inside == 1) & (ends != 0) & (len >= min));
            ends &= ends.wrapping_sub(self.inside);
            self.inside = core >> 63;
            if self.inside == 1 && starts != 0 {
                let last = 63 - starts.leading_zeros();
                self.open = base + last;
                starts ^= 1 << last;
            }
            while ends != 0 {
                for _ in 0..STEP {
                    // Without a token left both are 64, and a token of no bytes is not counted.
                    let (start, end) = (starts.trailing_zeros(), ends.trailing_zeros());
                    out.add(count).write(Span {
                        start: base + start,
                        len: end - start,
                    });
                    count += usize::from(end - start >= min);
                    starts &= starts.wrapping_sub(1);
                    ends &= ends.wrapping_sub(1);
                }
            }
            spans.set_len(written + count);
        }
    }
}

/// The first character and its width; `None` of width 1 for a continuation byte.
fn decode(bytes: &[u8]) -> (Option<char>, u32) {
    let tail = |i: usize| u32::from(bytes.get(i).copied().unwrap_or(0) & 0x3F);
    let lead = u32::from(bytes.first().copied().unwrap_or(0));
    let (code_point, width) = match lead {
        0xC0..=0xDF => ((lead & 0x1F) << 6 | tail(1), 2),
        0xE0..=0xEF => ((lead & 0xF) << 12 | tail(1) << 6 | tail(2), 3),
        0xF0..=0xF7 => ((lead & 7) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3), 4),
        _ => return (None, 1),
    };
    (char::from_u32(code_point), width)
}

/// Number of leading ASCII bytes.
pub(super) fn ascii_prefix(bytes: &[u8]) -> usize {
    let (words, tail) = bytes.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        let high = u64::from_le_bytes(*word) & 0x8080_8080_8080_8080;
        if high != 0 {
            return i * 8 + high.trailing_zeros() as usize / 8;
        }
    }
    words.len() * 8
        + tail
            .iter()
            .position(|byte| !byte.is_ascii())
            .unwrap_or(tail.len())
}

/// Table-driven twin of the vector kernels.
struct Scalar;

impl Classify for Scalar {
    #[inline]
    fn block<const RULE: u8, const LOWER: bool>(source: &[u8; BLOCK], target: &mut [u8; BLOCK]) -> Masks {
        let mut masks = Masks::default();
        for (i, (&byte, target)) in source.iter().zip(target).enumerate() {
            *target = if LOWER { byte.to_ascii_lowercase() } else { byte };
            let bit = |set: bool| u64::from(set) << i;
            masks.non_ascii |= bit(!byte.is_ascii());
            if RULE == WHITESPACE {
                masks.core |= bit(byte.is_ascii() && !matches!(byte, b'\t'..=b'\r' | b' '));
                continue;
            }
            masks.core |= bit(byte.is_ascii_alphanumeric() || byte == b'_');
            if RULE == UNICODE {
                masks.letter |= bit(byte.is_ascii_alphabetic());
                masks.digit |= bit(byte.is_ascii_digit());
                masks.underscore |= bit(byte == b'_');
                masks.mid_letter |= bit(matches!(byte, b'\'' | b'.' | b':'));
                masks.mid_number |= bit(matches!(byte, b'\'' | b'.' | b',' | b';'));
            }
        }
        masks
    }
}

#[cfg(target_arch = "x86_64")]
#[path = "ascii_x86.rs"]
mod x86;

#[cfg(test)]
#[path = "ascii_tests.rs"]
mod tests;
