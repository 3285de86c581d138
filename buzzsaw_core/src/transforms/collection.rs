//! Statistics of the documents that features of a query against a document weigh tokens by.

use std::sync::Arc;

use arrow_array::builder::LargeBinaryBuilder;
use arrow_array::{ArrayRef, Float64Array, Int64Array};
use serde::{Deserialize, Serialize};

use super::checks;
use crate::args::Args;
use crate::error::Result;
use crate::fit::{FitState, Outcome, Tables, TermCounts};
use crate::math;
use crate::vocabulary::{self, Vocabulary};

/// The table of the fields' lengths.
const FIELDS: &str = "fields";

/// Documents and tokens of one field.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Field {
    documents: u64,
    tokens: u64,
}

/// What is learnt of the documents: of each token the documents that hold it in any field, and its occurrences; of each
/// field its lengths. The fields are the inputs after the first, which is the query.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct CollectionState {
    counts: TermCounts,
    fields: Vec<Field>,
    /// The input that is the first field.
    first: usize,
}

impl Default for CollectionState {
    fn default() -> Self {
        Self {
            counts: TermCounts::default(),
            fields: Vec::new(),
            first: 1,
        }
    }
}

impl CollectionState {
    /// For a step without a query, whose inputs are all fields.
    pub(super) fn without_query() -> Self {
        Self {
            first: 0,
            ..Self::default()
        }
    }
}

impl FitState for CollectionState {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        self.fields
            .resize(args.inputs().saturating_sub(self.first), Field::default());
        for i in 0..args.len() {
            let mut begun = false;
            for (f, field) in self.fields.iter_mut().enumerate() {
                let Some(row) = args.terms(f + self.first)?.get(i) else {
                    continue;
                };
                if !begun {
                    self.counts.begin_document();
                    begun = true;
                }
                self.counts.extend_document(row)?;
                field.documents += 1;
                field.tokens += row.len() as u64;
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        // A state that has seen no rows does not know its fields.
        let fields = self.fields.len().max(other.fields.len());
        self.fields.resize(fields, Field::default());
        for (mine, theirs) in self.fields.iter_mut().zip(other.fields) {
            mine.documents += theirs.documents;
            mine.tokens += theirs.tokens;
        }
        self.counts.merge(other.counts)
    }

    fn finish(self) -> Result<Outcome<Self>> {
        Ok(Outcome::Done(self.tables(None)?))
    }

    fn keys(&self) -> usize {
        self.counts.terms()
    }

    fn key_bytes(&self) -> usize {
        self.counts.bytes()
    }

    fn split(&mut self, parts: usize) -> Vec<Self> {
        let counts = self.counts.split(parts).into_iter();
        let part = |counts| Self {
            counts,
            fields: Vec::new(),
            first: self.first,
        };
        counts.map(part).collect()
    }
}

/// A column of what each token weighs: its name, and the weight by the number of documents and of those with the token.
pub(super) type Weight = (&'static str, fn(f64, f64) -> f64);

impl CollectionState {
    /// The tables of the statistics, those of the tokens with a column of `weight`.
    ///
    /// # Errors
    /// `BZ_RESOURCE_LIMIT` for 2^31 tokens and more.
    pub(super) fn tables(self, weight: Option<Weight>) -> Result<Tables> {
        let ints = |values: Vec<u64>| -> ArrayRef {
            Arc::new(
                values
                    .into_iter()
                    .map(|value| value as i64)
                    .collect::<Int64Array>(),
            )
        };
        let mut tables = Tables::default();
        tables.insert(
            "statistics",
            vec![
                ("documents", ints(vec![self.counts.documents()])),
                ("tokens", ints(vec![self.counts.tokens()])),
            ],
        )?;
        let documents = self.fields.iter().map(|field| field.documents).collect();
        let tokens = self.fields.iter().map(|field| field.tokens).collect();
        tables.insert(
            FIELDS,
            vec![("documents", ints(documents)), ("tokens", ints(tokens))],
        )?;
        let documents = self.counts.documents() as f64;
        let runs = self.counts.into_runs();
        let mut terms = LargeBinaryBuilder::with_capacity(runs.keys(), runs.bytes());
        let (mut frequencies, mut occurrences) = (Vec::new(), Vec::new());
        for (term, [documents, count]) in runs.iter() {
            terms.append_value(term);
            frequencies.push(documents);
            occurrences.push(count);
        }
        drop(runs);
        let terms = terms.finish();
        vocabulary::insert_lookup(
            &mut tables,
            &terms,
            "drop tokens before, or fit on fewer documents",
        )?;
        let weights = weight.map(|(name, weight)| {
            let weights = frequencies.iter().map(|held| weight(documents, *held as f64));
            (name, Float64Array::from_iter_values(weights))
        });
        let mut columns: Vec<(&str, ArrayRef)> = vec![
            ("term", Arc::new(terms)),
            ("document_frequency", ints(frequencies)),
            ("occurrences", ints(occurrences)),
        ];
        if let Some((name, weights)) = weights {
            columns.push((name, Arc::new(weights)));
        }
        tables.insert(vocabulary::TERMS, columns)?;
        Ok(tables)
    }
}

/// The fitted statistics.
#[derive(Debug)]
pub(crate) struct Collection {
    vocabulary: Vocabulary,
    frequencies: Int64Array,
    occurrences: Int64Array,
    documents: f64,
    tokens: f64,
    /// The mean length of each field.
    mean_lengths: Vec<f64>,
}

impl Collection {
    /// The statistics of a step with this many fields.
    ///
    /// # Errors
    /// `BZ_CORRUPT_ARTIFACT` when the tables are not what [`CollectionState::finish`] writes.
    pub(super) fn open(tables: &Tables, fields: usize) -> Result<Self> {
        let vocabulary = Vocabulary::open(tables)?;
        let frequencies = tables.i64s(vocabulary::TERMS, "document_frequency")?.clone();
        let occurrences = tables.i64s(vocabulary::TERMS, "occurrences")?.clone();
        let documents = tables.i64("statistics", "documents")?;
        let tokens = tables.i64("statistics", "tokens")?;
        let (field_documents, field_tokens) =
            (tables.i64s(FIELDS, "documents")?, tables.i64s(FIELDS, "tokens")?);
        let within = |values: &Int64Array, low: i64, high: i64| {
            values.values().iter().all(|value| (low..=high).contains(value))
        };
        let whole = documents >= 0
            && tokens >= 0
            && within(&frequencies, 1, documents)
            && within(&occurrences, 1, tokens)
            && within(field_documents, 0, documents)
            && within(field_tokens, 0, tokens)
            && field_documents.len() == fields;
        if !whole {
            return Err(checks::corrupt(
                "document frequencies pass the number of documents",
            ));
        }
        let lengths = field_tokens.values().iter().zip(field_documents.values());
        let mean_lengths = lengths.map(|(tokens, documents)| match documents {
            0 => 0.0,
            _ => *tokens as f64 / *documents as f64,
        });
        Ok(Self {
            mean_lengths: mean_lengths.collect(),
            vocabulary,
            frequencies,
            occurrences,
            documents: documents as f64,
            tokens: tokens as f64,
        })
    }

    /// The tokens, in the order of their bytes.
    pub(super) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// The number of documents that hold the token at this position.
    fn frequency_at(&self, at: usize) -> f64 {
        self.frequencies.value(at) as f64
    }

    /// The number of documents that hold `token`; 0 when it is unknown.
    fn frequency(&self, token: &[u8]) -> f64 {
        self.vocabulary
            .find(token)
            .map_or(0.0, |at| self.frequency_at(at))
    }

    /// BM25's inverse document frequency of `token`: ln(1 + (N - df + 0.5) / (df + 0.5)).
    pub(super) fn idf(&self, token: &[u8]) -> f64 {
        let frequency = self.frequency(token);
        math::ln(1.0 + (self.documents - frequency + 0.5) / (frequency + 0.5))
    }

    /// scikit-learn's smoothed inverse document frequency of `token`: ln((1 + N) / (1 + df)) + 1.
    pub(super) fn smooth_idf(&self, token: &[u8]) -> f64 {
        math::ln((1.0 + self.documents) / (1.0 + self.frequency(token))) + 1.0
    }

    /// The share of `token` among all tokens; 0.0 when there are none.
    pub(super) fn share(&self, token: &[u8]) -> f64 {
        match self.vocabulary.find(token) {
            Some(at) => self.occurrences.value(at) as f64 / self.tokens,
            None => 0.0,
        }
    }

    /// The share of `token` among all tokens, each counted once more: (cf + 1) / (T + 1).
    pub(super) fn probability(&self, token: &[u8]) -> f64 {
        let occurrences = self
            .vocabulary
            .find(token)
            .map_or(0.0, |at| self.occurrences.value(at) as f64);
        (occurrences + 1.0) / (self.tokens + 1.0)
    }

    /// A length relative to the mean of its field; 0.0 where all documents are empty.
    #[inline]
    pub(super) fn relative_length(&self, field: usize, length: usize) -> f64 {
        let mean = self.mean_lengths.get(field).copied().unwrap_or(0.0);
        if mean > 0.0 { length as f64 / mean } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::LargeBinaryArray;

    use super::*;
    use crate::error::ErrorKind;

    /// Tables with these statistics, of one token.
    fn tables(
        documents: i64,
        tokens: i64,
        frequency: i64,
        occurrences: i64,
        fields: &[(i64, i64)],
    ) -> Tables {
        let ints = |values: Vec<i64>| -> ArrayRef { Arc::new(Int64Array::from(values)) };
        let mut tables = Tables::default();
        let statistics = vec![
            ("documents", ints(vec![documents])),
            ("tokens", ints(vec![tokens])),
        ];
        tables.insert("statistics", statistics).unwrap();
        let (of_fields, tokens): (Vec<i64>, Vec<i64>) = fields.iter().copied().unzip();
        let of_fields = vec![("documents", ints(of_fields)), ("tokens", ints(tokens))];
        tables.insert(FIELDS, of_fields).unwrap();
        let terms = LargeBinaryArray::from(vec![&b"a"[..]]);
        vocabulary::insert_lookup(&mut tables, &terms, "").unwrap();
        let columns: Vec<(&str, ArrayRef)> = vec![
            ("term", Arc::new(terms)),
            ("document_frequency", ints(vec![frequency])),
            ("occurrences", ints(vec![occurrences])),
        ];
        tables.insert(vocabulary::TERMS, columns).unwrap();
        tables
    }

    #[test]
    fn statistics_that_no_documents_have_are_refused() {
        assert!(Collection::open(&tables(2, 5, 2, 5, &[(2, 5)]), 1).is_ok());
        assert!(Collection::open(&tables(1, 1, 1, 1, &[(0, 0), (1, 1)]), 2).is_ok());
        for (bad, fields) in [
            (tables(-1, 5, 1, 5, &[(0, 5)]), 1),
            (tables(2, -1, 2, 1, &[(2, 0)]), 1),
            (tables(2, 5, 0, 5, &[(2, 5)]), 1),
            (tables(2, 5, 3, 5, &[(2, 5)]), 1),
            (tables(2, 5, 2, 0, &[(2, 5)]), 1),
            (tables(2, 5, 2, 6, &[(2, 5)]), 1),
            (tables(2, 5, 2, 5, &[(3, 5)]), 1),
            (tables(2, 5, 2, 5, &[(-1, 5)]), 1),
            (tables(2, 5, 2, 5, &[(2, 6)]), 1),
            (tables(2, 5, 2, 5, &[(2, -1)]), 1),
            (tables(2, 5, 2, 5, &[(2, 5)]), 2),
            (tables(2, 5, 2, 5, &[(2, 5), (0, 0)]), 1),
        ] {
            let error = Collection::open(&bad, fields).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::CorruptArtifact, "{bad:?}");
        }
    }

    #[test]
    fn a_field_of_no_documents_has_the_length_zero() {
        let collection = Collection::open(&tables(1, 1, 1, 1, &[(0, 0), (1, 1)]), 2).unwrap();
        assert_eq!(collection.mean_lengths, [0.0, 1.0]);
    }
}
