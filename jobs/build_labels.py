"""Spark job: impressions and interactions to graded labels with weights and behaviour features.

    spark-submit jobs/build_labels.py --config jobs/build_labels.yaml --now 2026-11-22T03:00:00Z \
        --impressions impressions.parquet --interactions interactions.parquet --output labels

The session needs Delta Lake's jars and extensions (docs: delta.io).
"""

import sys

from buzzsaw.labels import main

if __name__ == "__main__":
    sys.exit(main())
