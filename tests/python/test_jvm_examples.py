"""The README's example in Java, Scala and Kotlin: the pages show what Maven compiled, and it gives Python's bits."""

from __future__ import annotations

import os
import re
import subprocess
import textwrap
from pathlib import Path

import buzzsaw as bz
import numpy as np
import pytest
import test_readme

ROOT = test_readme.ROOT
MODULE = ROOT / "buzzsaw_jvm" / "examples"
PROGRAMS = {"java": "JavaExample.java", "scala": "ScalaExample.scala", "kotlin": "KotlinExample.kt"}
BLOCKS = [
    block
    for page in ("README.md", "docs/jvm.md")
    for block in test_readme.blocks_of(page)
    if block.language in PROGRAMS
]


def source(language: str) -> Path:
    return MODULE / "src" / "main" / language / "io" / "buzzsaw" / "examples" / PROGRAMS[language]


def test_every_language_is_shown() -> None:
    assert {(block.page, block.language) for block in BLOCKS} == {
        ("README.md", "java"),
        ("docs/jvm.md", "java"),
        ("docs/jvm.md", "scala"),
        ("docs/jvm.md", "kotlin"),
    }


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: f"{block.page}:{block.line}")
def test_what_is_shown_is_what_is_compiled(block: test_readme.Block) -> None:
    program = source(block.language).read_text(encoding="utf-8")
    assert textwrap.indent(block.text, "    ") in program, f"{source(block.language)} does not show {block.page}"


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    (spec,) = (block.text for block in test_readme.of("yaml", "README.md"))
    folder = tmp_path_factory.mktemp("jvm")
    bz.fit(bz.Spec.parse(spec), test_readme.PAIRS, test_readme.DOCUMENTS).save(folder / "shop.buzzsaw")
    return folder / "shop.buzzsaw"


@pytest.mark.parametrize("language", PROGRAMS)
def test_every_language_gives_the_bits_of_python(language: str, artifact: Path) -> None:
    built = [path for path in MODULE.glob("target/buzzsaw-examples-*.jar") if not path.stem.endswith("-sources")]
    if not built:
        pytest.skip("the examples are not built: run `make build`")
    libraries = [path for path in (MODULE / "target" / "lib").glob("*.jar") if not path.name.startswith("buzzsaw-")]
    path = os.pathsep.join(map(str, [*built, test_readme.jar(), *libraries]))
    command = ["java", "-cp", path, f"io.buzzsaw.examples.{PROGRAMS[language].partition('.')[0]}"]
    done = subprocess.run(command, cwd=artifact.parent, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    row = {"query": ["red shoes"], "title": ["Red running shoes"], "price_cents": [4999]}
    assert set(re.findall(r'\("(\w+)", ', source(language).read_text(encoding="utf-8"))) == set(row)
    block = bz.load(artifact).transform(row)
    wanted = block.dense[0, block.dense_names.index("title_bm25")]
    assert wanted > 0
    # Java and Kotlin print the shortest decimal that reads back as the same float, and Scala does as Java.
    assert np.float32(done.stdout).tobytes() == wanted.tobytes()
