"""The label job's rows by plain loops over rows: slow, and nothing shared with the job but the rules' wording."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta

Row = dict


@dataclass(frozen=True)
class Rules:
    """The settings that matter here; the job's defaults."""

    grades: dict
    first: datetime
    last: datetime
    attribution: timedelta = timedelta(hours=24)
    duplicate: timedelta = timedelta(seconds=2)
    robot_impressions: int = 500
    robot_click_rate: float = 0.6
    robot_least_impressions: int = 50
    windows: tuple = (1, 7, 30)
    late: int = 3
    strength: float = 20.0


def earliest(rows: list[Row], keys: tuple, order: tuple) -> list[Row]:
    """The earliest row of each key."""
    found: dict = {}
    for row in sorted(rows, key=lambda row: tuple(row[name] for name in order)):
        found.setdefault(tuple(row[key] for key in keys), row)
    return list(found.values())


def day(row: Row) -> datetime:
    return row["event_time"].replace(hour=0, minute=0, second=0, microsecond=0)


def clean(impressions: list[Row], interactions: list[Row], rules: Rules) -> tuple[list[Row], list[Row]]:
    """Events of people, each once."""
    seen = earliest(impressions, ("request_id", "product_id"), ("event_time", "position", "query"))
    done = earliest(interactions, ("request_id", "product_id", "kind", "event_id"), ("event_time", "event_id"))
    done.sort(key=lambda row: (row["event_time"], row["event_id"]))
    before: dict = {}
    kept = []
    for row in done:
        key = row["request_id"], row["product_id"], row["kind"]
        if key not in before or row["event_time"] - before[key] > rules.duplicate:
            kept.append(row)
        before[key] = row["event_time"]
    shown = Counter((day(row), row["shopper_id"]) for row in seen)
    clicks = Counter((day(row), row["shopper_id"]) for row in kept if row["kind"] == "click")
    robots = {
        key
        for key in {*shown, *clicks}
        if max(shown[key], clicks[key]) > rules.robot_impressions
        or (shown[key] >= rules.robot_least_impressions and clicks[key] / shown[key] > rules.robot_click_rate)
    }
    return (
        [row for row in seen if (day(row), row["shopper_id"]) not in robots],
        [row for row in kept if (day(row), row["shopper_id"]) not in robots],
    )


def label_rows(impressions: list[Row], interactions: list[Row], rules: Rules) -> dict[tuple, Row]:
    """Rating and features by (request, product), for impressions from `first` to `last`."""
    seen, done = clean(impressions, interactions, rules)
    by_key = defaultdict(list)
    for row in done:
        if row["kind"] in rules.grades:
            by_key[row["request_id"], row["product_id"]].append(row)
    counted: dict = defaultdict(Counter)
    ratings = {}
    for row in seen:
        query, product = " ".join(row["query"].lower().split()), row["product_id"]
        own = [event for event in by_key[row["request_id"], product] if event["event_time"] >= row["event_time"]]
        within = [event for event in own if event["event_time"] - row["event_time"] <= rules.attribution]
        ratings[row["request_id"], product] = max((rules.grades[event["kind"]] for event in within), default=0)
        soon = [event for event in own if day(event) - day(row) <= timedelta(days=rules.late)]
        for what, when in [("impressions", day(row)), *((f"{event['kind']}s", day(event)) for event in soon)]:
            for entity in ("shop", ("product", product), ("query", query), ("pair", query, product)):
                counted[entity, when][what] += 1
    past: dict = {}

    def before(entity, when, window):
        """The counts of the `window` days before."""
        key = entity, when, window
        if key not in past:
            past[key] = sum((counted[entity, when - timedelta(days=back)] for back in range(1, window + 1)), Counter())
        return past[key]

    found = {}
    for row in seen:
        if not rules.first <= day(row) <= rules.last:
            continue
        query, product = " ".join(row["query"].lower().split()), row["product_id"]
        made = {"rating": ratings[row["request_id"], product], "position": row["position"], "query": row["query"]}
        for window in rules.windows:
            shop = before("shop", day(row), window)
            for entity in (("product", product), ("query", query), ("pair", query, product)):
                own = before(entity, day(row), window)
                for what in ("impressions", "clicks", "purchases"):
                    made[f"{entity[0]}_{what}_{window}d"] = own[what]
                for rate, of, out_of in (
                    ("click_rate", "clicks", "impressions"),
                    ("purchase_rate", "purchases", "clicks"),
                ):
                    made[f"{entity[0]}_{rate}_{window}d"] = (
                        (own[of] + rules.strength * (shop[of] / shop[out_of])) / (own[out_of] + rules.strength)
                        if shop[out_of]
                        else None
                    )
        found[row["request_id"], product] = made
    return found
