"""Answers that are pages: render a template, send the browser on with a word, tell a part from a page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, flash, make_response, render_template, request

from marketplace.web.forms import Form


def render(template: str, /, status: int = 200, **context: Any) -> Response:
    """A page from a template; a Form with errors in the context makes the answer 422, a stale one 409."""
    forms = [
        value for value in context.values() if isinstance(value, Form) and value.submitted and value.errors
    ]
    if forms and status == 200:
        status = 409 if any(form.stale for form in forms) else 422
    return make_response(render_template(template, **context), status)


def go(url: str, said: str = "", tone: str = "good") -> Response:
    """Send the browser on after a POST (303, or HX-Redirect for htmx), with a sentence to show there."""
    if said:
        flash(said, tone)
    if is_partial():
        return Response(status=204, headers={"HX-Redirect": url})
    return Response(status=303, headers={"Location": url})


def is_partial() -> bool:
    """Whether htmx asks for a part of a page and not for a whole one."""
    return "HX-Request" in request.headers and request.headers.get("HX-Request-Type") != "full"


def safe_next(given: str | None, otherwise: str) -> str:
    """A local address to go on to, never another site's; `otherwise` when the given one is none."""
    if not given or not given.startswith("/") or given.startswith(("//", "/\\")) or "\\" in given:
        return otherwise
    parts = urlsplit(given)
    return otherwise if parts.scheme or parts.netloc else given


def install(app: Flask) -> None:
    """Nothing to hang on the application yet but the name under which templates ask for a partial."""
    app.jinja_env.globals["is_partial"] = is_partial
