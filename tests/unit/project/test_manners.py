"""The manners of the house: short files and functions, documented names, nothing unfinished or pretended."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from tests.support.sources import LOOSE, PACKAGES, ROOT, files, functions, imported_roots, parsed, place

TEXTS = (".py", ".html", ".txt", ".md", ".js", ".mjs", ".css", ".json", ".toml", ".mako", ".sql")
LONGEST_FILE = 400
LONGEST_TEMPLATE = 150
LONGEST_FUNCTION = 60
LONGEST_USUAL_FUNCTION = 35
# Written in pieces, so that this file may be searched like every other.
UNFINISHED = re.compile(
    r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" + "XX", "NotImplemented" + "Error")) + r")\b"
)
PRETENDED = re.compile(
    "|".join(("unittest" + r"\.mock", "import mo" + "ck", "Magic" + "Mock", r"mo" + r"cker\."))
)
FOREIGN_HOSTS = re.compile("|".join((r"pypi\." + "org", "python" + r"hosted\.org", r"registry\.npm" + "js")))
MACHINE_PATHS = re.compile(r"(?<![\w./-])/(" + "|".join(("wo" + "rk", "ro" + "ot", r"home/\w+")) + r")/")


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def everything_written() -> Iterator[Path]:
    return chain(files(*TEXTS), (ROOT / name for name in LOOSE if (ROOT / name).is_file()))


def lines_that_match(pattern: re.Pattern[str], paths: Iterator[Path]) -> list[str]:
    return [
        f"{place(path)}:{number}: {line.strip()[:80]}"
        for path in paths
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_is_longer_than_400_lines() -> None:
    paths = files(".py", ".js", ".css", trees=(*PACKAGES, "tests"))  # migrations are as long as the schema
    lengths = {place(path): len(path.read_text("utf-8").splitlines()) for path in paths}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_template_is_longer_than_150_lines() -> None:
    lengths = {place(path): len(path.read_text("utf-8").splitlines()) for path in files(".html")}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_TEMPLATE} == {}


def test_no_function_is_longer_than_60_lines() -> None:
    paths = files(".py", trees=(*PACKAGES, "tests"))
    lengths = {f"{place(path, node)} {node.name}": length(node) for path in paths for node in functions(path)}
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_FUNCTION} == {}


def test_95_of_100_functions_are_at_most_35_lines_long() -> None:
    lengths = sorted(length(node) for path in files(".py", trees=PACKAGES) for node in functions(path))
    assert lengths[int(len(lengths) * 0.95)] <= LONGEST_USUAL_FUNCTION


def undocumented(path: Path) -> Iterator[str]:
    tree = parsed(path)
    if not ast.get_docstring(tree):
        yield place(path)
    waiting: list[ast.AST] = [tree]
    while waiting:
        for node in ast.iter_child_nodes(waiting.pop()):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                if node.name.startswith("_"):
                    continue
                if not ast.get_docstring(node) and not is_overload(node):
                    yield f"{place(path, node)} {node.name}"
                if isinstance(node, ast.ClassDef):
                    waiting.append(node)


def is_overload(node: ast.AST) -> bool:
    return any(
        ast.unparse(decorator).endswith("overload") for decorator in getattr(node, "decorator_list", [])
    )


def test_every_module_and_every_public_name_says_what_it_promises() -> None:
    assert [name for path in files(".py", trees=PACKAGES) for name in undocumented(path)] == []


def test_nothing_is_left_unfinished() -> None:
    assert lines_that_match(UNFINISHED, files(*TEXTS)) == []


def test_no_test_pretends_to_be_one_of_our_own_parts() -> None:
    assert lines_that_match(PRETENDED, files(".py", trees=("tests",))) == []


def test_no_file_names_a_package_registry_or_a_path_of_one_machine() -> None:
    assert lines_that_match(FOREIGN_HOSTS, everything_written()) == []
    assert lines_that_match(MACHINE_PATHS, everything_written()) == []


def test_the_optimizer_imports_only_numbers_and_or_tools() -> None:
    allowed = {*sys.stdlib_module_names, "numpy", "numba", "llvmlite", "ortools", "dispatch"}
    strangers = {
        place(path): imported_roots(path) - allowed for path in files(".py", trees=("dispatch/optimizer",))
    }
    assert {name: roots for name, roots in strangers.items() if roots} == {}


def test_the_engines_room_imports_only_what_speaks_to_engines() -> None:
    allowed = {*sys.stdlib_module_names, "psycopg", "redis", "marketplace"}
    strangers = {
        place(path): imported_roots(path) - allowed for path in files(".py", trees=("marketplace/engines",))
    }
    assert {name: roots for name, roots in strangers.items() if roots} == {}


def test_every_test_asserts_something() -> None:
    silent = [
        f"{place(path, node)} {node.name}"
        for path in files(".py", trees=("tests",))
        for node in functions(path)
        if node.name.startswith("test_") and not asserts(node)
    ]
    assert silent == []


def asserts(test: ast.AST) -> bool:
    """Whether a test asserts itself, or calls something whose name says that it does."""
    return any(
        isinstance(node, ast.Assert | ast.With | ast.AsyncWith)
        or (
            isinstance(node, ast.Call)
            and re.search(r"raises|assert|check|expect|verify|fail", ast.unparse(node.func))
        )
        for node in ast.walk(test)
    )
