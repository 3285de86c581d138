//! The tokens of a query counted in documents: what the features of a query against a document share.

use crate::text::TermsRow;

/// Queries of more tokens than this are searched by bisection.
const FEW: usize = 32;

/// A query's tokens, prepared once for all its documents.
#[derive(Debug, Default)]
pub(crate) struct QueryTerms {
    /// The source row whose query is prepared.
    source: Option<usize>,
    /// For each query token in order, which distinct token it is.
    tokens: Vec<usize>,
    /// Where each distinct token first stands in the query, ascending.
    distinct: Vec<usize>,
    /// The head of each distinct token.
    heads: Vec<u64>,
    /// The positions of a long query's tokens, in the order of their bytes.
    order: Vec<usize>,
    /// A long query's distinct tokens, in the order of their bytes.
    sorted: Vec<usize>,
    /// How often each distinct token occurs in the document.
    counts: Vec<u32>,
}

impl QueryTerms {
    /// Forgets what is prepared, as source rows have a meaning in one call only.
    pub(super) fn start(&mut self) {
        self.source = None;
    }

    /// Prepares `query`; false when it is prepared already.
    pub(super) fn prepare(&mut self, source: usize, query: TermsRow<'_>) -> bool {
        if self.source == Some(source) {
            return false;
        }
        self.source = Some(source);
        self.tokens.clear();
        self.distinct.clear();
        if query.len() > FEW {
            self.prepare_many(query);
        } else {
            self.heads.clear();
            for i in 0..query.len() {
                let at = self.find(query, query, i).unwrap_or(self.distinct.len());
                if at == self.distinct.len() {
                    self.distinct.push(i);
                    self.heads.push(query.head(i));
                }
                self.tokens.push(at);
            }
        }
        true
    }

    /// As `prepare`, with the distinct tokens also in the order of their bytes, so that they are found by bisection.
    fn prepare_many(&mut self, query: TermsRow<'_>) {
        self.order.clear();
        self.order.extend(0..query.len());
        self.order
            .sort_unstable_by(|a, b| query.get(*a).cmp(query.get(*b)).then(a.cmp(b)));
        let same = |a: &usize, b: &usize| query.get(*a) == query.get(*b);
        self.distinct
            .extend(self.order.chunk_by(same).filter_map(|run| run.first()));
        self.distinct.sort_unstable();
        self.tokens.resize(query.len(), 0);
        self.sorted.clear();
        for run in self.order.chunk_by(same) {
            let at = run
                .first()
                .and_then(|first| self.distinct.binary_search(first).ok())
                .unwrap_or_default();
            self.sorted.push(at);
            for position in run {
                self.tokens[*position] = at;
            }
        }
    }

    /// Which of the query's distinct tokens token `i` of `document` is.
    #[inline]
    pub(super) fn find(&self, query: TermsRow<'_>, document: TermsRow<'_>, i: usize) -> Option<usize> {
        if query.len() <= FEW {
            let head = document.head(i);
            let mut same = self.heads.iter().enumerate().filter(|(_, other)| **other == head);
            same.find(|(at, _)| document.is_same(i, query, self.distinct[*at]))
                .map(|(at, _)| at)
        } else {
            let token = document.get(i);
            let found = self
                .sorted
                .binary_search_by(|at| query.get(self.distinct[*at]).cmp(token));
            found.ok().map(|place| self.sorted[place])
        }
    }

    /// For each query token in order, which distinct token it is.
    #[inline]
    pub(super) fn tokens(&self) -> &[usize] {
        &self.tokens
    }

    /// The distinct tokens of the prepared query, in the order in which they first stand there.
    #[inline]
    pub(super) fn distinct<'q>(&self, query: TermsRow<'q>) -> impl ExactSizeIterator<Item = &'q [u8]> {
        self.distinct.iter().map(move |first| query.get(*first))
    }

    /// How often each distinct token occurs in the document that was counted last.
    #[inline]
    pub(super) fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Counts each distinct token in `document`.
    #[inline]
    pub(super) fn count(&mut self, query: TermsRow<'_>, document: TermsRow<'_>) {
        self.counts.clear();
        self.counts.resize(self.distinct.len(), 0);
        for i in 0..document.len() {
            if let Some(at) = self.find(query, document, i) {
                self.counts[at] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Terms;

    #[test]
    fn long_queries_are_counted_as_short_ones() {
        let mut terms = Terms::new();
        for length in [5usize, FEW, FEW + 1, 90] {
            (0..length).for_each(|i| terms.push_token(format!("w{}", i * i % 23).as_bytes()).unwrap());
            terms.end_row();
        }
        (0..200).for_each(|i| terms.push_token(format!("w{}", i % 31).as_bytes()).unwrap());
        terms.end_row();
        let document = terms.row(4).unwrap();
        let mut work = QueryTerms::default();
        for row in 0..4 {
            let query = terms.row(row).unwrap();
            assert!(work.prepare(row, query));
            assert!(!work.prepare(row, query));
            let distinct: Vec<&[u8]> = work.distinct(query).collect();
            for (token, at) in query.iter().zip(work.tokens()) {
                assert_eq!(distinct[*at], token);
            }
            work.count(query, document);
            let counts = work.counts().to_vec();
            for (token, count) in distinct.iter().zip(counts) {
                assert_eq!(
                    document.iter().filter(|other| other == token).count(),
                    count as usize
                );
            }
            let mut firsts = Vec::new();
            query.iter().for_each(|token| {
                if !firsts.contains(&token) {
                    firsts.push(token)
                }
            });
            assert_eq!(distinct, firsts);
            let unique: std::collections::BTreeSet<&[u8]> = distinct.iter().copied().collect();
            assert_eq!(unique.len(), distinct.len());
        }
    }
}
