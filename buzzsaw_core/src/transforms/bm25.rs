//! `bm25`: how well a document's field matches a query.

use std::sync::Arc;

use arrow_array::{Int64Array, LargeBinaryArray};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{FitState, Outcome, Tables, TermCounts};
use crate::math;
use crate::ngrams::Ngrams;
use crate::slot::Slot;
use crate::text::TermsRow;
use crate::types::ValueType;
use crate::vocabulary::{self, Vocabulary};

/// The BM25 score of a document's tokens for a query's tokens, with statistics frozen in the artifact.
///
/// The first input is the query, the second the document. Document frequencies and the mean length are learnt from
/// the documents, each counted once. A query token that repeats counts each time; the sum runs in query order.
///
/// **Missing.** When either side is missing the score is missing; an empty side, or no common token, gives 0.0.
/// Missing documents are left out of the statistics.
///
/// **Example.** `{transform: bm25, inputs: [query_terms, title_terms], k1: 1.2, b: 0.75}`.
///
/// **Source.** Robertson and Zaragoza, "The Probabilistic Relevance Framework" (2009), in Lucene's form since 8.0:
/// idf * tf / (tf + k1 * (1 - b + b * length / mean length)), without the factor k1 + 1, with idf = ln(1 + (N - df +
/// 0.5) / (df + 0.5)); lengths are exact here, where Lucene rounds them to one byte.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// How soon further occurrences of a token stop to count; 0 or more.
    k1: f64,
    /// How much a document's length counts; 0 to 1.
    b: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self { k1: 1.2, b: 0.75 }
    }
}

/// Document frequencies and lengths.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct State(TermCounts);

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let documents = args.terms(1)?;
        (0..args.len())
            .filter_map(|i| documents.get(i))
            .try_for_each(|row| self.0.add(row, Ngrams::default()))
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.0.merge(other.0)
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let one = |value: u64| Arc::new(Int64Array::from(vec![value as i64]));
        let mut tables = Tables::default();
        tables.insert(
            "statistics",
            vec![
                ("documents", one(self.0.documents())),
                ("tokens", one(self.0.tokens())),
            ],
        )?;
        let sorted = self.0.into_sorted();
        let terms: LargeBinaryArray = sorted.iter().map(|(term, _)| Some(term)).collect();
        let frequencies: Int64Array = sorted.iter().map(|(_, counts)| counts.documents as i64).collect();
        vocabulary::insert_lookup(&mut tables, &terms)?;
        let columns: Vec<(&str, arrow_array::ArrayRef)> = vec![
            ("term", Arc::new(terms)),
            ("document_frequency", Arc::new(frequencies)),
        ];
        tables.insert(vocabulary::TERMS, columns)?;
        Ok(Outcome::Done(tables))
    }
}

pub(super) struct Bm25 {
    params: Params,
    vocabulary: Vocabulary,
    frequencies: Int64Array,
    documents: f64,
    mean_length: f64,
}

#[derive(Default)]
pub(crate) struct Work {
    /// The source row whose query is prepared.
    prepared: Option<usize>,
    /// For each query token in order, its inverse document frequency and which distinct token it is.
    tokens: Vec<(f64, usize)>,
    /// Where each distinct token first stands in the query.
    distinct: Vec<usize>,
    /// The positions of a long query's tokens, in the order of their bytes.
    order: Vec<usize>,
    /// How often each distinct token occurs in the document.
    counts: Vec<u32>,
}

/// Queries of more tokens than this are searched by bisection.
const FEW: usize = 32;

impl Work {
    /// Which of the query's distinct tokens `token` is.
    #[inline]
    fn find(&self, query: TermsRow<'_>, token: &[u8]) -> Option<usize> {
        if query.len() <= FEW {
            self.distinct.iter().position(|first| query.get(*first) == token)
        } else {
            self.distinct
                .binary_search_by(|first| query.get(*first).cmp(token))
                .ok()
        }
    }
}

impl Bm25 {
    fn idf(&self, token: &[u8]) -> f64 {
        let frequency = self
            .vocabulary
            .find(token)
            .map_or(0.0, |at| self.frequencies.value(at) as f64);
        math::ln(1.0 + (self.documents - frequency + 0.5) / (frequency + 0.5))
    }

    fn prepare(&self, query: TermsRow<'_>, work: &mut Work) {
        work.tokens.clear();
        work.distinct.clear();
        if query.len() > FEW {
            self.prepare_many(query, work);
            return;
        }
        for (i, token) in query.iter().enumerate() {
            match work.find(query, token) {
                Some(at) => {
                    let idf = work.tokens[work.distinct[at]].0;
                    work.tokens.push((idf, at));
                }
                None => {
                    work.tokens.push((self.idf(token), work.distinct.len()));
                    work.distinct.push(i);
                }
            }
        }
    }

    /// As `prepare`, with the distinct tokens in the order of their bytes, so that they are found by bisection.
    fn prepare_many(&self, query: TermsRow<'_>, work: &mut Work) {
        work.order.clear();
        work.order.extend(0..query.len());
        work.order
            .sort_unstable_by(|a, b| query.get(*a).cmp(query.get(*b)).then(a.cmp(b)));
        work.tokens.resize(query.len(), (0.0, 0));
        let mut last = None;
        for i in &work.order {
            let token = query.get(*i);
            let idf = match last {
                Some((held, idf)) if held == token => idf,
                _ => {
                    work.distinct.push(*i);
                    self.idf(token)
                }
            };
            last = Some((token, idf));
            work.tokens[*i] = (idf, work.distinct.len() - 1);
        }
    }

    fn score(&self, query: TermsRow<'_>, document: TermsRow<'_>, work: &mut Work) -> f64 {
        work.counts.clear();
        work.counts.resize(work.distinct.len(), 0);
        for token in document.iter() {
            if let Some(at) = work.find(query, token) {
                work.counts[at] += 1;
            }
        }
        let Params { k1, b } = self.params;
        let relative = if self.mean_length > 0.0 {
            document.len() as f64 / self.mean_length
        } else {
            0.0
        };
        let norm = k1 * (1.0 - b + b * relative);
        let mut score = 0.0;
        for (idf, at) in &work.tokens {
            let count = f64::from(work.counts[*at]);
            if count > 0.0 {
                score += idf * (count / (count + norm));
            }
        }
        score
    }
}

impl Transform for Bm25 {
    const NAME: &'static str = "bm25";
    type Params = Params;
    type Work = Work;
    type State = State;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let mut problems = checks::inputs(
            inputs,
            &[("terms", ValueType::is_terms), ("terms", ValueType::is_terms)],
        );
        problems.extend(checks::range(params.k1 >= 0.0, "k1", params.k1, "give 0 or more"));
        problems.extend(checks::range(
            (0.0..=1.0).contains(&params.b),
            "b",
            params.b,
            "give 0 to 1",
        ));
        checks::done(
            problems,
            Signature::fitted(vec![Read::Terms, Read::Terms], ValueType::Number, vec![1]),
        )
    }

    fn start(_params: &Params) -> State {
        State::default()
    }

    fn build(params: Params, tables: &Tables) -> Result<Self> {
        let vocabulary = Vocabulary::open(tables)?;
        let frequencies = tables.i64s(vocabulary::TERMS, "document_frequency")?.clone();
        let documents = tables.i64("statistics", "documents")?;
        let tokens = tables.i64("statistics", "tokens")?;
        if documents < 0 || tokens < 0 || frequencies.values().iter().any(|df| *df < 1 || *df > documents) {
            return Err(Error::new(
                ErrorKind::CorruptArtifact,
                "document frequencies pass the number of documents",
            )
            .hint("fit the spec again"));
        }
        let mean_length = if documents == 0 {
            0.0
        } else {
            tokens as f64 / documents as f64
        };
        Ok(Self {
            params,
            vocabulary,
            frequencies,
            documents: documents as f64,
            mean_length,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let (queries, documents) = (args.terms(0)?, args.terms(1)?);
        let out = out.numbers()?;
        work.prepared = None;
        for i in 0..args.len() {
            let score = match (queries.get(i), documents.get(i)) {
                (Some(query), Some(document)) => {
                    let source = queries.source_row(i);
                    if work.prepared != Some(source) {
                        self.prepare(query, work);
                        work.prepared = Some(source);
                    }
                    self.score(query, document, work)
                }
                _ => f64::NAN,
            };
            out.push(score);
        }
        Ok(())
    }
}
