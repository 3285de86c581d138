"""Spark job: impressions and interactions to graded labels with weights and behaviour features.

    spark-submit jobs/build_labels.py --config jobs/build_labels.yaml --now 2026-11-22T03:00:00Z \
        --impressions impressions.parquet --interactions interactions.parquet --output labels

The session needs Delta Lake's jars and extensions (docs: delta.io).
"""

import sys

try:
    from buzzsaw.labels import main
except ModuleNotFoundError as absent:
    sys.exit(
        f"build_labels: the driver's Python has no module `{absent.name}`:"
        " install the wheel with its extra, pip install 'buzzsaw-....whl[nightly]'"
    )

if __name__ == "__main__":
    sys.exit(main())
