"""Who stands behind a request: its cookie or bearer token becomes the actor, before any view runs."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from flask import Response, g, request

from marketplace.foundation.access import NOBODY, ActorKind
from marketplace.foundation.errors import NotSignedIn
from marketplace.identity import clients, sessions
from marketplace.identity.device import device_from
from marketplace.identity.sessions import Device, LiveSession
from marketplace.web import csrf, current

_QUIET = ("live.", "health.")
"""Endpoints that a page asks by itself: they do not keep a session awake."""


def load_actor() -> None:
    """Find out who is there; a bearer token that opens nothing is refused at once, a cookie is not."""
    endpoint = request.endpoint or ""
    if not endpoint or endpoint.endswith("static") or endpoint.startswith("health."):
        return
    if csrf.carries_bearer_token():
        _load_from_token(request.headers["Authorization"][len("Bearer ") :].strip())
    elif cookie := request.cookies.get(cookie_name(), ""):
        _load_from_cookie(cookie, touch=not endpoint.startswith(_QUIET))


def half_open() -> LiveSession | None:
    """The session of somebody who has shown the password and not yet the second factor."""
    found: LiveSession | None = g.get("half_open_session")
    return found


def here() -> Device:
    """The browser of this request."""
    return device_from(request.headers.get("User-Agent", ""), request.remote_addr or "")


def cookie_name() -> str:
    """The session cookie's name; with https the `__Host-` prefix binds it to this host and to encryption."""
    return "__Host-homeward" if _is_https() else "homeward_session"


def hand_out(response: Response, cookie: str) -> Response:
    """Give the browser its session; forgotten when the browser closes."""
    response.set_cookie(cookie_name(), cookie, httponly=True, secure=_is_https(), samesite="Lax", path="/")
    return response


def take_back(response: Response) -> Response:
    """Let the browser forget its session."""
    response.delete_cookie(cookie_name(), httponly=True, secure=_is_https(), samesite="Lax", path="/")
    return response


def _load_from_token(token: str) -> None:
    actor = clients.actor_for_token(current.session(), token)
    if actor.kind is ActorKind.NOBODY:
        raise NotSignedIn("This token is unknown, expired or revoked.", remedy="Get a new token.")
    current.begin_as(actor)


def _load_from_cookie(cookie: str, *, touch: bool) -> None:
    live = sessions.live_session(current.session(), cookie, touch=touch)
    if live is None:
        return
    g.live_session = live  # keeps its user and organization at hand for the views
    if not live.is_signed_in:
        g.half_open_session = live
        current.begin_as(NOBODY, binding=str(live.id))
        return
    g.organization_name = live.organization.name
    current.begin_as(live.actor, binding=str(live.id), zone=ZoneInfo(live.organization.time_zone))


def _is_https() -> bool:
    return current.runtime().settings.base_url.startswith("https://")
