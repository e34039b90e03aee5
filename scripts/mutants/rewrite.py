"""All mutants of a file in one text, each behind a question: is it the active one?

`a + b` becomes `(if crate::mutant::on(7) {a - b} else {a + b})`, a body begins with `if crate::mutant::on(8) { return 0; }`, an arm that
is to go gets a guard, a field that is to go takes its value from the base. Only one mutant is active at a time, so what is changed
holds the other operands as they were.
"""

from __future__ import annotations

import importlib
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from scripts import tools
from scripts.mutants.listing import Mutant

Node = Any
"""A node of tree-sitter, which is installed beside the project's packages and not known to the type checker."""

OPERATORS = ("BinaryOperator", "UnaryOperator", "MatchArmGuard")
"""Kinds of change that can share a place: each replaces a part of one expression's text."""


@dataclass
class Rewritten:
    """A file with its mutants: where the text of each stands, the place around it, and those that cannot stand behind a question."""

    text: bytes = b""
    changed: dict[int, tuple[int, int]] = field(default_factory=dict)
    places: list[tuple[int, int, list[int]]] = field(default_factory=list)
    alone: dict[int, str] = field(default_factory=dict)


def parser() -> Node:
    """Returns tree-sitter's parser for Rust."""
    folder = str(tools.tree_sitter())
    if folder not in sys.path:
        sys.path.append(folder)
    library, grammar = importlib.import_module("tree_sitter"), importlib.import_module("tree_sitter_rust")
    return library.Parser(library.Language(grammar.language()))


def nodes(top: Node) -> list[Node]:
    """Returns all nodes, each before its children."""
    found, waiting = [], [top]
    while waiting:
        node = waiting.pop()
        found.append(node)
        waiting.extend(reversed(node.children))
    return found


def is_constant(node: Node | None) -> bool:
    """Returns whether a place is evaluated while compiling, where nothing can be asked."""
    while node is not None:
        if node.type in ("const_item", "static_item", "array_type"):
            return True
        if node.type == "function_item":
            words = next((child for child in node.children if child.type == "function_modifiers"), None)
            return words is not None and any(child.type == "const" for child in words.children)
        node = node.parent
    return False


class Places:
    """Finds the node that a mutant changes."""

    def __init__(self, top: Node) -> None:
        self.bodies: list[Node] = []
        self.operators: dict[int, Node] = {}
        self.arms: dict[int, Node] = {}
        self.fields: dict[int, Node] = {}
        self.guards: dict[tuple[int, int], Node] = {}
        for node in nodes(top):
            match node.type:
                case "function_item":
                    self.bodies.append(node.child_by_field_name("body"))
                case "binary_expression" | "compound_assignment_expr":
                    self.operators[node.child_by_field_name("operator").start_byte] = node
                case "unary_expression":
                    self.operators[node.start_byte] = node
                case "match_arm":
                    self.arms[node.start_byte] = node
                case "field_initializer" | "shorthand_field_initializer":
                    self.fields[node.start_byte] = node
                case "match_pattern":
                    if guard := node.child_by_field_name("condition"):
                        self.guards[guard.start_byte, guard.end_byte] = guard

    def of(self, genre: str, first: int, end: int) -> Node | None:
        """Returns the node of a change from `first` to `end`, in bytes; None where the grammar sees none there."""
        match genre:
            case "FnValue":
                around = [body for body in self.bodies if body.start_byte <= first and end <= body.end_byte]
                return min(around, key=lambda body: body.end_byte - body.start_byte, default=None)
            case "BinaryOperator":
                node = self.operators.get(first)
                # The operator is changed in the text: what it binds may change up to the end of the chain.
                while node is not None and node.type == node.parent.type == "binary_expression":
                    node = node.parent
                return node
            case "UnaryOperator":
                return self.operators.get(first)
            case "MatchArm":
                return self.arms.get(first)
            case "MatchArmGuard":
                return self.guards.get((first, end))
            case "StructField":
                node = self.fields.get(first)
                return node if node is not None and base_of(node) is not None else None
        return None


def base_of(field_node: Node) -> Node | None:
    """Returns the expression after `..` in the literal that a field stands in."""
    bases = (other for other in field_node.parent.children if other.type == "base_field_initializer")
    return next((base.named_children[0] for base in bases), None)


class Writer:
    """Writes a tree out again with the mutants in their places."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.out = bytearray()
        self.made = Rewritten()
        self.at: dict[int, list[tuple[int, Mutant, int, int]]] = defaultdict(list)

    def put(self, text: bytes | str) -> None:
        self.out += text.encode() if isinstance(text, str) else text

    def change(self, number: int, text: bytes | str) -> None:
        """Writes what a mutant puts there and notes where."""
        first = len(self.out)
        self.put(text)
        self.made.changed[number] = (first, len(self.out))

    def slice(self, first: int, end: int) -> bytes:
        return self.source[first:end]

    def walk(self, node: Node) -> None:
        """Writes a node with all that it holds."""
        place = self.at.get(node.id)
        first = len(self.out)
        if place is None:
            self.inside(node)
        else:
            ways = {"FnValue": self.body, "MatchArm": self.arm, "StructField": self.literal}
            ways.get(place[0][1].genre, self.expression)(node, place)
            self.made.places.append((first, len(self.out), [number for number, *_ in place]))
        # What is wrong with the arms together is said of the whole `match`.
        if node.type == "match_expression":
            arms = [self.at[arm.id][0][0] for arm in node.child_by_field_name("body").children if arm.id in self.at]
            if arms:
                self.made.places.append((first, len(self.out), arms))

    def inside(self, node: Node, skipped: int = 0) -> None:
        """Writes the children and what stands between them, without the first bytes where some are skipped."""
        position = node.start_byte + skipped
        for child in node.children:
            if child.end_byte > position:
                self.put(self.slice(position, child.start_byte))
                self.walk(child)
                position = child.end_byte
        self.put(self.slice(position, node.end_byte))

    def expression(self, node: Node, place: list[tuple[int, Mutant, int, int]]) -> None:
        self.put("(")
        for number, mutant, first, end in place:
            self.put(f"if crate::mutant::on({number}) {{")
            changed = self.slice(node.start_byte, first) + mutant.text.encode() + b" " + self.slice(end, node.end_byte)
            self.change(number, changed)
            self.put("} else ")
        self.put("{")
        self.inside(node)
        self.put("})")

    def body(self, node: Node, place: list[tuple[int, Mutant, int, int]]) -> None:
        self.put("{")
        for number, mutant, _, _ in place:
            self.put(f" if crate::mutant::on({number}) {{ ")
            self.change(number, f"return {mutant.text}")
            self.put("; }")
        self.inside(node, skipped=1)

    def arm(self, node: Node, place: list[tuple[int, Mutant, int, int]]) -> None:
        number = place[0][0]
        pattern = node.child_by_field_name("pattern")
        guard = pattern.child_by_field_name("condition")
        asked = f"!crate::mutant::on({number})"
        position = node.start_byte
        for child in node.children:
            self.put(self.slice(position, child.start_byte))
            position = child.end_byte
            if child.id != pattern.id:
                self.walk(child)
            elif guard is None:
                self.walk(child)
                self.put(" if ")
                self.change(number, asked)
            else:
                self.put(self.slice(child.start_byte, guard.start_byte))
                self.change(number, asked)
                self.put(" && (")
                self.walk(guard)
                self.put(")")
        self.put(self.slice(position, node.end_byte))

    def literal(self, node: Node, place: list[tuple[int, Mutant, int, int]]) -> None:
        number = place[0][0]
        base: Node = base_of(node)
        value = node.child_by_field_name("value")
        name = self.slice(
            node.start_byte, node.end_byte if value is None else node.child_by_field_name("field").end_byte
        )
        self.put(name + b": if crate::mutant::on(" + str(number).encode() + b") { ")
        self.change(number, b"(" + self.slice(base.start_byte, base.end_byte) + b")." + name)
        self.put(" } else { ")
        if value is None:
            self.put(name)
        else:
            self.walk(value)
        self.put(" }")


def rewrite(reader: Node, source: str, mutants: list[tuple[int, Mutant]]) -> Rewritten:
    """Returns a file with all its mutants, each under its number; those without a place are named in `alone` with the reason."""
    bytes_before = source.encode()
    tree = reader.parse(bytes_before)
    places, writer = Places(tree.root_node), Writer(bytes_before)
    kinds: dict[int, str] = {}
    for number, mutant in mutants:
        first, end = (len(source[:at].encode()) for at in mutant.span(source))
        node = places.of(mutant.genre, first, end)
        kind = "operator" if mutant.genre in OPERATORS else mutant.genre
        if node is None:
            writer.made.alone[number] = "no expression of its own"
        elif is_constant(node):
            writer.made.alone[number] = "evaluated while compiling"
        elif kinds.setdefault(node.id, kind) != kind:
            writer.made.alone[number] = "another kind of change in the same place"
        else:
            writer.at[node.id].append((number, mutant, first, end))
    writer.walk(tree.root_node)
    # What stands before the first node (comments are nodes, blanks are not) and behind the last.
    head = bytes_before[: tree.root_node.start_byte]
    writer.made.text = bytes(head + writer.out + bytes_before[tree.root_node.end_byte :])
    shift = len(head)
    writer.made.changed = {n: (a + shift, b + shift) for n, (a, b) in writer.made.changed.items()}
    writer.made.places = [(a + shift, b + shift, numbers) for a, b, numbers in writer.made.places]
    return writer.made
