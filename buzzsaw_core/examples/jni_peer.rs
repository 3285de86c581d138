//! The Rust side of `benches/jni.py`: requests through [`BatchBuilder`], beside `io.buzzsaw.benches.JniBench`.
//!
//! `jni_peer ARTIFACT CANDIDATES` answers each line of its input, a number of milliseconds, with a run of that length:
//! the mean nanoseconds of a batch, from its first append to the last read of its output; the fingerprints of all rows
//! of all requests, each rotated by its row's position, by exclusive or; and a digest of every value read. Both sides
//! make the same rows by the same formula, so the last two must be equal.

use std::error::Error as StdError;
use std::hint::black_box;
use std::io::stdin;
use std::time::{Duration, Instant};

use buzzsaw_core::{BatchBuilder, FeatureBlock, Folds, Pipeline, Result, Scratch};

/// Different requests, in turn, so that no batch is the one before it.
const REQUESTS: usize = 16;
const NOW: i64 = 1_760_000_000_000_000;
const HOUR: i64 = 3_600_000_000;
const SYLLABLES: [&str; 16] = [
    "ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "hy",
];

/// A number below 2^24 for a row and one of its 31 uses.
fn number(row: u64, usage: u64) -> u64 {
    row.wrapping_mul(31)
        .wrapping_add(usage)
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        >> 40
}

/// One of 4,096 words of three syllables; squaring makes some of them frequent.
fn word(row: u64, position: u64) -> String {
    let spread = number(row, position) & 4095;
    let at = ((spread * spread) >> 12) as usize;
    [at & 15, at >> 4 & 15, at >> 8].map(|i| SYLLABLES[i]).concat()
}

fn words(row: u64, count: u64) -> String {
    let words: Vec<String> = (0..count).map(|position| word(row, position)).collect();
    words.join(" ")
}

/// One query with its candidates, a column a vector and the titles one after another, as in an index.
struct Request {
    query: String,
    titles: String,
    /// Where each title starts, and where the last ends.
    starts: Vec<usize>,
    prices: Vec<Option<f64>>,
    released_at: Vec<i64>,
}

impl Request {
    fn of(request: usize, candidates: usize) -> Self {
        let first = (request * candidates) as u64;
        let mut made = Self {
            query: words(first, 2),
            titles: String::new(),
            starts: vec![0],
            prices: Vec::new(),
            released_at: Vec::new(),
        };
        for row in first..first + candidates as u64 {
            made.titles.push_str(&words(row, 8 + row % 5));
            made.starts.push(made.titles.len());
            let price = number(row, 29);
            made.prices
                .push((!price.is_multiple_of(17)).then(|| (price % 100_000) as f64 / 100.0));
            made.released_at
                .push(NOW - (number(row, 30) % 100_000) as i64 * HOUR);
        }
        made
    }
}

/// What is reused from batch to batch, and where the inputs are.
struct Bench<'p> {
    pipeline: &'p Pipeline,
    batch: BatchBuilder<'p>,
    block: FeatureBlock,
    scratch: Scratch,
    query: usize,
    now: usize,
    title: usize,
    price: usize,
    released_at: usize,
}

impl<'p> Bench<'p> {
    fn of(pipeline: &'p Pipeline) -> std::result::Result<Self, Box<dyn StdError>> {
        let input = |name: &str| {
            let mut inputs = pipeline.inputs(Folds::Full).iter();
            inputs
                .position(|input| input.name == name)
                .ok_or(format!("the artifact has no input {name}"))
        };
        Ok(Self {
            pipeline,
            batch: BatchBuilder::new(pipeline),
            block: FeatureBlock::default(),
            scratch: Scratch::default(),
            query: input("query")?,
            now: input("now")?,
            title: input("title")?,
            price: input("price")?,
            released_at: input("released_at")?,
        })
    }

    /// The timed span: appends, evaluates, reads every value.
    fn serve(&mut self, request: &Request) -> Result<u64> {
        let batch = &mut self.batch;
        batch.clear();
        batch.start_group()?;
        batch.set(self.query, request.query.as_str())?;
        batch.set(self.now, NOW)?;
        for (i, (price, released_at)) in request.prices.iter().zip(&request.released_at).enumerate() {
            batch.set(
                self.title,
                &request.titles[request.starts[i]..request.starts[i + 1]],
            )?;
            if let Some(price) = *price {
                batch.set(self.price, price)?;
            }
            batch.set(self.released_at, *released_at)?;
            batch.end_row()?;
        }
        batch.end_group()?;
        let frame = batch.frame()?;
        self.pipeline
            .transform(&frame, &mut self.block, &mut self.scratch)?;
        Ok(read(&self.block))
    }

    /// Fingerprints and values of all requests, as the other side must have them.
    fn checks(&mut self, requests: &[Request]) -> Result<(u64, u64)> {
        let (mut fingerprints, mut values, mut rows) = (0, 0, Vec::new());
        for request in requests {
            values ^= self.serve(request)?;
            rows.clear();
            self.block.fingerprints(&mut rows);
            for (row, fingerprint) in rows.iter().enumerate() {
                fingerprints ^= (*fingerprint as u64).rotate_left(row as u32 & 63);
            }
        }
        Ok((fingerprints, values))
    }

    /// The mean nanoseconds of a batch over `time`. The clock is read once in a round of all requests: a batch of one
    /// candidate is so short that reading it each time would show.
    fn run(&mut self, requests: &[Request], time: Duration) -> Result<f64> {
        let (start, mut batches) = (Instant::now(), 0);
        loop {
            for request in requests {
                black_box(self.serve(request)?);
            }
            batches += requests.len();
            let elapsed = start.elapsed();
            if elapsed >= time {
                return Ok(elapsed.as_nanos() as f64 / batches as f64);
            }
        }
    }
}

/// Reads every value; the digest depends on the order of rows and of dense features.
fn read(block: &FeatureBlock) -> u64 {
    let mut seen = 0;
    for row in 0..block.rows() {
        let mut values: u64 = 0;
        for value in block.dense_row(row) {
            values = values.wrapping_mul(31).wrapping_add(u64::from(value.to_bits()));
        }
        for part in block.sparse() {
            let (indices, weights) = part.row(row);
            for (index, weight) in indices.iter().zip(weights) {
                values ^= u64::from(*index) << 32 | u64::from(weight.to_bits());
            }
        }
        seen ^= values.rotate_left(row as u32 & 63);
    }
    seen
}

fn main() -> std::result::Result<(), Box<dyn StdError>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [artifact, candidates] = args.as_slice() else {
        return Err("give ARTIFACT CANDIDATES".into());
    };
    let candidates: usize = candidates.parse()?;
    let pipeline = Pipeline::load(artifact)?;
    let requests: Vec<Request> = (0..REQUESTS).map(|i| Request::of(i, candidates)).collect();
    let mut bench = Bench::of(&pipeline)?;
    for line in stdin().lines() {
        let mean = bench.run(&requests, Duration::from_millis(line?.parse()?))?;
        let (fingerprints, values) = bench.checks(&requests)?;
        println!("{mean} {fingerprints:x} {values:x}");
    }
    Ok(())
}
