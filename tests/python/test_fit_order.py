"""One artifact, whatever the threads, the partitions, the order of rows and the order of merges."""

import random
from collections.abc import Iterator
from functools import reduce
from itertools import pairwise
from operator import add

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pytest
from buzzsaw import _buzzsaw
from buzzsaw.groups import offsets_of
from buzzsaw.lookup import give_tables
from conftest import ROOT, documents_of, shop_table

#: Every state that is learnt: each fitted transform, each statistic that fills, and steps that learn from learnt ones.
SPEC = """
buzzsaw: 1
name: everything_learnt
inputs:
  request: {type: int64, role: group}
  qid: {type: string, role: qid}
  grade: {type: float64, role: label}
  query: {type: string, side: query}
  title: {type: string, side: document}
  supplier: {type: string, side: document}
  price_cents: {type: int64, side: document}
  attributes: {type: map<string>, side: document}
  spread: {type: float64, side: pair}
steps:
  query_terms: {transform: tokenize, input: query}
  title_terms: {transform: tokenize, input: title}
  bm25: {transform: bm25, inputs: [query_terms, title_terms]}
  tfidf: {transform: tfidf, input: title_terms, min_df: 2}
  tied: {transform: tfidf, input: title_terms, ngrams: [1, 2], max_features: 7}
  log_price: {transform: log1p, input: price_cents, missing: {impute: median, indicator: true}}
  log_scaled: {transform: standardize, input: log_price}
  in_group: {transform: group_zscore, input: log_price}
  group_scaled: {transform: standardize, input: in_group}
  spread_scaled: {transform: standardize, input: spread}
  spread_filled: {transform: standardize, input: spread, missing: {impute: mean}}
  price_filled: {transform: log1p, input: price_cents, missing: {impute: mode}}
  colour: {transform: map_get, input: attributes, key: colour}
  supplier_grade: {transform: target_mean, input: supplier, folds: 3}
  colour_grade: {transform: target_mean, input: colour, folds: 0}
  grade_scaled: {transform: standardize, input: supplier_grade, missing: {impute: median}}
  supplier_scaled: {transform: standardize, inputs: [spread, supplier], min_count: 2}
  supplier_range: {transform: min_max, inputs: [spread, supplier]}
  supplier_robust: {transform: robust_scale, inputs: [spread, supplier]}
  supplier_sketch: {transform: robust_scale, inputs: [spread, supplier], approximate: true}
  winsorized: {transform: winsorize, input: spread}
  bucket: {transform: quantile_bucketize, input: spread}
  powered: {transform: power, input: spread}
  boxed: {transform: power, input: price_cents, method: box_cox, standardize: false}
features: [bm25, tfidf, tied, log_scaled, group_scaled, spread_scaled, spread_filled, price_filled, colour_grade,
  grade_scaled, supplier_scaled, supplier_range, supplier_robust, supplier_sketch, winsorized, bucket, powered, boxed]
"""


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """Rows of a shop; numbers of so many magnitudes that a plain sum depends on their order."""
    rows = shop_table(900, seed=13)
    draw = np.random.default_rng(5)
    spread = draw.choice([-1.0, 1.0], rows.num_rows) * 10.0 ** draw.uniform(-8, 8, rows.num_rows)
    spread[draw.random(rows.num_rows) < 0.1] = np.nan
    present = spread[~np.isnan(spread)].tolist()
    shuffled = present.copy()
    random.Random(1).shuffle(shuffled)
    # `sum` itself makes up for what it loses from Python 3.12 on.
    assert reduce(add, present) != reduce(add, shuffled)
    return rows.append_column("spread", pa.array(spread))


def shuffled(table: pa.Table, seed: int, group: str | None) -> pa.Table:
    """Rows in another order; those of a group stay together, in another order too."""
    draw = np.random.default_rng(seed)
    order = draw.permutation(table.num_rows)
    if group is not None:
        ids = table[group].to_numpy()
        place = dict(zip(np.unique(ids).tolist(), draw.permutation(len(np.unique(ids))).tolist(), strict=True))
        order = order[np.argsort([place[i] for i in ids[order].tolist()], kind="stable")]
    return table.take(order)


def parts_of(table: pa.Table, count: int, group: str | None, draw: random.Random) -> Iterator[list[pa.RecordBatch]]:
    """The table dealt to `count` workers, whole groups to each, in batches of a few rows; some may get none."""
    ends = [*offsets_of(table[group]).tolist()] if group is not None else [*range(table.num_rows + 1)]
    cuts = sorted(draw.choice(ends) for _ in range(count - 1))
    for start, end in zip([0, *cuts], [*cuts, table.num_rows], strict=True):
        inner = [at for at in ends if start <= at <= end][:: draw.randint(1, 40)]
        edges = sorted({start, *inner, end})
        yield [table.slice(a, b - a).combine_chunks().to_batches()[0] for a, b in pairwise(edges)]


def fit_apart(
    spec: bz.Spec,
    tables: dict[str, pa.Table],
    partitions: int,
    group: str,
    draw: random.Random,
    *,
    lookups: dict[str, dict[str, list]] | None = None,
) -> _buzzsaw.Pipeline:
    """A fit as on a cluster: workers with copies of the fitter, states over the wire, merged in an order of chance."""
    fitter = _buzzsaw.Fitter(spec._native, "documents" in tables)
    give_tables(fitter, lookups)
    while pending := fitter.pending():
        sent = fitter.to_bytes()
        for source in pending:
            needed = fitter.needs_groups(source)
            columns = [column["name"] for column in fitter.inputs(source)]
            states = []
            for batches in parts_of(tables[source], partitions, group if needed else None, draw):
                worker = _buzzsaw.Fitter.from_bytes(sent)
                partial = worker.partial(source)
                for batch in batches:
                    worker.update(partial, batch.select(columns), offsets_of(batch[group]) if needed else None)
                states.append(partial.to_bytes())
            assert len(states) == partitions
            partials = [fitter.partial_from_bytes(state) for state in states]
            while len(partials) > 1:
                draw.shuffle(partials)
                partials[0].merge(partials.pop())
            assert partials[0].rows == tables[source].num_rows
            fitter.finish(partials[0])
    return fitter.into_pipeline()


@pytest.fixture(scope="module")
def reference(table: pa.Table) -> bz.Pipeline:
    pipeline = bz.fit(bz.Spec.parse(SPEC), table, documents_of(table), threads=1)
    assert np.isfinite(pipeline.transform(table).dense).any(axis=0).all()
    return pipeline


@pytest.mark.parametrize("threads", [1, 8])
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_threads_and_order_do_not_change_the_artifact(table, reference, threads, seed) -> None:
    pairs, documents = table, documents_of(table)
    if seed is not None:
        pairs, documents = shuffled(table, seed, "request"), shuffled(documents, seed + 10, None)
    # Batches of a few rows, so that every thread has some to take.
    pairs = pa.Table.from_batches(pairs.combine_chunks().to_batches(max_chunksize=23))
    seen = []
    fitted = bz.fit(bz.Spec.parse(SPEC), pairs, documents, threads=threads, progress=seen.append)
    assert len([at for at in seen if at.round == 1]) > 2 * threads
    assert fitted.content_hash == reference.content_hash
    assert fitted.to_bytes() == reference.to_bytes()


@pytest.mark.parametrize("partitions", [1, 7, 64])
@pytest.mark.parametrize("seed", [None, 3])
def test_partitions_and_merges_do_not_change_the_artifact(table, reference, partitions, seed) -> None:
    pairs, documents = table, documents_of(table)
    if seed is not None:
        pairs, documents = shuffled(table, seed, "request"), shuffled(documents, seed + 10, None)
    tables = {"pairs": pairs, "documents": documents}
    fitted = fit_apart(bz.Spec.parse(SPEC), tables, partitions, "request", random.Random(partitions))
    assert fitted.content_hash == reference.content_hash
    assert fitted.to_bytes() == reference.to_bytes()


@pytest.mark.parametrize("column", ["title", "supplier", "price_cents", "grade", "spread", "attributes"])
def test_a_change_of_the_rows_changes_the_artifact(table, reference, column) -> None:
    """What is learnt depends on each of these columns: the equalities above are no accident."""
    at = table.schema.get_field_index(column)
    values = table[column].to_pylist()
    # A labelled row: of others the categories are not learnt from.
    missing = table[column].is_null(nan_is_null=True).to_pylist()
    last = max(i for i, grade in enumerate(table["grade"].to_pylist()) if grade and values[i] and not missing[i])
    other = {"title": "red red red", "supplier": "bolt ", "attributes": [("colour", "Blue")]}
    values[last] = other.get(column) or values[last] * 2
    changed = table.set_column(at, column, pa.array(values, table.schema.field(at).type))
    fitted = bz.fit(bz.Spec.parse(SPEC), changed, documents_of(changed), threads=1)
    assert fitted.content_hash != reference.content_hash


def cases() -> list[str]:
    return sorted(path.parent.name for path in (ROOT / "tests" / "parity" / "cases").glob("*/spec.yaml"))


@pytest.mark.filterwarnings("ignore::buzzsaw.FitWarning")
@pytest.mark.parametrize("name", cases())
def test_no_case_depends_on_threads_order_or_partitions(name, tmp_path, monkeypatch) -> None:
    """The parity cases have every transform with every parameter, those that are added later too."""
    monkeypatch.syspath_prepend(str(ROOT / "tests" / "parity"))
    from harness.cases import Case
    from harness.paths import CASES
    from harness.tables import GROUPS

    case = Case(CASES / name)
    task = case.prepare(tmp_path, "serve")
    wanted = bz.load(task.artifact).content_hash
    table = case.fit_table()
    small = pa.Table.from_batches(shuffled(table, 1, GROUPS).combine_chunks().to_batches(max_chunksize=3))
    for threads in (1, 8):
        assert bz.fit(case.spec, small, groups=GROUPS, threads=threads, **case.tables()).content_hash == wanted
    for partitions in (1, 7, 64):
        rows = {"pairs": shuffled(table, partitions, GROUPS)}
        lookups = case.tables().get("tables")
        fitted = fit_apart(case.spec, rows, partitions, GROUPS, random.Random(partitions), lookups=lookups)
        assert fitted.content_hash == wanted
