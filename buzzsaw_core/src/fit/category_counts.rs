//! In how many rows each category occurs, and which categories make a vocabulary.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Int64Array, LargeBinaryArray};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

use super::runs::{Run, Runs};
use super::tables::Tables;
use crate::args::{Args, CategoryBuffer};
use crate::error::{Error, ErrorKind, Result};
use crate::vocabulary;

/// The most columns of a sparse row.
pub(crate) const MAX_COLUMNS: u64 = 1 << 31;

/// The rows of one category.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    rows: u64,
    /// The row that was counted last, from 1; it never leaves the process.
    last: u64,
}

/// Categories with the number of rows that hold each; a row that holds one several times counts once.
#[derive(Clone, Debug, Default)]
pub(crate) struct CategoryCounts {
    categories: HashMap<Box<[u8]>, Held, Xxh3DefaultBuilder>,
    /// Bytes of those.
    category_bytes: usize,
    /// Rows of categories that other processes counted.
    runs: Runs<1>,
    rows: u64,
    /// Rows counted by this process, to tell a first occurrence in a row.
    stamp: u64,
}

/// A category and the number of rows that hold it.
pub(crate) type Counted = (Box<[u8]>, u64);

/// Which categories a vocabulary keeps.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct Keep {
    /// The most frequent so many; all when absent.
    pub top_k: Option<u64>,
    /// Those of at least so many rows.
    pub min_count: u64,
}

impl CategoryCounts {
    /// Starts a row; the categories added from here on are in it.
    #[inline]
    pub fn start_row(&mut self) {
        self.rows += 1;
        self.stamp += 1;
    }

    /// Counts a category of the row that was started last.
    #[inline]
    pub fn add(&mut self, category: &[u8]) {
        let held = match self.categories.get_mut(category) {
            Some(held) => held,
            None => {
                self.category_bytes += category.len();
                self.categories.entry(category.into()).or_default()
            }
        };
        held.rows += u64::from(held.last != self.stamp);
        held.last = self.stamp;
    }

    /// Counts the categories of input 0, those that are not missing.
    ///
    /// # Errors
    /// `BZ_INTERNAL` when input 0 is not read as a category.
    pub fn add_rows(&mut self, args: &Args<'_>) -> Result<()> {
        let categories = args.category(0)?;
        let mut buffer = CategoryBuffer::default();
        for i in 0..args.len() {
            if let Some(category) = categories.get(i, &mut buffer) {
                self.start_row();
                self.add(category);
            }
        }
        Ok(())
    }

    /// Takes in counts of other rows.
    pub fn merge(&mut self, mut other: CategoryCounts) {
        if other.categories.len() > self.categories.len() {
            std::mem::swap(self, &mut other);
        }
        self.rows += other.rows;
        for (category, held) in other.categories {
            let (before, bytes) = (self.categories.len(), category.len());
            self.categories.entry(category).or_default().rows += held.rows;
            self.category_bytes += bytes * (self.categories.len() - before);
        }
        self.runs.append(other.runs);
    }

    /// How many categories are held; one that other processes counted too may count several times.
    pub fn categories(&self) -> usize {
        self.categories.len() + self.runs.keys()
    }

    /// About how many bytes the categories take.
    pub fn bytes(&self) -> usize {
        let own = self.categories.len() * size_of::<(Box<[u8]>, Held)>() + self.category_bytes;
        own + self.runs.bytes()
    }

    /// Moves the categories into counts of `parts` parts, by hash; the number of rows stays.
    pub fn split(&mut self, parts: usize) -> Vec<Self> {
        let rest = Self {
            rows: self.rows,
            ..Self::default()
        };
        let categories = std::mem::replace(self, rest).into_runs().split(parts);
        categories
            .into_iter()
            .map(|runs| Self {
                runs,
                ..Self::default()
            })
            .collect()
    }

    /// Drops the categories that are not kept; these counts must be all there are of them.
    pub fn prune(&mut self, keep: Keep) {
        if keep.top_k.is_none() {
            return self.retain(|rows| rows >= keep.min_count);
        }
        let rows = self.rows;
        let mut run = Run::default();
        for (category, count) in std::mem::take(self).sorted(keep) {
            run.push(&category, [count]);
        }
        *self = Self::of_run(run, rows);
    }

    /// Drops the categories for whose rows `keep` is false; these counts must be all there are of them.
    pub fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        let rows = self.rows;
        let run = std::mem::take(self).into_runs().merge(|_, [rows]| keep(rows));
        *self = Self::of_run(run, rows);
    }

    fn of_run(run: Run<1>, rows: u64) -> Self {
        Self {
            runs: run.into(),
            rows,
            ..Self::default()
        }
    }

    fn into_runs(mut self) -> Runs<1> {
        let own = self.own_run();
        (self.categories, self.category_bytes) = Default::default();
        self.runs.push(own);
        self.runs
    }

    /// The categories that this process counted.
    fn own_run(&self) -> Run<1> {
        let mut sorted: Vec<_> = self.categories.iter().collect();
        sorted.sort_unstable_by(|a, b| a.0.cmp(b.0));
        let mut run = Run::default();
        sorted
            .iter()
            .for_each(|(category, held)| run.push(category, [held.rows]));
        run
    }

    /// Rows counted.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// The categories to keep: most rows first, those of equal counts in ascending order of their bytes.
    pub fn ranked(self, keep: Keep) -> Vec<Counted> {
        let runs = self.into_runs();
        let all = runs.iter().map(|(category, [rows])| (category, rows));
        let mut kept: Vec<(&[u8], u64)> = all.filter(|(_, rows)| *rows >= keep.min_count).collect();
        kept.sort_unstable_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        kept.truncate(
            keep.top_k
                .map_or(usize::MAX, |top| usize::try_from(top).unwrap_or(usize::MAX)),
        );
        kept.into_iter()
            .map(|(category, rows)| (category.into(), rows))
            .collect()
    }

    /// The categories to keep, in ascending order of their bytes.
    pub fn sorted(self, keep: Keep) -> Vec<Counted> {
        let mut kept = self.ranked(keep);
        kept.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        kept
    }
}

/// The form between processes.
#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    categories: Cow<'a, Run<1>>,
    rows: u64,
}

impl Serialize for CategoryCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let wire = Wire {
            categories: self.runs.with(self.own_run()),
            rows: self.rows,
        };
        wire.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for CategoryCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        Ok(Self {
            runs: wire.categories.into_owned().into(),
            rows: wire.rows,
            ..Self::default()
        })
    }
}

/// The tables of a vocabulary: categories in the given order, with their counts, and the lookup over them.
///
/// # Errors
/// `BZ_RESOURCE_LIMIT` when there are more than a lookup holds.
pub(crate) fn vocabulary_tables(kept: &[Counted]) -> Result<Tables> {
    let terms: LargeBinaryArray = kept.iter().map(|(category, _)| Some(category)).collect();
    let counts: Int64Array = kept.iter().map(|(_, rows)| *rows as i64).collect();
    let mut tables = Tables::default();
    vocabulary::insert_lookup(
        &mut tables,
        &terms,
        "use a category with fewer values, or `top_k` and `min_count` where the step has them",
    )?;
    let columns: Vec<(&str, ArrayRef)> = vec![("term", Arc::new(terms)), ("count", Arc::new(counts))];
    tables.insert(vocabulary::TERMS, columns)?;
    Ok(tables)
}

/// [`vocabulary_tables`] for a vocabulary that has to hold something, and with `more` further positions at most `limit`.
///
/// # Errors
/// `BZ_INVALID_VALUE` when nothing is kept, `BZ_RESOURCE_LIMIT` past `limit`.
pub(crate) fn position_tables(kept: &[Counted], more: u64, limit: u64) -> Result<Tables> {
    if kept.is_empty() {
        return Err(
            Error::new(ErrorKind::InvalidValue, "no category is left for the vocabulary")
                .hint("all rows may be missing or empty; or lower min_count"),
        );
    }
    let positions = kept.len() as u64 + more;
    if positions > limit {
        return Err(Error::new(
            ErrorKind::ResourceLimit,
            format!("the vocabulary takes {positions} positions; at most {limit} can be told apart"),
        )
        .hint("set top_k, or raise min_count"));
    }
    vocabulary_tables(kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Keep = Keep {
        top_k: None,
        min_count: 1,
    };

    fn counts(rows: &[&[&str]]) -> CategoryCounts {
        let mut counts = CategoryCounts::default();
        for row in rows {
            counts.start_row();
            row.iter().for_each(|category| counts.add(category.as_bytes()));
        }
        counts
    }

    fn shown(kept: &[Counted]) -> Vec<(&str, u64)> {
        kept.iter()
            .map(|(category, rows)| (std::str::from_utf8(category).unwrap(), *rows))
            .collect()
    }

    #[test]
    fn merged_counts_equal_those_of_one_pass() {
        let rows: [&[&str]; 5] = [&["b", "b", "a"], &["b"], &[], &["c", "a"], &["d"]];
        let want = [("a", 2), ("b", 2), ("c", 1), ("d", 1)];
        assert_eq!(shown(&counts(&rows).ranked(ALL)), want);
        for at in 0..=rows.len() {
            let (left, right) = (counts(&rows[..at]), counts(&rows[at..]));
            for (mut into, from) in [(left.clone(), right.clone()), (right, left)] {
                into.merge(from);
                // Rows after a merge count in what was merged, too.
                assert_eq!(into.rows(), 5);
                assert_eq!(shown(&into.clone().ranked(ALL)), want, "{at}");
                into.start_row();
                into.add(b"d");
                into.add(b"d");
                assert_eq!(shown(&into.ranked(ALL))[2], ("d", 2), "{at}");
            }
        }
    }

    #[test]
    fn selection_by_count_then_bytes() {
        let rows: [&[&str]; 6] = [&["z"], &["z"], &["b"], &["a"], &["b"], &["y"]];
        let keep = |top_k, min_count| Keep { top_k, min_count };
        assert_eq!(shown(&counts(&rows).ranked(keep(Some(1), 1))), [("b", 2)]);
        assert_eq!(shown(&counts(&rows).ranked(keep(Some(3), 1)))[2], ("a", 1));
        assert_eq!(shown(&counts(&rows).ranked(keep(None, 2))), [("b", 2), ("z", 2)]);
        assert_eq!(
            shown(&counts(&rows).sorted(keep(Some(3), 1))),
            [("a", 1), ("b", 2), ("z", 2)]
        );
    }

    #[test]
    fn parts_are_the_whole_and_drop_what_cannot_be_kept() {
        let rows: [&[&str]; 7] = [&["z", "a"], &["z"], &["b"], &["a"], &["b", "z"], &["y"], &[]];
        for (top_k, min_count) in [(None, 1), (None, 2), (Some(2), 1), (Some(1), 3), (Some(9), 9)] {
            let keep = Keep { top_k, min_count };
            let want = counts(&rows).ranked(keep);
            for parts in [1, 2, 5] {
                let (mut left, mut right) = (counts(&rows[..3]), counts(&rows[3..]));
                let mut merged = CategoryCounts::default();
                for (mut part, other) in left.split(parts).into_iter().zip(right.split(parts)) {
                    part.merge(other);
                    let held = part.clone().ranked(ALL).len();
                    part.prune(keep);
                    assert_eq!(part.categories(), part.clone().ranked(keep).len());
                    assert!(min_count < 9 || held == 0 || part.categories() < held);
                    merged.merge(part);
                }
                assert_eq!((left.categories(), right.categories()), (0, 0));
                merged.merge(left);
                merged.merge(right);
                assert_eq!(merged.rows(), 7);
                assert_eq!(merged.ranked(keep), want, "{keep:?} {parts}");
            }
        }
    }

    #[test]
    fn positions_have_a_limit() {
        let kept = counts(&[&["a", "b"]]).ranked(ALL);
        let kind = |more, limit| position_tables(&kept, more, limit).err().map(|e| e.kind());
        assert_eq!(kind(1, 3), None);
        assert_eq!(kind(2, 3), Some(ErrorKind::ResourceLimit));
        let none = position_tables(&[], 1, 3).unwrap_err();
        assert_eq!(none.kind(), ErrorKind::InvalidValue);
    }
}
