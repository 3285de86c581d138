"""A scikit-learn transformer around a feature spec; needs the extra `sklearn`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from buzzsaw.fit import fit
from buzzsaw.source import Source
from buzzsaw.spec import Spec


class SpecTransformer(TransformerMixin, BaseEstimator):
    """Fits a spec and computes its features as a scikit-learn transformer.

    Args:
        spec: A `Spec`, or the text of one.
        documents: The table of documents, as `buzzsaw.fit` takes it.
        groups: The name of the column of group ids, for specs that need groups.
        tables: The lookup tables by name, as `buzzsaw.fit` takes them.

    Attributes:
        pipeline_: The fitted `Pipeline`.

    Example:
        >>> from buzzsaw.sklearn import SpecTransformer
        >>> spec = '''
        ... buzzsaw: 1
        ... name: scaled
        ... inputs:
        ...   price: {type: float64, side: document}
        ... steps:
        ...   scaled: {transform: standardize, input: price}
        ... features: [scaled]
        ... '''
        >>> prices = {"price": [1.0, 3.0]}
        >>> SpecTransformer(spec, documents=prices).fit_transform(prices).tolist()
        [[-1.0], [1.0]]
    """

    def __init__(
        self,
        spec: Spec | str,
        documents: Any = None,
        groups: str | None = None,
        tables: Mapping[str, Any] | None = None,
    ) -> None:
        self.spec = spec
        self.documents = documents
        self.groups = groups
        self.tables = tables

    def fit(self, X: Any, y: Any = None) -> SpecTransformer:  # noqa: N803  scikit-learn's name
        """Learns the state of the spec from the rows of `X`; `y` is the column with `role: label`."""
        spec = Spec.parse(self.spec) if isinstance(self.spec, str) else self.spec
        label = next((column.name for column in spec.inputs if column.role == "label"), None)
        pairs: Any = X
        if y is not None and label is not None:
            names = [column.name for column in spec.inputs if column.name != label]
            batch = Source.of(X, spec.inputs).whole(names + ([self.groups] if self.groups else []))
            pairs = dict(zip(batch.schema.names, batch.columns, strict=True)) | {label: np.asarray(y)}
        self.pipeline_ = fit(spec, pairs, self.documents, groups=self.groups, tables=self.tables)
        return self

    def transform(self, X: Any) -> npt.NDArray[np.float32] | csr_matrix:  # noqa: N803
        """The features as served: a dense array, or a CSR matrix of all features when some are sparse.

        Shape (rows, columns of `get_feature_names_out`), float32, missing values NaN.
        """
        check_is_fitted(self, "pipeline_")
        block = self.pipeline_.transform(X, groups=self.groups)
        if not len(block.sparse):
            return block.dense
        return hstack([csr_matrix(block.dense), *block.sparse.values()], format="csr")

    def get_feature_names_out(self, input_features: Any = None) -> npt.NDArray[np.object_]:
        """The names of the columns: dense features, then `<feature>_<column>` for each sparse part."""
        check_is_fitted(self, "pipeline_")
        names = list(self.pipeline_.dense_names)
        for name, columns in self.pipeline_.sparse_columns.items():
            names.extend(f"{name}_{column}" for column in range(columns))
        return np.asarray(names, dtype=object)
