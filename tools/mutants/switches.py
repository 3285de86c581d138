"""Sources in which every mutant is compiled behind a switch.

An expression with mutants becomes a `match` on which of them runs; its mutants use the unchanged operands, so a file
grows by the depth of its expressions and not by the number of combinations. `/*@{7*/ ... /*@}*/` marks the code of
mutant 7, `/*@[7,8*/ ... /*@]*/` the expression that 7 and 8 change: so it is known whose an error of the compiler is.
"""

from __future__ import annotations

import re
from collections import defaultdict

import tree_sitter
import tree_sitter_rust

from .listing import Mutant

_PARSER = tree_sitter.Parser(tree_sitter.Language(tree_sitter_rust.language()))
#: Where no function can be called that reads which mutant runs.
_CONSTANT = {"const_item", "static_item", "array_type", "enum_variant", "const_block"}
#: The guard of an arm that a mutant deletes.
_DELETED = re.compile(rb"/\*@\{(\d+)\*/\(crate::mutation::of")
_MARK = re.compile(rb"/\*@(?:([{\[])([\d,]+)|[}\]])\*/")

Node = tree_sitter.Node


class _Site:
    """One expression, and its mutants as code."""

    def __init__(self, node: Node) -> None:
        self.node = node
        self.arms: dict[Mutant, bytes] = {}


class Switched:
    """One file: its mutants behind switches, and those that cannot be.

    `apart` holds mutants of constants and of functions that return an `impl Trait`: they must be compiled one by one.
    `impossible` holds mutants that are not Rust: an `||` beside a `let` in a condition.
    """

    def __init__(self, source: bytes, mutants: list[Mutant], leave_out: set[int]) -> None:
        self.source = source
        self.apart: list[Mutant] = []
        self.impossible: list[Mutant] = []
        # In the order in which they wrap one another when they are of the same node.
        self._wraps: dict[int, dict[str, _Site]] = defaultdict(dict)
        self._bodies: dict[int, list[Mutant]] = defaultdict(list)
        self._arms: dict[int, Mutant] = {}
        self._places: list[int] = []
        root = _PARSER.parse(source).root_node
        for mutant in mutants:
            if mutant.number not in leave_out:
                self._place(root, mutant)
        self._places.sort()
        self.text = self._render(root)

    def _place(self, root: Node, mutant: Mutant) -> None:
        found = root.descendant_for_byte_range(mutant.start, mutant.start + 1)
        if found is None or _is_constant(found):
            self.apart.append(mutant)
            return
        place = {
            "FnValue": self._function,
            "MatchArm": self._arm,
            "MatchArmGuard": self._guard,
            "StructField": self._field,
            "UnaryOperator": self._unary,
            "BinaryOperator": self._binary,
        }[mutant.genre]
        place(found, mutant)

    def _function(self, found: Node, mutant: Mutant) -> None:
        name = mutant.function.rsplit("::", 1)[-1]
        node = found
        while not (node.type == "function_item" and _text(node, "name") == name):
            if node.parent is None:
                raise ValueError(f"{mutant}: no such function")
            node = node.parent
        returned = node.child_by_field_name("return_type")
        if returned is not None and b"impl " in (returned.text or b""):
            self.apart.append(mutant)
            return
        body = _child(node, "body")
        self._bodies[body.id].append(mutant)
        self._places.append(body.start_byte)

    def _arm(self, found: Node, mutant: Mutant) -> None:
        pattern = _child(_up(found, "match_arm"), "pattern")
        self._arms[pattern.id] = mutant
        self._places.append(pattern.start_byte)

    def _guard(self, found: Node, mutant: Mutant) -> None:
        condition = _up(found, "match_pattern").child_by_field_name("condition")
        if condition is None:
            raise ValueError(f"{mutant}: no guard")
        self._wrap(condition, "guard", mutant, mutant.replacement.encode())

    def _field(self, found: Node, mutant: Mutant) -> None:
        field = _up(found, "field_initializer", "shorthand_field_initializer")
        struct = _up(field, "struct_expression")
        before = self.source[struct.start_byte : field.start_byte]
        after = self.source[field.end_byte : struct.end_byte].lstrip().removeprefix(b",")
        self._wrap(struct, "field", mutant, before + after)

    def _unary(self, found: Node, mutant: Mutant) -> None:
        node = _up(found, "unary_expression")
        operand = node.children[-1]
        self._wrap(node, "operator", mutant, operand.text or b"")

    def _binary(self, found: Node, mutant: Mutant) -> None:
        node = _up(found, "binary_expression", "compound_assignment_expr", "let_chain")
        if node.type == "let_chain":
            self.impossible.append(mutant)
            return
        left, right = (_child(node, side).text or b"" for side in ("left", "right"))
        operator = mutant.replacement.encode()
        if node.type == "compound_assignment_expr":
            code = left + b" " + operator + b" " + right
        else:
            code = b"(" + left + b") " + operator + b" (" + right + b")"
        self._wrap(node, "operator", mutant, code)

    def _wrap(self, node: Node, kind: str, mutant: Mutant, code: bytes) -> None:
        site = self._wraps[node.id].setdefault(kind, _Site(node))
        site.arms[mutant] = code
        self._places.append(node.start_byte)

    def _render(self, node: Node) -> bytes:
        text = self._children(node)
        wraps = self._wraps.get(node.id, {})
        for kind in ("operator", "field", "guard"):
            if kind in wraps:
                text = _switch(wraps[kind].arms, text)
        return text

    def _children(self, node: Node) -> bytes:
        if not node.children or not any(node.start_byte <= place < node.end_byte for place in self._places):
            return self.source[node.start_byte : node.end_byte]
        parts, at = [], node.start_byte
        deleted = self._arms.get(node.id)
        condition = node.child_by_field_name("condition") if deleted else None
        for child in node.children:
            parts.append(self.source[at : child.start_byte])
            if deleted and child == condition:
                parts.append(_not_deleted(deleted) + b"&& (" + self._render(child) + b")")
            else:
                parts.append(self._render(child))
            at = child.end_byte
            if child == node.children[0] and node.id in self._bodies:
                parts.extend(_early_return(mutant) for mutant in self._bodies[node.id])
        parts.append(self.source[at : node.end_byte])
        if deleted and condition is None:
            parts.append(b" if " + _not_deleted(deleted))
        return b"".join(parts)


def changed(source: bytes, mutant: Mutant) -> bytes:
    """The file with one mutant in place, as cargo-mutants would write it."""
    return source[: mutant.start] + mutant.replacement.encode() + source[mutant.end :]


def culprits(text: bytes, at: int) -> tuple[set[int], bool]:
    """The mutants that an error at byte `at` belongs to, and whether it lies in their own code.

    An error beside them, where the compiler cannot reconcile the mutants of an expression with what stands around it,
    belongs to all of the innermost expression.
    """
    open_marks: list[tuple[set[int], bool]] = []
    for mark in _MARK.finditer(text, 0, at):
        if mark[1]:
            open_marks.append(({int(number) for number in mark[2].split(b",")}, mark[1] == b"{"))
        else:
            open_marks.pop()
    return open_marks[-1] if open_marks else (set(), False)


def deleted_arms(text: bytes, at: int) -> set[int]:
    """The mutants that delete an arm of the match at byte `at`.

    Where they leave a pattern out together, the error is the match's and no arm's.
    """
    plain = _MARK.sub(lambda mark: b" " * len(mark[0]), text)
    end = depth = 0
    for end in range(plain.index(b"{", at), len(plain)):
        depth += {b"{": 1, b"}": -1}.get(plain[end : end + 1], 0)
        if depth == 0:
            break
    return {int(number) for number in _DELETED.findall(text, at, end)}


def _own(mutant: Mutant, code: bytes) -> bytes:
    return b"/*@{%d*/%s/*@}*/" % (mutant.number, code)


def _switch(arms: dict[Mutant, bytes], text: bytes) -> bytes:
    listed = b",".join(b"%d" % mutant.number for mutant in arms)
    patterns = [*[b"%d" % mutant.number for mutant in arms][:-1], b"_"]
    cases = [
        pattern + b" => { " + _own(mutant, code) + b" }"
        for pattern, (mutant, code) in zip(patterns, arms.items(), strict=True)
    ]
    cases.insert(0, b"0 => { " + text + b" }")
    return b"/*@[%s*/(match crate::mutation::of(&[%s]) { %s })/*@]*/" % (listed, listed, b" ".join(cases))


def _early_return(mutant: Mutant) -> bytes:
    code = _own(mutant, b" return %s; " % (mutant.replacement or "()").encode())
    return b" if crate::mutation::of(&[%d]) != 0 {%s}" % (mutant.number, code)


def _not_deleted(mutant: Mutant) -> bytes:
    return _own(mutant, b"(crate::mutation::of(&[%d]) == 0)" % mutant.number)


def _is_constant(node: Node) -> bool:
    above: Node | None = node
    while above is not None:
        if above.type in _CONSTANT:
            return True
        if above.type == "function_item":
            modifiers = [child for child in above.children if child.type == "function_modifiers"]
            return any(b"const" in (child.text or b"") for child in modifiers)
        above = above.parent
    return False


def _up(node: Node, *types: str) -> Node:
    above: Node | None = node
    while above is not None:
        if above.type in types:
            return above
        above = above.parent
    raise ValueError(f"no {' or '.join(types)} around {node}")


def _child(node: Node, field: str) -> Node:
    child = node.child_by_field_name(field)
    if child is None:
        raise ValueError(f"{node} has no {field}")
    return child


def _text(node: Node, field: str) -> str:
    return (_child(node, field).text or b"").decode()
