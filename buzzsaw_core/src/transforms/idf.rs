//! `idf`: sparse counts weighted by inverse document frequency.

use std::collections::HashMap;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float64Array, Int64Array, UInt32Array};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3DefaultBuilder;

use super::{Read, Signature, Transform, checks};
use crate::args::Args;
use crate::error::{Problem, Result};
use crate::fit::{FitState, Outcome, Tables};
use crate::hash;
use crate::lookup::Lookup;
use crate::math;
use crate::slot::Slot;
use crate::types::ValueType;

/// Multiplies each column of sparse rows by its inverse document frequency.
///
/// The weight is ln((m + 1) / (df + 1)), with m the number of rows that were learnt from and df the number of those
/// whose value in the column is above 0. It is 0 for columns with df below `min_df`. A column never seen has df 0. Where
/// the weight is 0 so is the value, even of an infinite one.
///
/// **Missing.** A missing input is an empty sparse row: it counts among the m rows and gives an empty row.
///
/// **Example.** `idf(hashed_terms([["red"], ["red", "lamp"]], bits=4))` gives `[{}, {13: 0.405465}]`.
///
/// **Oracle.** Spark ML's `IDF`, from its formula with correctly rounded logarithms, exactly.
///
/// **Source.** `org.apache.spark.ml.feature.IDF`; `min_df` is its `minDocFreq`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// Columns with values above 0 in fewer rows have weight 0.
    min_df: u64,
}

/// The name of the state table with one row a column.
const COLUMNS: &str = "columns";

/// In how many rows each column has a value above 0.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct State {
    min_df: u64,
    documents: u64,
    frequencies: HashMap<u32, u64, Xxh3DefaultBuilder>,
}

fn weight(documents: u64, frequency: u64, min_df: u64) -> f64 {
    if frequency < min_df {
        return 0.0;
    }
    math::ln((documents as f64 + 1.0) / (frequency as f64 + 1.0))
}

impl FitState for State {
    fn update(&mut self, args: &Args<'_>) -> Result<()> {
        let rows = args.sparse(0)?;
        self.documents += args.len() as u64;
        for i in 0..args.len() {
            let (columns, values) = rows.get(i);
            for (column, _) in columns.iter().zip(values).filter(|(_, value)| **value > 0.0) {
                *self.frequencies.entry(*column).or_default() += 1;
            }
        }
        Ok(())
    }

    fn merge(&mut self, other: Self) -> Result<()> {
        self.documents += other.documents;
        for (column, documents) in other.frequencies {
            *self.frequencies.entry(column).or_default() += documents;
        }
        Ok(())
    }

    fn finish(self) -> Result<Outcome<Self>> {
        let mut sorted: Vec<(u32, u64)> = self.frequencies.into_iter().collect();
        sorted.sort_unstable();
        let weight = |frequency| weight(self.documents, frequency, self.min_df);
        let columns: UInt32Array = sorted
            .iter()
            .map(|(column, _)| *column)
            .collect::<Vec<_>>()
            .into();
        let frequencies: Int64Array = sorted.iter().map(|(_, df)| *df as i64).collect::<Vec<_>>().into();
        let weights: Float64Array = sorted
            .iter()
            .map(|(_, df)| weight(*df))
            .collect::<Vec<_>>()
            .into();
        let mut tables = Tables::default();
        Lookup::insert(
            &mut tables,
            sorted.len(),
            |i| hash::member(u64::from(columns.value(i)), 0),
            "use fewer columns",
        )?;
        let each: Vec<(&str, ArrayRef)> = vec![
            ("column", Arc::new(columns)),
            ("document_frequency", Arc::new(frequencies)),
            ("weight", Arc::new(weights)),
        ];
        tables.insert(COLUMNS, each)?;
        let documents = Int64Array::from(vec![self.documents as i64]);
        let unseen = Float64Array::from(vec![weight(0)]);
        tables.insert(
            "statistics",
            vec![("documents", Arc::new(documents)), ("unseen", Arc::new(unseen))],
        )?;
        Ok(Outcome::Done(tables))
    }
}

pub(super) struct Idf {
    lookup: Lookup,
    columns: UInt32Array,
    weights: Float64Array,
    /// The weight of a column without a row of its own.
    unseen: f64,
}

impl Transform for Idf {
    const NAME: &'static str = "idf";
    type Params = Params;
    type Work = ();
    type State = State;

    fn signature(_params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        checks::done(
            checks::inputs(inputs, &[("sparse rows", ValueType::is_sparse)]),
            Signature::fitted(vec![Read::Sparse], ValueType::Sparse, vec![0]),
        )
    }

    fn start(params: &Params) -> State {
        State {
            min_df: params.min_df,
            ..State::default()
        }
    }

    fn build(_params: Params, tables: &Tables) -> Result<Self> {
        let columns = tables.u32s(COLUMNS, "column")?.clone();
        let weights = tables.f64s(COLUMNS, "weight")?.clone();
        let unseen = tables.f64("statistics", "unseen")?;
        if weights
            .values()
            .iter()
            .chain([&unseen])
            .any(|weight| !weight.is_finite())
        {
            return Err(checks::corrupt("a weight is not a finite number"));
        }
        Ok(Self {
            lookup: Lookup::open(tables, columns.values().len())?,
            columns,
            weights,
            unseen,
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let rows = args.sparse(0)?;
        let out = out.sparse()?;
        for i in 0..args.len() {
            let (columns, values) = rows.get(i);
            for (column, value) in columns.iter().zip(values) {
                let weight = self.weight(*column);
                out.push(*column, if weight == 0.0 { 0.0 } else { value * weight });
            }
            out.end_row();
        }
        Ok(())
    }

    fn columns(&self, inputs: &[u32]) -> u32 {
        inputs.first().copied().unwrap_or(0)
    }
}

impl Idf {
    #[inline]
    fn weight(&self, column: u32) -> f64 {
        let hash = hash::member(u64::from(column), 0);
        let columns = self.columns.values();
        self.lookup
            .find(hash, |at| columns[at] == column)
            .map_or(self.unseen, |at| self.weights.value(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn weights_are_those_of_spark_but_for_the_last_bit_of_its_logarithm() {
        let vectors = include_str!("../../tests/vectors/spark_idf.txt");
        let rows: Vec<Vec<u64>> = vectors
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(|line| line.split(' ').map(|word| word.parse().unwrap()).collect())
            .collect();
        assert!(rows.len() > 100, "only {} vectors", rows.len());
        for row in rows {
            let made = weight(row[0], row[1], row[2]).to_bits();
            assert!(made.abs_diff(row[3]) <= 1, "{row:?}: {made}");
        }
    }

    #[test]
    fn weights_that_are_no_numbers_are_refused() {
        let fitted = |bad: f64| {
            let mut tables = Tables::default();
            Lookup::insert(&mut tables, 1, |_| hash::member(3, 0), "").unwrap();
            let columns: Vec<(&str, ArrayRef)> = vec![
                ("column", Arc::new(UInt32Array::from(vec![3]))),
                ("weight", Arc::new(Float64Array::from(vec![bad]))),
            ];
            tables.insert(COLUMNS, columns).unwrap();
            let unseen = Float64Array::from(vec![1.0]);
            tables
                .insert("statistics", vec![("unseen", Arc::new(unseen))])
                .unwrap();
            Idf::build(Params::default(), &tables).map(|idf| idf.weight(3))
        };
        assert_eq!(fitted(0.5).unwrap(), 0.5);
        for bad in [f64::NAN, f64::INFINITY] {
            assert_eq!(fitted(bad).unwrap_err().kind(), ErrorKind::CorruptArtifact);
        }
    }
}
