//! Feeds hostile bytes to the text stack and to all that makes sparse rows of tokens.
//!
//! The pipeline of every CPU level must give the blocks of the scalar twin, in one batch and row by row. Rows are
//! separated by line feeds.
#![no_main]

use std::cell::RefCell;

use buzzsaw_core::cpu::Level;
use buzzsaw_core::{BatchBuilder, FeatureBlock, Pipeline, Scratch, Spec};
use libfuzzer_sys::fuzz_target;

const SPEC: &str = "
buzzsaw: 1
name: fuzz
inputs:
  text: {type: string, side: document}
steps:
  standard: {transform: tokenize, input: text, analyzer: standard}
  english: {transform: tokenize, input: text, analyzer: english}
  sklearn: {transform: tokenize, input: text, analyzer: sklearn}
  spaces: {transform: tokenize, input: text, analyzer: {tokenizer: whitespace, fold: none}}
  spark: {transform: tokenize, input: text, analyzer: spark}
  lucene: {transform: tokenize, input: text, analyzer: {tokenizer: lucene, html: strip, normalize: nfc}}
  letters: {transform: tokenize, input: text, analyzer: {tokenizer: spark_regex, pattern: {matches: '\\p{L}+'}, html: strip}}
  form: {transform: normalize_text, input: text, html: strip, strip_accents: true}
  bare: {transform: tokenize, input: form, analyzer: {tokenizer: characters, fold: none}}
  e: {transform: hashed_terms, input: spark, bits: 30}
  f: {transform: hashed_terms, input: lucene, bits: 30}
  g: {transform: hashed_terms, input: letters, bits: 30}
  h: {transform: hashed_terms, input: bare, bits: 30}
  a: {transform: hashed_terms, input: standard, bits: 22, norm: l2}
  b: {transform: hashed_terms, input: english, bits: 3, signed: true, norm: l1}
  c: {transform: hashed_terms, input: sklearn, bits: 20, hash: sklearn, signed: true, norm: l2, ngrams: [1, 2]}
  d: {transform: hashed_terms, input: spaces, bits: 31, hash: sklearn, ngrams: [1, 3]}
features: [a, b, c, d, e, f, g, h]
";

struct Run {
    pipeline: Pipeline,
    block: FeatureBlock,
    scratch: Scratch,
}

impl Run {
    fn fingerprints(&mut self, rows: &[&[u8]]) -> Vec<i64> {
        let mut batch = BatchBuilder::new(&self.pipeline);
        for row in rows {
            batch.set(0, *row).expect("the column is a string");
            batch.end_row().expect("the row has its column");
        }
        let frame = batch.frame().expect("the batch is whole");
        self.pipeline
            .transform(&frame, &mut self.block, &mut self.scratch)
            .expect("text of this size is within all limits");
        let mut fingerprints = Vec::new();
        self.block.fingerprints(&mut fingerprints);
        fingerprints
    }
}

thread_local! {
    static RUNS: RefCell<Vec<Run>> = RefCell::new(
        (1..=Level::available().len() as u8)
            .map(|levels| {
                Level::limit(levels);
                let spec = Spec::parse(SPEC).expect("the spec is valid");
                Run {
                    pipeline: Pipeline::from_spec(spec).expect("no step learns"),
                    block: FeatureBlock::default(),
                    scratch: Scratch::default(),
                }
            })
            .collect(),
    );
}

fuzz_target!(|input: &[u8]| {
    let rows: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    RUNS.with_borrow_mut(|runs| {
        let (plain, others) = runs.split_first_mut().expect("the scalar twin is always there");
        let want = plain.fingerprints(&rows);
        for run in others {
            assert_eq!(run.fingerprints(&rows), want);
            for (row, want) in rows.iter().zip(&want) {
                assert_eq!(run.fingerprints(&[row]), [*want]);
            }
        }
    });
});
