"""The command line: `buzzsaw validate`, `fit`, `transform`, `inspect`, `explain`, `verify`, `transforms`."""

from buzzsaw.cli.main import main

__all__ = ["main"]
