"""Rosa's hospital with two vendors on shift, and a ride to dialysis that comes again and again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time
from uuid import UUID

import pytest
from sqlalchemy import select

from marketplace.bookings.models import Booking
from marketplace.bookings.orders import Address, PayerChoice
from marketplace.bookings.words import LevelOfService, PayerKind, PlaceKind
from marketplace.careplans import service as careplans
from marketplace.careplans.words import ServiceKind, TaskCategory
from marketplace.desk.standing import service
from marketplace.desk.standing.models import StandingOccurrence, StandingOrder
from marketplace.desk.standing.promises import STANDING_INVARIANTS
from marketplace.desk.standing.rules import Terms
from marketplace.foundation.access import system_actor
from marketplace.foundation.work import Runtime, unit_of_work
from marketplace.patients import authorizations
from marketplace.patients.words import ServiceLine
from tests.integration.bookings.conftest import Caller
from tests.integration.discharges.conftest import DeskStage
from tests.support.ground_stage import GroundStage

MONDAY = date(2026, 11, 23)
"""The day of the tests: nine in the morning, the six o'clock ride of today is gone."""
CLINIC = Address(PlaceKind.DIALYSIS, "5051 NE Hoyt St", "Portland", "OR", "97213", "Hoyt Dialysis")
TERMS = Terms(
    weekdays=(0, 2, 4), pickup_at=time(6), starts_on=MONDAY, back_at=time(10, 30), ends_on=date(2027, 1, 31)
)


class StandingStage(DeskStage):
    """What a planner does with standing orders, each press a transaction of its own."""

    task: UUID
    dialysis_authorization: UUID

    def ready(self) -> StandingStage:
        """The task, and an authorization with eighty rides."""
        with self.ground.planning() as session:  # type: ignore[attr-defined]
            new = careplans.NewTask(
                category=TaskCategory.FOLLOW_UP,
                title="Ride to dialysis",
                owner_user_id=self.ground.people[self.ground.hospital],
                service_kind=ServiceKind.RIDE,
            )
            self.task = careplans.add_task(session, self.ground.plan, new).id
            self.dialysis_authorization = authorizations.add_authorization(
                session,
                self.ground.coverage,
                number="PA-2002",
                service_line=ServiceLine.RIDE,
                units_approved=80,
                valid_from=date(2026, 11, 1),
                valid_to=date(2027, 6, 30),
            ).id
        return self

    def new(self, **changes: object) -> service.NewOrder:
        """A good order, with some parts changed; unknown names change the terms."""
        own = {"task_id", "level_of_service", "payer", "destination", "vendor_id", "note", "terms"}
        terms = replace(TERMS, **{name: value for name, value in changes.items() if name not in own})  # type: ignore[arg-type]
        payer = PayerChoice(PayerKind.COVERAGE, self.ground.coverage, self.dialysis_authorization)
        usual = service.NewOrder(self.task, terms, LevelOfService.WHEELCHAIR, payer, CLINIC)
        return replace(usual, **{name: value for name, value in changes.items() if name in own})  # type: ignore[arg-type]

    def begin(self, **changes: object) -> StandingOrder:
        """It stands."""
        with self.ground.planning() as session:  # type: ignore[attr-defined]
            return service.begin(session, self.new(**changes))

    def order(self) -> StandingOrder:
        """The order as it is stored now."""
        with self.ground.owner() as session:
            return session.scalars(select(StandingOrder)).one()

    def days(self) -> dict[date, tuple[str, Booking, Booking | None]]:
        """What became of each day: its state, the way there, the way back."""
        with self.ground.owner() as session:
            rows = session.scalars(select(StandingOccurrence).order_by(StandingOccurrence.on_day)).all()
            made = {row.id: row for row in session.scalars(select(Booking))}
            return {
                row.on_day: (
                    row.state.value,
                    made[row.outward_booking_id],
                    made[row.back_booking_id] if row.back_booking_id else None,
                )
                for row in rows
            }

    def all_breaches(self) -> list[object]:
        """What `homeward verify` would say of the ground and of standing orders."""
        with unit_of_work(self.runtime, system_actor(), "verifier") as session:
            found = [breach for promise in STANDING_INVARIANTS for breach in promise.breaches(session)]
        return [*found, *self.ground.breaches(), *self.desk_breaches()]


@pytest.fixture
def stage(runtime: Runtime) -> StandingStage:
    return StandingStage(GroundStage(runtime)).build().ready()  # type: ignore[attr-defined]


@pytest.fixture
def caller(stage: StandingStage) -> Caller:
    return Caller(stage.ground).act(stage.ground.hospital, "planner")
