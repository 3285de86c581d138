"""What public functions check of their arguments."""

from __future__ import annotations

from buzzsaw.errors import TypeMismatchError


def expect(value: object, kind: type, place: str, hint: str) -> None:
    """Refuses a value of another type.

    Raises:
        TypeMismatchError: When `value` is no `kind`.
    """
    if not isinstance(value, kind):
        message = f"is of the type {type(value).__name__}, not buzzsaw.{kind.__name__}"
        raise TypeMismatchError.of(message, place=place, hint=hint)
