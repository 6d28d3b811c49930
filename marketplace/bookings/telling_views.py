"""What one was told about bookings, and the button that says "understood"; the same as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from flask import Response, request, url_for
from marshmallow import Schema, fields

from marketplace.bookings.telling import TOLD, acknowledge, open_tellings
from marketplace.bookings.telling_models import Audience, Telling, TellingSubject
from marketplace.bookings.views import views
from marketplace.web import current
from marketplace.web.api import Api
from marketplace.web.fields import LocalMoment
from marketplace.web.pages import go, render, safe_next

api = Api("tellings", __name__)


class TellingView(Schema):
    """A sentence somebody was told about a booking."""

    id = fields.UUID()
    booking_id = fields.UUID()
    organization_id = fields.UUID()
    reference = fields.String()
    audience = fields.Enum(Audience, by_value=True)
    subject = fields.Enum(TellingSubject, by_value=True)
    text = fields.String()
    remedy = fields.String()
    urgent = fields.Boolean()
    told_at = LocalMoment()
    acknowledged_at = LocalMoment(allow_none=True)
    acknowledged_by = fields.String()


@views.get("/told")
def told() -> Response:
    """What waits to be understood: urgent first, then the oldest."""
    current.actor().require(*TOLD)
    found = open_tellings(current.session())
    return render("bookings/told.html", tellings=found, is_planner=current.actor().has("planner"))


@views.post("/told/<uuid:telling_id>/understood")
def understood(telling_id: UUID) -> Response:
    """Say that one's side knows."""
    current.actor().require(*TOLD)
    acknowledge(current.session(), telling_id)
    return go(safe_next(request.form.get("next"), url_for("bookings.told")), "Noted: you know.")


@api.get("/tellings", summary="What we were told", roles=set(TOLD), response=TellingView, many=True)
def tellings() -> Sequence[Telling]:
    """Sentences that nobody on our side has acknowledged."""
    return open_tellings(current.session())


@api.post(
    "/tellings/<uuid:telling_id>/understood",
    summary="Say that we know",
    roles=set(TOLD),
    response=TellingView,
    status=200,
)
def telling_understood(telling_id: UUID) -> Telling:
    """The acting side knows; again changes nothing."""
    return acknowledge(current.session(), telling_id)
