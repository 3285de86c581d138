//! How a row's features came about, as one canonical JSON.

use serde_json::{Map, Value, json};

use crate::block::{FeatureBlock, output_bits};
use crate::error::{Error, ErrorKind, Result};
use crate::frame::Frame;
use crate::pipeline::Pipeline;
use crate::scratch::Scratch;
use crate::slot::Slot;

/// Entries of a sparse row or tokens of a list that are shown; the count says how many there are.
const SHOWN: usize = 100;

impl Pipeline {
    /// Explains row `row` of `frame`: the value of every step and feature, as canonical JSON.
    ///
    /// Missing values are null, infinities the strings `"inf"` and `"-inf"`. Step values are f64 before the one
    /// rounding; features are what [`Pipeline::transform`] returns.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` for a row that the frame does not have, else as [`Pipeline::transform`].
    pub fn explain(&self, frame: &Frame<'_>, row: usize) -> Result<String> {
        self.explain_with(frame, row, &mut Scratch::default())
    }

    /// [`Pipeline::explain`] with the memory, and the limit, of `scratch`.
    ///
    /// # Errors
    /// As [`Pipeline::explain`]; `BZ_RESOURCE_LIMIT` when the features of the whole frame, or steps, pass the limit of
    /// [`Scratch::with_limit`].
    pub fn explain_with(&self, frame: &Frame<'_>, row: usize, scratch: &mut Scratch) -> Result<String> {
        if row >= frame.rows() {
            return Err(Error::new(
                ErrorKind::InvalidValue,
                format!("there is no row {row}; the frame has {} rows", frame.rows()),
            )
            .at("row")
            .hint("rows are counted from 0"));
        }
        let mut block = FeatureBlock::default();
        self.transform(frame, &mut block, scratch)?;
        let evaluator = self.evaluator(frame.folds());
        let mut steps = Map::new();
        evaluator.at_row(frame, scratch, row, |at, slot, position| {
            let step = &self.spec().steps()[evaluator.plan.steps[at].step];
            let inputs: Vec<&str> = step.inputs.iter().map(|s| self.spec().source_name(*s)).collect();
            let entry = json!({
                "transform": step.transform.name,
                "version": step.transform.version,
                "inputs": inputs,
                "value": slot_value(slot, position),
            });
            steps.insert(step.name.clone(), entry);
        })?;
        let mut features = Map::new();
        for (name, value) in block.dense_names().iter().zip(block.dense_row(row)) {
            features.insert(name.clone(), number(f64::from(*value)));
        }
        for part in block.sparse() {
            let (indices, values) = part.row(row);
            let values: Vec<f64> = values.iter().map(|value| f64::from(*value)).collect();
            features.insert(part.name.clone(), sparse(indices, &values));
        }
        let mut fingerprints = Vec::new();
        block.fingerprints(&mut fingerprints);
        let explained = json!({
            "artifact": self.content_hash(),
            "spec": self.spec().name(),
            "row": row,
            "steps": steps,
            "features": features,
            "fingerprint": fingerprints.get(row),
        });
        Ok(explained.to_string())
    }
}

fn slot_value(slot: &Slot, at: usize) -> Value {
    match slot {
        Slot::Numbers(values) => number(values[at]),
        Slot::Text(rows) => rows
            .get(at)
            .map_or(Value::Null, |bytes| String::from_utf8_lossy(bytes).into()),
        Slot::Terms(terms) => terms.row(at).map_or(Value::Null, |row| {
            let shown: Vec<_> = row
                .iter()
                .take(SHOWN)
                .map(|token| String::from_utf8_lossy(token))
                .collect();
            if row.len() > SHOWN {
                json!({"count": row.len(), "first": shown})
            } else {
                json!(shown)
            }
        }),
        Slot::Sparse(rows) => {
            let (indices, values) = rows.row(at);
            sparse(indices, values)
        }
        Slot::Vectors(rows) => rows.row(at).map_or(Value::Null, |row| {
            let shown: Vec<_> = row.iter().take(SHOWN).map(|item| number(*item)).collect();
            if row.len() > SHOWN {
                json!({"count": row.len(), "first": shown})
            } else {
                json!(shown)
            }
        }),
    }
}

fn number(value: f64) -> Value {
    if value.is_nan() {
        Value::Null
    } else if value.is_infinite() {
        if value > 0.0 { "inf".into() } else { "-inf".into() }
    } else {
        json!(value + 0.0)
    }
}

fn sparse(indices: &[u32], values: &[f64]) -> Value {
    let kept = || {
        indices
            .iter()
            .zip(values)
            .filter(|(_, value)| output_bits(**value) != 0.0)
    };
    let shown: Vec<Value> = kept()
        .take(SHOWN)
        .map(|(index, value)| json!([index, number(*value)]))
        .collect();
    json!({"count": kept().count(), "entries": shown})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::batch::BatchBuilder;
    use crate::spec::Spec;

    #[test]
    fn the_limit_is_that_of_the_scratch() {
        let text = "buzzsaw: 1\nname: t\ninputs: {x: {type: float64, side: document}}\nfeatures: [x]";
        let pipeline = Pipeline::from_spec(Spec::parse(text).unwrap()).unwrap();
        let mut batch = BatchBuilder::new(&pipeline);
        for value in [1.0, 2.0] {
            batch.set(0, value).unwrap();
            batch.end_row().unwrap();
        }
        let frame = batch.frame().unwrap();
        let within = |bytes| pipeline.explain_with(&frame, 0, &mut Scratch::with_limit(bytes));
        assert_eq!(within(8).unwrap(), pipeline.explain(&frame, 0).unwrap());
        assert_eq!(within(7).unwrap_err().kind(), ErrorKind::ResourceLimit);
    }
}
