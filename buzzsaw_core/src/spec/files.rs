//! Lists that a spec keeps in files beside it: read once, put inline, and forgotten.

use std::path::Path;

use super::node::Node;
use crate::error::{Error, ErrorKind, Problem, Result};

/// The parameters of an analyzer that may be `{file: path}`.
const LISTS: [&str; 3] = ["stop_words", "synonyms", "phrases"];

/// Puts the lines of each `{file: path}` of the steps' analyzers inline; paths are relative to `base`.
pub(super) fn inline(node: &mut Node, base: &Path) -> Result<()> {
    let mut problems = Vec::new();
    for (step, parameters) in entries(node, "steps") {
        for (list, value) in entries(parameters, "analyzer") {
            let Some(file) = LISTS.contains(&list.as_str()).then(|| file(value)).flatten() else {
                continue;
            };
            match read(&base.join(file)) {
                Ok(lines) => *value = Node::List(lines),
                Err(problem) => problems.push(problem.at(format!("steps.{step}.analyzer.{list}.file"))),
            }
        }
    }
    Error::check(problems)
}

fn entries<'n>(node: &'n mut Node, key: &str) -> &'n mut [(String, Node)] {
    let Node::Map(map) = node else {
        return &mut [];
    };
    match map.iter_mut().find(|(name, _)| name == key) {
        Some((_, Node::Map(entries))) => entries,
        _ => &mut [],
    }
}

/// The path of a map that has `file` alone.
fn file(value: &Node) -> Option<String> {
    match value {
        Node::Map(entries) => match entries.as_slice() {
            [(key, Node::String(path))] if key == "file" => Some(path.clone()),
            _ => None,
        },
        _ => None,
    }
}

/// The lines that are neither blank nor comments, without white space at their ends.
fn read(path: &Path) -> std::result::Result<Vec<Node>, Problem> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| {
        Problem::new(ErrorKind::Io, format!("cannot read `{shown}`: {error}"))
            .hint("the path is relative to the spec's file")
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|error| {
        let at = error.valid_up_to();
        Problem::new(
            ErrorKind::InvalidSpec,
            format!("`{shown}` is not UTF-8 at byte {at}"),
        )
        .hint("save it as UTF-8")
    })?;
    let text = text.trim_start_matches('\u{feff}');
    let lines: Vec<Node> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(|line| Node::String(line.to_owned()))
        .collect();
    if lines.is_empty() {
        let message = format!("`{shown}` has no line that is neither blank nor a comment");
        return Err(Problem::new(ErrorKind::InvalidSpec, message).hint("add lines, or remove the parameter"));
    }
    Ok(lines)
}
