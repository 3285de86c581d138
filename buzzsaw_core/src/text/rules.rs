//! Rules that replace sequences of tokens: synonyms and phrases.

use std::collections::HashMap;

use super::terms::{Overflow, Span, Terms};

/// What stands for a matched sequence.
#[derive(Clone, Debug, Default)]
struct Node {
    next: HashMap<Box<[u8]>, usize>,
    /// The tokens that replace the sequence that ends here.
    output: Option<Vec<Box<[u8]>>>,
}

/// A trie of token sequences. The longest match wins, left to right; what a rule has written is not matched again.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    nodes: Vec<Node>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            nodes: vec![Node::default()],
        }
    }
}

impl Rules {
    /// The output of a sequence, made when it has none.
    pub(super) fn output(&mut self, sequence: &[Box<[u8]>]) -> &mut Vec<Box<[u8]>> {
        let mut at = 0;
        for token in sequence {
            let new = self.nodes.len();
            let next = *self.nodes[at].next.entry(token.clone()).or_insert(new);
            if next == new {
                self.nodes.push(Node::default());
            }
            at = next;
        }
        self.nodes[at].output.get_or_insert_default()
    }

    /// The longest match at the first of the spans: its length and output.
    fn longest(&self, bytes: &[u8], spans: &[Span]) -> Option<(usize, &[Box<[u8]>])> {
        let mut node = self.nodes.first()?;
        let mut found = None;
        for (i, span) in spans.iter().enumerate() {
            let Some(next) = bytes.get(span.range()).and_then(|token| node.next.get(token)) else {
                break;
            };
            node = self.nodes.get(*next)?;
            if let Some(output) = &node.output {
                found = Some((i + 1, output.as_slice()));
            }
        }
        found
    }

    /// Replaces in the tokens from `first` on. `spare` is memory to reuse.
    pub(super) fn apply(
        &self,
        terms: &mut Terms,
        first: usize,
        spare: &mut Vec<Span>,
    ) -> Result<(), Overflow> {
        spare.clear();
        let mut at = first;
        loop {
            let (bytes, spans) = terms.parts();
            let Some(rest) = spans.get(at..).filter(|rest| !rest.is_empty()) else {
                break;
            };
            let Some((length, output)) = self.longest(bytes, rest) else {
                spare.push(rest[0]);
                at += 1;
                continue;
            };
            at += length;
            for token in output {
                terms.reserve_offsets(token.len() + spare.len())?;
                let (bytes, _) = terms.parts();
                spare.push(Span {
                    start: bytes.len() as u32,
                    len: token.len() as u32,
                });
                bytes.extend_from_slice(token);
            }
        }
        let (_, spans) = terms.parts();
        spans.truncate(first);
        spans.extend_from_slice(spare);
        Ok(())
    }
}
