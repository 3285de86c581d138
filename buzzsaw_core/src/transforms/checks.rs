//! What the signatures of transforms share: judging inputs and ranges.

use super::{Read, Signature};
use crate::error::{Error, ErrorKind, Problem};
use crate::types::ValueType;

/// What an input must be: a word for messages and a test.
pub(super) type Want = (&'static str, fn(&ValueType) -> bool);

/// Judges a fixed list of inputs.
pub(super) fn inputs(given: &[ValueType], wanted: &[Want]) -> Vec<Problem> {
    if given.len() != wanted.len() {
        let words: Vec<&str> = wanted.iter().map(|(word, _)| *word).collect();
        return vec![
            Problem::new(
                ErrorKind::InvalidSpec,
                format!("{} inputs were given; it reads {}", given.len(), wanted.len()),
            )
            .at("inputs")
            .hint(format!("give inputs of the types: {}", words.join(", "))),
        ];
    }
    given
        .iter()
        .zip(wanted)
        .enumerate()
        .filter_map(|(i, (given, want))| input(i, given, *want))
        .collect()
}

/// Judges one input.
pub(super) fn input(i: usize, given: &ValueType, (word, fits): Want) -> Option<Problem> {
    let hint = match (word, given) {
        ("terms", ValueType::Text | ValueType::Column(crate::types::DataType::String)) => {
            "put a `tokenize` step before it"
        }
        ("number", ValueType::Text | ValueType::Column(crate::types::DataType::String)) => {
            "put a `parse_number` step before it"
        }
        _ => "use an input or step of that type",
    };
    (!fits(given)).then(|| {
        Problem::new(
            ErrorKind::TypeMismatch,
            format!("it reads {word} here, not {given}"),
        )
        .at(format!("inputs[{i}]"))
        .hint(hint)
    })
}

/// A problem unless `ok`.
pub(super) fn range(ok: bool, place: &str, value: impl std::fmt::Display, want: &str) -> Option<Problem> {
    (!ok).then(|| {
        Problem::new(ErrorKind::InvalidSpec, format!("{value} is out of range"))
            .at(place)
            .hint(want.to_owned())
    })
}

/// A problem unless `value` is a finite number of `least` or more.
pub(super) fn at_least(least: f64, place: &str, value: f64) -> Option<Problem> {
    range(
        value >= least && value < f64::INFINITY,
        place,
        value,
        &format!("give {least} or more"),
    )
}

/// The signature when there are no problems.
pub(super) fn done(problems: Vec<Problem>, signature: Signature) -> Result<Signature, Vec<Problem>> {
    if problems.is_empty() {
        Ok(signature)
    } else {
        Err(problems)
    }
}

/// Problems of the two parameters that choose the categories of a vocabulary.
pub(super) fn keep(top_k: Option<u64>, min_count: u64) -> Vec<Problem> {
    let top_k = range(
        top_k != Some(0),
        "top_k",
        0,
        "give 1 or more, or leave it out for all",
    );
    let min_count = range(min_count > 0, "min_count", min_count, "give 1 or more");
    top_k.into_iter().chain(min_count).collect()
}

/// A problem of the parameter that splits training rows by their qid.
pub(super) fn folds(folds: u32) -> Option<Problem> {
    range(
        folds != 1 && folds <= 64,
        "folds",
        folds,
        "give 2 to 64 folds, or 0 for none",
    )
}

/// Judges the inputs of a step that scales a number, by a category when there is a second input.
pub(super) fn number_and_key(given: &[ValueType]) -> Vec<Problem> {
    let wanted: [Want; 2] = [
        ("number", ValueType::is_number),
        ("a category", ValueType::is_category),
    ];
    match given {
        [_] => inputs(given, &wanted[..1]),
        _ => inputs(given, &wanted),
    }
}

/// The signature of a fitted step over a number and an optional category.
pub(super) fn scaling(given: &[ValueType]) -> Signature {
    let reads = [Read::Number, Read::Category];
    let count = given.len().min(2);
    Signature::fitted(reads[..count].to_vec(), ValueType::Number, (0..count).collect())
}

/// Judges how many numbers a category must have for statistics of its own.
pub(super) fn min_count(min_count: u32) -> Option<Problem> {
    range(min_count >= 1, "min_count", min_count, "give 1 or more")
}

/// An error for a table that is not what a fit writes.
pub(super) fn corrupt(message: &str) -> Error {
    Error::new(ErrorKind::CorruptArtifact, message).hint("fit the spec again")
}

/// An error for a row whose tokens do not fit.
pub(super) fn overflow(overflow: crate::text::Overflow, row: usize) -> Error {
    Error::new(ErrorKind::ResourceLimit, format!("row {row}: {overflow}")).hint(overflow.hint())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_place_of_tokens_or_numbers_has_its_own_hint() {
        let wants: [Want; 3] = [
            ("terms", ValueType::is_terms),
            ("number", ValueType::is_number),
            ("a map of strings", |_| false),
        ];
        let hints = wants.map(|want| input(0, &ValueType::Text, want).unwrap().hint);
        assert_eq!(
            hints,
            [
                "put a `tokenize` step before it",
                "put a `parse_number` step before it",
                "use an input or step of that type"
            ]
        );
        assert_eq!(input(0, &ValueType::Number, wants[0]).unwrap().hint, hints[2]);
        assert!(input(0, &ValueType::Number, wants[1]).is_none());
    }
}
