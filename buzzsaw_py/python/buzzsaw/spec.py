"""Feature specs."""

from __future__ import annotations

import json
from collections.abc import Callable
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

from buzzsaw import _buzzsaw
from buzzsaw.errors import InvalidSpecError, IoError
from buzzsaw.rows import InputRow


class Input(NamedTuple):
    """One input column of a spec."""

    name: str
    """The column's name."""
    type: str
    """Its type, as the spec writes it: `string`, `list<string>`, `map<float64>`."""
    side: str
    """What it depends on: `query`, `document` or `pair`."""
    role: str | None
    """What a training column is for: `label`, `qid`, `group`, `weight`; `None` for a column that features read."""

    @classmethod
    def of(cls, row: InputRow) -> Input:
        """The input behind a row of the native module."""
        return cls(row["name"], row["type"], row["side"], row["role"])


class Spec:
    """A validated feature spec; one in hand has passed every check.

    Example:
        >>> import buzzsaw as bz
        >>> spec = bz.Spec.parse('''
        ... buzzsaw: 1
        ... name: s
        ... inputs:
        ...   p: {type: int64, side: pair}
        ... features: [p]
        ... ''')
        >>> spec.name, spec.feature_names
        ('s', ['p'])
        >>> spec.inputs[0]
        Input(name='p', type='int64', side='pair', role=None)
    """

    __slots__ = ("_native",)

    def __init__(self, native: _buzzsaw.Spec) -> None:
        self._native = native

    @classmethod
    def parse(cls, text: str) -> Spec:
        """Parses and validates a YAML or JSON document.

        Raises:
            InvalidSpecError: With every problem at once; `UnknownTransformError` and others when theirs come first.
        """
        return cls(_buzzsaw.Spec.parse(text))

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Spec:
        """Parses and validates a YAML or JSON file.

        Lists of an analyzer that are given as `{file: path}`, relative to this file, are read and put inline.

        Raises:
            IoError: When the file, or one that it names, cannot be read.
            InvalidSpecError: As `parse`, and when a file is not UTF-8.
        """
        try:
            raw = Path(path).read_bytes()
        except OSError as error:
            message = f"cannot read the spec: {error.strerror or error}"
            raise IoError.of(message, place=str(path)) from error
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            message = f"the spec is not UTF-8 at byte {error.start}"
            raise InvalidSpecError.of(message, place=str(path), hint="save it as UTF-8") from error
        return cls(_buzzsaw.Spec.parse(text, Path(path).parent))

    @property
    def name(self) -> str:
        """The spec's name."""
        return self._native.name

    @property
    def inputs(self) -> list[Input]:
        """All inputs, those with a role among them; `Pipeline.inputs` lists only what is read."""
        return [Input.of(row) for row in self._native.inputs]

    @property
    def feature_names(self) -> list[str]:
        """The names of all features, in the order of the output."""
        return self._native.feature_names

    def to_json(self) -> str:
        """The canonical JSON, with every default written out."""
        return self._native.to_json()

    def to_dict(self) -> dict[str, Any]:
        """The canonical document as Python values."""
        document: dict[str, Any] = json.loads(self.to_json())
        return document

    def __repr__(self) -> str:
        return f"Spec({self.name!r}, {len(self._native.inputs)} inputs, {len(self.feature_names)} features)"

    def __eq__(self, other: object) -> bool:
        return self.to_json() == other.to_json() if isinstance(other, Spec) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.to_json())

    def __reduce__(self) -> tuple[Callable[[str], Spec], tuple[str]]:
        return Spec.parse, (self.to_json(),)
