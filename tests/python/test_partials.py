"""Partial states of a fit: merged, pruned, and what a failure leaves behind."""

import buzzsaw as bz
import pyarrow as pa
import pytest
from buzzsaw import _buzzsaw

SPEC = """
buzzsaw: 1
name: scaled
inputs:
  price: {type: float64, side: document}
steps:
  scaled: {transform: standardize, input: price}
features: [scaled]
"""


def partials() -> tuple[_buzzsaw.Fitter, _buzzsaw.Partial, _buzzsaw.Partial]:
    fitter = _buzzsaw.Fitter(_buzzsaw.Spec.parse(SPEC), False)
    made = []
    for prices in ([1.0, 2.0], [5.0, 9.0]):
        partial = fitter.partial("pairs")
        fitter.update(partial, pa.record_batch({"price": prices}))
        made.append(partial)
    return fitter, *made


def test_a_merge_with_a_used_partial_leaves_the_first_as_it_was() -> None:
    fitter, mine, theirs = partials()
    mine.merge(theirs)
    assert mine.rows == 4
    before = mine.to_bytes()
    with pytest.raises(bz.ClosedError):
        mine.merge(theirs)
    assert mine.to_bytes() == before
    fitter.finish(mine)
    assert fitter.into_pipeline().feature_names == ["scaled"]


def test_a_merge_that_fails_ends_the_partial() -> None:
    _, mine, _ = partials()
    imputed = SPEC.replace("input: price}", "input: price, missing: {impute: median}}")
    other = _buzzsaw.Fitter(_buzzsaw.Spec.parse(imputed), False)
    with pytest.raises(bz.BuzzsawError):
        mine.merge(other.partial("pairs"))
    with pytest.raises(bz.ClosedError):
        _ = mine.rows


SHARE = """
buzzsaw: 1
name: share
inputs:
  terms: {type: list<string>, side: document}
steps:
  counts: {transform: count_vector, input: terms, min_df: 0.5}
features: [counts]
"""


def test_a_part_is_pruned_by_the_rest_which_is_still_there() -> None:
    fitter = _buzzsaw.Fitter(_buzzsaw.Spec.parse(SHARE), False)
    rest = fitter.partial("pairs")
    fitter.update(rest, pa.record_batch({"terms": [["a", "b"], ["a"], ["a", "c"], ["c"]]}))
    assert rest.prunes_by_rest
    (part,) = rest.split(1)
    part.prune()
    assert part.keys == 3
    part.prune(rest)
    assert part.keys == 2
    assert rest.rows == 4
    with pytest.raises(bz.InvalidValueError, match="another thread is using"):
        part.prune(part)
    part.prune(fitter.partial_from_bytes(rest.to_prune_by()))
    assert part.keys == 2
    rest.merge(part)
    with pytest.raises(bz.ClosedError):
        part.prune(rest)
    assert (rest.rows, rest.keys) == (4, 2)
