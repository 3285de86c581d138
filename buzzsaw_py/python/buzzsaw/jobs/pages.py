"""The templates of pages."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


def templates(package: str) -> Environment:
    """The page templates of a package; text in them is escaped, and an unknown name is an error."""
    return Environment(
        loader=PackageLoader(package, "templates"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # Log stores write whole lines.
        keep_trailing_newline=True,
    )
