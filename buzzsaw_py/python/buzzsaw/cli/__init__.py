"""The command line: `buzzsaw COMMAND`; `buzzsaw --help` lists the commands."""

from buzzsaw.cli.main import main

__all__ = ["main"]
