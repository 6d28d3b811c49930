"""The project's own source files, for the tests that look after its manners."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("marketplace", "vendors", "dispatch", "billing")
TREES = (*PACKAGES, "migrations", "tests", "docs")
LOOSE = (
    "hatch_build.py",
    "pyproject.toml",
    "Makefile",
    "README.md",
    ".ci/run",
    ".gitignore",
    "constraints.txt",
)
NOT_OURS = frozenset({"node_modules", "__pycache__", "__compiled__", "dist"})


def files(*suffixes: str, trees: tuple[str, ...] = TREES) -> Iterator[Path]:
    """Every file with one of the suffixes in these trees that we wrote ourselves."""
    for tree in trees:
        for path in sorted((ROOT / tree).rglob("*")):
            if path.suffix in suffixes and path.is_file() and not NOT_OURS.intersection(path.parts):
                yield path


@cache
def parsed(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text("utf-8"), str(path))


def place(path: Path, node: ast.AST | None = None) -> str:
    """Where something stands, as a person would look it up."""
    name = path.relative_to(ROOT).as_posix()
    return f"{name}:{node.lineno}" if node is not None and hasattr(node, "lineno") else name


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a file."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def imported_roots(path: Path) -> set[str]:
    """The top-level packages that a file imports, anywhere in it."""
    roots = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            roots |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            roots.add(node.module.partition(".")[0])
    return roots
