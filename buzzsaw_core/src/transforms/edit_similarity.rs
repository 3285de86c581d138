//! `edit_similarity`: how alike two texts are, by the edits between them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Read, Signature, Transform, checks};
use crate::args::{Arg, Args};
use crate::damerau::Damerau;
use crate::edit_distance::{Alphabet, Pattern, Symbol};
use crate::error::{Error, ErrorKind, Problem, Result};
use crate::fit::{NoState, Tables};
use crate::slot::Slot;
use crate::types::ValueType;

/// The most code points of a side, tokens counted as one more each.
const MOST: usize = 16_384;
/// The most pairs of tokens.
const MOST_TOKEN_PAIRS: usize = 1 << 22;
/// The most pairs of code points for `damerau_levenshtein`, which looks at each.
const MOST_PAIRS: usize = 1 << 24;

/// How two strings are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Measure {
    /// insertions, deletions and replacements
    #[default]
    Levenshtein,
    /// with exchanges of neighbours
    Osa,
    /// with exchanges that further edits may part
    DamerauLevenshtein,
    /// common code points in near places
    Jaro,
    /// Jaro's, raised for a common beginning
    JaroWinkler,
}

/// Which pairs of tokens count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Tokens {
    /// the most similar pair
    #[default]
    Best,
    /// the best pair of each token of the first list
    Mean,
}

/// The similarity, 0 to 1, of two texts, or of the most similar pair of tokens of two token lists.
///
/// With d the distance and n the larger number of code points, `levenshtein`, `osa` and `damerau_levenshtein` are
/// 1 - d / n; two empty texts give 1.0. Levenshtein's distance counts insertions, deletions and replacements of a code
/// point; `osa`, the optimal string alignment or restricted Damerau-Levenshtein distance, also exchanges of two
/// neighbours that are not edited further; `damerau_levenshtein` also those with code points put or dropped between the
/// two, so that `ca` is two edits from `abc`. `jaro` is (m / a + m / b + (m - t) / m) / 3 for lengths a and b, m common code points in near places and t
/// of them exchanged; `jaro_winkler` adds `prefix_weight` (1 - jaro) for each of up to 4 first code points in common when
/// jaro is above 0.7. Of token lists each token is compared as a text: an empty list gives 0.0.
///
/// A side of more than 16,384 code points, where each token of a list counts one more, is `BZ_RESOURCE_LIMIT`, as are two
/// sides of `damerau_levenshtein` whose lengths have a product above 2^24: it takes time for each pair.
///
/// **Missing.** When either side is missing the similarity is missing; an empty text is not missing.
///
/// **Example.** `edit_similarity(["lamp", "lamp", None], ["lmap", "lamps", "x"], measure="osa")` gives
/// `[0.75, 0.8, None]`.
///
/// **Oracle.** `rapidfuzz.distance`, `normalized_similarity`, exactly.
///
/// **Source.** Levenshtein (1966), Damerau (1964), Lowrance and Wagner (1975), Jaro (1989) and Winkler (1990), as RapidFuzz 3
/// has them; the mean over tokens is Monge and Elkan's (1996).
#[derive(Clone, Copy, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Params {
    /// The measure: `levenshtein`, `osa`, `damerau_levenshtein`, `jaro` or `jaro_winkler`.
    measure: Measure,
    /// For two token lists: the `best` pair of tokens, or the `mean`, over the tokens of the first list, of the best
    /// pair of each.
    tokens: Tokens,
    /// What each common first code point weighs in `jaro_winkler`; 0 to 0.25.
    prefix_weight: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            measure: Measure::default(),
            tokens: Tokens::default(),
            prefix_weight: 0.1,
        }
    }
}

pub(super) struct EditSimilarity {
    params: Params,
}

/// Strings as the symbols of one alphabet.
#[derive(Default)]
struct Strings {
    symbols: Vec<Symbol>,
    ends: Vec<usize>,
}

impl Strings {
    fn clear(&mut self) {
        self.symbols.clear();
        self.ends.clear();
    }

    fn push(&mut self, text: &[u8], alphabet: &Alphabet) {
        if text.is_ascii() {
            self.symbols
                .extend(text.iter().map(|byte| alphabet.symbol(char::from(*byte))));
        } else {
            self.symbols
                .extend(letters(text).map(|letter| alphabet.symbol(letter)));
        }
        self.ends.push(self.symbols.len());
    }

    fn iter(&self) -> impl Iterator<Item = &[Symbol]> + Clone {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.symbols[*start..*end])
    }
}

/// The code points of repaired text.
fn letters(text: &[u8]) -> impl Iterator<Item = char> {
    text.utf8_chunks().flat_map(|chunk| chunk.valid().chars())
}

#[derive(Default)]
pub(crate) struct Work {
    /// The source row whose query is prepared.
    prepared: Option<usize>,
    alphabet: Alphabet,
    query: Strings,
    document: Strings,
    kernels: Kernels,
}

/// What compares two strings.
#[derive(Default)]
struct Kernels {
    pattern: Pattern,
    damerau: Damerau,
}

impl EditSimilarity {
    /// The similarity of a string of `alphabet`, which the pattern holds too, and a text.
    fn similarity(
        &self,
        kernels: &mut Kernels,
        alphabet: &Alphabet,
        string: &[Symbol],
        text: &[Symbol],
    ) -> f64 {
        let Kernels { pattern, damerau } = kernels;
        let distance = match self.params.measure {
            Measure::Levenshtein => pattern.levenshtein(string.len(), text),
            Measure::Osa => pattern.optimal_alignment(string.len(), text),
            Measure::DamerauLevenshtein => damerau.distance(alphabet, string, text),
            Measure::Jaro => return pattern.jaro(string, text),
            Measure::JaroWinkler => {
                let jaro = pattern.jaro(string, text);
                let pairs = string.iter().zip(text).take(4);
                let common = pairs.take_while(|(a, b)| a == b).count() as f64;
                return if jaro > 0.7 {
                    jaro + common * self.params.prefix_weight * (1.0 - jaro)
                } else {
                    jaro
                };
            }
        };
        normalized(distance, string.len().max(text.len()))
    }

    /// Whether no edits can make the pair more similar than `best`.
    fn is_hopeless(&self, string: &[Symbol], text: &[Symbol], best: f64) -> bool {
        let edits = !matches!(self.params.measure, Measure::Jaro | Measure::JaroWinkler);
        let (a, b) = (string.len(), text.len());
        edits && normalized(a.abs_diff(b), a.max(b)) <= best
    }

    fn of_tokens(&self, work: &mut Work) -> f64 {
        let Work {
            alphabet,
            query,
            document,
            kernels,
            ..
        } = work;
        let (mut best, mut sum, mut count) = (0.0, 0.0, 0.0);
        for string in query.iter() {
            count += 1.0;
            let known = if self.params.tokens == Tokens::Best {
                best
            } else {
                0.0
            };
            let most = if document.iter().any(|text| text == string) {
                1.0
            } else {
                kernels.pattern.set(string, alphabet);
                let most = document.iter().fold(known, |most: f64, text| {
                    if self.is_hopeless(string, text, most) {
                        most
                    } else {
                        most.max(self.similarity(kernels, alphabet, string, text))
                    }
                });
                kernels.pattern.forget(string);
                most
            };
            best = most;
            sum += most;
            if self.params.tokens == Tokens::Best && best == 1.0 {
                break;
            }
        }
        match self.params.tokens {
            Tokens::Best => best,
            Tokens::Mean if count == 0.0 => 0.0,
            Tokens::Mean => sum / count,
        }
    }
}

fn normalized(distance: usize, length: usize) -> f64 {
    if length == 0 {
        return 1.0;
    }
    1.0 - distance as f64 / length as f64
}

impl EditSimilarity {
    fn check_pairs(&self, work: &Work, args: &Args<'_>, i: usize) -> Result<()> {
        let (a, b) = (work.query.symbols.len(), work.document.symbols.len());
        if self.params.measure != Measure::DamerauLevenshtein || a * b <= MOST_PAIRS {
            return Ok(());
        }
        let message = format!("row {} has sides of {a} and {b} code points", args.position(i));
        Err(Error::new(ErrorKind::ResourceLimit, message)
            .hint("`damerau_levenshtein` compares at most 2^24 pairs: give shorter texts, or use `osa`"))
    }
}

fn check(length: usize, args: &Args<'_>, i: usize) -> Result<()> {
    if length <= MOST {
        return Ok(());
    }
    let message = format!("row {} has a side of {length} code points", args.position(i));
    Err(Error::new(ErrorKind::ResourceLimit, message)
        .hint("at most 16,384 are compared, tokens counted as one more each: give shorter texts"))
}

impl Transform for EditSimilarity {
    const NAME: &'static str = "edit_similarity";
    type Params = Params;
    type Work = Work;
    type State = NoState;

    fn signature(params: &Params, inputs: &[ValueType]) -> std::result::Result<Signature, Vec<Problem>> {
        let terms = inputs.first().is_some_and(ValueType::is_terms);
        let (want, read): (checks::Want, _) = if terms {
            (("terms", ValueType::is_terms), Read::Terms)
        } else {
            (("text", ValueType::is_text), Read::Text)
        };
        let mut problems = checks::inputs(inputs, &[want, want]);
        if !terms && params.tokens == Tokens::Mean {
            let problem = Problem::new(ErrorKind::InvalidSpec, "two texts have no tokens");
            problems.push(
                problem
                    .at("tokens")
                    .hint("give two token lists, or leave `tokens` out"),
            );
        }
        problems.extend(checks::range(
            (0.0..=0.25).contains(&params.prefix_weight),
            "prefix_weight",
            params.prefix_weight,
            "give 0 to 0.25",
        ));
        checks::done(problems, Signature::stateless(vec![read; 2], ValueType::Number))
    }

    fn start(_params: &Params) -> NoState {
        NoState
    }

    fn build(params: Params, _tables: &Tables) -> Result<Self> {
        Ok(Self { params })
    }

    fn eval(&self, args: &Args<'_>, out: &mut Slot, work: &mut Work) -> Result<()> {
        let out = out.numbers()?;
        work.prepared = None;
        if let Arg::Terms(queries) = args.arg(0) {
            let documents = args.terms(1)?;
            for i in 0..args.len() {
                let (Some(query), Some(document)) = (queries.get(i), documents.get(i)) else {
                    out.push(f64::NAN);
                    continue;
                };
                let source = queries.source_row(i);
                if work.prepared != Some(source) {
                    let length: usize = query.iter().map(|token| 1 + letters(token).count()).sum();
                    check(length, args, i)?;
                    work.alphabet.learn(query.iter().flat_map(letters));
                    work.query.clear();
                    query
                        .iter()
                        .for_each(|token| work.query.push(token, &work.alphabet));
                    work.prepared = Some(source);
                }
                work.document.clear();
                document
                    .iter()
                    .for_each(|token| work.document.push(token, &work.alphabet));
                check(work.document.symbols.len() + document.len(), args, i)?;
                if query.len() * document.len() > MOST_TOKEN_PAIRS {
                    let (a, b, row) = (query.len(), document.len(), args.position(i));
                    let message = format!("row {row} has sides of {a} and {b} tokens");
                    return Err(Error::new(ErrorKind::ResourceLimit, message)
                        .hint("at most 2^22 pairs of tokens are compared: give shorter texts"));
                }
                self.check_pairs(work, args, i)?;
                out.push(self.of_tokens(work));
            }
            return Ok(());
        }
        // Between rows and calls the pattern holds the string in `query`.
        let (queries, documents) = (args.text(0)?, args.text(1)?);
        for i in 0..args.len() {
            let (Some(query), Some(document)) = (queries.get(i), documents.get(i)) else {
                out.push(f64::NAN);
                continue;
            };
            let source = queries.source_row(i);
            if work.prepared != Some(source) {
                check(letters(query).count(), args, i)?;
                work.kernels.pattern.forget(&work.query.symbols);
                work.alphabet.learn(letters(query));
                work.query.clear();
                work.query.push(query, &work.alphabet);
                work.kernels.pattern.set(&work.query.symbols, &work.alphabet);
                work.prepared = Some(source);
            }
            work.document.clear();
            work.document.push(document, &work.alphabet);
            check(work.document.symbols.len(), args, i)?;
            self.check_pairs(work, args, i)?;
            let (string, text) = (&work.query.symbols, &work.document.symbols);
            out.push(self.similarity(&mut work.kernels, &work.alphabet, string, text));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::TextRows;
    use crate::text::Terms;

    fn args<'a>(items: [Arg<'a>; 2]) -> Args<'a> {
        Args {
            len: 1,
            first: 7,
            items: items.into_iter().collect(),
            groups: None,
            label: None,
            folds: None,
        }
    }

    fn of_texts(a: &str, b: &str, work: &mut Work) -> Result<f64> {
        of_texts_by(Measure::default(), a, b, work)
    }

    fn of_texts_by(measure: Measure, a: &str, b: &str, work: &mut Work) -> Result<f64> {
        use crate::args::{Index, IndexView, TextArg};
        let [a, b] = [a, b].map(|text| {
            let mut rows = TextRows::default();
            rows.push(Some(text.as_bytes()));
            rows
        });
        let view = || IndexView(Index::Offset(0));
        let args = args([
            Arg::Text(TextArg::Rows(&a, view())),
            Arg::Text(TextArg::Rows(&b, view())),
        ]);
        value(measure, &args, work)
    }

    fn of_tokens(a: &[&str], b: &[&str], work: &mut Work) -> Result<f64> {
        of_tokens_by(Measure::default(), a, b, work)
    }

    fn of_tokens_by(measure: Measure, a: &[&str], b: &[&str], work: &mut Work) -> Result<f64> {
        use crate::args::{Index, TermsArg};
        let [a, b] = [a, b].map(|tokens| {
            let mut rows = Terms::new();
            for token in tokens {
                rows.push_token(token.as_bytes()).unwrap();
            }
            rows.end_row();
            rows
        });
        let index = Index::Offset(0);
        let args = args([
            Arg::Terms(TermsArg { terms: &a, index }),
            Arg::Terms(TermsArg { terms: &b, index }),
        ]);
        value(measure, &args, work)
    }

    fn value(measure: Measure, args: &Args<'_>, work: &mut Work) -> Result<f64> {
        let step = EditSimilarity {
            params: Params {
                measure,
                ..Params::default()
            },
        };
        let mut out = Slot::Numbers(Vec::new());
        step.eval(args, &mut out, work)?;
        Ok(out.numbers()?[0])
    }

    #[test]
    fn long_sides_are_refused_and_leave_no_trace() {
        let work = &mut Work::default();
        let long = "\u{e9}".repeat(MOST);
        let longer = format!("{long}x");
        assert_eq!(of_texts(&long, &long, work).unwrap(), 1.0);
        for (a, b) in [(&longer, &long), (&long, &longer)] {
            let error = of_texts(a, b, work).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ResourceLimit);
            assert!(
                error
                    .to_string()
                    .contains("row 7 has a side of 16385 code points"),
                "{error}"
            );
        }
        assert_eq!(of_texts("lamp", "lamps", work).unwrap(), 0.8);
    }

    #[test]
    fn tokens_count_one_more() {
        let work = &mut Work::default();
        let long = "x".repeat(MOST - 2);
        assert_eq!(
            of_tokens(&[&long, "y"], &["y"], work).unwrap_err().kind(),
            ErrorKind::ResourceLimit
        );
        assert_eq!(
            of_tokens(&["y"], &[&long, "y"], work).unwrap_err().kind(),
            ErrorKind::ResourceLimit
        );
        assert_eq!(
            of_tokens(&[&long, ""], &["y", &long], work).unwrap_err().kind(),
            ErrorKind::ResourceLimit
        );
        assert_eq!(of_tokens(&[&long, ""], &[&long, ""], work).unwrap(), 1.0);
        assert_eq!(of_tokens(&["lamp"], &["lamps"], work).unwrap(), 0.8);
    }

    #[test]
    fn pairs_of_tokens_are_bounded() {
        let work = &mut Work::default();
        let most = vec!["x"; 1 << 11];
        assert_eq!(of_tokens(&most, &most, work).unwrap(), 1.0);
        let more = vec!["x"; (1 << 11) + 1];
        let error = of_tokens(&more, &most, work).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ResourceLimit);
        assert!(
            error
                .to_string()
                .contains("row 7 has sides of 2049 and 2048 tokens"),
            "{error}"
        );
    }

    #[test]
    fn pairs_of_code_points_are_bounded_where_each_is_looked_at() {
        let work = &mut Work::default();
        let measure = Measure::DamerauLevenshtein;
        let [long, short] = ["x".repeat(MOST), "x".repeat(MOST_PAIRS / MOST)];
        assert_eq!(of_texts_by(measure, &long, &short, work).unwrap(), 0.0625);
        assert_eq!(
            of_tokens_by(measure, &[&long[1..]], &[&short], work).unwrap(),
            1024.0 / 16383.0
        );
        let longer = format!("{short}x");
        for error in [
            of_texts_by(measure, &longer, &long, work).unwrap_err(),
            of_tokens_by(measure, &[&long[1..]], &[&longer, "x"], work).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::ResourceLimit);
            assert!(error.to_string().contains("row 7 has sides of"), "{error}");
        }
        assert_eq!(of_texts(&longer, &long, work).unwrap(), 1025.0 / 16384.0);
        assert_eq!(of_texts_by(measure, "ca", "abc", work).unwrap(), 1.0 - 2.0 / 3.0);
    }
}
