//! What Java is told of a pipeline, as flat text so that the jar needs no JSON parser.

use buzzsaw_core::spec::Input;
use buzzsaw_core::types::Role;
use buzzsaw_core::{Folds, Pipeline};

use crate::session::table_inputs;

/// The spec's name, the content hash, `groups` or `rows`; the number of inputs, then name, type and side of each; the
/// number of features, then name, kind (`dense` or `sparse`) and the number of columns of each, in the spec's order.
pub(crate) fn describe(pipeline: &Pipeline) -> Vec<String> {
    let grouped = if pipeline.needs_groups() { "groups" } else { "rows" };
    let mut parts = vec![
        pipeline.spec().name().to_owned(),
        pipeline.content_hash().to_owned(),
        grouped.to_owned(),
    ];
    push_inputs(&mut parts, pipeline.inputs(Folds::Full));
    let names = pipeline.feature_names();
    let sparse = pipeline.sparse_columns();
    parts.push(names.len().to_string());
    for name in names {
        let columns = sparse
            .iter()
            .find(|(sparse, _)| *sparse == name)
            .map(|(_, columns)| *columns);
        let kind = if columns.is_some() { "sparse" } else { "dense" };
        parts.extend([name.to_owned(), kind.to_owned(), columns.unwrap_or(1).to_string()]);
    }
    parts
}

/// What a table of rows for training has besides: `folds` when they change values, else nothing; the input with
/// `role: group`, or nothing; the number of columns, then name, type and side of each.
pub(crate) fn describe_table(pipeline: &Pipeline) -> Vec<String> {
    let spec = pipeline.spec();
    let folds = if pipeline.has_folds() { "folds" } else { "" };
    let group = spec.role(Role::Group).map(|at| spec.inputs()[at].name.clone());
    let mut parts = vec![folds.to_owned(), group.unwrap_or_default()];
    let mut inputs = table_inputs(pipeline, Folds::OfQid);
    for input in &mut inputs {
        if let Some(own) = spec.inputs().iter().find(|own| own.name == input.name) {
            input.side = own.side;
        }
    }
    push_inputs(&mut parts, &inputs);
    parts
}

fn push_inputs(parts: &mut Vec<String>, inputs: &[Input]) {
    parts.push(inputs.len().to_string());
    for input in inputs {
        parts.extend([
            input.name.clone(),
            input.data_type.to_string(),
            input.side.name().to_owned(),
        ]);
    }
}
