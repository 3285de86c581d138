use unicode_segmentation::UnicodeSegmentation;

use super::*;
use crate::text::spec::NamedAnalyzer;

fn rows(analyzer: &Analyzer, texts: &[&[u8]]) -> Vec<Vec<String>> {
    let (mut terms, mut scratch) = (Terms::new(), TextScratch::default());
    for text in texts {
        analyzer.tokenize(text, &mut terms, &mut scratch).unwrap();
    }
    assert_eq!(terms.rows(), texts.len());
    let utf8 = |token: &[u8]| String::from_utf8(token.to_vec()).unwrap();
    (0..terms.rows())
        .map(|row| terms.row(row).unwrap().iter().map(utf8).collect())
        .collect()
}

fn analyzer(json: &str) -> Analyzer {
    Analyzer::compile(&serde_json::from_str(json).unwrap()).unwrap()
}

fn tokens(json: &str, text: &str) -> Vec<String> {
    rows(&analyzer(json), &[text.as_bytes()]).remove(0)
}

/// Each vector of `python_words.txt`: a text and its tokens by scikit-learn's analyzer on CPython.
fn python_vectors() -> Vec<(String, Vec<String>)> {
    let file = include_str!("../../tests/vectors/python_words.txt");
    let contexts = file
        .lines()
        .find_map(|line| line.strip_prefix("# contexts\t"))
        .unwrap();
    let contexts: Vec<String> = serde_json::from_str(contexts).unwrap();
    let mut signatures = Vec::<Vec<Vec<String>>>::new();
    let mut vectors = Vec::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<_> = line.split('\t').collect();
        match fields[..] {
            ["text", text, tokens] => {
                vectors.push((
                    serde_json::from_str(text).unwrap(),
                    serde_json::from_str(tokens).unwrap(),
                ));
            }
            [code_points, lower, signature] => {
                let hex = |text: &str| u32::from_str_radix(text, 16).unwrap();
                let (first, last) = code_points.split_once("..").unwrap_or((code_points, code_points));
                // A range may lie on both sides of the surrogates.
                for c in (hex(first)..=hex(last)).filter_map(char::from_u32) {
                    let lower: String = match lower {
                        "=" => c.to_string(),
                        list => list.split(' ').map(|c| char::from_u32(hex(c)).unwrap()).collect(),
                    };
                    let signature = &signatures[signature.parse::<usize>().unwrap()];
                    for (context, tokens) in contexts.iter().zip(signature) {
                        let text = context.replace("{c}", c.encode_utf8(&mut [0; 4]));
                        vectors.push((
                            text,
                            tokens.iter().map(|token| token.replace("{l}", &lower)).collect(),
                        ));
                    }
                }
            }
            [_, signature] => signatures.push(serde_json::from_str(signature).unwrap()),
            _ => panic!("{line}"),
        }
    }
    vectors
}

#[test]
fn sklearn_equals_cpython() {
    let vectors = python_vectors();
    assert!(vectors.len() > 7 * 1_112_000, "{}", vectors.len());
    for &level in Level::available() {
        let analyzer = Analyzer::compile_for(&NamedAnalyzer::Sklearn.spec(), level).unwrap();
        let (mut terms, mut scratch) = (Terms::new(), TextScratch::default());
        // The twins differ in ASCII alone, which the kernel's own tests go through: for them a sample does.
        let step = if level == Level::detect() { 1 } else { 11 };
        for (text, expected) in vectors.iter().rev().step_by(step) {
            terms.clear();
            analyzer
                .tokenize(text.as_bytes(), &mut terms, &mut scratch)
                .unwrap();
            let row = terms.row(0).unwrap();
            assert!(
                row.iter().eq(expected.iter().map(String::as_bytes)),
                "{level:?} {text:?} {expected:?}"
            );
        }
    }
}

/// Text of CPython's vectors, and its tokens by folding all and asking the crate.
#[test]
fn unicode_words_equal_the_slow_path() {
    let texts: Vec<String> = python_vectors()
        .into_iter()
        .map(|(text, _)| text)
        .rev()
        .take(300_000)
        .collect();
    let mut folded = String::new();
    for &level in Level::available() {
        for fold in [Fold::CaseFold, Fold::None] {
            let spec = AnalyzerSpec {
                fold: Some(fold),
                ..AnalyzerSpec::default()
            };
            let analyzer = Analyzer::compile_for(&spec, level).unwrap();
            let (mut terms, mut scratch) = (Terms::new(), TextScratch::default());
            // Two texts with a space between put islands beside each other.
            for pair in texts.windows(2) {
                let text = pair.join(" ");
                terms.clear();
                analyzer
                    .tokenize(text.as_bytes(), &mut terms, &mut scratch)
                    .unwrap();
                match fold {
                    Fold::CaseFold => crate::text::fold::case_fold(&text, &mut folded),
                    _ => folded.clone_from(&text),
                }
                let row = terms.row(0).unwrap();
                assert!(
                    row.iter().eq(folded.unicode_words().map(str::as_bytes)),
                    "{level:?} {text:?}"
                );
            }
        }
    }
}

#[test]
fn islands_keep_their_white_space() {
    // Marks that attach to white space are alphabetic here, so the segment counts as a word.
    for text in [
        "ab  \u{345}cd",
        "ab \u{345}",
        "\u{3000} \u{345} a",
        "é  \u{345} é b  é",
        "a \u{200d}\u{345}",
        " é",
        "é ",
        "a.é b.c é.d",
        "1,é 1,0 é",
        "_ é __ a_é _",
        "a'é 'b' é'",
        "e\r\n é\r \u{85}a",
        "👨‍👩‍👧 🇩🇪🇫🇷 a👍🏽",
        "שלום\"ה ש\"ע",
        "カタ_カナ ひらがな 漢字",
        "ไทย ไท",
    ] {
        assert_eq!(
            tokens(r#"{"fold": "none"}"#, text),
            text.unicode_words().collect::<Vec<_>>(),
            "{text:?}"
        );
    }
}

#[test]
fn words_by_the_rules_of_uax_29() {
    let text = "Can't pay 3.14, 1,000 or a_b; a.b a:b 1:2 x;y U.S.A. -- __ _a 'tis wi-fi e\u{301}te";
    let expected = [
        "can't",
        "pay",
        "3.14",
        "1,000",
        "or",
        "a_b",
        "a.b",
        "a:b",
        "1",
        "2",
        "x",
        "y",
        "u.s.a",
        "_a",
        "tis",
        "wi",
        "fi",
        "e\u{301}te",
    ];
    assert_eq!(tokens("{}", text), expected);
    let ascii = text.trim_end_matches(" e\u{301}te");
    assert_eq!(tokens("{}", ascii), expected[..17]);
}

#[test]
fn whitespace_splits_on_all_of_it() {
    let text = "A-b\tC\u{a0}D\u{3000}É\u{2029}\u{85}\u{200b}f\0 g";
    let folded = ["a-b", "c", "d", "é", "\u{200b}f\0", "g"];
    let kept = ["A-b", "C", "D", "É", "\u{200b}f\0", "g"];
    assert_eq!(tokens(r#"{"tokenizer": "whitespace"}"#, text), folded);
    assert_eq!(
        tokens(r#"{"tokenizer": "whitespace", "fold": "python_lower"}"#, text),
        folded
    );
    assert_eq!(
        tokens(r#"{"tokenizer": "whitespace", "fold": "none"}"#, text),
        kept
    );
    assert_eq!(
        tokens(r#"{"tokenizer": "whitespace", "fold": "none"}"#, "® a®b\u{2003}c"),
        ["®", "a®b", "c"]
    );
}

#[test]
fn english_stops_then_stems() {
    let text = "The Generously running cats aren't HOPING; they're café's skies and don't stop the Battery";
    let stems = rows(
        &Analyzer::compile(&NamedAnalyzer::English.spec()).unwrap(),
        &[text.as_bytes(); 2],
    );
    assert_eq!(
        stems[0],
        ["generous", "run", "cat", "hope", "café", "sky", "stop", "batteri"]
    );
    assert_eq!(stems[0], stems[1]);
    let spec = r#"{"stemmer": "english", "stop_words": ["CATS", "run"], "min_length": 3}"#;
    assert_eq!(tokens(spec, "It's cats running a dogs"), ["it", "run", "dog"]);
}

#[test]
fn lengths_are_of_code_points_before_stemming() {
    let spec = r#"{"min_length": 2, "max_length": 4}"#;
    assert_eq!(
        tokens(spec, "a éé ééééé éééé abcd abcde é 漢"),
        ["éé", "éééé", "abcd"]
    );
    let spec = r#"{"tokenizer": "whitespace", "max_length": 1}"#;
    assert_eq!(tokens(spec, "é 漢 😀 ab"), ["é", "漢", "😀"]);
}

#[test]
fn invalid_text_is_repaired() {
    let texts: [&[u8]; 3] = [
        b"Red\xFFLamp \xED\xA0\x80 x1",
        b"\xFF",
        b"\xC3\x89 \xE9t\xC3\xA9\xC3",
    ];
    for named in NamedAnalyzer::ALL {
        let analyzer = Analyzer::compile(&named.spec()).unwrap();
        let mut buffer = String::new();
        let repaired: Vec<String> = texts
            .iter()
            .map(|text| repair(text, &mut buffer).to_owned())
            .collect();
        let repaired: Vec<&[u8]> = repaired.iter().map(String::as_bytes).collect();
        assert_eq!(rows(&analyzer, &texts), rows(&analyzer, &repaired));
    }
    let found = rows(
        &Analyzer::compile(&NamedAnalyzer::Sklearn.spec()).unwrap(),
        &texts,
    );
    assert_eq!(found, [vec!["red", "lamp", "x1"], vec![], vec!["té"]]);
}

#[test]
fn impossible_specs_name_their_field() {
    let compile = |json: &str| Analyzer::compile(&serde_json::from_str(json).unwrap()).map(|_| ());
    assert_eq!(compile(r#"{"min_length": 0}"#).unwrap_err().field, "min_length");
    assert_eq!(
        compile(r#"{"min_length": 3, "max_length": 2}"#)
            .unwrap_err()
            .field,
        "max_length"
    );
    assert_eq!(
        compile(r#"{"stop_words": ["a", ""]}"#).unwrap_err().field,
        "stop_words"
    );
    assert_eq!(compile(r#"{"stop_words": []}"#), Ok(()));
}

#[test]
fn a_row_that_does_not_fit_leaves_no_trace() {
    let analyzer = analyzer(r#"{"stemmer": "english"}"#);
    let mut scratch = TextScratch::default();
    // The text itself; the stem `hope`, which takes four bytes more; a text that folding makes longer.
    for (text, fits_from) in [("dog", 8), ("hoping", 15), ("\u{390}\u{390}", 17)] {
        for limit in 5..24 {
            let mut terms = Terms::with_limit(limit);
            terms.push_token(b"kept").unwrap();
            terms.end_row();
            let result = analyzer.tokenize(text.as_bytes(), &mut terms, &mut scratch);
            assert_eq!(result.is_ok(), limit >= fits_from, "{text} {limit}");
            assert_eq!(terms.rows(), if result.is_ok() { 2 } else { 1 });
            assert_eq!(terms.row(0).unwrap().get(0), b"kept");
            if result.is_err() {
                assert_eq!(terms.bytes(), b"kept");
            }
        }
    }
}

#[test]
fn steps_before_tokenization_apply_in_order() {
    let spec =
        r#"{"html": "strip", "normalize": "nfkc", "strip_accents": true, "stop_words": ["CAFÉ", "ﬁne"]}"#;
    let text = "<p>Café &#64257;ne ﬁle²</p> &lt;CRÈME&gt; cafe\u{301}s";
    assert_eq!(tokens(spec, text), ["file2", "creme", "cafes"]);
    // Text that no step changes takes the kernel's way, with the same tokens.
    assert_eq!(tokens(spec, "Plain CAFE text, a>b"), ["plain", "text", "a", "b"]);
    assert_eq!(tokens(r#"{"html": "strip"}"#, "é<br>É &Eacute;"), ["é", "é", "é"]);
    assert_eq!(
        tokens(r#"{"normalize": "nfc", "fold": "none"}"#, "E\u{301}"),
        ["É"]
    );
}

#[test]
fn empty_tokens_of_spark_pass_the_filters() {
    let spark = r#"{"tokenizer": "spark", "stemmer": "english", "stop_words": ["a"], "max_length": 4}"#;
    assert_eq!(tokens(spark, "  a cats  elephant"), ["", "", "cat", ""]);
    assert_eq!(tokens(r#"{"tokenizer": "spark"}"#, ""), [""]);
    assert_eq!(tokens(r#"{"tokenizer": "spark"}"#, "\u{a0} \t"), ["\u{a0}"]);
    assert!(tokens(r#"{"tokenizer": "spark_regex"}"#, "").is_empty());
    assert!(tokens(r#"{"tokenizer": "characters"}"#, "\u{3000} ").is_empty());
}

#[test]
fn lengths_of_spark_are_utf_16_units() {
    let spec = r#"{"tokenizer": "spark_regex", "min_length": 2, "max_length": 2}"#;
    assert_eq!(tokens(spec, "a \u{10428} ab abc"), ["\u{10428}", "ab"]);
    let spec = r#"{"tokenizer": "spark_regex", "min_length": 3}"#;
    assert_eq!(tokens(spec, "\u{10428} \u{10428}a ab"), ["\u{10428}a"]);
}
