"""What is said of the cases' bad specs: each problem with a hint, and none with the name of a Rust type."""

from __future__ import annotations

import buzzsaw as bz
import pytest
from harness.cases import Case, all_cases


@pytest.mark.parametrize("case", all_cases(), ids=lambda case: case.name)
def test_bad_specs_are_refused_with_a_hint(case: Case) -> None:
    for bad in case.bad_specs():
        with pytest.raises(bz.BuzzsawError) as refused:
            bz.Pipeline.compile(bz.Spec.parse(bad.text))
        for problem in refused.value.problems:
            assert problem["hint"], (bad.name, problem)
            assert "untagged" not in problem["message"], (bad.name, problem)
