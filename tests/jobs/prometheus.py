"""A strict and slow reader of Prometheus' text format, by its page on exposition formats; the textfile collector adds
that no sample has a time."""

from __future__ import annotations

import re
from typing import NamedTuple

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|Inf)|NaN")
_TYPES = {"counter", "gauge", "histogram", "summary", "untyped"}


class Metric(NamedTuple):
    """A metric: its type, its help, and its values by their labels."""

    type: str
    help: str
    samples: dict[frozenset[tuple[str, str]], float]


def parsed(content: bytes) -> dict[str, Metric]:
    """The metrics of a file, by name; whatever is not of the format is an error."""
    text = content.decode("utf-8", "strict")
    assert text.endswith("\n"), "the last line must end with a line feed"
    metrics: dict[str, Metric] = {}
    helps: dict[str, str] = {}
    for line in text[:-1].split("\n"):
        assert line
        if line.startswith("# HELP "):
            name, _, words = line.removeprefix("# HELP ").partition(" ")
            assert _NAME.fullmatch(name), line
            assert name not in helps, f"two helps of {name}"
            helps[name], rest = _unescaped(words, {"\\": "\\", "n": "\n"}, None)
            assert not rest
        elif line.startswith("# TYPE "):
            name, kind = line.removeprefix("# TYPE ").split(" ")
            assert kind in _TYPES, line
            assert name not in metrics, f"the type of {name} comes after a sample, or twice"
            metrics[name] = Metric(kind, helps[name], {})
        else:
            _sample(line, metrics)
    assert all(metric.samples for metric in metrics.values())
    return metrics


def _sample(line: str, metrics: dict[str, Metric]) -> None:
    found = _NAME.match(line)
    assert found, line
    name, rest, labels = found.group(), line[found.end() :], {}
    assert name == list(metrics)[-1], f"{name} is not with its type"
    if rest.startswith("{"):
        rest = rest[1:]
        while not rest.startswith("}"):
            label = _LABEL.match(rest)
            assert label, line
            assert label.group() not in labels, line
            assert rest[label.end() :].startswith('="'), line
            value, rest = _unescaped(rest[label.end() + 2 :], {"\\": "\\", "n": "\n", '"': '"'}, '"')
            labels[label.group()] = value
            assert rest[:1] in (",", "}"), line
            rest = rest.removeprefix(",")
        rest = rest[1:]
    assert rest.startswith(" "), line
    assert _NUMBER.fullmatch(rest[1:]), line
    key = frozenset(labels.items())
    assert key not in metrics[name].samples, f"a sample twice: {line}"
    metrics[name].samples[key] = float(rest[1:])


def _unescaped(text: str, escapes: dict[str, str], end: str | None) -> tuple[str, str]:
    """The text up to `end`, and what comes after it."""
    read, at = "", 0
    while at < len(text):
        if text[at] == end:
            return read, text[at + 1 :]
        if text[at] == "\\":
            assert text[at + 1 : at + 2] in escapes, f"no such escape: {text[at : at + 2]}"
            read, at = read + escapes[text[at + 1]], at + 2
        else:
            read, at = read + text[at], at + 1
    assert end is None, f"no {end} after {text}"
    return read, ""
