"""The reference of a transform as Markdown, for `buzzsaw transforms NAME` and the reference page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from buzzsaw.rows import TransformRow


def section(transform: TransformRow) -> str:
    """What a transform does, its parameters, and their options."""
    schema: dict[str, Any] = json.loads(transform["schema"])
    lines = [f"## {transform['name']}", "", f"Version {transform['version']}.", ""]
    lines += [transform["documentation"].strip(), ""]
    parameters = list(_parameters(schema, ""))
    if not parameters:
        return "\n".join([*lines, "No parameters.", ""])
    lines += ["| parameter | type | default | |", "| --- | --- | --- | --- |"]
    for name, prop, required in parameters:
        needed = f"required in `{name.rpartition('.')[0]}`" if "." in name else "required"
        default = needed if required else f"`{json.dumps(prop.get('default'), ensure_ascii=False)}`"
        lines.append(f"| `{name}` | {kind(prop)} | {default} | {_told(prop)} |")
    options = [(name, told) for name, prop, _ in parameters if (told := list(_options(prop)))]
    for name, told in options:
        lines += ["", f"`{name}` is one of", ""]
        lines += [f"- `{value}`: {description}" for value, description in told]
    return "\n".join([*lines, ""])


def kind(prop: dict[str, Any]) -> str:
    """A short word for the type of a parameter."""
    if "enum" in prop:
        return " or ".join(f"`{value}`" for value in prop["enum"] if value is not None)
    if "const" in prop:
        return f"`{prop['const']}`"
    for union in ("oneOf", "anyOf"):
        if union in prop:
            kinds = [kind(option) for option in prop[union] if option.get("type") != "null"]
            return " or ".join(dict.fromkeys(kinds))
    types = prop.get("type", "any")
    types = [types] if isinstance(types, str) else [name for name in types if name != "null"]
    if types == ["object"] and "properties" in prop:
        return "map"
    if types == ["array"]:
        items = [prop["items"]] if "items" in prop else prop.get("prefixItems", [])
        return " or ".join(dict.fromkeys(f"list of {kind(item)}" for item in items)) or "list"
    return " or ".join(types)


def _told(prop: dict[str, Any]) -> str:
    return " ".join(prop.get("description", "").split()).replace("|", "\\|")


def _parameters(schema: dict[str, Any], prefix: str) -> Iterator[tuple[str, dict[str, Any], bool]]:
    """Parameters by dotted name, those of maps within maps after them."""
    required = schema.get("required", [])
    for name, prop in (schema.get("properties") or {}).items():
        yield f"{prefix}{name}", prop, name in required
        for inner in (prop, *_variants(prop)):
            if inner.get("type") == "object" and "properties" in inner:
                yield from _parameters(inner, f"{prefix}{name}.")


def _variants(prop: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for union in ("oneOf", "anyOf"):
        for option in prop.get(union, []):
            yield option
            yield from _variants(option)


def _options(prop: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for option in _variants(prop):
        if "const" in option and option.get("description"):
            yield str(option["const"]), _told(option)
