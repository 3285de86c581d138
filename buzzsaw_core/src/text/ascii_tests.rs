use unicode_segmentation::UnicodeSegmentation;

use super::*;

const RULES: [Rule; 3] = [Rule::Python, Rule::Unicode, Rule::Whitespace];

/// A fixed sequence of pseudo-random numbers (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }

    fn pick<'a>(&mut self, items: &[&'a str]) -> &'a str {
        items[self.below(items.len())]
    }
}

fn classify(c: char) -> NonAscii {
    match c {
        'é' | '漢' | '𝒜' => NonAscii::Token,
        'É' => NonAscii::Unsupported,
        _ => NonAscii::Gap,
    }
}

/// Outcome, arena and spans, on top of an arena that is not empty.
fn scanned(level: Level, rule: Rule, capitals: Capitals, text: &[u8]) -> (Outcome, Vec<u8>, Vec<Span>) {
    let mut bytes = b"seven b".to_vec();
    let mut spans = vec![Span { start: 0, len: 5 }];
    let outcome = scan(level, (rule, capitals), text, classify, &mut bytes, &mut spans);
    (outcome, bytes, spans)
}

fn check(text: &[u8]) {
    for rule in RULES {
        for capitals in [Capitals::Lower, Capitals::Keep] {
            let expected = scanned(Level::SCALAR, rule, capitals, text);
            for &level in Level::available() {
                assert_eq!(
                    scanned(level, rule, capitals, text),
                    expected,
                    "{level:?} {rule:?} {text:?}"
                );
            }
            if let Ok(text) = std::str::from_utf8(text)
                && text.is_ascii()
            {
                let (_, bytes, spans) = expected;
                let tokens: Vec<_> = spans[1..].iter().map(|span| &bytes[span.range()]).collect();
                let text = if capitals == Capitals::Lower {
                    text.to_ascii_lowercase()
                } else {
                    text.to_owned()
                };
                let words: Vec<_> = reference(rule, &text).into_iter().map(str::as_bytes).collect();
                assert_eq!(tokens, words, "{rule:?} {text:?}");
                assert_eq!(&bytes[7..], text.as_bytes());
            }
        }
    }
}

/// The slow obvious way, for ASCII.
fn reference(rule: Rule, text: &str) -> Vec<&str> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match rule {
        Rule::Python => text
            .split(|c| !is_word(c))
            .filter(|word| word.len() > 1)
            .collect(),
        Rule::Unicode => text
            .split_word_bounds()
            .filter(|word| word.starts_with(is_word))
            .collect(),
        Rule::Whitespace => text
            .split([' ', '\t', '\n', '\x0b', '\x0c', '\r'])
            .filter(|word| !word.is_empty())
            .collect(),
    }
}

#[test]
fn every_byte_between_every_two() {
    // All pairs of neighbours of each byte that a rule tells apart, at every offset in a block.
    let kinds = b"aZ09_ '.,:;-\t\0";
    for byte in 0..=0x7F {
        for before in kinds {
            for after in kinds {
                check(&[*before, byte, *after]);
            }
        }
        for at in 0..130 {
            let mut text = vec![b'a'; 130];
            text[at] = byte;
            check(&text);
        }
    }
}

#[test]
fn random_ascii_of_every_length() {
    let mut random = Random(1);
    let pieces = [
        "a", "B", "7", "_", " ", ".", ",", ":", ";", "'", "-", "word", "1,000.5", "\n", "\0", "   ",
    ];
    for length in 0..260 {
        for _ in 0..40 {
            let mut text = String::new();
            let kinds = 1 + random.below(pieces.len());
            while text.len() < length {
                text.push_str(pieces[random.below(kinds)]);
            }
            check(&text.as_bytes()[..length]);
        }
    }
}

#[test]
fn random_text_and_bytes_beyond_ascii() {
    let mut random = Random(2);
    let pieces = [
        "a",
        "Bc",
        "9",
        " ",
        "é",
        "漢",
        "𝒜",
        "®",
        "😀",
        "word word ",
        "______________________",
    ];
    for round in 0..4000 {
        let mut text = String::new();
        for _ in 0..random.below(80) {
            text.push_str(random.pick(&pieces));
        }
        if round % 7 == 0 {
            text.push('É');
        }
        let mut bytes = text.into_bytes();
        if round % 5 == 0 && !bytes.is_empty() {
            let at = random.below(bytes.len());
            bytes[at] = random.below(256) as u8;
        }
        check(&bytes);
    }
}

#[test]
fn characters_across_blocks_belong_to_their_token() {
    for before in 55..70 {
        let text = format!("{}漢é𝒜b ®c é", "x".repeat(before));
        for &level in Level::available() {
            let (outcome, bytes, spans) = scanned(level, Rule::Python, Capitals::Lower, text.as_bytes());
            let tokens: Vec<_> = spans[1..].iter().map(|span| &bytes[span.range()]).collect();
            // The last one is of one character: the review is to drop it.
            assert_eq!(
                tokens,
                [text.split(' ').next().unwrap().as_bytes(), "é".as_bytes()]
            );
            assert_eq!(outcome, Outcome::Done { review: true });
        }
    }
}

#[test]
fn what_the_kernel_cannot_do_is_said() {
    for &level in Level::available() {
        for rule in RULES {
            let outcome = |text: &[u8]| scanned(level, rule, Capitals::Lower, text).0;
            assert_eq!(outcome("abc É".as_bytes()), Outcome::Unsupported);
            assert_eq!(outcome(b"abc \xFF"), Outcome::Invalid);
            assert_eq!(outcome(b"abc"), Outcome::Done { review: false });
        }
        assert_eq!(
            scanned(level, Rule::Unicode, Capitals::Lower, b"_").0,
            Outcome::Done { review: true }
        );
    }
}

#[test]
fn ascii_prefix_stops_at_the_first_other_byte() {
    for length in 0..40 {
        let mut bytes = vec![b'a'; length];
        assert_eq!(ascii_prefix(&bytes), length);
        for at in (0..length).rev() {
            bytes[at] = 0x80 + at as u8;
            assert_eq!(ascii_prefix(&bytes), at);
        }
    }
}
