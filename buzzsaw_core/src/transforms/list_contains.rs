//! `list_contains`: whether a list has an item.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Args, CategoryBuffer};
use crate::error::{ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// 1.0 when a list of categories or tokens has an item, else 0.0.
///
/// The item is the second input, a category, or the constant `value`. Items are compared byte for byte, numbers by
/// their decimal text, so that the integer 42 and the text "42" are equal.
///
/// **Missing.** A missing list or a missing second input gives a missing output; an empty list has no item: 0.0.
/// Missing items of the list are left out.
///
/// **Example.** `list_contains([["red", "lamp"], [], None], ["red", "red", "red"])` gives `[1.0, 0.0, None]`.
///
/// **Oracle.** Python's `in`, exactly.
///
/// **Source.** Apache Spark's `array_contains`.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The item, for a step with one input; none by default.
    value: Option<String>,
}

pub(super) struct ListContains {
    value: Option<Vec<u8>>,
}

impl Transform for ListContains {
    const NAME: &'static str = "list_contains";
    type Params = Params;
    type Work = ();
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let list: checks::Want = ("a list of categories", ValueType::is_category_list);
        let item: checks::Want = ("category", ValueType::is_category);
        if params.value.is_some() {
            return checks::done(
                checks::inputs(inputs, &[list]),
                Signature::stateless(vec![Read::Terms], ValueType::Number),
            );
        }
        let mut problems = checks::inputs(inputs, &[list, item]);
        if inputs.len() == 1 {
            let problem = Problem::new(ErrorKind::InvalidSpec, "there is no item to look for");
            problems = vec![
                problem
                    .at("value")
                    .hint("give `value`, or a category as the second input"),
            ];
        }
        checks::done(
            problems,
            Signature::stateless(vec![Read::Terms, Read::Category], ValueType::Number),
        )
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self {
            value: params.value.map(String::into_bytes),
        })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, _work: &mut ()) -> Result<()> {
        let lists = args.terms(0)?;
        let out = out.numbers()?;
        let found = |i: usize, item: Option<&[u8]>| match (lists.get(i), item) {
            (Some(row), Some(item)) => f64::from(u8::from(row.iter().any(|held| held == item))),
            _ => f64::NAN,
        };
        if let Some(value) = &self.value {
            out.extend((0..args.len()).map(|i| found(i, Some(value))));
            return Ok(());
        }
        let items = args.category(1)?;
        let mut buffer = CategoryBuffer::default();
        for i in 0..args.len() {
            out.push(found(i, items.get(i, &mut buffer)));
        }
        Ok(())
    }
}
