"""The examples of the README and the guide, run as they are written."""

import ast
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import NamedTuple

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FILES = ("README.md", "docs/guide.md")

#: The first example learns from its rows without documents, which the library says.
pytestmark = pytest.mark.filterwarnings("ignore::buzzsaw.FitWarning")

PAIRS = {
    "query": ["red shoes", "red shoes", "desk lamp", "desk lamp", "usb cable"],
    "title": ["Red running shoes", "Blue shoe rack", "Desk lamp, black", "LED lamp for desks", None],
    "price_cents": [4999, None, 2495, 1995, 799],
}
DOCUMENTS = {name: [*PAIRS[name], extra] for name, extra in (("title", "USB-C cable, 2 m"), ("price_cents", 899))}


class Block(NamedTuple):
    """A fenced block of a page."""

    page: str
    language: str
    #: The number of its first line.
    line: int
    text: str


def blocks_of(page: str) -> list[Block]:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Block(page, m[1], text.count("\n", 0, m.start(2)) + 1, m[2]) for m in found]


BLOCKS = [block for page in FILES for block in blocks_of(page)]


def of(language: str, page: str | None = None) -> list[Block]:
    return [block for block in BLOCKS if block.language == language and page in (None, block.page)]


def pages(language: str) -> list[str]:
    return [page for page in FILES if of(language, page)]


class Ran(NamedTuple):
    """What a page's Python left."""

    folder: Path
    names: dict[str, object]
    #: Of each block what it printed.
    printed: list[str]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that the examples name: the specs of the pages and two tables."""
    made = tmp_path_factory.mktemp("readme")
    for block in of("yaml"):
        (made / f"{yaml.safe_load(block.text)['name']}.yaml").write_text(block.text, encoding="utf-8")
    pq.write_table(pa.table(PAIRS), made / "pairs.parquet")
    pq.write_table(pa.table(DOCUMENTS), made / "products.parquet")
    return made


@pytest.fixture(scope="module")
def ran(folder: Path, spark) -> dict[str, Ran]:
    """Every page's Python blocks in their order, with the one thing the text lets the reader have: two DataFrames."""
    made = {}
    pairs, documents = (spark.read.parquet(str(folder / f"{name}.parquet")) for name in ("pairs", "products"))
    for page in pages("python"):
        names = {"__name__": "__main__", "pairs": pairs, "documents": documents}
        printed = []
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(folder)
            for block in of("python", page):
                # Line numbers of a traceback are those of the page.
                code = compile("\n" * (block.line - 1) + block.text, block.page, "exec")
                with redirect_stdout(io.StringIO()) as out:
                    exec(code, names)
                printed.append(out.getvalue())
        made[page] = Ran(folder, names, printed)
    return made


def test_blocks_are_of_the_languages_that_are_run_here() -> None:
    # test_jvm_examples.py runs the Java.
    assert {block.language for block in BLOCKS} == {"python", "yaml", "sh", "java"}
    assert set(pages("python")) >= {"README.md"}
    fences = sum((ROOT / page).read_text(encoding="utf-8").count("```") for page in FILES)
    assert fences == 2 * len(BLOCKS)


@pytest.mark.parametrize("block", of("yaml"), ids=lambda block: f"{block.page}:{block.line}")
def test_specs_are_valid(block: Block) -> None:
    spec = bz.Spec.parse(block.text)
    assert spec.feature_names


def test_python_blocks_print_what_their_comments_say(ran: dict[str, Ran]) -> None:
    compared = 0
    for page, outcome in ran.items():
        for block, printed in zip(of("python", page), outcome.printed, strict=True):
            for said in re.findall(r"^print\(.*\)  # (\[.*\])$", block.text, re.MULTILINE):
                assert str(ast.literal_eval(said)) in printed.splitlines(), f"{page}:{block.line} does not print {said}"
                compared += 1
    assert compared


def test_the_block_is_what_the_readme_says(ran: dict[str, Ran]) -> None:
    block = ran["README.md"].names["block"]
    assert isinstance(block, bz.FeatureBlock)
    assert block.dense.dtype == np.float32
    assert block.dense.shape == (3, 2)
    assert np.isfinite(block.dense).all()


def test_the_artifact_of_the_spark_block_has_the_hash_of_a_local_fit(ran: dict[str, Ran], folder: Path) -> None:
    names = ran["README.md"].names
    local = bz.fit(bz.Spec.load(folder / "shop.yaml"), PAIRS, DOCUMENTS)
    assert isinstance(names["pipeline"], bz.Pipeline)
    assert names["pipeline"].content_hash == local.content_hash
    wanted = local.transform(PAIRS, mode="train").fingerprints.tolist()
    assert sorted(row["fingerprint"] for row in names["features"].collect()) == sorted(wanted)


def commands(block: Block) -> list[list[str]]:
    return [words for line in block.text.replace("\\\n", " ").splitlines() if (words := shlex.split(line, True))]


def test_command_lines_run(folder: Path, tmp_path: Path) -> None:
    for name in ("shop.yaml", "pairs.parquet", "products.parquet"):
        shutil.copy(folder / name, tmp_path)
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    used = set()
    for block in of("sh"):
        for words in commands(block):
            if words[0] == "make":
                assert words[1] in targets
                continue
            done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
            assert (done.returncode, done.stderr) == (0, ""), f"{words} of {block.page}: {done.stderr}"
            assert done.stdout
            used.add(words[1])
    assert used == {"validate", "fit", "transform", "explain", "verify", "transforms", "tryout", "analyze", "diff"}
    written = pq.read_table(tmp_path / "features.parquet")
    local = bz.fit(bz.Spec.load(tmp_path / "shop.yaml"), PAIRS, DOCUMENTS)
    assert bz.load(tmp_path / "shop.buzzsaw").content_hash == local.content_hash
    assert written["fingerprint"].to_pylist() == local.transform(PAIRS).fingerprints.tolist()


def jar() -> Path:
    """The built jar; without it or a JVM there is nothing to test with."""
    target = ROOT / "buzzsaw_jvm" / "core" / "target"
    other = ("-sources", "-javadoc", "-tests")
    found = [path for path in sorted(target.glob("buzzsaw-*.jar")) if not path.stem.endswith(other)]
    if not found:
        pytest.skip(f"there is no jar in {target.relative_to(ROOT)}: run `make build`")
    if shutil.which("java") is None:
        pytest.skip("there is no java: install a JDK 17")
    return found[-1]
