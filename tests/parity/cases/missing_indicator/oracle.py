"""`sklearn.impute.MissingIndicator(features="all")` over objects, in which a list or text is a value like any other."""

import numpy as np
from harness.reference import MISSING
from sklearn.impute import MissingIndicator


def flags(values: list) -> np.ndarray:
    told = [MISSING if value is None or value != value else 1.0 for value in values]  # noqa: PLR0124
    indicator = MissingIndicator(features="all").fit(np.zeros((1, 1)))
    return indicator.transform(np.array(told).reshape(-1, 1))[:, 0].astype(float)


def expected(rows: dict, mode: str) -> dict:
    of = {name: flags(values) for name, values in rows.items()}
    colours = [None if m is None else m.get("colour") for m in rows["map"]]
    three = np.stack([of["f"], of["s"], of["vector"]])
    made = {f"of_{name}": values.tolist() for name, values in of.items()}
    return made | {
        "of_tokens": of["s"].tolist(),
        "of_colour": flags(colours).tolist(),
        "any": three.max(axis=0).tolist(),
        "all": three.min(axis=0).tolist(),
        "filled": [0.0] * len(rows["f"]),
    }
