"""When somebody else was faster, the form says so and keeps what was typed."""

from __future__ import annotations

from flask import Flask, g, render_template_string
from werkzeug.datastructures import MultiDict

from marketplace.foundation.errors import StaleRevision
from marketplace.web.forms import parse
from marketplace.web.pages import render
from tests.integration.web.sample import NoteSchema

TEMPLATE = """{% from "web/components/conflict.html" import both_versions %}
{{ both_versions(form, [("Title", form.value("title"), "theirs"), ("Level", 2, "2")], changed_by="Ben") }}"""


def test_a_stale_form_is_a_conflict_with_both_versions(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        g.zone = None
        form = parse(NoteSchema, MultiDict({"title": "mine"}))
        with form.refusals():
            raise StaleRevision
        page = render_template_string(TEMPLATE, form=form)
        assert render("web/problem_notice.html", form=form, problem=StaleRevision()).status_code == 409
    assert (form.stale, form.ok) == (True, False)
    assert "the other is by Ben" in page
    assert page.count("differs") == 1
    assert "mine" in page
    assert "theirs" in page
