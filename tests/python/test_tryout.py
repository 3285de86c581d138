"""One transform over a few values."""

import datetime
import json
import math
import subprocess
import sys

import buzzsaw as bz
import pytest
from buzzsaw.tryout import Step


def test_values_of_every_type_of_column() -> None:
    assert bz.step_values("clip", [1, None, 3], upper=2) == [1.0, None, 2.0]
    assert bz.step_values("log1p", [math.inf, -1.0]) == [math.inf, -math.inf]
    assert bz.step_values("map_get", [{"a": 1.5}, None, {}], key="a") == [1.5, None, None]
    assert bz.step_values("tokenize", ["Red Shoes", None]) == [["red", "shoes"], None]
    (filled, empty) = bz.step_values("hashed_terms", [["a", "a"], []], bits=8)
    assert (list(filled.values()), empty) == ([2.0], {})
    days = [datetime.date(2024, 1, 2), None]
    assert bz.step_values("age", days, [datetime.date(2024, 1, 1)] * 2) == [1.0, None]


def test_steps_over_steps_groups_and_labels() -> None:
    inner = Step("tokenize", ["red red lamp", "red"])
    assert bz.step_values("bm25", Step("tokenize", ["red", "lamp"]), inner)[1] == 0.0
    assert bz.step_values("group_zscore", [1.0, 3.0, 5.0], groups=[0, 0, 1]) == [-1.0, 1.0, 0.0]
    made = bz.step_values("target_mean", ["a", "a", "b"], label=[1.0, 0.0, 1.0], prior_weight=0, folds=0)
    assert made == [0.5, 0.5, 1.0]


def test_calls_are_read() -> None:
    step = Step.parse('age([datetime(2024, 1, 1, 12), None], [date(2024, 1, 1)] , unit="hours")')
    assert (step.transform, step.parameters) == ("age", {"unit": "hours"})
    for bad in ("clip([1.0]", "[1.0]", "a.b([1])", "clip(x)", "__import__('os')", "clip([open('f')])"):
        with pytest.raises(bz.BuzzsawError):
            Step.parse(bad).values()


def test_the_command() -> None:
    command = [sys.executable, "-m", "buzzsaw", "tryout", "clip([2500.0, None], upper=100)"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert [json.loads(line) for line in done.stdout.splitlines()] == [100, None]
    wrong = subprocess.run([*command[:-1], "clip(["], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "BZ_INVALID_SPEC" in wrong.stderr
    assert "Traceback" not in wrong.stderr
