"""Categories of every type with labels and qids, some of each missing; labels at both sides of the borders.

Below the fitted rows are categories that none of them has.
"""

import random

from harness.labelled_rows import labelled_rows, with_unseen


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity weight_of_evidence")
    made = labelled_rows(rng, 160)
    labels = [
        0.0,
        5e-324,
        1.0,
        -0.5,
        2.0,
        3.0,
        2.0000000000000004,
        None,
        float("nan"),
        1.7e308,
        -1.7e308,
        -0.0,
    ]
    # Labels lean with the first category, so that evidence is strong.
    made["rating"] = [3.0 if s == "acme" else 0.0 if s == "42" else rng.choice(labels) for s in made["s"]]
    return made


def rows() -> dict[str, list]:
    return with_unseen(fit_rows())
