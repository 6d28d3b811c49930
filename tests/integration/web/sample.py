"""A small application on the web room alone, with one view of each kind, for the tests of this room."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from flask import Blueprint, Flask, Response, g, jsonify, request
from flask.testing import FlaskClient
from marshmallow import Schema, fields
from sqlalchemy import select, text

from marketplace.foundation.access import Actor, ActorKind
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, InvalidInput
from marketplace.foundation.idempotency import IdempotencyKey
from marketplace.foundation.work import Runtime
from marketplace.web import current
from marketplace.web.api import Api
from marketplace.web.application import create_application, guard_last
from marketplace.web.fields import Cents, LocalMoment, Text
from marketplace.web.forms import form_for
from marketplace.web.pages import go
from marketplace.web.tables import paginate

ORGANIZATION = UUID("01900000-0000-7000-8000-000000000001")
PERSON = Actor(ActorKind.USER, uuid4(), ORGANIZATION, "health_system", frozenset({"planner"}), "Ada Brook")
ACTORS = {
    "planner": PERSON,
    "driver": Actor(ActorKind.USER, uuid4(), ORGANIZATION, "vendor", frozenset({"driver"}), "Ben"),
}


class NoteSchema(Schema):
    """A note as it is written."""

    title = Text(required=True, shortest=1, longest=40)
    due_at = LocalMoment()
    price = Cents()
    tags = fields.List(fields.String())


class NoteView(Schema):
    """A note as it is read."""

    title = fields.String(required=True)
    due_at = LocalMoment()
    count = fields.Integer()


@dataclass
class Note:
    """What the sample service gives back."""

    title: str
    count: int
    due_at: Any = None


views = Blueprint("sample", __name__)


def count_effect(key: str) -> int:
    """Leave a trace in the database and say how many there are."""
    current.session().execute(
        text(
            "INSERT INTO idempotency_keys (id, scope_id, actor_id, key, request_digest, created_at) "
            "VALUES (:id, :scope, :actor, :key, '', now())"
        ),
        {"id": uuid4(), "scope": ORGANIZATION, "actor": uuid4(), "key": key},
    )
    return len(
        current.session().scalars(select(IdempotencyKey).where(IdempotencyKey.request_digest == b"")).all()
    )


@views.route("/notes/new", methods=["GET", "POST"])
def new() -> Response:
    """A form that is written, refused or saved."""
    form = form_for(NoteSchema, {"title": "first"})
    if form.ok:
        with form.refusals():
            count_effect(form.data["title"])
            if form.data["title"] == "taken":
                raise InvalidInput("title", "This title is taken; choose another one.")
        if form.ok:
            return go("/notes", "Added.")
    return jsonify(errors=form.errors, title=form.value("title")), 422 if form.errors else 200  # type: ignore[return-value]


@views.post("/fail/<kind>")
def fail(kind: str) -> Response:
    """Change something, then fail."""
    count_effect("failed")
    if kind == "conflict":
        raise Conflict("Somebody was faster.", remedy="Look again.")
    if kind == "status":
        return Response("no", status=409)
    raise RuntimeError("inside")


@views.get("/count")
def count() -> Response:
    """How many effects there are."""
    found = (
        current.session().scalars(select(IdempotencyKey).where(IdempotencyKey.request_digest == b"")).all()
    )
    return jsonify(count=len(found))


@views.get("/pages")
def pages() -> Response:
    """A page of three rows by key."""
    page = paginate(
        current.session(),
        select(IdempotencyKey).where(IdempotencyKey.request_digest == b""),
        sorts={"key": IdempotencyKey.key, "made": IdempotencyKey.created_at},
        key=IdempotencyKey.id,
        default="key",
        rows=3,
    )
    return jsonify(keys=[row.key for row in page.rows], next=page.next_cursor, previous=page.previous_cursor)


@views.post("/announce/<kind>/<uuid:object_id>/<int:revision>")
def announce_change(kind: str, object_id: UUID, revision: int) -> Response:
    """Tell the open pages that something changed."""
    announce(current.session(), [ORGANIZATION], kind, object_id, revision)
    return Response(status=204)


api = Api("notes", __name__)


@api.post("/notes", summary="Add a note", roles={"planner"}, body=NoteSchema, response=NoteView)
def add(body: dict[str, Any]) -> Note:
    """Add a note."""
    return Note(body["title"], count_effect(body["title"]), body.get("due_at"))


@api.get("/notes/<uuid:note_id>", summary="Read a note", roles={"planner", "driver"}, response=NoteView)
def read(note_id: UUID) -> Note:
    """Read a note."""
    return Note(str(note_id), 1)


def sample_application(runtime: Runtime) -> Flask:
    """The application; the header X-Actor says who acts, unless X-Actor-Session overrides the session."""
    app = create_application(runtime, HOMEWARD_SEARCH_ENDPOINT="gallery.table")
    app.testing = False
    app.register_blueprint(views)
    app.register_blueprint(api.blueprint)

    @app.before_request
    def identify() -> None:
        who = ACTORS.get(request.headers.get("X-Actor", "") or request.cookies.get("actor", ""))
        if who is not None:
            g.organization_name = "Mercy Capitol"
            current.begin_as(
                who, binding=request.headers.get("X-Session", "s1"), zone=ZoneInfo("America/Chicago")
            )

    guard_last(app)
    return app


def token_of(client: FlaskClient, **headers: str) -> str:
    """A CSRF token as the browser finds it in a page."""
    page = client.get("/gallery/table", headers=headers).get_data(as_text=True)
    return page.split('name="csrf-token" content="')[1].split('"')[0]
