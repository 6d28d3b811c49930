"""Proof that an unsafe request came from a page of ours: a token bound to the server-side session.

The token is a nonce and its HMAC under the installation's secret together with the session (before sign-in:
with a random visitor cookie). Requests that carry a bearer token bring no cookie's authority and need none.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, g, request
from markupsafe import Markup

from marketplace.foundation.access import ActorKind
from marketplace.foundation.errors import Forbidden
from marketplace.web import current, openings

FIELD = "csrf_token"
HEADER = "X-CSRF-Token"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
VISITOR_COOKIE = "homeward_visitor"
View = TypeVar("View", bound=Callable[..., Any])


class CrossSiteRequest(Forbidden):
    """The request's token is missing, old or of another session."""

    code = "csrf-token-refused"
    title = "This page has been open too long"


def exempt(view: View) -> View:
    """Mark a view that proves its caller otherwise (a webhook with a signature)."""
    view.csrf_exempt = True  # type: ignore[attr-defined]
    return view


def token() -> str:
    """The token of this page; every page gets another one, all of them valid as long as the session.

    Made once a page, not once a form: a list may hold fifty forms, and each look into the system's randomness
    lets go of the interpreter, which a busy process takes milliseconds to get back.
    """
    binding = _binding(make=True)
    made: tuple[str, str] | None = g.get("csrf_token_made")
    if made is None or made[0] != binding:
        nonce = secrets.token_urlsafe(12)
        made = g.csrf_token_made = (binding, f"{nonce}.{_signature(nonce, binding)}")
    return made[1]


def field() -> Markup:
    """The hidden input that every form with method "post" carries."""
    if openings.are_left():
        return openings.TOKEN
    # a token is ours and has no letter that HTML knows; `format` would take a tenth of a long list's time
    return Markup(f'<input type="hidden" name="csrf_token" value="{token()}">')  # noqa: S704


def check() -> None:
    """Refuse an unsafe request without a valid token; called before every view."""
    if (
        request.method in SAFE_METHODS
        or carries_bearer_token()
        or _view_is_exempt()
        or _nobody_calls_a_route()
    ):
        return
    given = request.headers.get(HEADER) or request.form.get(FIELD, "")
    nonce, _, signature = given.partition(".")
    binding = _binding(make=False)
    if not binding or not hmac.compare_digest(signature.encode(), _signature(nonce, binding).encode()):
        raise CrossSiteRequest(
            "The form could not be matched to your session, so nothing was done.",
            remedy="Go back, load the page again, and send it once more.",
        )


def carries_bearer_token() -> bool:
    """Whether the request authenticates itself by a header that no foreign page can make a browser send."""
    return request.headers.get("Authorization", "").lower().startswith("bearer ")


def _view_is_exempt() -> bool:
    view = current_app.view_functions.get(request.endpoint or "")
    return view is None or getattr(view, "csrf_exempt", False)


def _nobody_calls_a_route() -> bool:
    """A program that forgot its token: it has no authority to abuse, and is told to bring one."""
    return request.path.startswith("/api/") and current.actor().kind is ActorKind.NOBODY


def _binding(*, make: bool) -> str:
    if session_binding := current.binding():
        return f"session:{session_binding}"
    visitor = g.get("visitor") or request.cookies.get(VISITOR_COOKIE, "")
    if not visitor and make:
        visitor = g.visitor = secrets.token_urlsafe(18)
    return f"visitor:{visitor}" if visitor else ""


def _signature(nonce: str, binding: str) -> str:
    key = current.runtime().settings.secret_key.encode()
    return hmac.new(key, f"csrf\n{nonce}\n{binding}".encode(), hashlib.sha256).hexdigest()


def _keep_visitor(response: Response) -> Response:
    if visitor := cast("str | None", g.get("visitor")):
        response.set_cookie(
            VISITOR_COOKIE, visitor, httponly=True, samesite="Lax", secure=request.is_secure, path="/"
        )
    return response


def install(app: Flask) -> None:
    """Give a visitor without a session a cookie to bind tokens to. `check` runs from `application`."""
    app.after_request(_keep_visitor)
