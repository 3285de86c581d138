"""Feature transforms for search and ranking: the same bits in training and in serving.

A feature spec is written once, as YAML. `fit` learns what its steps need, `Pipeline.transform` computes features,
`Pipeline.save` writes the artifact that every other runtime reads.

Example:
    >>> import buzzsaw as bz
    >>> spec = bz.Spec.parse('''
    ... buzzsaw: 1
    ... name: prices
    ... inputs:
    ...   price: {type: float64, side: document}
    ... steps:
    ...   log_price: {transform: log1p, input: price}
    ... features: [log_price]
    ... ''')
    >>> pipeline = bz.fit(spec, {"price": [0.0, 1.0]})
    >>> pipeline.transform({"price": [0.0, None]}).dense
    array([[ 0.],
           [nan]], dtype=float32)
"""

from buzzsaw._buzzsaw import feature_spec_schema, transforms
from buzzsaw.block import FeatureBlock
from buzzsaw.build import __version__, build_id
from buzzsaw.errors import (
    BuzzsawError,
    ClosedError,
    CorruptArtifactError,
    InternalError,
    InvalidSpecError,
    InvalidValueError,
    IoError,
    MissingInputError,
    NotFittedError,
    ResourceLimitError,
    TimeoutError,
    TypeMismatchError,
    UnknownTransformError,
    UnsupportedVersionError,
)
from buzzsaw.fit import FitProgress, FitWarning, fit
from buzzsaw.lazy import submodule as __getattr__  # noqa: F401
from buzzsaw.pipeline import Pipeline, load
from buzzsaw.spec import Input, Spec
from buzzsaw.tryout import step_values

__all__ = [
    "BuzzsawError",
    "ClosedError",
    "CorruptArtifactError",
    "FeatureBlock",
    "FitProgress",
    "FitWarning",
    "Input",
    "InternalError",
    "InvalidSpecError",
    "InvalidValueError",
    "IoError",
    "MissingInputError",
    "NotFittedError",
    "Pipeline",
    "ResourceLimitError",
    "Spec",
    "TimeoutError",
    "TypeMismatchError",
    "UnknownTransformError",
    "UnsupportedVersionError",
    "__version__",
    "build_id",
    "feature_spec_schema",
    "fit",
    "load",
    "step_values",
    "transforms",
]
