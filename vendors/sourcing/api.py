"""JSON routes of searches for vendors: the ranking, beginning, asking everybody, stopping."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marketplace.foundation.errors import NotFound
from marketplace.web import current
from marketplace.web.api import Api
from vendors.sourcing.ranking import ranked_for
from vendors.sourcing.reading import Search, latest_search, searches_of
from vendors.sourcing.rules import Ranked
from vendors.sourcing.schemas import RankedView, SearchBody, SearchView
from vendors.sourcing.service import ask_everybody, start, stop

api = Api("sourcing", __name__)
_PLANNERS = {"planner"}


@api.get(
    "/bookings/<uuid:booking_id>/ranking",
    summary="Whom to ask first, and why",
    roles=_PLANNERS,
    response=RankedView,
    many=True,
)
def ranking(booking_id: UUID) -> list[Ranked]:
    """The vendors that may do the booking, most points first."""
    return ranked_for(current.session(), booking_id)[0]


@api.get(
    "/bookings/<uuid:booking_id>/searches",
    summary="The searches for a vendor",
    roles=_PLANNERS,
    response=SearchView,
    many=True,
)
def searches(booking_id: UUID) -> list[Search]:
    """Every search of the booking with its waves, newest first."""
    return searches_of(current.session(), booking_id)


@api.post(
    "/bookings/<uuid:booking_id>/search",
    summary="Look for a vendor",
    roles=_PLANNERS,
    body=SearchBody,
    response=SearchView,
)
def begin_search(booking_id: UUID, body: dict[str, Any]) -> Search:
    """Ask vendors in their order, or all at once, until one accepts."""
    start(current.session(), booking_id, body["mode"], answer_minutes=body["answer_minutes"])
    return _found(booking_id)


@api.post(
    "/bookings/<uuid:booking_id>/search/everybody",
    summary="Ask everybody else now",
    roles=_PLANNERS,
    response=SearchView,
    status=200,
)
def everybody(booking_id: UUID) -> Search:
    """The running search asks whoever was not asked yet."""
    ask_everybody(current.session(), booking_id)
    return _found(booking_id)


@api.post(
    "/bookings/<uuid:booking_id>/search/stop",
    summary="Stop looking for a vendor",
    roles=_PLANNERS,
    response=SearchView,
    status=200,
)
def stop_search(booking_id: UUID) -> Search:
    """The running search ends; open offers are withdrawn."""
    stop(current.session(), booking_id)
    return _found(booking_id)


def _found(booking_id: UUID) -> Search:
    found = latest_search(current.session(), booking_id)
    if found is None:
        raise NotFound
    return found
