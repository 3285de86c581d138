"""Slow, obvious readings of text that oracles share. Nothing here calls the library under test."""

from __future__ import annotations

import html
import re
import unicodedata

from harness.reference import repair

_ATTRIBUTES = r"""(?:[^"'<>]|"[^"]*"|'[^']*')*+>"""
#: The markup that becomes a space: comments; scripts and styles with their contents; tags and declarations.
MARKUP = re.compile(
    r"<!--.*?-->"
    rf"|<(script|style)(?=[\t\n\f\r />]){_ATTRIBUTES}.*?</\1[\t\n\f\r ]*>"
    rf"|<(?:/?[a-zA-Z]|[!?]){_ATTRIBUTES}",
    re.DOTALL | re.IGNORECASE | re.ASCII,
)
#: The Unicode property White_Space (PropList.txt).
SPACE = re.compile("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+")


def strip_html(text: str) -> str:
    """The text without markup, character references decoded."""
    return html.unescape(MARKUP.sub(" ", text))


def known(text: str | bytes | None) -> str | bytes | None:
    """The text if Unicode 14, CPython 3.11's version, assigns its characters; else without the others."""
    if text is None:
        return None
    repaired = repair(text)
    if all(unicodedata.category(c) != "Cn" for c in repaired):
        return text
    return "".join(c for c in repaired if unicodedata.category(c) != "Cn")
