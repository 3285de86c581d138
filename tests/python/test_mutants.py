"""The tool behind `make mutants`, on a crate whose mutants are known."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from mutants.explained import Explained  # noqa: E402
from mutants.judge import Judge, Outcome  # noqa: E402
from mutants.listing import Mutant, parsed  # noqa: E402
from mutants.switches import Switched, culprits, deleted_arms  # noqa: E402
from mutants.tree import Tree  # noqa: E402

SOURCE = """//! Text before an operator counts in characters, not bytes: é 🙂.

const LIMIT: i64 = 1 << 4;

pub struct Plain(pub i64);

pub fn plain(x: i64) -> Plain {
    Plain(x)
}

pub fn clip(x: i64) -> i64 {
    /* 🙂 */ if x > LIMIT { LIMIT } else { x }
}

pub fn scaled(x: i64, times: i64) -> i64 {
    (x + 1) * times - x
}

pub fn kind(x: i64, y: i64) -> &'static str {
    match x {
        0 => "zero",
        x if x < 0 && y < 0 => "both below",
        _ if !(y == 0) => "other",
        _ => "on the axis",
    }
}

pub fn halves(mut x: u64) -> u64 {
    let mut count = 0;
    while x > 1 {
        x -= x / 2;
        count += 1;
    }
    count
}

#[test]
fn values() {
    assert_eq!(plain(3).0, 3);
    assert_eq!((clip(15), clip(16), clip(40)), (15, 16, 16));
    assert_eq!(scaled(3, 5), 17);
    assert_eq!((kind(0, 1), kind(-1, -1), kind(-1, 1), kind(2, 0)), ("zero", "both below", "other", "on the axis"));
}

#[test]
fn loops() {
    assert_eq!(halves(8), 3);
}
"""

#: Genre, what is replaced (between brackets, with its surroundings), the replacement, and what must become of it.
MUTANTS = [
    ("BinaryOperator", "1 [<<] 4", ">>", Outcome.CAUGHT),
    ("FnValue", "[Plain(x)]\n", "Default::default()", Outcome.UNVIABLE),
    ("BinaryOperator", "x [>] LIMIT", ">=", Outcome.MISSED),
    ("BinaryOperator", "x [>] LIMIT", "<", Outcome.CAUGHT),
    ("BinaryOperator", "x [>] LIMIT", "==", Outcome.CAUGHT),
    ("FnValue", "[(x + 1) * times - x]", "1", Outcome.CAUGHT),
    ("BinaryOperator", "(x [+] 1)", "-", Outcome.CAUGHT),
    ("BinaryOperator", ") [*] times", "/", Outcome.CAUGHT),
    ("BinaryOperator", "times [-] x", "+", Outcome.CAUGHT),
    ("MatchArm", '[0 => "zero",]', "", Outcome.CAUGHT),
    ("MatchArm", '[x if x < 0 && y < 0 => "both below",]', "", Outcome.CAUGHT),
    ("MatchArmGuard", "[x < 0 && y < 0]", "true", Outcome.CAUGHT),
    ("MatchArmGuard", "[x < 0 && y < 0]", "false", Outcome.CAUGHT),
    ("BinaryOperator", "0 [&&] y", "||", Outcome.CAUGHT),
    # No row has a 0 below or beside another: a test is missing for each.
    ("BinaryOperator", "x [<] 0", "<=", Outcome.MISSED),
    ("BinaryOperator", "y [<] 0", "<=", Outcome.MISSED),
    ("UnaryOperator", "_ if [!](y", "", Outcome.CAUGHT),
    ("BinaryOperator", "x [-=] x", "+=", Outcome.CAUGHT),
    ("BinaryOperator", "x [/] 2", "%", Outcome.TIMEOUT),
    ("BinaryOperator", "count [+=] 1", "*=", Outcome.CAUGHT),
]


def entry(genre: str, marked: str, replacement: str) -> dict[str, Any]:
    """As `cargo mutants --list --json` writes it."""
    before, rest = marked.split("[", 1)
    inside, after = rest.split("]", 1)
    assert SOURCE.count(before + inside + after) == 1, marked
    start = SOURCE.index(before + inside + after) + len(before)

    def place(at: int) -> dict[str, int]:
        line_start = SOURCE.rfind("\n", 0, at) + 1
        return {"line": SOURCE.count("\n", 0, at) + 1, "column": at - line_start + 1}

    function = SOURCE[: start + 1].rpartition("pub fn ")[2].partition("(")[0]
    return {
        "file": "src/tiny.rs",
        "genre": genre,
        "function": {"function_name": function} if "pub fn" in SOURCE[:start] else None,
        "name": f"src/tiny.rs:1:1: delete match arm {inside.partition(' ')[0]} in tiny",
        "replacement": replacement,
        "span": {"start": place(start), "end": place(start + len(inside))},
    }


@pytest.fixture(scope="module")
def crate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tiny")
    (folder / "src").mkdir()
    (folder / "src/lib.rs").write_text("pub mod tiny;\n", "utf-8")
    (folder / "src/tiny.rs").write_text(SOURCE, "utf-8")
    (folder / "Cargo.toml").write_text('[package]\nname = "tiny"\nedition = "2024"\n[workspace]\n', "utf-8")
    (folder / ".gitignore").write_text("/build/\n", "utf-8")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    return folder


@pytest.fixture(scope="module")
def mutants(crate: Path) -> list[Mutant]:
    return parsed(crate, [entry(genre, marked, replacement) for genre, marked, replacement, _ in MUTANTS])


def test_every_mutant_becomes_what_it_must(crate: Path, mutants: list[Mutant], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mutants.judge._SECONDS", 1.0)
    tree = Tree(crate, crate / "build", "tiny", ["--lib"])
    judge = Judge(tree.build(mutants), None, 1, crate)
    assert [mutant.genre for mutant in tree.apart] == ["BinaryOperator"]
    judge.record()
    made = {}
    for mutant in mutants:
        if mutant in tree.unviable:
            made[mutant.number] = Outcome.UNVIABLE
        elif mutant in tree.apart:
            made[mutant.number] = judge.judge(mutant, tree.build_one(mutant))
        else:
            made[mutant.number] = judge.judge(mutant)
    assert list(made.values()) == [outcome for *_, outcome in MUTANTS]


def test_no_or_beside_a_let() -> None:
    source = b"fn f(a: Option<u8>, b: bool) -> bool { if b && let Some(x) = a { x > 1 } else { false } }"
    at = source.index(b"&&")
    mutant = Mutant(1, Path("f.rs"), "BinaryOperator", "f", "||", at, at + 2, (1, at + 1), "")
    switched = Switched(source, [mutant], set())
    assert (switched.impossible, switched.text) == ([mutant], source)


def test_an_error_belongs_to_its_mutant(mutants: list[Mutant]) -> None:
    text = Switched(SOURCE.encode(), mutants, set()).text
    assert culprits(text, text.index(b"return Default")) == ({2}, True)
    assert culprits(text, text.index(b"(x) >= (LIMIT)")) == ({3}, True)
    assert culprits(text, text.index(b"match crate::mutation::of(&[3,4,5])")) == ({3, 4, 5}, False)
    assert culprits(text, text.index(b"pub struct")) == (set(), False)


def test_arms_that_leave_a_pattern_out_together() -> None:
    source = b"fn f(a: bool) -> u8 { match a { true => { 1 } false => { 2 } } }"
    source += b"fn g(a: u8) -> u8 { match a { 1 => 2, _ => 3 } }"
    arms = [b"true => { 1 }", b"false => { 2 }", b"1 => 2,"]
    places = [(source.index(arm), source.index(arm) + len(arm)) for arm in arms]
    mutants = [
        Mutant(number, Path("f.rs"), "MatchArm", "f", "", *place, (1, place[0] + 1), "")
        for number, place in enumerate(places, 1)
    ]
    switched = Switched(source, mutants, set())
    assert not switched.impossible
    first, second = (switched.text.index(match) for match in (b"match a { true", b"match a { 1"))
    assert deleted_arms(switched.text, first) == {1, 2}
    assert deleted_arms(switched.text, second) == {3}


def test_what_the_list_explains(mutants: list[Mutant], tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text(
        "- file: src/tiny.rs\n"
        "  why: equal at the limit\n"
        "  mutants:\n"
        '    "clip": ["/* 🙂 */ if x [> -> >=] LIMIT { LIMIT } else { x }", "gone"]\n',
        "utf-8",
    )
    explained = Explained.load(path)
    missed = [mutants[2], mutants[14]]
    assert explained.unexplained(missed) == [mutants[14]]
    assert explained.stale(mutants, missed) == [("src/tiny.rs", "clip", "gone")]
    assert explained.stale([], missed) == []
