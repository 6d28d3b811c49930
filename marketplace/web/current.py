"""The request at hand: who acts, in which unit of work, in which time zone.

The identity room puts the actor here (`begin_as`); pages and routes read it. One request is one unit of
work: it commits when the view answers below 400 and rolls back otherwise.
"""

from __future__ import annotations

from datetime import datetime
from typing import cast
from zoneinfo import ZoneInfo

from flask import current_app, g
from sqlalchemy.exc import DBAPIError

from marketplace.foundation.access import NOBODY, Actor
from marketplace.foundation.clock import machine_now
from marketplace.foundation.work import Runtime, WorkSession

EXTENSION = "homeward"
DEFAULT_ZONE = ZoneInfo("UTC")


def runtime() -> Runtime:
    """What this process holds: settings, databases, keys, services."""
    return cast("Runtime", current_app.extensions[EXTENSION])


def actor() -> Actor:
    """Who acts in this request; NOBODY before sign-in."""
    return cast("Actor", g.get("actor", NOBODY))


def session() -> WorkSession:
    """The request's unit of work, opened on first use as the request's actor under the web database role."""
    if "work_session" not in g:
        g.work_session = WorkSession(runtime(), actor())
    return cast("WorkSession", g.work_session)


def begin_as(who: Actor, *, binding: str = "", zone: ZoneInfo | None = None) -> None:
    """Continue the request as somebody: called by the identity room once it knows who is there.

    `binding` names the server-side session (never shown; CSRF tokens and live topics are tied to it), `zone`
    is the zone in which this person reads times.
    """
    g.actor = who
    g.session_binding = binding
    g.zone = zone or DEFAULT_ZONE
    if "work_session" in g:
        g.work_session.act_as(who)


def binding() -> str:
    """The server-side session this request belongs to; empty before sign-in and for bearer tokens."""
    return cast("str", g.get("session_binding", ""))


def zone() -> ZoneInfo:
    """The time zone in which times are shown and local times are read."""
    return cast("ZoneInfo", g.get("zone", DEFAULT_ZONE))


def use_zone(name: str) -> None:
    """Show and read times of this request in a facility's zone, e.g. "America/Chicago"."""
    g.zone = ZoneInfo(name)


def now() -> datetime:
    """Business time (UTC) of this request; machine time where the database cannot be reached."""
    if "now" not in g:
        try:
            g.now = session().now()
        except DBAPIError:
            finish(commit=False)
            g.now, g.database_absent = machine_now(), True
    return cast("datetime", g.now)


def clock_speed() -> float:
    """How many business seconds pass in a machine second: 1, unless a demo or a test bends time."""
    if runtime().settings.is_production or "database_absent" in g:
        return 1.0
    if "clock_speed" not in g:
        g.clock_speed = session().clock_speed()
    return cast("float", g.clock_speed)


def undo() -> None:
    """Undo what the request's unit of work did so far and go on in it; what was read is read afresh."""
    g.pop("claimed_key", None)
    work: WorkSession | None = g.get("work_session")
    if work is not None:
        work.undo()


def finish(*, commit: bool) -> None:
    """End the request's unit of work, if it has one; afterwards a new one may begin."""
    g.pop("claimed_key", None)
    work: WorkSession | None = g.pop("work_session", None)
    if work is None:
        return
    with work:
        if not commit:
            work.rollback()
            return
        work.commit()
    work.run_after_commit()
