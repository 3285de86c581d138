"""The command line, as scripts and people use it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import SPECS, documents_of, shop_table


def run(*arguments: object, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "buzzsaw", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


@pytest.fixture(scope="module")
def files(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cli")
    pairs = shop_table(40, seed=2)
    pq.write_table(pairs, folder / "pairs.parquet", row_group_size=16)
    pq.write_table(documents_of(pairs), folder / "documents.parquet")
    tables = ("--pairs", folder / "pairs.parquet", "--documents", folder / "documents.parquet")
    done = run("fit", SPECS / "shop.yaml", *tables, "-o", folder / "shop.bz", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert json.loads(done.stdout)["content_hash"] == bz.load(folder / "shop.bz").content_hash
    return folder


def test_validate() -> None:
    done = run("validate", SPECS / "shop.yaml")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("shop is valid\n")
    listed = json.loads(run("validate", SPECS / "shop.yaml", "--json").stdout)
    assert listed["features"] == bz.Spec.load(SPECS / "shop.yaml").feature_names
    assert {"name": "request", "type": "int64", "side": "query", "role": "group"} in listed["inputs"]


def test_transform_writes_what_the_api_gives(files) -> None:
    for mode in ("serve", "train"):
        out = files / f"{mode}.parquet"
        words = ("transform", files / "shop.bz", files / "pairs.parquet", "-o", out, "--mode", mode)
        done = run(*words, *2 * ("--keep", "qid"))
        assert done.returncode == 0, done.stderr
        written = pq.read_table(out)
        assert written.schema.names.count("qid") == 1
        block = bz.load(files / "shop.bz").transform(pq.read_table(files / "pairs.parquet"), mode=mode)
        assert written["fingerprint"].to_numpy().tolist() == block.fingerprints.tolist()
        if mode == "train":
            served = pq.read_table(files / "serve.parquet")["fingerprint"]
            assert written["fingerprint_served"].equals(served)
            assert not written["fingerprint_served"].equals(written["fingerprint"])
        assert written.schema.names[-1] == ("fingerprint_served" if mode == "train" else "fingerprint")
        assert written["qid"].equals(pq.read_table(files / "pairs.parquet")["qid"])
        for at, name in enumerate(block.dense_names):
            assert written[name].to_numpy().tobytes() == np.ascontiguousarray(block.dense[:, at]).tobytes()
        assert written["title_hashed"].combine_chunks().field("indices").flatten().to_pylist() == (
            block.sparse["title_hashed"].indices.tolist()
        )


def test_only_folds_give_training_rows_two_fingerprints(tmp_path) -> None:
    bz.fit(bz.Spec.load(SPECS / "row_wise.yaml"), {}).save(tmp_path / "row_wise.bz")
    rows = {"title": ["red"], "price": [1.0], "stock": pa.array([1], pa.int32())}
    pq.write_table(pa.table(rows), tmp_path / "rows.parquet")
    done = run("transform", "row_wise.bz", "rows.parquet", "-o", "out.parquet", "--mode", "train", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert [name for name in pq.read_schema(tmp_path / "out.parquet").names if "print" in name] == ["fingerprint"]


def test_inspect_verify_and_explain(files) -> None:
    pipeline = bz.load(files / "shop.bz")
    shown = json.loads(run("inspect", files / "shop.bz", "--json").stdout)
    assert shown["manifest"]["content_hash"] == pipeline.content_hash
    assert shown["features"] == pipeline.feature_names
    assert shown["needs_groups"] is True
    assert pipeline.content_hash in run("inspect", files / "shop.bz").stdout
    report = json.loads(run("verify", files / "shop.bz", "--json").stdout)
    assert report["content_hash"] == pipeline.content_hash
    assert report["golden_rows"] > 0
    assert "golden rows agree" in run("verify", files / "shop.bz").stdout
    pairs = pq.read_table(files / "pairs.parquet")
    row = pairs.num_rows - 1
    explained = run("explain", files / "shop.bz", files / "pairs.parquet", "--row", row).stdout
    assert json.loads(explained) == pipeline.explain(pairs, row)


def test_explain_prints_the_canonical_json_byte_for_byte(files) -> None:
    pairs = pq.read_table(files / "pairs.parquet")
    canonical = [bz.load(files / "shop.bz").explain_json(pairs, row) for row in range(pairs.num_rows)]
    # In a later row group than the first, with text that is not ASCII.
    row = next(row for row in range(20, pairs.num_rows) if not canonical[row].isascii())
    done = subprocess.run(
        [sys.executable, "-m", "buzzsaw", "explain", "shop.bz", "pairs.parquet", "--row", str(row), "--json"],
        capture_output=True,
        check=True,
        cwd=files,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.stdout == canonical[row].encode() + b"\n"


def test_transforms() -> None:
    listed = json.loads(run("transforms", "--json").stdout)
    assert {"bm25", "tokenize", "group_zscore"} <= {row["name"] for row in listed}
    text = run("transforms", "bm25").stdout
    assert text.startswith("## bm25\n")
    assert "| `k1` | number |" in text
    done = run("transforms", "bm52")
    assert done.returncode == 2
    assert "did you mean `bm25`?" in done.stderr


BAD = {
    "no such spec": ("validate", "none.yaml"),
    "bad spec": ("validate", "bad.yaml"),
    "bad artifact": ("verify", "bad.bz"),
    "no artifact": ("inspect", "none.bz"),
    "bad table": ("transform", "shop.bz", "bad.bz", "-o", "out.parquet"),
    "no table": ("transform", "shop.bz", "none.parquet", "-o", "out.parquet"),
    "no column": ("transform", "shop.bz", "short.parquet", "-o", "out.parquet"),
    "no group": ("transform", "shop.bz", "pairs.parquet", "-o", "out.parquet", "--groups", "requests"),
    "no kept column": ("transform", "shop.bz", "pairs.parquet", "-o", "out.parquet", "--keep", "quid"),
    "clash": ("transform", "shop.bz", "clash.parquet", "-o", "out.parquet", "--keep", "age_days"),
    "clash of the second fingerprint": (
        *("transform", "shop.bz", "printed.parquet", "-o", "out.parquet"),
        *("--mode", "train", "--keep", "fingerprint_served"),
    ),
    "split group": ("transform", "shop.bz", "split.parquet", "-o", "out.parquet"),
    "no folder": ("transform", "shop.bz", "pairs.parquet", "-o", "no/out.parquet"),
    "no row": ("explain", "shop.bz", "pairs.parquet", "--row", "100000"),
    "empty": ("fit", "shop.yaml", "--pairs", "empty.parquet", "-o", "out.bz"),
    "threads below 1": ("fit", "shop.yaml", "--pairs", "pairs.parquet", "--threads", "-1", "-o", "out.bz"),
    "no option": ("fit", "shop.yaml", "-o", "out.bz"),
}
CODES = {"no such spec": 1, "no artifact": 1, "no table": 1, "no folder": 1}


@pytest.mark.parametrize("case", BAD)
def test_errors_are_one_paragraph_and_nothing_is_written(files, case) -> None:
    pairs = pq.read_table(files / "pairs.parquet")
    (files / "bad.yaml").write_text("buzzsaw: 1\nname: x\nfeatures: [a]\nsteps: 3\n", encoding="utf-8")
    (files / "bad.bz").write_bytes(b"not an artifact")
    (files / "shop.yaml").write_text((SPECS / "shop.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    pq.write_table(pairs.drop(["title"]), files / "short.parquet")
    pq.write_table(pairs.slice(0, 0), files / "empty.parquet")
    pq.write_table(pa.concat_tables([pairs, pairs.slice(0, 1)]), files / "split.parquet")
    pq.write_table(pairs.append_column("age_days", pairs["clicks"]), files / "clash.parquet")
    pq.write_table(pairs.append_column("fingerprint_served", pairs["clicks"]), files / "printed.parquet")
    before = sorted(path.name for path in files.iterdir())
    done = run(*BAD[case], folder=files)
    assert done.returncode == CODES.get(case, 2), done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()
    assert "\n\n" not in done.stderr
    assert sorted(path.name for path in files.iterdir()) == before
    if case != "no option":
        told = json.loads(run(*BAD[case], "--json", folder=files).stderr.splitlines()[-1])
        assert told["problems"][0]["code"].startswith("BZ_")


def test_every_absent_column_to_keep_is_named_with_the_nearest(files) -> None:
    out = files / "out.parquet"
    words = ("transform", files / "shop.bz", files / "pairs.parquet", "-o", out, "--keep", "quid", "--keep", "zzzzzzzz")
    done = run(*words, "--json")
    assert done.returncode == 2
    first, second = json.loads(done.stderr)["problems"]
    assert (first["place"], first["hint"]) == ("--keep", "did you mean `qid`?")
    assert (second["message"], second["hint"][:7]) == ("the table has no column `zzzzzzzz` to keep", "it has ")
    assert not out.exists()


def test_an_older_result_survives_a_failure(files) -> None:
    out = files / "kept.parquet"
    out.write_bytes(b"older")
    pairs = pq.read_table(files / "pairs.parquet")
    pq.write_table(pa.concat_tables([pairs, pairs.slice(0, 1)]), files / "split.parquet")
    assert run("transform", files / "shop.bz", files / "split.parquet", "-o", out).returncode == 2
    assert out.read_bytes() == b"older"
    assert [path.name for path in files.iterdir() if path.name.endswith(".part")] == []


def test_progress_is_for_terminals_only(files) -> None:
    arguments = ["transform", str(files / "shop.bz"), str(files / "pairs.parquet"), "-o", str(files / "p.parquet")]
    assert run(*arguments).stderr == ""
    primary, secondary = pty.openpty()
    done = subprocess.run(
        [sys.executable, "-m", "buzzsaw", *arguments],
        stdout=subprocess.PIPE,
        stderr=secondary,
        check=True,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
    )
    os.close(secondary)
    shown = b""
    try:
        while chunk := os.read(primary, 65536):
            shown += chunk
    except OSError:
        # The other side of a pseudo-terminal closes with an error.
        os.close(primary)
    assert b"transform" in shown
    assert done.stdout.startswith(b"wrote ")


def test_version_and_usage() -> None:
    assert bz.build_id() in run("--version").stdout
    done = run("frobnicate")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_an_output_that_is_an_input_is_refused(tmp_path: Path) -> None:
    spec, pairs = tmp_path / "spec.yaml", tmp_path / "pairs.parquet"
    text = "buzzsaw: 1\nname: t\ninputs:\n  n: {type: float64, side: document}\nfeatures: [n]\n"
    spec.write_text(text, "utf-8")
    pq.write_table(pa.table({"n": [1.0, 2.0]}), pairs)
    artifact = tmp_path / "t.buzzsaw"
    assert run("fit", spec, "--pairs", pairs, "-o", artifact).returncode == 0
    before = {path: path.read_bytes() for path in (spec, pairs, artifact)}
    commands = [
        ["fit", str(spec), "--pairs", str(pairs), "-o", str(spec)],
        ["fit", str(spec), "--pairs", str(pairs), "-o", str(pairs)],
        ["transform", str(artifact), str(pairs), "-o", str(artifact)],
        ["transform", str(artifact), str(pairs), "-o", str(tmp_path / "." / "pairs.parquet")],
        ["transform", str(artifact), str(tmp_path), "-o", str(tmp_path / "features.parquet")],
    ]
    for command in commands:
        done = run(*command)
        assert done.returncode != 0 and "BZ_INVALID_VALUE" in done.stderr, command
    assert {path: path.read_bytes() for path in before} == before
    assert sorted(tmp_path.iterdir()) == sorted(before)
