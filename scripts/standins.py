"""Finds stand-ins: code that only looks like the thing its name promises, and tests that assert nothing.

Python is read as a syntax tree, Rust by patterns on its text. What is right as it stands is named in ALLOWED with its reason.
A hint for reviewers, not a proof: it finds the usual shapes of unfinished work.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.shell import ROOT, output, stop

# "path::function": reason. A path is relative to the project's root.
ALLOWED: dict[str, str] = {
    "bot4/strategy/events/base.py::signals": "a hook: a strategy overrides it where it needs it",
    "bot4/backtest/ticks/setup.py::lines": "overrides what bars assume; of ticks the result's own settings say it",
}

RUST_MARKS = re.compile(r"\b(todo|unimplemented)!\s*[(\[{]")
RUST_CONSTANT = re.compile(
    r"fn\s+(?P<name>\w+)\s*(?:<[^>]*>)?\((?P<parameters>[^)]*)\)\s*->\s*[^{;]+\{\s*"
    r"(?:return\s+)?(?:-?\d[\w.]*|true|false|\"[^\"]*\"|None|(?:Some|Ok)\((?:-?\d[\w.]*|true|false|\(\))\)|(?:Vec|String)::new\(\)|vec!\[\])\s*;?\s*\}"
)
RUST_TEST = re.compile(r"#\[test\](?P<attributes>(?:\s*#\[[^\]]*\])*)\s*(?:pub\s+)?fn\s+(?P<name>\w+)\s*\(")
RUST_FUNCTION = re.compile(r"\bfn\s+(?P<name>\w+)\s*(?:<[^(]*>)?\([^{;]*(?=\{)")
RUST_ASSERTS = re.compile(
    r"\b(?:\w*assert\w*!|\w*(?:assert|check|expect|agree|conserved|holds)\w*(?:::<[^>]*>)?\s*\(|panic!|unwrap_err)"
)
PYTHON_ASSERTS = re.compile(r"(?:^|_)(?:assert|approx|raises|warns|check|expect|verify|agree|same)")


@dataclass(frozen=True)
class Finding:
    """One suspicious place."""

    path: str
    line: int
    name: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.sentence}"


def is_constant(node: ast.expr | None) -> bool:
    """Returns whether an expression is a literal (numbers, texts, None, and empty or literal containers)."""
    if isinstance(node, ast.UnaryOp):
        return is_constant(node.operand)
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return all(is_constant(item) for item in node.elts)
    if isinstance(node, ast.Dict):
        return all(is_constant(item) for item in [*node.keys, *node.values])
    return isinstance(node, ast.Constant)


def body_without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    """Returns the statements of a function after its docstring."""
    first = function.body[0]
    has_docstring = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    return function.body[1:] if has_docstring else function.body


def is_declaration(function: ast.FunctionDef | ast.AsyncFunctionDef, parents: tuple[ast.AST, ...]) -> bool:
    """Returns whether a function only declares a type: an overload, an abstract method, a member of a Protocol."""
    marks = " ".join(ast.unparse(mark) for mark in function.decorator_list)
    bases = " ".join(
        ast.unparse(base) for parent in parents if isinstance(parent, ast.ClassDef) for base in parent.bases
    )
    return "overload" in marks or "abstractmethod" in marks or "Protocol" in bases


def promises_computation(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Returns whether a function takes something to compute from (besides `self` or `cls`)."""
    arguments = function.args
    names = [argument.arg for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]]
    return bool([name for name in names if name not in ("self", "cls") and not name.startswith("_")])


def asserts(function: ast.AST, helpers: frozenset[str]) -> bool:
    """Returns whether a function contains an assertion, or calls one of `helpers` or something named like an assertion."""
    for node in ast.walk(function):
        if isinstance(node, ast.Assert):
            return True
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in helpers or PYTHON_ASSERTS.search(name):
                return True
    return False


def asserting_helpers(tree: ast.AST) -> frozenset[str]:
    """Returns the names of a file's functions that assert, by themselves or through one another."""
    known: frozenset[str] = frozenset()
    while True:
        found = frozenset(function.name for function, _ in functions(tree) if asserts(function, known))
        if found == known:
            return known
        known = found


def functions(
    tree: ast.AST, parents: tuple[ast.AST, ...] = ()
) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, tuple[ast.AST, ...]]]:
    """Yields every function in a tree with the nodes around it."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node, (*parents, tree)
        yield from functions(node, (*parents, tree))


def in_function(function: ast.FunctionDef | ast.AsyncFunctionDef, path: str) -> Iterator[Finding]:
    """Yields what is suspicious about one Python function that is not a declaration."""
    body = body_without_docstring(function)
    where = (path, function.lineno, function.name)
    empty = all(
        isinstance(s, ast.Pass) or (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant)) for s in body
    )
    if empty and not function.name.startswith("_"):
        yield Finding(*where, f"`{function.name}` does nothing.")
    only = body[0] if len(body) == 1 else None
    if (
        isinstance(only, ast.Return)
        and is_constant(only.value)
        and only.value is not None
        and promises_computation(function)
    ):
        yield Finding(*where, f"`{function.name}` takes arguments and returns a constant.")


def in_python(source: str, path: str) -> Iterator[Finding]:
    """Yields the stand-ins in a Python file; `tests/` files are searched for tests without an assertion."""
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        yield Finding(path, error.lineno or 0, "", f"not Python: {error.msg}.")
        return
    is_test = Path(path).name.startswith("test_")
    helpers = asserting_helpers(tree) if is_test else frozenset()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id == "NotImplementedError":
            yield Finding(path, node.lineno, node.id, "NotImplementedError stands for code that is missing.")
    for function, parents in functions(tree):
        if is_test:
            if function.name.startswith("test_") and not asserts(function, helpers):
                yield Finding(path, function.lineno, function.name, f"`{function.name}` asserts nothing.")
        elif not is_declaration(function, parents):
            yield from in_function(function, path)


def body_at(source: str, start: int) -> str:
    """Returns the text of the Rust block whose function begins at `start`, found by counting braces."""
    opened = source.index("{", start)
    depth = 0
    for position in range(opened, len(source)):
        depth += {"{": 1, "}": -1}.get(source[position], 0)
        if depth == 0:
            return source[opened : position + 1]
    return source[opened:]


def in_rust(source: str, path: str) -> Iterator[Finding]:
    """Yields the stand-ins in a Rust file: marks, functions that return a literal, tests without an assertion."""

    def line_of(position: int) -> int:
        return source.count("\n", 0, position) + 1

    for mark in RUST_MARKS.finditer(source):
        yield Finding(path, line_of(mark.start()), mark[1], f"`{mark[1]}!` stands for code that is missing.")
    for function in RUST_CONSTANT.finditer(source):
        parameters = [text.split(":")[0].strip() for text in function["parameters"].split(",")]
        if [text for text in parameters if text and not text.endswith("self") and not text.startswith("_")]:
            name = function["name"]
            yield Finding(path, line_of(function.start()), name, f"`{name}` takes arguments and returns a constant.")
    helpers = [call for call in RUST_FUNCTION.finditer(source) if RUST_ASSERTS.search(body_at(source, call.end()))]
    asserting = re.compile("|".join([RUST_ASSERTS.pattern, *(rf"\b{helper['name']}\s*\(" for helper in helpers)]))
    for test in RUST_TEST.finditer(source):
        if "should_panic" not in test["attributes"] and not asserting.search(body_at(source, test.end())):
            yield Finding(path, line_of(test.start()), test["name"], f"`{test['name']}` asserts nothing.")


def sources() -> list[Path]:
    """Returns the Python and Rust files of the project: those git knows or would add."""
    listed = output(["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.rs"])
    return [ROOT / name for name in listed.splitlines() if "/fixtures/" not in name and (ROOT / name).exists()]


def check() -> None:
    """Raises SystemExit naming every stand-in that is not allowed, and every allowance that is no longer needed."""
    findings: list[Finding] = []
    for path in sources():
        search = in_python if path.suffix == ".py" else in_rust
        findings += search(path.read_text(), path.relative_to(ROOT).as_posix())
    keys = {f"{finding.path}::{finding.name}" for finding in findings}
    sentences = [str(finding) for finding in findings if f"{finding.path}::{finding.name}" not in ALLOWED]
    sentences += [
        f"{key} is allowed in scripts/standins.py and no longer found: remove it there."
        for key in ALLOWED.keys() - keys
    ]
    if sentences:
        stop("\n".join(sentences))


if __name__ == "__main__":
    check()
