//! Lookup tables: state that a fit is given by name, in place of learning it.

use arrow_array::RecordBatch;

use super::fitter::Fitter;
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::spec::nearest;

impl Fitter {
    /// The names of the lookup tables that are still to be given, before anything is pending.
    pub fn tables(&self) -> Vec<&str> {
        self.wanted.keys().map(String::as_str).collect()
    }

    /// Gives the lookup table `name` as record batches, in any order of rows. A table that only steps without a feature
    /// read is not looked at.
    ///
    /// # Errors
    /// `BZ_INVALID_VALUE` at `tables.<name>` when no step reads it, or when it was given before; what its steps refuse of
    /// its columns and values.
    pub fn give_table(&mut self, name: &str, batches: &[RecordBatch]) -> Result<()> {
        let place = || format!("tables.{name}");
        let Some(steps) = self.wanted.get(name).cloned() else {
            let mut readers = self
                .spec
                .steps()
                .iter()
                .enumerate()
                .filter(|(_, step)| step.table.as_deref() == Some(name))
                .peekable();
            if readers.peek().is_some() {
                if !readers.any(|(at, _)| self.done.contains_key(&at)) {
                    return Ok(());
                }
                return Err(
                    Error::new(ErrorKind::InvalidValue, "the lookup table was given before")
                        .at(place())
                        .hint("give each table once"),
                );
            }
            let known = self.spec.steps().iter().filter_map(|step| step.table.as_deref());
            return Err(Error::new(
                ErrorKind::InvalidValue,
                "no step reads a lookup table of this name",
            )
            .at(place())
            .hint(nearest::hint(name, known)));
        };
        for at in steps {
            let step = &self.spec.steps()[at];
            let tables = (step.transform.take_table)(&step.params, batches).map_err(|e| e.at(place()))?;
            self.done.insert(at, tables);
        }
        self.wanted.remove(name);
        if self.wanted.is_empty() {
            self.plan_round()?;
        }
        Ok(())
    }

    /// `BZ_MISSING_INPUT` that names every lookup table that is still to be given.
    pub(super) fn check_tables(&self) -> Result<()> {
        let missing = self.wanted.iter().map(|(name, steps)| {
            let names: Vec<&str> = steps
                .iter()
                .map(|step| self.spec.steps()[*step].name.as_str())
                .collect();
            let message = format!("the lookup table of {} was not given", names.join(", "));
            Problem::new(ErrorKind::MissingInput, message)
                .at(format!("tables.{name}"))
                .hint(format!(
                    "give it to the fit by this name, as `tables={{\"{name}\": ...}}` or `--table {name}=FILE`"
                ))
        });
        Error::check(missing.collect())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use arrow_array::types::Float32Type;
    use arrow_array::{ArrayRef, FixedSizeListArray, StringArray};

    use super::*;
    use crate::fit::Source;
    use crate::spec::Spec;

    const SPEC: &str = "
buzzsaw: 1
name: looked_up
inputs:
  word: {type: string, side: document}
  price: {type: float64, side: document}
steps:
  word_vector: {transform: embedding, input: word, table: glove, dimensions: 2}
  word_number: {transform: embedding, input: word, table: counts, dimensions: 1}
  not_needed:  {transform: embedding, input: word, table: pruned, dimensions: 3}
  scaled:      {transform: standardize, input: price}
features: [word_vector, word_number, scaled]
";

    fn table(width: i32) -> RecordBatch {
        let row = Some(vec![Some(1.0); width as usize]);
        let keys: ArrayRef = Arc::new(StringArray::from(vec!["a"]));
        let vectors = FixedSizeListArray::from_iter_primitive::<Float32Type, _, _>([row], width);
        RecordBatch::try_from_iter([("key", keys), ("vector", Arc::new(vectors) as ArrayRef)]).unwrap()
    }

    fn fitter() -> Fitter {
        Fitter::new(Arc::new(Spec::parse(SPEC).unwrap()), false).unwrap()
    }

    fn place(error: &Error) -> (ErrorKind, &str) {
        (error.kind(), &error.problems()[0].place)
    }

    #[test]
    fn passes_wait_for_the_tables() {
        let mut fitter = fitter();
        assert_eq!(fitter.tables(), ["counts", "glove"]);
        assert!(fitter.pending().is_empty());
        let missing = fitter.to_bytes().unwrap_err();
        assert_eq!(missing.problems().len(), 2);
        assert_eq!(place(&missing), (ErrorKind::MissingInput, "tables.counts"));
        fitter.give_table("pruned", &[]).unwrap();
        fitter.give_table("glove", &[table(2)]).unwrap();
        for _ in 0..2 {
            let again = fitter.give_table("glove", &[table(2)]).unwrap_err();
            assert_eq!(place(&again), (ErrorKind::InvalidValue, "tables.glove"));
            assert!(again.to_string().contains("before"), "{again}");
            fitter.give_table("pruned", &[]).unwrap();
        }
        assert_eq!(fitter.tables(), ["counts"]);
        assert!(fitter.pending().is_empty());
        fitter.give_table("counts", &[table(1)]).unwrap();
        assert!(fitter.tables().is_empty());
        assert_eq!((fitter.pending(), fitter.round()), (vec![Source::Pairs], 1));
    }

    #[test]
    fn tables_that_no_step_reads_and_wrong_ones_are_refused() {
        let mut fitter = fitter();
        let stranger = fitter.give_table("glov", &[table(2)]).unwrap_err();
        assert_eq!(place(&stranger), (ErrorKind::InvalidValue, "tables.glov"));
        assert!(
            stranger.to_string().contains("did you mean `glove`?"),
            "{stranger}"
        );
        let wide = fitter.give_table("glove", &[table(3)]).unwrap_err();
        assert_eq!(place(&wide), (ErrorKind::InvalidValue, "tables.glove.vector[0]"));
        assert_eq!(fitter.tables(), ["counts", "glove"]);
        let missing = fitter.into_pipeline().unwrap_err();
        assert_eq!(place(&missing), (ErrorKind::MissingInput, "tables.counts"));
    }

    #[test]
    fn workers_get_only_the_tables_that_they_read() {
        let mut fitter = fitter();
        for (name, width) in [("glove", 2), ("counts", 1)] {
            fitter.give_table(name, &[table(width)]).unwrap();
        }
        let worker = Fitter::from_bytes(&fitter.to_bytes().unwrap()).unwrap();
        assert!(worker.done.is_empty());
        assert_eq!(
            (worker.pending(), worker.round()),
            (fitter.pending(), fitter.round())
        );
        let partial = worker.partial(Source::Pairs).unwrap().to_bytes().unwrap();
        assert!(fitter.partial_from_bytes(&partial).is_ok());
    }
}
