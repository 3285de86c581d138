"""Fit and transform on Spark, with the same bits as everywhere else.

Needs the extra `spark` (PySpark and PyArrow), on the driver and on the executors; with `runtime="jvm"` a transform
needs the jar there instead. Classic sessions only: Spark Connect gives no access to the executors' files.

Example:
    >>> pipeline = bz.spark.fit(spec, pairs, documents)  # doctest: +SKIP
    >>> features = bz.spark.transform(pairs, pipeline, mode="train", keep=["qid", "label"])  # doctest: +SKIP
"""

from buzzsaw.spark.failures import error_of
from buzzsaw.spark.fitting import fit
from buzzsaw.spark.folds import fold_of
from buzzsaw.spark.jvm import jar_path, jvm_settings
from buzzsaw.spark.session import local_session
from buzzsaw.spark.transforming import transform

__all__ = ["error_of", "fit", "fold_of", "jar_path", "jvm_settings", "local_session", "transform"]
