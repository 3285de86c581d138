"""Categories of every type with labels and qids, some of each missing; labels in halves tie at `label_scale: 1`.

Below the fitted rows are categories that none of them has.
"""

import random

from harness.labelled_rows import labelled_rows, with_unseen


def fit_rows() -> dict[str, list]:
    rng = random.Random("parity target_mean")
    labels = [0.0, 0.5, 1.0, 1.5, 2.5, -0.5, 3.0, None, float("nan"), 0.1, 1 / 3]
    made = labelled_rows(rng, 160)
    return made | {"rating": [rng.choice(labels) for _ in range(160)]}


def rows() -> dict[str, list]:
    return with_unseen(fit_rows())
