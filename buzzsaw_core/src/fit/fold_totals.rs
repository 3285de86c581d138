//! Totals of a label for each category, split by the fold of the row's qid, and the encodings made of them.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, LargeBinaryArray};
use serde::{Deserialize, Serialize};

use super::runs::part_of;
use super::squares::Squares;
use super::tables::Tables;
use crate::args::{Args, CategoryBuffer};
use crate::error::{Error, ErrorKind, Result};
use crate::vocabulary::{self, Vocabulary};

/// A sum of whole numbers, their count and the sum of their squares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Total {
    pub sum: i128,
    pub count: u64,
    pub squares: Squares,
}

impl Total {
    /// The total of one row.
    ///
    /// The value is below 2^63 in size.
    pub fn of(value: i128) -> Total {
        let squares = Squares::of(value);
        Total {
            sum: value,
            count: 1,
            squares,
        }
    }

    fn add(&mut self, other: Total) {
        self.sum += other.sum;
        self.count += other.count;
        self.squares = self.squares.plus(other.squares);
    }

    fn without(self, fold: Total) -> Total {
        Total {
            sum: self.sum - fold.sum,
            count: self.count - fold.count,
            squares: self.squares.minus(fold.squares),
        }
    }
}

/// Totals of one category: of all rows, and of each fold.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
struct Totals {
    all: Total,
    folds: BTreeMap<u32, Total>,
}

impl Totals {
    fn add(&mut self, total: Total, fold: Option<u32>) {
        self.all.add(total);
        if let Some(fold) = fold {
            self.folds.entry(fold).or_default().add(total);
        }
    }

    fn merge(&mut self, other: Totals) {
        self.all.add(other.all);
        for (fold, total) in other.folds {
            self.folds.entry(fold).or_default().add(total);
        }
    }

    /// The totals that a row of `fold` may see.
    fn seen_from(&self, fold: Option<u32>) -> Total {
        let held_out = fold
            .and_then(|fold| self.folds.get(&fold))
            .copied()
            .unwrap_or_default();
        self.all.without(held_out)
    }
}

/// Totals of every category and of all rows.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct FoldTotals {
    categories: BTreeMap<Box<[u8]>, Totals>,
    global: Totals,
    /// Of the categories' own bytes.
    category_bytes: usize,
}

impl FoldTotals {
    /// Takes in the labelled rows of a tile: the category of input 0, the label as a whole number by `whole`, and the
    /// fold among `folds` (0 for none).
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` for an infinite label; those of `whole`.
    pub fn update(&mut self, args: &Args<'_>, folds: u32, whole: impl Fn(f64) -> Result<i128>) -> Result<()> {
        let categories = args.category(0)?;
        let mut buffer = CategoryBuffer::default();
        for i in 0..args.len() {
            let label = args.label(i);
            if label.is_nan() {
                continue;
            }
            if label.is_infinite() {
                let message = format!("row {} has the label {label}", args.position(i));
                return Err(Error::new(ErrorKind::InvalidValue, message).hint("give a finite label, or none"));
            }
            let total = Total::of(whole(label)?);
            let fold = row_fold(args, i, folds);
            self.global.add(total, fold);
            if let Some(category) = categories.get(i, &mut buffer) {
                match self.categories.get_mut(category) {
                    Some(totals) => totals.add(total, fold),
                    None => {
                        self.category_bytes += category.len();
                        self.categories
                            .entry(category.into())
                            .or_default()
                            .add(total, fold);
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes in totals of other rows.
    pub fn merge(&mut self, other: FoldTotals) {
        self.global.merge(other.global);
        for (category, totals) in other.categories {
            let (before, bytes) = (self.categories.len(), category.len());
            self.categories.entry(category).or_default().merge(totals);
            self.category_bytes += bytes * (self.categories.len() - before);
        }
    }

    /// How many categories are held.
    pub fn categories(&self) -> usize {
        self.categories.len()
    }

    /// About how many bytes the categories take, with totals of `folds` folds each.
    pub fn bytes(&self, folds: u32) -> usize {
        // A node of a BTreeMap has room for 11 entries, however few it holds.
        let held = (folds as usize).div_ceil(11) * 11;
        let each = size_of::<(Box<[u8]>, Totals)>() + held * size_of::<(u32, Total)>();
        self.categories.len() * each + self.category_bytes
    }

    /// Moves the categories into totals of `parts` parts, by hash; those of all rows stay.
    pub fn split(&mut self, parts: usize) -> Vec<Self> {
        let mut split = vec![Self::default(); parts];
        self.category_bytes = 0;
        for (category, totals) in std::mem::take(&mut self.categories) {
            let part = &mut split[part_of(&category, parts)];
            part.category_bytes += category.len();
            part.categories.insert(category, totals);
        }
        split
    }

    /// The total of all labelled rows that a row of `fold` may see; of none when every one is in the fold.
    pub fn overall(&self, fold: Option<u32>) -> Total {
        self.global.seen_from(fold)
    }

    /// Tables of encodings: that of all rows, and one without each fold. `unseen` gives, for a fold held out, what a
    /// category that was not learnt is encoded as; `encode` turns a category's total into a number.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` when no row has a label.
    pub fn tables<'s>(
        &'s self,
        folds: u32,
        unseen: impl Fn(Option<u32>) -> f64,
        encode: impl Fn(Option<u32>, Total) -> f64,
    ) -> Result<Tables> {
        if self.global.all.count == 0 {
            return Err(Error::new(ErrorKind::InvalidValue, "no row has a label")
                .hint("give the column that has `role: label` in the spec"));
        }
        let mut categories: Vec<(&str, ArrayRef)> = Vec::new();
        let terms: LargeBinaryArray = self.categories.keys().map(Some).collect();
        let all = self.categories.values();
        let counts: Int64Array = all.map(|totals| totals.all.count as i64).collect();
        let mut tables = Tables::default();
        vocabulary::insert_lookup(&mut tables, &terms, "use a category with fewer values")?;
        categories.push(("term", Arc::new(terms)));
        categories.push(("count", Arc::new(counts)));
        let names: Vec<String> = (0..folds).map(fold_column).collect();
        let states = [(FULL, None)]
            .into_iter()
            .chain(names.iter().map(String::as_str).zip((0..).map(Some)));
        let mut global: Vec<(&str, ArrayRef)> = Vec::new();
        for (name, fold) in states {
            let encode = |totals: &'s Totals| encode(fold, totals.seen_from(fold));
            let encoded: Float64Array = self.categories.values().map(encode).collect::<Vec<_>>().into();
            categories.push((name, Arc::new(encoded)));
            global.push((name, Arc::new(Float64Array::from(vec![unseen(fold)]))));
        }
        tables.insert(vocabulary::TERMS, categories)?;
        tables.insert(GLOBAL, global)?;
        Ok(tables)
    }
}

const FULL: &str = "full";
const GLOBAL: &str = "global";

fn fold_column(fold: u32) -> String {
    format!("without_fold_{fold}")
}

#[inline]
fn row_fold(args: &Args<'_>, i: usize, folds: u32) -> Option<u32> {
    if folds > 0 { args.fold(i, folds) } else { None }
}

/// The encodings of [`FoldTotals::tables`], looked up.
#[derive(Debug)]
pub(crate) struct FoldEncodings {
    vocabulary: Vocabulary,
    folds: u32,
    /// The full state, then one for each fold: encoded categories and the value of an unseen one.
    states: Vec<(Float64Array, f64)>,
}

impl FoldEncodings {
    /// The encodings of a step's tables.
    ///
    /// # Errors
    /// `BZ_CORRUPT_ARTIFACT` when the tables are not those of `folds` folds.
    pub fn open(tables: &Tables, folds: u32) -> Result<Self> {
        let vocabulary = Vocabulary::open(tables)?;
        let names = std::iter::once(FULL.to_owned()).chain((0..folds).map(fold_column));
        let states = names.map(|name| {
            Ok((
                tables.f64s(vocabulary::TERMS, &name)?.clone(),
                tables.f64(GLOBAL, &name)?,
            ))
        });
        Ok(Self {
            vocabulary,
            folds,
            states: states.collect::<Result<Vec<_>>>()?,
        })
    }

    /// Appends the encoding of each row's category, input 0, that its fold may see; NaN for a missing category.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when input 0 is not read as a category.
    pub fn eval(&self, args: &Args<'_>, out: &mut Vec<f64>, buffer: &mut CategoryBuffer) -> Result<()> {
        let categories = args.category(0)?;
        for i in 0..args.len() {
            let value = match categories.get(i, buffer) {
                None => f64::NAN,
                Some(category) => {
                    let fold = row_fold(args, i, self.folds);
                    let (encoded, unseen) = &self.states[fold.map_or(0, |fold| fold as usize + 1)];
                    self.vocabulary
                        .find(category)
                        .map_or(*unseen, |at| encoded.value(at))
                }
            };
            out.push(value);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn totals(rows: &[(&str, i128, u32)]) -> FoldTotals {
        let mut made = FoldTotals::default();
        for &(category, label, fold) in rows {
            let total = Total::of(label);
            made.global.add(total, Some(fold));
            let mut one = FoldTotals::default();
            one.categories
                .entry(category.as_bytes().into())
                .or_default()
                .add(total, Some(fold));
            made.merge(one);
        }
        made
    }

    fn shown(totals: &FoldTotals) -> String {
        format!("{:?} {:?}", totals.categories, totals.global)
    }

    #[test]
    fn parts_are_the_whole() {
        let rows = [
            ("a", 1, 0),
            ("b", 0, 1),
            ("a", 3, 1),
            ("c", -2, 2),
            ("", 1, 0),
            ("b", 1, 1),
            ("a", 1, 0),
        ];
        let whole = totals(&rows);
        for parts in [1, 2, 5] {
            let (mut left, mut right) = (totals(&rows[..3]), totals(&rows[3..]));
            let mut merged = FoldTotals::default();
            let mut held = 0;
            for (mut part, other) in left.split(parts).into_iter().zip(right.split(parts)) {
                part.merge(other);
                held += part.categories();
                merged.merge(part);
            }
            assert_eq!(held, 4, "a category is in one part");
            assert_eq!((left.categories(), left.bytes(3)), (0, 0));
            merged.merge(left);
            merged.merge(right);
            assert_eq!(shown(&merged), shown(&whole));
            assert_eq!((merged.bytes(3), merged.category_bytes), (whole.bytes(3), 3));
        }
    }
}
