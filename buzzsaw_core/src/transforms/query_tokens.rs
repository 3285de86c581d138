//! The different tokens of a query, found in documents.

use crate::text::TermsRow;

/// More tokens than this are searched by bisection.
const FEW: usize = 32;

/// Some of a query's tokens, each once, and which of them a document has.
#[derive(Debug, Default)]
pub(crate) struct QueryTokens {
    /// The source row that is prepared.
    source: Option<usize>,
    /// Where each token first stands in the query, in the order of the tokens' bytes.
    distinct: Vec<usize>,
    /// The head of each token.
    heads: Vec<u64>,
    found: Vec<bool>,
}

impl QueryTokens {
    /// Forgets what is prepared, as source rows have a meaning in one call only.
    pub(super) fn start(&mut self) {
        self.source = None;
    }

    /// Prepares the tokens of `query` that `keep` wants, unless it is prepared already.
    pub(super) fn prepare(&mut self, source: usize, query: TermsRow<'_>, keep: impl Fn(&[u8]) -> bool) {
        if self.source == Some(source) {
            return;
        }
        self.source = Some(source);
        self.distinct.clear();
        self.distinct
            .extend((0..query.len()).filter(|i| keep(query.get(*i))));
        self.distinct
            .sort_unstable_by(|a, b| query.get(*a).cmp(query.get(*b)).then(a.cmp(b)));
        self.distinct.dedup_by_key(|i| query.get(*i));
        self.heads.clear();
        self.heads.extend(self.distinct.iter().map(|i| query.head(*i)));
    }

    /// How many tokens there are.
    pub(super) fn len(&self) -> usize {
        self.distinct.len()
    }

    /// Which of them, in the order of their bytes, token `i` of `document` is.
    #[inline]
    pub(super) fn find(&self, query: TermsRow<'_>, document: TermsRow<'_>, i: usize) -> Option<usize> {
        if self.distinct.len() <= FEW {
            let head = document.head(i);
            let mut same = self.heads.iter().enumerate().filter(|(_, other)| **other == head);
            return same
                .find(|(at, _)| document.is_same(i, query, self.distinct[*at]))
                .map(|(at, _)| at);
        }
        let token = document.get(i);
        self.distinct.binary_search_by(|i| query.get(*i).cmp(token)).ok()
    }

    /// Where each of them first stands in the query.
    pub(super) fn positions(&self) -> &[usize] {
        &self.distinct
    }

    /// How many of them are in `document`.
    pub(super) fn count_in(&mut self, query: TermsRow<'_>, document: TermsRow<'_>) -> usize {
        self.found.clear();
        self.found.resize(self.distinct.len(), false);
        let mut count = 0;
        for i in 0..document.len() {
            if count == self.distinct.len() {
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
        assert_eq!(tokens.positions(), [1, 0]);
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

    #[test]
    fn many_tokens_are_found_as_few_are() {
        let words: Vec<String> = (0..2 * FEW)
            .map(|i| format!("word-number-{}", i * i % 47))
            .collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        for count in [FEW - 9, words.len()] {
            let (query, document) = (terms(&words[..count]), terms(&words));
            let [query, document] = [&query, &document].map(|terms| terms.row(0).unwrap());
            let mut tokens = QueryTokens::default();
            tokens.prepare(0, query, |_| true);
            for (i, word) in words.iter().enumerate() {
                let found = tokens.find(query, document, i);
                let found = found.map(|at| query.get(tokens.positions()[at]));
                assert_eq!(found, words[..count].contains(word).then_some(word.as_bytes()));
            }
        }
    }
}
