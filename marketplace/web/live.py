"""Live pages: a capped number of event streams per process, and the same changes by polling for the others.

A page may hear the topics it was rendered with: they are signed into its token together with the session, so
that the stream needs no second policy. Messages are content-free; the page fetches what changed.
"""

from __future__ import annotations

import json
import queue
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Blueprint, Response, current_app, g, jsonify, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from marketplace.foundation.access import ActorKind
from marketplace.foundation.errors import Forbidden, NotSignedIn, Unavailable
from marketplace.web import current
from marketplace.web.live_feed import Change, ChangeFeed, Subscription

blueprint = Blueprint("live", __name__)
EXTENSION = "homeward.live"
HEARTBEAT_SECONDS = 10.0
LONGEST_STREAM_SECONDS = 900.0
TOKEN_SECONDS = 12 * 3600
USUAL_STREAMS = 40
STREAMS_PER_SESSION = 6
OVERLAP_MILLISECONDS = 1500


@dataclass
class Streams:
    """The streams open in this process: each holds a thread of the server, hence the cap."""

    feed: ChangeFeed
    limit: int
    open: int = 0
    by_session: dict[str, int] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def enter(self, session: str) -> None:
        """Count a stream in, or refuse with 503: the page then polls."""
        with self.lock:
            if self.open >= self.limit or self.by_session.get(session, 0) >= STREAMS_PER_SESSION:
                raise Unavailable("All live connections are taken.", retry_after_seconds=60)
            self.open += 1
            self.by_session[session] = self.by_session.get(session, 0) + 1

    def leave(self, session: str) -> None:
        """Count a stream out."""
        with self.lock:
            self.open -= 1
            self.by_session[session] -= 1
            if not self.by_session[session]:
                del self.by_session[session]


def streams() -> Streams:
    """The streams of this application, made when first asked for (after the server has forked)."""
    if EXTENSION not in current_app.extensions:
        runtime = current.runtime()
        limit = runtime.settings.number("LIVE_STREAMS", USUAL_STREAMS)
        found = Streams(ChangeFeed(runtime.databases.url("web")), limit)
        current_app.extensions.setdefault(EXTENSION, found)
    made: Streams = current_app.extensions[EXTENSION]
    return made


def follow(*topics: str) -> None:
    """Let the page being rendered hear these topics besides its actor's organization."""
    g.setdefault("live_topics", set()).update(topics)


def page_token() -> str:
    """The token with which the page being rendered may listen; empty before sign-in."""
    actor = current.actor()
    if actor.kind is ActorKind.NOBODY:
        return ""
    topics = set(g.get("live_topics", ()))
    if actor.organization_id:
        topics.add(f"organization:{actor.organization_id}")
    streams().feed.start(wait_seconds=0)
    return _signer().dumps([current.binding(), sorted(topics)])


@blueprint.get("/live")
def stream() -> Response:
    """The event stream of one page: change; beat every 10 seconds; reset when it must load all again."""
    topics = _granted_topics()
    session = current.binding()
    held = streams()
    held.enter(session)
    current.finish(commit=False)
    cursor = request.headers.get("Last-Event-ID") or request.args.get("since", "")
    response = Response(_events(held.feed, topics, cursor), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    response.call_on_close(lambda: held.leave(session))
    return response


@blueprint.get("/live/changes")
def changes() -> Response:
    """The same changes for a page without a stream: `since` is the cursor of the previous answer."""
    topics = _granted_topics()
    feed = streams().feed
    feed.start()
    cursor = _cursor(request.args.get("since", ""))
    asked_at = time.time_ns() // 1_000_000
    found = feed.since(cursor, topics) if cursor else []
    latest = found[-1].at if found else cursor or asked_at
    return jsonify(
        cursor=str(asked_at if found is None else latest),
        reset=found is None,
        changes=[change.public() for change in found or ()],
    )


def _events(feed: ChangeFeed, topics: list[str], cursor: str) -> Iterator[str]:
    """Yield server-sent events until the page goes away, the feed stops or the stream has had its time."""
    ends_at = time.monotonic() + LONGEST_STREAM_SECONDS
    feed.start()
    with feed.subscribed(topics) as subscription:
        yield f"retry: 3000\n{_beat()}"
        yield from _missed(feed, topics, cursor)
        while time.monotonic() < ends_at:
            event = _next(subscription)
            if event is None:
                return
            yield event


def _missed(feed: ChangeFeed, topics: list[str], cursor: str) -> Iterator[str]:
    since = _cursor(cursor)
    if not since:
        return
    missed = feed.since(since, topics)
    if missed is None:
        yield "event: reset\ndata: {}\n\n"
    for change in missed or ():
        yield _event(change)


def _next(subscription: Subscription) -> str | None:
    if subscription.lost:
        subscription.lost = False
        return "event: reset\ndata: {}\n\n"
    try:
        change = subscription.waiting.get(timeout=HEARTBEAT_SECONDS)
    except queue.Empty:
        return _beat()
    return None if change is None else _event(change)


def _event(change: Change) -> str:
    return f"id: {change.at}\nevent: change\ndata: {json.dumps(change.public())}\n\n"


def _beat() -> str:
    """A sign of life; its id lies a little back, so that a change on its way just now is not skipped."""
    return f"id: {time.time_ns() // 1_000_000 - OVERLAP_MILLISECONDS}\nevent: beat\ndata: {{}}\n\n"


def page_cursor() -> str:
    """From which moment on the page being rendered must hear of changes."""
    return str(streams().feed.moment_for_page(OVERLAP_MILLISECONDS))


def _cursor(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else 0


def _granted_topics() -> list[str]:
    if current.actor().kind is ActorKind.NOBODY:
        raise NotSignedIn
    try:
        binding, topics = _signer().loads(request.args.get("token", ""), max_age=TOKEN_SECONDS)
    except BadSignature:
        raise Forbidden("This page may not listen any more.", remedy="Load the page again.") from None
    if binding != current.binding():
        raise Forbidden("This page belongs to another session.", remedy="Load the page again.")
    return [str(topic) for topic in topics]


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current.runtime().settings.secret_key, salt="live topics")
