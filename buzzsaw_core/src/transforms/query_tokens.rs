//! Some of the different tokens of a query, found in documents.

use super::query_terms::QueryTerms;
use crate::text::TermsRow;

/// Some of a query's tokens, each once, and which of them a document has.
#[derive(Debug, Default)]
pub(crate) struct QueryTokens {
    terms: QueryTerms,
    /// Which of those that are wanted each distinct token of the query is.
    wanted: Vec<Option<usize>>,
    /// Where each that is wanted first stands in the query, ascending.
    positions: Vec<usize>,
    found: Vec<bool>,
}

impl QueryTokens {
    /// Forgets what is prepared, as source rows have a meaning in one call only.
    pub(super) fn start(&mut self) {
        self.terms.start();
    }

    /// Prepares the tokens of `query` that `keep` wants, unless it is prepared already.
    pub(super) fn prepare(&mut self, source: usize, query: TermsRow<'_>, keep: impl Fn(&[u8]) -> bool) {
        if !self.terms.prepare(source, query) {
            return;
        }
        self.wanted.clear();
        self.positions.clear();
        for (position, at) in self.terms.tokens().iter().enumerate() {
            // Distinct tokens are numbered in the order in which they first stand in the query.
            if *at == self.wanted.len() {
                let wanted = keep(query.get(position));
                self.wanted.push(wanted.then_some(self.positions.len()));
                self.positions.extend(wanted.then_some(position));
            }
        }
    }

    /// How many tokens there are.
    pub(super) fn len(&self) -> usize {
        self.positions.len()
    }

    /// Which of them, in the order in which they first stand in the query, token `i` of `document` is.
    #[inline]
    pub(super) fn find(&self, query: TermsRow<'_>, document: TermsRow<'_>, i: usize) -> Option<usize> {
        let at = self.terms.find(query, document, i)?;
        self.wanted.get(at).copied().flatten()
    }

    /// Where each of them first stands in the query.
    pub(super) fn positions(&self) -> &[usize] {
        &self.positions
    }

    /// How many of them are in `document`.
    pub(super) fn count_in(&mut self, query: TermsRow<'_>, document: TermsRow<'_>) -> usize {
        self.found.clear();
        self.found.resize(self.positions.len(), false);
        let mut count = 0;
        for i in 0..document.len() {
            if count == self.positions.len() {
                break;
            }
            if let Some(found) = self
                .find(query, document, i)
                .and_then(|at| self.found.get_mut(at))
            {
                count += usize::from(!*found);
                *found = true;
            }
        }
        count
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Terms;

    fn terms(tokens: &[&str]) -> Terms {
        let mut terms = Terms::new();
        for token in tokens {
            terms.push_token(token.as_bytes()).unwrap();
        }
        terms.end_row();
        terms
    }

    #[test]
    fn each_query_is_prepared_once_a_call() {
        let (first, second) = (terms(&["red", "lamp", "red"]), terms(&["blue"]));
        let document = terms(&["lamp", "blue", "red", "lamp"]);
        let [first, second, document] = [&first, &second, &document].map(|terms| terms.row(0).unwrap());
        let mut tokens = QueryTokens::default();
        tokens.prepare(0, first, |_| true);
        assert_eq!(tokens.positions(), [0, 1]);
        assert_eq!((tokens.len(), tokens.count_in(first, document)), (2, 2));
        // The same source row is the same query, until the next call.
        tokens.prepare(0, first, |_| false);
        assert_eq!(tokens.len(), 2);
        tokens.start();
        tokens.prepare(0, second, |_| true);
        assert_eq!(tokens.positions(), &[0][..]);
        assert_eq!(tokens.count_in(second, document), 1);
        tokens.prepare(1, first, |token| token == b"lamp");
        assert_eq!(tokens.positions(), &[1][..]);
        assert_eq!(tokens.count_in(first, document), 1);
        assert_eq!(
            (tokens.find(first, document, 0), tokens.find(first, document, 2)),
            (Some(0), None)
        );
    }
}
