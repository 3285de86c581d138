"""What public functions check of their arguments."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from buzzsaw.errors import TypeMismatchError


def expect(value: object, kind: type, place: str, hint: str) -> None:
    """Refuses a value of another type.

    Raises:
        TypeMismatchError: When `value` is no `kind`.
    """
    if not isinstance(value, kind):
        message = f"is of the type {type(value).__name__}, not buzzsaw.{kind.__name__}"
        raise TypeMismatchError.of(message, place=place, hint=hint)


def did_you_mean(name: str, known: Iterable[str], otherwise: str) -> str:
    """The hint about a name that is not known.

    Args:
        name: The name.
        known: Those that are, of which the nearest is told.
        otherwise: The hint where none is near.
    """
    near = difflib.get_close_matches(name, known, n=1)
    return f"did you mean `{near[0]}`?" if near else otherwise
