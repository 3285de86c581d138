"""Spark job: products and judgments to a training table of features, an artifact, a report and a manifest.

    spark-submit jobs/nightly_features.py --config jobs/nightly_features.yaml --now 2026-11-22T00:00:00Z \
        --products products.parquet --judgments judgments.parquet --output nightly

The session needs Delta Lake's jars and extensions (docs: delta.io), the executors the `buzzsaw` wheel.
"""

import sys

from buzzsaw.nightly import main

if __name__ == "__main__":
    sys.exit(main())
