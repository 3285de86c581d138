//! Synonym lines in Solr's format, and phrases.

use super::rules::Rules;

/// The tokens of an entry, as the analyzer segments it.
pub(super) type Entry = Vec<Box<[u8]>>;

/// Compiles lines: `a, b c` makes its entries equivalent, `a b, c => d` replaces the left by the right. With
/// `expand` an entry of an equivalence becomes all of them in the order of the line, without it the first.
/// A backslash takes the next character as it is. Lines that are blank or start with `#` say nothing.
pub(super) fn compile(
    lines: &[String],
    expand: bool,
    mut analyze: impl FnMut(&str) -> Entry,
) -> Result<Rules, String> {
    let mut rules = Rules::default();
    let mut written: std::collections::HashMap<Entry, Vec<Entry>> = std::collections::HashMap::new();
    for (number, line) in lines.iter().enumerate() {
        let at = |message: String| format!("line {} (`{line}`): {message}", number + 1);
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let sides = sides(line);
        let mut entries = Vec::new();
        for side in &sides {
            let mut tokens: Vec<Entry> = Vec::new();
            for entry in side {
                let entry_tokens = analyze(entry);
                if entry_tokens.is_empty() {
                    return Err(at(format!(
                        "the entry `{}` has no token; remove it",
                        entry.trim()
                    )));
                }
                tokens.push(entry_tokens);
            }
            entries.push(tokens);
        }
        let (from, to) = match entries.as_slice() {
            [same] if same.len() < 2 => {
                return Err(at(
                    "one entry alone has no synonym; write `a, b` or `a => b`".to_owned()
                ));
            }
            [same] if expand => (same, same.as_slice()),
            [same] => (same, same.get(..1).unwrap_or_default()),
            [from, to] => (from, to.as_slice()),
            _ => return Err(at("has more than one `=>`".to_owned())),
        };
        for sequence in from {
            let seen = written.entry(sequence.clone()).or_default();
            for output in to {
                if !seen.contains(output) {
                    seen.push(output.clone());
                    rules.output(sequence).extend(output.iter().cloned());
                }
            }
        }
    }
    Ok(rules)
}

/// The entries of each side of a line.
fn sides(line: &str) -> Vec<Vec<String>> {
    let mut sides = vec![vec![String::new()]];
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        let side = sides.last_mut();
        match (c, chars.peek(), side) {
            (',', _, Some(side)) => side.push(String::new()),
            ('=', Some('>'), _) => {
                chars.next();
                sides.push(vec![String::new()]);
            }
            (c, _, Some(side)) => {
                let c = if c == '\\' { chars.next().unwrap_or(c) } else { c };
                if let Some(entry) = side.last_mut() {
                    entry.push(c);
                }
            }
            (_, _, None) => {}
        }
    }
    sides
}

/// Compiles phrases: the tokens of each become one, joined by the separator.
pub(super) fn phrases(
    lines: &[String],
    separator: &str,
    mut analyze: impl FnMut(&str) -> Entry,
) -> Result<Rules, String> {
    let mut rules = Rules::default();
    for (number, line) in lines.iter().enumerate() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let tokens = analyze(line);
        if tokens.len() < 2 {
            let count = tokens.len();
            return Err(format!(
                "line {} (`{line}`): a phrase has at least two tokens, not {count}",
                number + 1
            ));
        }
        let output = rules.output(&tokens);
        output.clear();
        output.push(tokens.join(separator.as_bytes()).into());
    }
    Ok(rules)
}
