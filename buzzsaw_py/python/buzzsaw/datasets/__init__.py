"""Generated data: each row a pure function of a seed and its index."""

from buzzsaw.datasets.catalogue import Catalogue

__all__ = ["Catalogue"]
