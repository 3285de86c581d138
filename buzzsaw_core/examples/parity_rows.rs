//! The Rust runtime of `tests/parity`: the bits of every row of an Arrow file, straight from the core.
//!
//! `parity_rows rows ARTIFACT BATCH OUT FOLDS [GROUPS] [ROW,ROW,...]` reads an artifact and an Arrow IPC file of one
//! batch; FOLDS is `full` or `of_qid`, GROUPS names a column of group ids (`-` for none), rows listed last are
//! explained. OUT gets, little-endian: u64 rows; i64 fingerprints; u64 offsets (rows + 1); the bytes of
//! [`FeatureBlock::row_bytes`], row after row. Standard output gets a JSON array with the explanations.
//! `parity_rows prints ARTIFACT BATCH OUT FOLDS [GROUPS]` writes no more than the fingerprints.
//!
//! `parity_rows compile` reads a JSON array of specs and answers with a JSON array of lists of problems.
//!
//! A failure is the list of its problems as JSON on standard output, and exit code 3.

use std::error::Error as StdError;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::process::ExitCode;

use arrow_array::{Array, Int64Array, RecordBatch};
use arrow_ipc::reader::FileReader;
use buzzsaw_core::{Error, ErrorKind, FeatureBlock, Folds, Frame, Pipeline, Scratch, Spec};
use serde_json::{Value, json};

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match run(&args) {
        Ok(answer) => {
            println!("{answer}");
            ExitCode::SUCCESS
        }
        Err(failure) => match failure.downcast::<Error>() {
            Ok(error) => {
                println!("{}", problems(*error));
                ExitCode::from(3)
            }
            Err(other) => {
                eprintln!("parity_rows: {other}");
                ExitCode::FAILURE
            }
        },
    }
}

fn run(args: &[String]) -> Result<Value, Box<dyn StdError>> {
    let words: Vec<&str> = args.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["compile"] => compile(),
        [kind @ ("rows" | "prints"), artifact, batch, out, folds, more @ ..] if more.len() <= 2 => {
            let groups = more.first().copied().unwrap_or("-");
            let explain = more.get(1).copied().unwrap_or_default();
            rows(artifact, batch, out, folds, groups, explain, *kind == "rows")
        }
        _ => Err("give `rows|prints ARTIFACT BATCH OUT FOLDS [GROUPS] [ROWS]` or `compile`".into()),
    }
}

fn problems(error: Error) -> Value {
    let one = |problem: buzzsaw_core::Problem| {
        json!({
            "code": problem.kind.code(),
            "message": problem.message,
            "place": problem.place,
            "hint": problem.hint,
        })
    };
    error.into_problems().into_iter().map(one).collect()
}

fn compile() -> Result<Value, Box<dyn StdError>> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let specs: Vec<String> = serde_json::from_str(&text)?;
    let judge = |spec: &String| match Spec::parse(spec).and_then(Pipeline::from_spec) {
        Ok(_) => json!([]),
        Err(error) => problems(error),
    };
    Ok(specs.iter().map(judge).collect())
}

fn only_batch(path: &str) -> Result<RecordBatch, Box<dyn StdError>> {
    let mut reader = FileReader::try_new(File::open(path)?, None)?;
    let batch = reader.next().ok_or("the file has no batch")??;
    if reader.next().is_some() {
        return Err("the file has more than one batch".into());
    }
    Ok(batch)
}

/// Row offsets of runs of equal ids.
fn offsets(batch: &RecordBatch, column: &str) -> Result<Vec<u32>, Box<dyn StdError>> {
    let ids = batch
        .column_by_name(column)
        .ok_or("there is no column of group ids")?;
    let ids = ids
        .as_any()
        .downcast_ref::<Int64Array>()
        .ok_or("group ids are int64")?;
    let starts = (0..ids.len()).filter(|i| *i == 0 || ids.value(*i) != ids.value(*i - 1));
    Ok(starts.chain([ids.len()]).map(|at| at as u32).collect())
}

fn rows(
    artifact: &str,
    batch: &str,
    out: &str,
    folds: &str,
    groups: &str,
    explain: &str,
    with_bits: bool,
) -> Result<Value, Box<dyn StdError>> {
    let folds = match folds {
        "full" => Folds::Full,
        "of_qid" => Folds::OfQid,
        _ => return Err("folds are `full` or `of_qid`".into()),
    };
    let batch = only_batch(batch)?;
    let groups = (groups != "-").then(|| offsets(&batch, groups)).transpose()?;
    let pipeline = Pipeline::load(artifact)?;
    let frame = Frame::from_record_batch(&batch, pipeline.inputs(folds), groups.as_deref(), folds)?;
    let mut block = FeatureBlock::default();
    pipeline.transform(&frame, &mut block, &mut Scratch::default())?;
    if block.rows() != batch.num_rows() {
        return Err(Error::new(ErrorKind::Internal, "rows were lost").into());
    }
    write_rows(&block, out, with_bits)?;
    explain
        .split(',')
        .filter(|row| !row.is_empty())
        .map(|row| Ok(Value::String(pipeline.explain(&frame, row.parse()?)?)))
        .collect()
}

fn write_rows(block: &FeatureBlock, out: &str, with_bits: bool) -> Result<(), Box<dyn StdError>> {
    let mut fingerprints = Vec::new();
    block.fingerprints(&mut fingerprints);
    let mut file = BufWriter::new(File::create(out)?);
    file.write_all(&(block.rows() as u64).to_le_bytes())?;
    for fingerprint in fingerprints {
        file.write_all(&fingerprint.to_le_bytes())?;
    }
    if with_bits {
        let (mut bytes, mut row, mut ends) = (Vec::new(), Vec::new(), vec![0u64]);
        for i in 0..block.rows() {
            block.row_bytes(i, &mut row);
            bytes.extend_from_slice(&row);
            ends.push(bytes.len() as u64);
        }
        for end in ends {
            file.write_all(&end.to_le_bytes())?;
        }
        file.write_all(&bytes)?;
    }
    file.flush()?;
    Ok(())
}
