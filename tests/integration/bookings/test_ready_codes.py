"""The patient's own "I am ready": one code, one ride, one button; whoever guesses learns nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from marketplace.bookings import ready_codes
from marketplace.bookings.flexible import say_ready
from marketplace.bookings.models import Booking
from marketplace.bookings.orders import RequestedWindow
from marketplace.bookings.ready_code_models import ReadyCode
from marketplace.bookings.ready_codes import DEAD, DIGITS, IssuedCode
from marketplace.foundation.access import NOBODY, Actor
from marketplace.foundation.audit import AuditEvent
from marketplace.foundation.errors import Conflict, Forbidden
from marketplace.foundation.work import unit_of_work
from tests.support.ground_stage import LEAVES, GroundStage
from tests.support.vendor_pages import VendorPages

LONG = RequestedWindow(LEAVES, LEAVES + timedelta(hours=3))
NAMES = re.compile("Alvarez|Rosa|Ash St|Portland|Ambulance|Rides|503")


@pytest.fixture
def pages(stage: GroundStage) -> Iterator[VendorPages]:
    """The pages, asked as anybody."""
    made = VendorPages(stage)  # type: ignore[arg-type]
    yield made
    made.close()


@pytest.fixture
def ride(stage: GroundStage) -> Booking:
    """A flexible ride that a vendor has promised."""
    return stage.awarded(stage.ride(window=LONG, flexible=True))


def issued(stage: GroundStage, ride: Booking) -> IssuedCode:
    """A code as the planner gets it."""
    with stage.planning() as session:  # type: ignore[attr-defined]
        return ready_codes.issue(session, ride.id)


def typed(code: IssuedCode) -> dict[str, str]:
    """What stands on the sheet, as people type it."""
    return {"reference": code.reference.lower(), "code": f"{code.code[:3]} {code.code[3:]}"}


def events_of(stage: GroundStage, ride: Booking) -> list[str]:
    """The names of the events about a booking."""
    with stage.owner() as session:
        rows = session.execute(
            text("SELECT name FROM outbox_events WHERE payload->>'booking_id' = :id"), {"id": str(ride.id)}
        )
        return [row[0] for row in rows]


def test_the_sheet_shows_a_code_once_and_names_nobody(
    stage: GroundStage, pages: VendorPages, ride: Booking
) -> None:
    planner = stage.actor(stage.hospital, "planner")
    answer = pages.post(planner, f"/bookings/{ride.id}/ready-code")
    sheet = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert ride.reference in sheet
    assert re.search(r"\d{3} \d{3}", sheet)
    assert f"/ready/?ride={ride.reference}" in sheet
    assert not NAMES.search(sheet)
    with stage.owner() as session:
        said = session.scalars(select(AuditEvent).where(AuditEvent.action == "ready_codes:issue")).one()
        assert said.patient_id == stage.patient


def test_one_press_releases_the_ride_as_the_planners_button_does_and_again_changes_nothing(
    stage: GroundStage, pages: VendorPages, ride: Booking
) -> None:
    code = issued(stage, ride)
    stage.at(LEAVES + timedelta(minutes=50))
    asks = pages.post(NOBODY, "/ready/", typed(code)).get_data(as_text=True)
    assert "Are you ready to leave?" in asks
    for _ in range(2):
        answer = pages.post(NOBODY, "/ready/now", typed(code))
        said = answer.get_data(as_text=True)
        assert (answer.status_code, "We know that you are ready" in said) == (200, True)
        assert not NAMES.search((asks + said).replace(typed(code)["code"], "").replace(code.code, ""))
    fresh = stage.fresh(ride)
    assert fresh.ready_at == LEAVES + timedelta(minutes=50)
    assert fresh.revision == ride.revision + 1
    assert events_of(stage, ride).count("BookingWindowMoved") == 1
    with stage.owner() as session:
        audited = session.scalars(select(AuditEvent).where(AuditEvent.action == "bookings:ready")).one()
        assert audited.actor_name == f"Patient's code of {ride.reference}"
    assert "We know that you are ready" in pages.post(NOBODY, "/ready/", typed(code)).get_data(as_text=True)
    assert stage.breaches() == []


def test_who_was_released_by_the_nurse_reads_when_the_ride_comes(
    stage: GroundStage, pages: VendorPages, ride: Booking
) -> None:
    code = issued(stage, ride)
    with stage.planning() as session:  # type: ignore[attr-defined]
        say_ready(session, ride.id)
    assert "Your ride comes between" in pages.post(NOBODY, "/ready/", typed(code)).get_data(as_text=True)


def test_wrong_expired_replaced_and_unknown_codes_are_answered_alike(
    stage: GroundStage, pages: VendorPages, ride: Booking
) -> None:
    old = issued(stage, ride)
    code = issued(stage, ride)
    wrong = {**typed(code), "code": f"{(int(code.code) + 1) % 10**DIGITS:06d}"}
    unknown = {"reference": "R-222222", "code": "123456"}
    answers = [pages.post(NOBODY, "/ready/", given) for given in (wrong, typed(old))]
    stage.at(code.expires_at)
    answers += [pages.post(NOBODY, "/ready/", typed(code)), pages.post(NOBODY, "/ready/now", typed(code))]
    assert [answer.status_code for answer in answers] == [422] * 4
    assert all(DEAD in answer.get_data(as_text=True) for answer in answers)
    assert pages.post(NOBODY, "/ready/", unknown).status_code == 422
    assert stage.fresh(ride).ready_at is None


def test_five_wrong_codes_kill_it_and_guessing_is_slowed_down(
    stage: GroundStage, pages: VendorPages, ride: Booking
) -> None:
    code = issued(stage, ride)
    wrong = {**typed(code), "code": f"{(int(code.code) + 1) % 10**DIGITS:06d}"}
    assert [pages.post(NOBODY, "/ready/", wrong).status_code for _ in range(5)] == [422] * 5
    assert pages.post(NOBODY, "/ready/now", typed(code)).status_code == 422
    assert [pages.post(NOBODY, "/ready/", wrong).status_code for _ in range(5)][-1] == 429
    with stage.owner() as session:
        assert session.scalars(select(ReadyCode.ended_because)).one() == "tries"
    assert stage.fresh(ride).ready_at is None


def test_when_the_window_is_over_the_page_says_whom_to_tell(
    stage: GroundStage, pages: VendorPages, ride: Booking
) -> None:
    code = issued(stage, ride)
    stage.at(LONG.end + timedelta(minutes=1))
    answer = pages.post(NOBODY, "/ready/now", typed(code))
    assert (answer.status_code, "Tell your nurse" in answer.get_data(as_text=True)) == (409, True)
    assert stage.fresh(ride).ready_at is None


def test_only_a_flexible_ride_gets_a_code_and_only_from_its_planner(stage: GroundStage) -> None:
    fixed = stage.book(stage.ride())
    with pytest.raises(Conflict, match="fixed time"):
        issued(stage, fixed)
    with pytest.raises(Forbidden), stage.acting(stage.hospital, "org_admin") as session:
        ready_codes.issue(session, fixed.id)


def test_nobody_and_no_other_organization_sees_a_code(stage: GroundStage, ride: Booking) -> None:
    issued(stage, ride)
    vendor = stage.fresh(ride).vendor_organization_id
    assert vendor is not None
    for actor in (NOBODY, stage.actor(vendor, "vendor_admin")):
        assert _visible(stage, actor) == 0
    assert _visible(stage, stage.actor(stage.hospital, "planner")) == 1


def _visible(stage: GroundStage, actor: Actor) -> int:
    with unit_of_work(stage.runtime, actor) as session:
        return len(session.scalars(select(ReadyCode)).all())
