"""Feature specs to start from, made for the columns at hand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from buzzsaw.errors import InvalidSpecError
from buzzsaw.spec import Spec

_STATISTICS = ("sum", "min", "max", "mean", "variance")
_VALUES = {"tf": "tf", "tf_normalised": "length-normalised tf", "tf_idf": "tf-idf"}


def letor_text(fields: Mapping[str, str] | Sequence[str], *, analyzer: str = "english", map_prefix: str = "") -> Spec:
    """The text features of the LETOR sets for a query and each field of a document, all fields together, and BM25F.

    Args:
        fields: The names of text columns, or each column's type by its name: `string`, or `map<string>`, whose values
            are joined to one text.
        analyzer: The analyzer of the query and of every field.
        map_prefix: Of a map, the entries whose key starts so are taken.

    Raises:
        InvalidSpecError: Without a field, when a field has another type, or when a name is not one of a spec.

    Example:
        >>> from buzzsaw.specs import letor_text
        >>> spec = letor_text(["title", "body"])
        >>> [name for name in spec.feature_names if name.startswith("title_bm25")]
        ['title_bm25']
        >>> spec.feature_names[-1]
        'bm25f'
    """
    return Spec.parse(json.dumps(_document(fields, analyzer, map_prefix)))


def _document(fields: Mapping[str, str] | Sequence[str], analyzer: str, map_prefix: str) -> dict[str, Any]:
    types = dict(fields) if isinstance(fields, Mapping) else dict.fromkeys(fields, "string")
    if not types:
        message = "there is no field"
        raise InvalidSpecError.of(message, place="fields")
    steps: dict[str, Any] = {"query_terms": {"transform": "tokenize", "input": "query", "analyzer": analyzer}}
    texts: dict[str, str] = {}
    for name, kind in types.items():
        if kind not in ("string", "map<string>"):
            message = f"a field is of type string or map<string>, not {kind}"
            raise InvalidSpecError.of(message, place=f"fields.{name}")
        texts[name] = name
        if kind == "map<string>":
            texts[name] = f"{name}_text"
            steps[texts[name]] = {"transform": "map_text", "input": name, "prefix": map_prefix}
    if len(texts) > 1:
        steps["all_text"] = {"transform": "concatenate", "inputs": list(texts.values())}
    whole = {"all": "all_text"} if len(texts) > 1 else {}
    features = []
    for name, text in [*texts.items(), *whole.items()]:
        steps[f"{name}_terms"] = {"transform": "tokenize", "input": text, "analyzer": analyzer}
        for suffix, step, description in _of_field(f"{name}_terms"):
            steps[f"{name}_{suffix}"] = step
            where = "all fields" if name in whole else name
            features.append(
                {"step": f"{name}_{suffix}", "description": f"{description} in {where}", "tags": ["text", name]}
            )
    steps["bm25f"] = {"transform": "bm25f", "inputs": ["query_terms", *(f"{name}_terms" for name in texts)]}
    features.append({"step": "bm25f", "description": "BM25F over the fields", "tags": ["text"]})
    inputs = {"query": {"type": "string", "side": "query"}}
    inputs |= {name: {"type": kind, "side": "document"} for name, kind in types.items()}
    return {"buzzsaw": 1, "name": "letor_text", "inputs": inputs, "steps": steps, "features": features}


def _of_field(terms: str) -> Iterator[tuple[str, dict[str, Any], str]]:
    """The end of each feature's name, its step and what it is."""

    def pair(transform: str, **parameters: str) -> dict[str, Any]:
        return {"transform": transform, "inputs": ["query_terms", terms], **parameters}

    yield "covered", pair("term_overlap"), "Different query terms found"
    yield "coverage", pair("coverage"), "Share of the query terms found"
    yield "length", {"transform": "list_length", "input": terms}, "Number of terms"
    for value, description in _VALUES.items():
        for statistic in _STATISTICS:
            step = pair("term_statistics", value=value, statistic=statistic)
            yield f"{value}_{statistic}", step, f"{statistic.capitalize()} of {description} of the query terms"
    for statistic in _STATISTICS:
        # Over all of the query they would be the same for every document.
        step = pair("term_statistics", value="idf", statistic=statistic, over="matched")
        yield f"idf_{statistic}", step, f"{statistic.capitalize()} of idf of the query terms found"
    yield "bm25", pair("bm25"), "BM25"
    yield "dirichlet", pair("query_likelihood"), "Query likelihood with Dirichlet smoothing"
    smoothing = pair("query_likelihood", smoothing="jelinek_mercer")
    yield "jelinek_mercer", smoothing, "Query likelihood with Jelinek-Mercer smoothing"
    yield "tfidf_cosine", pair("tfidf_cosine"), "Cosine of tf-idf vectors"
    yield "jaccard", pair("jaccard"), "Jaccard similarity of the terms"
