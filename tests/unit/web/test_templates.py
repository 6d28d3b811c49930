"""Every template of the house compiles, imports only macros that exist, and keeps to the content policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, nodes

from marketplace.web.display import FILTERS
from marketplace.web.icons import PATHS

ROOT = Path(__file__).resolve().parents[3]
# The double of the payment provider is an application of its own.
FOLDERS = sorted(
    folder
    for package in ("marketplace", "vendors", "dispatch", "billing")
    for folder in (ROOT / package).rglob("templates")
    if folder.is_dir() and "double" not in folder.parts
)
LONE_FILES = {"downtime_file.html"}
"""Opened from a disk while nothing serves pages: they carry their style with them."""
TEMPLATES = sorted(path for folder in FOLDERS for path in folder.rglob("*.html"))
INLINE = re.compile(
    r"""<style|<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=|javascript:|hx-on|hx-vals=.?js:""", re.IGNORECASE
)
EXPRESSIONS = re.compile(r"{{.*?}}|{%.*?%}|{#.*?#}", re.DOTALL)
ICON_USES = re.compile(r"""\bicon(?:_name=|\()["']([a-z-]+)["']""")


@pytest.fixture(scope="module")
def environment() -> Environment:
    found = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in FOLDERS]), autoescape=True
    )
    found.filters.update(FILTERS)
    return found


@pytest.fixture(params=TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def template(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


def exported(tree: nodes.Template) -> set[str]:
    """The macros and values a template offers to those that import it."""
    macros = {macro.name for macro in tree.find_all(nodes.Macro)}
    values = {
        found.target.name for found in tree.find_all(nodes.Assign) if isinstance(found.target, nodes.Name)
    }
    return macros | values


def test_it_compiles_and_its_imports_exist(template: Path, environment: Environment) -> None:
    assert environment.loader is not None
    tree = environment.parse(template.read_text("utf-8"))
    environment.compile(tree)
    for use in tree.find_all(nodes.FromImport):
        assert isinstance(use.template, nodes.Const)
        source, _, _ = environment.loader.get_source(environment, use.template.value)
        assert {name if isinstance(name, str) else name[0] for name in use.names} <= exported(
            environment.parse(source)
        )
    for place in tree.find_all((nodes.Extends, nodes.Include)):
        if isinstance(place.template, nodes.Const):
            environment.loader.get_source(environment, place.template.value)


def test_it_is_short_and_holds_no_inline_code_or_style(template: Path) -> None:
    text = template.read_text("utf-8")
    assert len(text.splitlines()) <= 150
    if template.name not in LONE_FILES:
        assert INLINE.findall(EXPRESSIONS.sub("", text)) == []


def test_its_icons_exist(template: Path) -> None:
    assert set(ICON_USES.findall(template.read_text("utf-8"))) <= set(PATHS)


def test_its_forms_that_change_something_carry_the_token(template: Path) -> None:
    text = template.read_text("utf-8")
    for form in re.findall(r"<form\b(?:(?!</form>).)*", text, re.DOTALL):
        if re.search(r"""method=["']post["']""", form.split(">")[0]):
            assert "csrf_field()" in form, form[:200]
