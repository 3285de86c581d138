//! Every combination of the categories and tokens of a row: what crosses share.

use super::{Read, checks};
use crate::args::{Arg, Args, CategoryBuffer};
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::types::ValueType;

/// The most combinations of one row.
const MAX_COMBINATIONS: usize = 1 << 22;

/// What is wrong with the inputs of a cross.
pub(super) fn problems(inputs: &[ValueType]) -> Vec<Problem> {
    let mut problems = Vec::new();
    if inputs.len() < 2 {
        let problem = Problem::new(ErrorKind::InvalidSpec, "a cross reads two inputs or more");
        problems.push(problem.at("inputs").hint("give `inputs: [a, b]`"));
    }
    let fits = |input: &ValueType| input.is_category() || input.is_terms();
    problems.extend(
        inputs
            .iter()
            .enumerate()
            .filter_map(|(i, v)| checks::input(i, v, ("a category or terms", fits))),
    );
    problems
}

/// How the inputs of a cross are read.
pub(super) fn reads(inputs: &[ValueType]) -> Vec<Read> {
    let read = |input: &ValueType| {
        if input.is_terms() {
            Read::Terms
        } else {
            Read::Category
        }
    };
    inputs.iter().map(read).collect()
}

/// How the parts of a combination become one.
pub(super) trait Join {
    /// A combination so far.
    type Item: Copy;
    /// A combination of one part.
    fn part(&mut self, bytes: &[u8]) -> Self::Item;
    /// A combination with one part more.
    fn join(&mut self, left: Self::Item, right: Self::Item) -> Self::Item;
}

/// Combinations of one row.
pub(super) struct Combinations<T> {
    /// The combinations of the inputs so far, and those of one input more.
    left: Vec<T>,
    next: Vec<T>,
    buffer: CategoryBuffer,
}

impl<T> Default for Combinations<T> {
    fn default() -> Self {
        Self {
            left: Vec::new(),
            next: Vec::new(),
            buffer: CategoryBuffer::default(),
        }
    }
}

impl<T: Copy> Combinations<T> {
    /// Every combination of row `i`, the first input varying fastest; `None` when an input is missing.
    ///
    /// # Errors
    /// `BZ_RESOURCE_LIMIT` past [`MAX_COMBINATIONS`].
    pub fn of_row<J: Join<Item = T>>(
        &mut self,
        args: &Args<'_>,
        i: usize,
        joiner: &mut J,
    ) -> Result<Option<&[T]>> {
        // A missing input says more than the number of combinations of the others.
        for input in 0..args.inputs() {
            let missing = match args.arg(input) {
                Arg::Terms(terms) => terms.get(i).is_none(),
                _ => args.category(input)?.get(i, &mut self.buffer).is_none(),
            };
            if missing {
                return Ok(None);
            }
        }
        self.left.clear();
        for input in 0..args.inputs() {
            self.next.clear();
            let left = &self.left;
            let next = &mut self.next;
            let mut join = |bytes: &[u8]| {
                let part = joiner.part(bytes);
                if input == 0 {
                    next.push(part);
                } else {
                    next.extend(left.iter().map(|left| joiner.join(*left, part)));
                }
            };
            match args.arg(input) {
                Arg::Terms(terms) => {
                    let Some(row) = terms.get(i) else { return Ok(None) };
                    if row.len().saturating_mul(left.len().max(1)) > MAX_COMBINATIONS {
                        return Err(Error::new(
                            ErrorKind::ResourceLimit,
                            format!(
                                "row {} has more than {MAX_COMBINATIONS} combinations",
                                args.position(i)
                            ),
                        )
                        .hint("cross fewer inputs, or drop tokens before: `stop_words`, a shorter text"));
                    }
                    row.iter().for_each(&mut join);
                }
                _ => match args.category(input)?.get(i, &mut self.buffer) {
                    Some(bytes) => join(bytes),
                    None => return Ok(None),
                },
            }
            std::mem::swap(&mut self.left, &mut self.next);
        }
        Ok(Some(&self.left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Index, TermsArg};
    use crate::text::Terms;

    /// Combinations that take no memory.
    struct Nothing;

    impl Join for Nothing {
        type Item = ();
        fn part(&mut self, _bytes: &[u8]) {}
        fn join(&mut self, (): (), (): ()) {}
    }

    fn terms(count: usize) -> Terms {
        let mut terms = Terms::new();
        (0..count).for_each(|_| terms.push_token(b"x").unwrap());
        terms.end_row();
        terms
    }

    fn combinations(lists: &[&Terms]) -> Result<Option<usize>> {
        let arg = |terms| {
            Arg::Terms(TermsArg {
                terms,
                index: Index::Offset(0),
            })
        };
        let args = Args {
            len: 1,
            first: 0,
            items: lists.iter().copied().map(arg).collect(),
            groups: None,
            label: None,
            folds: None,
        };
        let made = Combinations::default()
            .of_row(&args, 0, &mut Nothing)?
            .map(<[()]>::len);
        Ok(made)
    }

    #[test]
    fn combinations_have_a_limit() {
        let (root, more, none) = (terms(1 << 11), terms((1 << 11) + 1), terms(0));
        assert_eq!(combinations(&[&root, &root]).unwrap(), Some(MAX_COMBINATIONS));
        assert_eq!(combinations(&[&root, &none, &root, &root]).unwrap(), Some(0));
        let mut missing = Terms::new();
        missing.missing_row();
        assert_eq!(combinations(&[&root, &more, &missing]).unwrap(), None);
        let error = combinations(&[&root, &more]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResourceLimit);
        let error = combinations(&[&terms(MAX_COMBINATIONS + 1), &root]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResourceLimit);
    }
}
