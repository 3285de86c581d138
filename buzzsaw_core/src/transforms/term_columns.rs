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
