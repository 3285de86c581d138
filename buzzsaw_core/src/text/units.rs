//! Measures in text: a number and a unit as one canonical token. `docs/adr/0009-token-filters.md` has the rules.

use std::fmt::Write;

use super::python_words::is_word;
use super::token_spec::Units;

/// A unit as it is written in tokens, and the other ways to write it (in lower case).
type Unit = (&'static str, &'static [&'static str]);

/// The units.
#[rustfmt::skip]
pub const UNITS: &[Unit] = &[
    ("b", &["byte", "bytes"]), ("kb", &["kilobyte", "kilobytes"]), ("mb", &["megabyte", "megabytes"]),
    ("gb", &["gigabyte", "gigabytes"]), ("tb", &["terabyte", "terabytes"]), ("pb", &["petabyte", "petabytes"]),
    ("kib", &["kibibyte"]), ("mib", &["mebibyte"]), ("gib", &["gibibyte"]), ("tib", &["tebibyte"]),
    ("kbps", &["kbit"]), ("mbps", &["mbit"]), ("gbps", &["gbit"]),
    ("mm", &["millimeter", "millimeters", "millimetre", "millimetres"]),
    ("cm", &["centimeter", "centimeters", "centimetre", "centimetres"]),
    ("m", &["meter", "meters", "metre", "metres"]),
    ("km", &["kilometer", "kilometers", "kilometre", "kilometres"]),
    ("in", &["inch", "inches"]), ("ft", &["foot", "feet"]), ("yd", &["yard", "yards"]),
    ("mg", &["milligram", "milligrams"]), ("g", &["gram", "grams"]), ("kg", &["kilogram", "kilograms", "kilo", "kilos"]),
    ("lb", &["lbs", "pound", "pounds"]), ("oz", &["ounce", "ounces"]),
    ("ml", &["milliliter", "milliliters", "millilitre", "millilitres"]), ("cl", &["centiliter", "centilitre"]),
    ("dl", &["deciliter", "decilitre"]), ("l", &["liter", "liters", "litre", "litres"]), ("gal", &["gallon", "gallons"]),
    ("w", &["watt", "watts"]), ("kw", &["kilowatt", "kilowatts"]), ("hp", &["horsepower"]), ("va", &["voltampere"]),
    ("wh", &["watthour"]), ("kwh", &["kilowatthour"]), ("mah", &["milliamperehour"]), ("ah", &["amperehour"]),
    ("mv", &["millivolt", "millivolts"]), ("v", &["volt", "volts"]), ("kv", &["kilovolt", "kilovolts"]),
    ("ma", &["milliampere"]), ("a", &["amp", "amps", "ampere", "amperes"]),
    ("hz", &["hertz"]), ("khz", &["kilohertz"]), ("mhz", &["megahertz"]), ("ghz", &["gigahertz"]),
    ("rpm", &["upm"]), ("mp", &["megapixel", "megapixels"]), ("dpi", &["ppi"]),
];

/// What stands for inches after a number.
const INCH_SIGNS: [&str; 4] = ["\"", "''", "\u{2033}", "\u{201d}"];

/// Most digits of a number before the point, and after it.
const WHOLE: usize = 15;
const PART: usize = 9;

/// The first measure at or after `from`: where it starts and ends; its token replaces the contents of `token`.
pub(super) fn next(units: Units, text: &str, from: usize, token: &mut String) -> Option<(usize, usize)> {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        if bytes[at].is_ascii_digit() {
            if starts(text, from, at) {
                let end = resolution(text, at, token).or_else(|| measure(units, text, at, token));
                if let Some(end) = end {
                    return Some((at, end));
                }
            }
            at += digits(bytes, at);
        } else {
            at += 1;
        }
    }
    None
}

/// Whether a number may start here: not after a letter, digit, underscore, or one of `.,/+`.
fn starts(text: &str, from: usize, at: usize) -> bool {
    // What comes before `from` is a measure, and no measure touches a letter or digit.
    let before = text.get(from..at).and_then(|before| before.chars().next_back());
    before.is_none_or(|c| !is_word(c) && !matches!(c, '.' | ',' | '/' | '+'))
}

fn digits(bytes: &[u8], at: usize) -> usize {
    bytes
        .get(at..)
        .unwrap_or_default()
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count()
}

fn ends(text: &str, at: usize) -> bool {
    text.get(at..)
        .and_then(|rest| rest.chars().next())
        .is_none_or(|c| !is_word(c))
}

/// `1920x1080`, `1920 x 1080`, with `x`, `*` or a multiplication sign between numbers of 3 to 5 digits.
fn resolution(text: &str, at: usize, token: &mut String) -> Option<usize> {
    let bytes = text.as_bytes();
    let size = |at: usize| {
        Some(digits(bytes, at))
            .filter(|n| (3..=5).contains(n))
            .map(|n| at + n)
    };
    let space = |at: usize| at + usize::from(bytes.get(at) == Some(&b' '));
    let wide = size(at)?;
    let sign = space(wide);
    let after = match text.get(sign..)?.chars().next()? {
        c @ ('x' | 'X' | '*' | '\u{d7}') => sign + c.len_utf8(),
        _ => return None,
    };
    let high = space(after);
    let end = size(high)?;
    let goes_on = matches!(bytes.get(end), Some(b'.' | b',')) && digits(bytes, end + 1) > 0;
    if !ends(text, end) || goes_on {
        return None;
    }
    token.clear();
    token.push_str(text.get(at..wide)?);
    token.push('x');
    token.push_str(text.get(high..end)?);
    Some(end)
}

fn measure(units: Units, text: &str, at: usize, token: &mut String) -> Option<usize> {
    token.clear();
    if let Some(end) = fraction(text, at, token).and_then(|end| unit(text, end, token)) {
        return Some(end);
    }
    let (thousands, point) = match units {
        Units::DecimalComma => (b'.', b','),
        Units::Standard | Units::None => (b',', b'.'),
    };
    token.clear();
    if let Some(end) = grouped(text, at, thousands, point, token).and_then(|end| unit(text, end, token)) {
        return Some(end);
    }
    token.clear();
    let end = at + Some(digits(text.as_bytes(), at)).filter(|n| (1..=WHOLE).contains(n))?;
    let part = part(text, end, |byte| byte == thousands || byte == point);
    push_number(text.get(at..end)?, part.unwrap_or(""), token);
    unit(text, end + part.map_or(0, |part| 1 + part.len()), token)
}

/// The digits after a decimal sign.
fn part(text: &str, at: usize, is_sign: impl Fn(u8) -> bool) -> Option<&str> {
    let bytes = text.as_bytes();
    let sign = bytes.get(at).is_some_and(|&byte| is_sign(byte));
    let digits = digits(bytes, at + 1);
    if !sign || !(1..=PART).contains(&digits) {
        return None;
    }
    text.get(at + 1..at + 1 + digits)
}

/// `1,234,567.5`.
fn grouped(text: &str, at: usize, thousands: u8, point: u8, token: &mut String) -> Option<usize> {
    let bytes = text.as_bytes();
    let first = Some(digits(bytes, at)).filter(|n| (1..=3).contains(n))?;
    let mut end = at + first;
    let mut groups = 0;
    while bytes.get(end) == Some(&thousands) && digits(bytes, end + 1) == 3 {
        end += 4;
        groups += 1;
    }
    if !(1..=4).contains(&groups) {
        return None;
    }
    let start = token.len();
    token.extend(
        text.get(at..end)?
            .chars()
            .filter(char::is_ascii_digit)
            .skip_while(|&c| c == '0'),
    );
    if token.len() == start {
        token.push('0');
    }
    let part = part(text, end, |byte| byte == point);
    push_part(part.unwrap_or(""), token);
    Some(end + part.map_or(0, |part| 1 + part.len()))
}

/// `1/2`, `1 1/2` and `1-1/2`, over 2, 4, 8, 16, 32 or 64.
fn fraction(text: &str, at: usize, token: &mut String) -> Option<usize> {
    let bytes = text.as_bytes();
    let number = |at: usize, most: usize| {
        let count = Some(digits(bytes, at)).filter(|n| (1..=most).contains(n))?;
        let value: u64 = text.get(at..at + count)?.parse().ok()?;
        Some((value, at + count))
    };
    let (first, end) = number(at, 4)?;
    let (whole, above, end) = if matches!(bytes.get(end), Some(b' ' | b'-')) {
        let (above, end) = number(end + 1, 2)?;
        (first, above, end)
    } else {
        (0, Some(first).filter(|_| end - at <= 2)?, end)
    };
    if bytes.get(end) != Some(&b'/') {
        return None;
    }
    let zero = bytes.get(end + 1) == Some(&b'0');
    let (below, end) = number(end + 1, 2)?;
    if zero || !matches!(below, 2 | 4 | 8 | 16 | 32 | 64) {
        return None;
    }
    let millionths = (whole * below + above) * (1_000_000 / below);
    // Writing to a `String` cannot fail.
    let _ = write!(token, "{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    token.truncate(token.trim_end_matches('0').trim_end_matches('.').len());
    Some(end)
}

/// Without zeros that say nothing.
fn push_number(whole: &str, part: &str, token: &mut String) {
    let whole = whole.trim_start_matches('0');
    token.push_str(if whole.is_empty() { "0" } else { whole });
    push_part(part, token);
}

fn push_part(part: &str, token: &mut String) {
    let part = part.trim_end_matches('0');
    if !part.is_empty() {
        token.push('.');
        token.push_str(part);
    }
}

/// The unit after a number, with at most a space or hyphen between.
fn unit(text: &str, at: usize, token: &mut String) -> Option<usize> {
    let rest = text.get(at..)?;
    let gap = rest.chars().next().filter(|c| matches!(c, ' ' | '\u{a0}' | '-'));
    let start = at + gap.map_or(0, char::len_utf8);
    let rest = text.get(start..)?;
    if let Some(sign) = INCH_SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
        token.push_str("in");
        return Some(start + sign.len());
    }
    let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
    let end = start + letters;
    let name = rest.get(..letters)?;
    if !ends(text, end) {
        return None;
    }
    let is_name = |known: &str| name.eq_ignore_ascii_case(known);
    // "2 in 1" and "2-in-1" are no lengths, and "a pack of 2 a day" has no amperes.
    let spaced = matches!(gap, Some(' ' | '\u{a0}'));
    let between = is_name("in") && text.as_bytes().get(end) == Some(&b'-');
    if between || spaced && (is_name("in") || is_name("a")) {
        return None;
    }
    let (unit, _) = UNITS
        .iter()
        .find(|(unit, others)| is_name(unit) || others.iter().copied().any(is_name))?;
    token.push_str(unit);
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measures(units: Units, text: &str) -> Vec<String> {
        let (mut from, mut token, mut found) = (0, String::new(), Vec::new());
        while let Some((start, end)) = next(units, text, from, &mut token) {
            assert!(from <= start && start < end);
            found.push(token.clone());
            from = end;
        }
        found
    }

    #[test]
    fn one_token_a_measure() {
        for (text, expected) in [
            ("2tb 2 TB 2-TB 2TB.", "2tb 2tb 2tb 2tb"),
            (
                "2,5 kg 2.50kg 1,234.5 g 1,234g 02,5kg",
                "2.5kg 2.5kg 1234.5g 1234g 2.5kg",
            ),
            (
                "1/2\" 1 1/2'' 1-3/4 inch 1/3\" 27\u{2033}lcd",
                "0.5in 1.5in 1.75in 27in",
            ),
            (
                "1920x1080 1920 \u{d7} 1080 10x20 1920x1080p",
                "1920x1080 1920x1080",
            ),
            ("2 in 1 2-in-1 27in 27-in", "27in 27in"),
            ("a2tb 2tbs 1.2.3kg 5 6", ""),
            ("1/04\" 0/2 l", "0l"),
        ] {
            assert_eq!(measures(Units::Standard, text).join(" "), expected, "{text}");
        }
        assert_eq!(
            measures(Units::DecimalComma, "1.234 g 2,5kg 2.5kg"),
            ["1234g", "2.5kg", "2.5kg"]
        );
    }

    #[test]
    fn names_are_unique() {
        let mut names: Vec<&str> = UNITS
            .iter()
            .flat_map(|(unit, others)| [*unit].into_iter().chain(others.iter().copied()))
            .collect();
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
