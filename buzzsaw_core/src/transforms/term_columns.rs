//! Counting the n-grams of rows in the columns of a fitted vocabulary, many rows at once.

use crate::args::TermsArg;
use crate::cpu::Level;
use crate::error::Result;
use crate::ngrams::{Grams, Ngrams};
use crate::slot::SparseRows;
use crate::sparse_row::{Keys, Scale};
use crate::vocabulary::{Finds, Vocabulary};

/// The vocabulary, and how its terms are counted.
pub(super) struct TermColumns<'a> {
    pub vocabulary: &'a Vocabulary,
    pub ngrams: Ngrams,
    pub level: Level,
    pub scale: Scale,
}

/// Memory for [`TermColumns::count`].
#[derive(Default)]
pub(crate) struct Work {
    keys: Keys,
    grams: Grams,
    finds: Finds,
    /// The number of n-grams of each row that ended, known or not.
    lengths: Vec<usize>,
}

impl TermColumns<'_> {
    /// Appends to `out` the counts of each of the first `rows` rows. After each batch of them `done` is called with `out`
    /// and, for each row of the batch, the number of its n-grams; their counts are the last rows of `out`.
    ///
    /// # Errors
    /// `BZ_RESOURCE_LIMIT` when the n-grams of a few rows take more than 4 GiB.
    pub fn count(
        &self,
        terms: TermsArg<'_>,
        rows: usize,
        work: &mut Work,
        out: &mut SparseRows,
        mut done: impl FnMut(&mut SparseRows, &[usize]),
    ) -> Result<()> {
        let columns = self.vocabulary.len().max(1) as u64;
        let Work {
            keys,
            grams,
            finds,
            lengths,
        } = work;
        keys.clear();
        lengths.clear();
        let mut begun = 0;
        self.ngrams.for_batches(terms, rows, grams, |batch| {
            let found = self.vocabulary.find_all(batch.arena, batch.spans, finds);
            let mut start = 0;
            for end in batch.ends {
                keys.extend(known(&found[start..*end]));
                keys.end_row();
                lengths.push(begun + end - start);
                (start, begun) = (*end, 0);
            }
            keys.extend(known(&found[start..]));
            begun += found.len() - start;
            if batch.is_whole() {
                keys.merge(self.level, columns, self.scale, out);
                done(out, lengths);
                lengths.clear();
            }
            Ok(())
        })
    }
}

/// Occurrences of the terms that the vocabulary has.
fn known(found: &[u32]) -> impl Iterator<Item = (u32, bool)> {
    let known = found.iter().filter(|column| **column != Vocabulary::UNKNOWN);
    known.map(|column| (*column, false))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::LargeBinaryArray;

    use super::*;
    use crate::args::Index;
    use crate::fit::Tables;
    use crate::text::Terms;
    use crate::vocabulary;

    /// Rows of a length that passes every batch and piece, one missing, and one of 10,000 tokens.
    fn rows() -> Vec<Option<Vec<String>>> {
        let row = |i: usize| (0..i % 9).map(|j| format!("w{}", (i * 7 + j) % 5)).collect();
        let mut rows: Vec<Option<Vec<String>>> = (0..2_000).map(|i| Some(row(i))).collect();
        rows[3] = None;
        rows[1_000] = Some((0..10_000).map(|i| format!("w{}", i % 7)).collect());
        rows
    }

    #[test]
    fn rows_are_counted_as_one_at_a_time() {
        let known = ["w0", "w1", "w1 w2", "w3", "w4 w0"];
        let column = |term: &str| known.iter().position(|other| *other == term);
        let terms: LargeBinaryArray = known.iter().map(|term| Some(term.as_bytes())).collect();
        let mut tables = Tables::default();
        vocabulary::insert_lookup(&mut tables, &terms, "").unwrap();
        tables
            .insert(vocabulary::TERMS, vec![("term", Arc::new(terms))])
            .unwrap();
        let vocabulary = Vocabulary::open(&tables).unwrap();
        let rows = rows();
        let mut held = Terms::new();
        for row in &rows {
            match row {
                Some(tokens) => {
                    tokens
                        .iter()
                        .for_each(|token| held.push_token(token.as_bytes()).unwrap());
                    held.end_row();
                }
                None => held.missing_row(),
            }
        }
        let table: Vec<u32> = (0..rows.len() as u32).collect();
        for high in [1usize, 2] {
            // Tokens that lie together, and tokens by a table.
            for index in [Index::Offset(0), Index::Table(&table)] {
                let columns = TermColumns {
                    vocabulary: &vocabulary,
                    ngrams: Ngrams(1, high as u8),
                    level: Level::detect(),
                    scale: Scale::default(),
                };
                let given = TermsArg { terms: &held, index };
                let (mut out, mut lengths, mut batches) = (SparseRows::default(), Vec::new(), 0);
                let done = |out: &mut SparseRows, of_batch: &[usize]| {
                    lengths.extend_from_slice(of_batch);
                    batches += 1;
                    assert_eq!(out.rows(), lengths.len());
                };
                columns
                    .count(given, rows.len(), &mut Work::default(), &mut out, done)
                    .unwrap();
                assert!(batches > 2);
                for (i, row) in rows.iter().enumerate() {
                    let tokens = row.as_deref().unwrap_or_default();
                    let grams: Vec<String> = (1..=high)
                        .flat_map(|n| tokens.windows(n).map(|gram| gram.join(" ")))
                        .collect();
                    let mut want = std::collections::BTreeMap::new();
                    for at in grams.iter().filter_map(|gram| column(gram)) {
                        *want.entry(at as u32).or_insert(0.0) += 1.0;
                    }
                    let (found, counts) = out.row(i);
                    let found: Vec<(u32, f64)> = found.iter().copied().zip(counts.iter().copied()).collect();
                    assert_eq!(found, want.into_iter().collect::<Vec<_>>(), "row {i}");
                    assert_eq!(lengths[i], grams.len(), "row {i}");
                }
            }
        }
    }
}
