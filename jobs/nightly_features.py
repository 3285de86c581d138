"""Spark job: products and judgments to a training table of features, an artifact, a report and a manifest.

    spark-submit jobs/nightly_features.py --config jobs/nightly_features.yaml --now 2026-11-22T00:00:00Z \
        --products products.parquet --judgments judgments.parquet --output nightly

The session needs Delta Lake's jars and extensions (docs: delta.io), the executors the `buzzsaw` wheel.
"""

import sys

try:
    from buzzsaw.nightly import main
except ModuleNotFoundError as absent:
    sys.exit(
        f"nightly_features: the driver's Python has no module `{absent.name}`:"
        " install the wheel with its extra, pip install 'buzzsaw-....whl[nightly]'"
    )

if __name__ == "__main__":
    sys.exit(main())
