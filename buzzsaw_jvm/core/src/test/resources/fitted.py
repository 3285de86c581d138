"""Makes `fitted.buzzsaw`, the fitted artifact of the Java tests: `python fitted.py`, with the wheel installed.

Values that are easy to work out by hand: prices of 1 and 3 have the mean 2 and the deviation 1; every row of one qid
was clicked and none of the other, whose folds differ, so a supplier's rate in training is that of the other qid.
"""

from pathlib import Path

import buzzsaw as bz

SPEC = """
buzzsaw: 1
name: fitted
inputs:
  query: {type: string, side: query}
  title: {type: string, side: document}
  supplier: {type: string, side: document}
  price: {type: float64, side: document}
  request: {type: int64, role: group}
  qid: {type: string, role: qid}
  clicked: {type: float64, role: label}
steps:
  query_words: {transform: tokenize, input: query, analyzer: english}
  title_words: {transform: tokenize, input: title, analyzer: english}
  title_bm25: {transform: bm25, inputs: [query_words, title_words]}
  title_tfidf: {transform: tfidf, input: title_words}
  price_scaled: {transform: standardize, input: price, missing: {impute: median}}
  price_in_group: {transform: group_zscore, input: price}
  supplier_is: {transform: one_hot, input: supplier}
  supplier_rate: {transform: target_mean, input: supplier, folds: 2, prior_weight: 1}
features: [title_bm25, title_tfidf, price_scaled, price_in_group, supplier_is, supplier_rate]
"""
TITLES = ["red running shoes", "desk lamp", "red lamp shade", "garden chair"]
PAIRS = {
    "query": ["red shoes"] * 4 + ["lamp"] * 4,
    "title": TITLES * 2,
    "supplier": ["north", "south"] * 4,
    "price": [1.0, 3.0] * 4,
    "request": [1] * 4 + [2] * 4,
    "qid": ["red shoes"] * 4 + ["lamp"] * 4,
    "clicked": [1.0] * 4 + [0.0] * 4,
}

if __name__ == "__main__":
    documents = {name: values[:4] for name, values in PAIRS.items() if name in ("title", "supplier", "price")}
    pipeline = bz.fit(bz.Spec.parse(SPEC), PAIRS, documents)
    pipeline.save(Path(__file__).with_name("fitted.buzzsaw"))
