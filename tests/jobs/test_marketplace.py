"""The generated marketplace: rows are functions of seed and index, and what it says of itself is so."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import buzzsaw as bz
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from buzzsaw.datasets import marketplace
from buzzsaw.datasets.marketplace import CANDIDATES, POSITIONS, RANKERS, Marketplace, RobotKind, randomness
from buzzsaw.datasets.marketplace.products import traits
from buzzsaw.datasets.marketplace.requests import candidates
from buzzsaw.spark.versions import to_arrow

MARKET = Marketplace(seed=7, products=2_400, sellers=90, queries=400, requests=30_000, days=9, start=date(2026, 10, 1))
NAMES = list(marketplace.TABLES)


@pytest.fixture(scope="module")
def log() -> pa.Table:
    """Impressions with the truth beside them."""
    seen, hidden = marketplace.table(MARKET, "impressions"), marketplace.table(MARKET, "impression_truth")
    return pa.table(seen.columns + hidden.columns, seen.column_names + hidden.column_names)


@pytest.fixture(scope="module")
def actions() -> pa.Table:
    """Interactions with the truth beside them."""
    seen, hidden = marketplace.table(MARKET, "interactions"), marketplace.table(MARKET, "interaction_truth")
    return pa.table(seen.columns + hidden.columns, seen.column_names + hidden.column_names)


def numpy(column: pa.ChunkedArray) -> np.ndarray:
    return column.to_numpy()


def test_bits_are_splitmix64():
    """The first outputs of SplitMix64 seeded with 1234567, as in Rosetta Code's "Pseudo-random numbers/Splitmix64"."""
    want = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821]
    key = int(randomness._key(3, "x"))
    golden = int(randomness._GOLDEN)
    # Counter i of a stream with key k is the state k + i * golden; the reference's n-th state is 1234567 + n * golden.
    inverse = pow(golden, -1, 2**64)
    start = (1234567 - key) * inverse % 2**64
    index = np.array([(start + n) % 2**64 for n in range(1, 6)], np.uint64).view(np.int64)
    assert randomness.bits(3, "x", index).tolist() == want


def test_zipf_follows_its_law():
    ranks = 50
    drawn = randomness.zipf(randomness.bits(1, "z", np.arange(200_000)), ranks)
    weights = 1 / np.arange(1, ranks + 1)
    want = 200_000 * weights / weights.sum()
    got = np.bincount(drawn, minlength=ranks)
    # Pearson's statistic: its mean is 49, and above 100 has a probability below 1e-5.
    assert ((got - want) ** 2 / want).sum() < 100


@pytest.mark.parametrize("name", NAMES)
def test_any_part_of_a_table_is_that_part_of_the_whole(name):
    whole = marketplace.table(MARKET, name, 0, 90)
    parts = [marketplace.table(MARKET, name, start, stop) for start, stop in ((0, 1), (1, 40), (40, 90))]
    assert pa.concat_tables(parts).equals(whole)
    assert not marketplace.table(Marketplace(**{**MARKET.__dict__, "seed": 8}), name, 0, 90).equals(whole) or (
        # What a query asks for is its index, and two of a thousand hidden flags may well be equal.
        name == "interaction_truth"
    )


@pytest.mark.parametrize("partitions", [1, 7])
def test_spark_makes_the_same_rows_at_any_partitioning(spark, partitions):
    market = Marketplace(seed=7, products=500, sellers=20, queries=40, requests=700, days=3)
    for name in NAMES:
        frame = marketplace.spark.frame(spark, market, name, partitions)
        want = marketplace.table(market, name)
        got = to_arrow(frame)
        assert got.column_names == want.column_names
        assert got.cast(want.schema).equals(want), name


def test_a_billion_requests_are_planned_and_begun_without_a_list_of_them(spark):
    market = Marketplace(requests=1_000_000_000)
    frame = marketplace.spark.impressions(spark, market, partitions=1_000)
    assert frame.rdd.getNumPartitions() == 1_000
    (row,) = frame.take(1)
    want = marketplace.table(market, "impressions", 0, 1).to_pylist()[0]
    # Spark's times have the zone of this process.
    assert {**row.asDict(), "event_time": row["event_time"].astimezone(timezone.utc)} == want


def test_products_have_the_columns_and_gaps_of_a_catalogue():
    products = marketplace.table(MARKET, "products")
    assert pc.count_distinct(products["product_id"]).as_py() == MARKET.products
    assert marketplace.product_index(products["product_id"]).tolist() == list(range(MARKET.products))
    for name, rate in (("short_description", 1 / 20), ("price_cents", 1 / 30)):
        assert products[name].null_count / MARKET.products == pytest.approx(rate, rel=0.35)
    start = datetime(2026, 10, 1, tzinfo=timezone.utc)
    assert pc.max(products["released_at"]).as_py() < start
    row = products.slice(5, 1).to_pylist()[0]
    assert row["title"].startswith(row["supplier"])
    assert dict(row["attributes"])["t_product_type"] in row["title"]
    assert dict(row["attributes"])["t_product_colour"] in row["title"]


def test_sellers_are_new_and_established_and_new_ones_are_seen_less():
    sellers = marketplace.table(MARKET, "sellers").to_pylist()
    start = datetime(2026, 10, 1, tzinfo=timezone.utc)
    new = {seller["seller_id"] for seller in sellers if start - seller["joined_at"] <= timedelta(days=60)}
    assert len(new) == MARKET.sellers // 5
    assert all(
        start - seller["joined_at"] >= timedelta(days=400) for seller in sellers if seller["seller_id"] not in new
    )
    products = marketplace.table(MARKET, "products")
    of_new = np.isin(products["seller_id"].to_numpy(zero_copy_only=False), list(new))
    reviews = numpy(products["review_count"])
    assert 0 < of_new.mean() < 0.2
    assert reviews[of_new].mean() < 0.1 * reviews[~of_new].mean()


def test_queries_differ_whatever_the_case_of_letters():
    market = Marketplace(queries=120_000)
    typed = marketplace.table(market, "queries")["query"]
    assert pc.count_distinct(pc.utf8_lower(typed)).as_py() == 120_000


def test_a_query_has_different_candidates():
    found = candidates(MARKET, np.arange(MARKET.queries))
    assert found.shape == (MARKET.queries, CANDIDATES)
    assert all(len(set(row)) == CANDIDATES for row in found.tolist())
    assert found.max() < MARKET.products


def test_requests_show_ten_candidates_in_order(log):
    shown = log.filter(pc.invert(log["copy"]))
    assert shown.num_rows == MARKET.requests * POSITIONS
    assert numpy(shown["position"]).reshape(-1, POSITIONS).tolist() == [list(range(1, 11))] * MARKET.requests
    products = marketplace.product_index(shown["product_id"]).reshape(-1, POSITIONS)
    offered = candidates(MARKET, numpy(shown["query_id"])[::POSITIONS])
    assert all(set(row) <= set(of) for row, of in zip(products.tolist(), offered.tolist(), strict=True))
    texts = marketplace.table(MARKET, "queries")["query"].to_pylist()
    assert shown["query"].to_pylist()[::997] == [texts[i] for i in numpy(shown["query_id"])[::997]]


def test_the_truth_of_the_rows_is_that_of_the_functions(log):
    some = log.slice(0, 5_000)
    query, product = numpy(some["query_id"]), marketplace.product_index(some["product_id"])
    want = marketplace.true_relevance(MARKET, query, product)
    assert numpy(some["relevance"]).tolist() == want.tolist()
    assert numpy(some["examination"]).tolist() == [1 / (1 + 0.5 * (k - 1)) for k in some["position"].to_pylist()]
    assert 0 <= want.min() < 0.05
    assert 0.8 < want.max() < 1
    other_kind = marketplace.true_relevance(MARKET, np.array([0]), np.array([1]))
    assert other_kind.tolist() == [0.0]


def test_relevance_is_the_formula_on_what_the_columns_say():
    """Text match from the product's own columns, for a query that asks for a colour and a feature."""
    queries = marketplace.table(MARKET, "queries")["query"].to_pylist()
    products = marketplace.table(MARKET, "products").to_pylist()
    colours = {"black", "white", "silver", "blue", "red", "green"}
    checked = 0
    for q in range(24, 400, 31):
        for p in range(q % 24, 240, 24):
            title, kind = products[p]["title"], dict(products[p]["attributes"])["t_product_type"]
            words = queries[q].lower().removesuffix(kind).split()
            wants_colour = bool(words) and words[0] in colours
            feature = " ".join(words[1:] if wants_colour else words)
            if products[p]["short_description"] is None:
                continue
            has = [words[0] in title.split()] if wants_colour else []
            has += [feature in products[p]["short_description"].lower().split(";")[0].split(", ")] if feature else []
            match = (1 + sum(has)) / (1 + len(has))
            relevance = float(marketplace.true_relevance(MARKET, np.array([q]), np.array([p]))[0])
            assert match * 0.4 <= relevance < match, (queries[q], title)
            checked += 1
    assert checked > 50


def happened(log, actions, kind="click"):
    """Whether each impression, copies aside, has an interaction of the kind."""
    events = actions.filter(pc.equal(actions["kind"], kind))
    keys = set(zip(events["request_id"].to_pylist(), events["product_id"].to_pylist(), strict=True))
    return np.array(
        [key in keys for key in zip(log["request_id"].to_pylist(), log["product_id"].to_pylist(), strict=True)]
    )


def test_people_click_by_the_position_based_model(log, actions):
    people = log.filter(pc.and_(pc.equal(log["robot"], 0), pc.invert(log["copy"])))
    got = happened(people, actions)
    query, product = numpy(people["query_id"]), marketplace.product_index(people["product_id"])
    position = numpy(people["position"])
    rate = marketplace.examination(MARKET, position) * marketplace.attractiveness(MARKET, query, product)
    for group in (
        *(position == k for k in range(1, 11)),
        *(np.digitize(rate, [0.05, 0.1, 0.2, 0.4]) == k for k in range(5)),
    ):
        deviation = np.sqrt((rate[group] * (1 - rate[group])).sum())
        assert group.sum() > 1_000
        assert abs(got[group].sum() - rate[group].sum()) < 4 * deviation


def test_queries_of_requests_follow_zipfs_law(log):
    """Robots' requests as well. Every expected count is above 10."""
    asked = log.filter(pc.and_(pc.equal(log["position"], 1), pc.invert(log["copy"])))
    assert asked.num_rows == MARKET.requests
    got = np.bincount(numpy(asked["query_id"]), minlength=MARKET.queries)
    shares = 1 / np.arange(1, MARKET.queries + 1)
    want = MARKET.requests * shares / shares.sum()
    # Pearson's statistic: its mean is 399 and its standard deviation 28.
    assert ((got - want) ** 2 / want).sum() < 399 + 4 * 28


def test_carts_and_purchases_are_as_often_as_said_for_new_sellers_and_established_ones(log, actions):
    start = datetime(2026, 10, 1, tzinfo=timezone.utc)
    joined = {row["seller_id"]: row["joined_at"] for row in marketplace.table(MARKET, "sellers").to_pylist()}
    sellers = marketplace.table(MARKET, "products")["seller_id"].to_pylist()
    new = np.array([start - joined[seller] <= timedelta(days=60) for seller in sellers])
    quality = traits(MARKET, np.arange(MARKET.products)).quality
    people = log.filter(pc.and_(pc.equal(log["robot"], 0), pc.invert(log["copy"])))
    product = marketplace.product_index(people["product_id"])
    did = {kind: happened(people, actions, kind) for kind in ("click", "cart", "purchase")}
    carts, purchases = 0.1 + 0.4 * numpy(people["relevance"]), 0.3 + 0.5 * quality[product] - 0.15 * new[product]
    for before, after, rate in (("click", "cart", carts), ("cart", "purchase", purchases)):
        assert not (did[after] & ~did[before]).any()
        for group in (new[product], ~new[product]):
            at = did[before] & group
            # Halves by what the rate depends on: its slope shows, and not its mean alone.
            for half in (at & (rate < np.median(rate[at])), at & (rate >= np.median(rate[at]))):
                assert half.sum() > 300
                deviation = np.sqrt((rate[half] * (1 - rate[half])).sum())
                assert abs(did[after][half].sum() - rate[half].sum()) < 4 * deviation, (before, after)


def test_rankers_swap_positions_of_the_same_pair(log):
    """Nearly every frequent pair is shown at several positions: that is what harvesting needs."""
    assert sorted(pc.unique(log["ranker"]).to_pylist()) == sorted(RANKERS)
    pairs = log.group_by(["query_id", "product_id"]).aggregate([("position", "count_distinct"), ("position", "count")])
    frequent = pairs.filter(pc.greater_equal(pairs["position_count"], 50))
    assert frequent.num_rows > 900
    assert np.mean(numpy(frequent["position_count_distinct"]) >= 4) > 0.95
    # A ranker is drawn whatever the query.
    head = log.filter(pc.equal(log["query_id"], 0))
    share = pc.mean(pc.equal(head["ranker"], "relevance")).as_py()
    assert share == pytest.approx(6 / 16, abs=0.03)


def test_robots_are_the_shoppers_of_the_last_indices_and_act_as_said(log, actions):
    kinds = marketplace.robot_kind(MARKET, numpy(log["shopper_id"]))
    assert (kinds == numpy(log["robot"])).all()
    robots = log.filter(pc.invert(log["copy"])).filter(pc.greater(log.filter(pc.invert(log["copy"]))["robot"], 0))
    assert robots.num_rows / POSITIONS == pytest.approx(MARKET.requests / 20, rel=0.1)
    got, robot = happened(robots, actions), numpy(robots["robot"])
    assert got[robot == RobotKind.CLICKER].mean() == pytest.approx(0.8, abs=0.02)
    assert not got[robot == RobotKind.SCRAPER].any()
    assert not pc.any(pc.and_(pc.greater(actions["robot"], 0), pc.not_equal(actions["kind"], "click"))).as_py()


def test_copies_and_double_clicks_are_as_often_as_said(log, actions):
    assert pc.sum(log["copy"]).as_py() / (MARKET.requests * POSITIONS) == pytest.approx(0.02, rel=0.05)
    copies = actions.filter(actions["copy"]).drop_columns(["copy", "double", "robot"])
    originals = actions.filter(pc.invert(actions["copy"])).drop_columns(["copy", "double", "robot"])
    assert pc.count_distinct(originals["event_id"]).as_py() == originals.num_rows
    rows = set(map(str, originals.to_pylist()))
    assert copies.num_rows > 500
    assert all(str(row) in rows for row in copies.to_pylist())
    clicks = actions.filter(pc.and_(pc.equal(actions["kind"], "click"), pc.invert(actions["copy"])))
    doubles = pc.sum(clicks["double"]).as_py()
    assert doubles / (clicks.num_rows - doubles) == pytest.approx(0.04, rel=0.1)


def test_times_lie_in_the_days_and_dates_are_theirs(log, actions):
    for table in (log, actions):
        assert pc.all(pc.equal(table["event_date"], pc.cast(table["event_time"], pa.date32()))).as_py()
    days = pc.value_counts(log["event_date"]).to_pylist()
    assert len(days) == MARKET.days
    assert all(day["counts"] / log.num_rows == pytest.approx(1 / MARKET.days, rel=0.02) for day in days)
    requested = dict(zip(log["request_id"].to_pylist(), log["event_time"].to_pylist(), strict=True))
    waits = {}
    for row in actions.select(["request_id", "kind", "event_time"]).to_pylist():
        waits.setdefault(row["kind"], []).append((row["event_time"] - requested[row["request_id"]]).total_seconds())
    assert min(waits["click"]) >= 1
    assert max(waits["click"]) < 121
    late = np.array(waits["purchase"]) > 86_400
    assert late.mean() == pytest.approx(1 / 8, rel=0.15)


def test_sizes_that_cannot_be_are_refused_all_at_once():
    with pytest.raises(bz.InvalidValueError) as caught:
        Marketplace(products=383, queries=0, requests=5, days=9, decay=-1.0)
    assert {problem["place"] for problem in caught.value.problems} == {"products", "queries", "requests", "decay"}


@pytest.mark.parametrize(
    ("name", "size", "told"),
    [
        ("queries", 10_000_001, "must be at most 10000000, not 10000001"),
        ("products", 2**31, "must be below 2"),
        ("sellers", 2**31, "must be below 2"),
    ],
)
def test_sizes_that_are_too_large_are_refused(name, size, told):
    with pytest.raises(bz.InvalidValueError, match=told) as caught:
        Marketplace(**{name: size})
    assert caught.value.place == name
