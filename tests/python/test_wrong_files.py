"""Commands given a file of another kind, and `tryout` given what is no column, say what it is and what to give."""

from __future__ import annotations

from pathlib import Path

import buzzsaw as bz
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from buzzsaw.cli import main

SPEC = """
buzzsaw: 1
name: shop
inputs:
  price: {type: float64, side: document}
  request: {type: string, side: query, role: group}
steps:
  scaled: {transform: standardize, input: price}
  rank: {transform: group_rank, input: scaled}
features: [rank]
"""


@pytest.fixture
def paths(tmp_path: Path) -> dict[str, str]:
    made = {name: str(tmp_path / name) for name in ("shop.yaml", "data.parquet", "shop.buzzsaw", "cut.buzzsaw")}
    data = {"price": [1.0, 2.0], "request": ["a", "a"]}
    Path(made["shop.yaml"]).write_text(SPEC, encoding="utf-8")
    pq.write_table(pa.table(data), made["data.parquet"])
    bz.fit(bz.Spec.parse(SPEC), data, documents=data).save(made["shop.buzzsaw"])
    Path(made["cut.buzzsaw"]).write_bytes(Path(made["shop.buzzsaw"]).read_bytes()[:-9])
    return made


@pytest.mark.parametrize(
    "case",
    [
        ("verify shop.yaml", "shop.yaml", "is a spec and no artifact (make one of it with `buzzsaw fit`)"),
        ("inspect data.parquet", "data.parquet", "is a Parquet file and no artifact"),
        ("transform shop.yaml data.parquet -o out", "shop.yaml", "is a spec and no artifact"),
        ("transform data.parquet shop.buzzsaw -o out", "data.parquet", "is a Parquet file and no artifact"),
        ("explain cut.buzzsaw data.parquet --row 0", "cut.buzzsaw", "BZ_CORRUPT_ARTIFACT"),
        ("diff shop.buzzsaw cut.buzzsaw --data data.parquet", "cut.buzzsaw", "BZ_CORRUPT_ARTIFACT"),
        ("diff shop.buzzsaw none.buzzsaw --data data.parquet", "none.buzzsaw", "BZ_IO"),
        ("validate data.parquet", "data.parquet", "is a Parquet file and no spec"),
        ("fit data.parquet --pairs data.parquet -o out", "data.parquet", "is a Parquet file and no spec"),
    ],
)
def test_files_of_another_kind(
    paths: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    case: tuple[str, str, str],
) -> None:
    command, place, said = case
    monkeypatch.chdir(Path(paths["shop.yaml"]).parent)
    assert main(command.split()) in (1, 2)
    error = " ".join(capsys.readouterr().err.split())
    assert place in error
    assert said in error
    assert not Path("out").exists()


def test_validate_says_what_a_fit_and_serving_need(paths: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", paths["shop.yaml"]]) == 0
    text = capsys.readouterr().out
    assert "request (string, query, the group)" in text
    assert "fitted:   scaled\n" in text


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ("clip(1.0, upper=3)", "a column is a list with one value a row, not 1.0 (write `[1.0]`)"),
        ("clip([nan], upper=3)", "`nan` is no value; write None"),
        ("clip([1.0], upper=abc)", "`abc` is no value"),
        ("date_part([datetime('x')], part='year')", "cannot be read"),
        ("embedding(['a'], table='t', dimensions=2, tables=3)", "lookup tables are a dictionary"),
    ],
)
def test_what_is_no_column(capsys: pytest.CaptureFixture[str], call: str, said: str) -> None:
    assert main(["tryout", call]) == 2
    error = " ".join(capsys.readouterr().err.split())
    assert "BZ_INVALID_SPEC" in error
    assert said in error


def test_rows_are_one_group_unless_told() -> None:
    assert bz.step_values("group_rank", [3.0, 1.0, 2.0]) == [1.0, 3.0, 2.0]
    assert bz.step_values("group_rank", [3.0, 1.0, 2.0], groups=[0, 0, 1]) == [1.0, 2.0, 1.0]
