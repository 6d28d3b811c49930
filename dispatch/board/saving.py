"""Writing an accepted change down: assignments, crews' lists, awards and bookings, in one transaction."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from dispatch.board.trial import Accepted
from dispatch.field.service import assign as assign_field
from dispatch.planning.building import PlannedWork
from dispatch.planning.committing import standing_of, tell_lane, tell_waiting
from dispatch.planning.models import Assignment, LeftOut, Plan
from dispatch.planning.reading import home_region
from marketplace.bookings.awarding import schedule
from marketplace.bookings.models import Booking
from marketplace.foundation.errors import Conflict
from marketplace.foundation.work import WorkSession
from vendors.offers.service import confirm


class Saving:
    """One change being saved over the rows as they were; `pinned` are the services that a person placed."""

    def __init__(
        self, session: WorkSession, day: date, rows: dict[UUID, Assignment], pinned: set[UUID]
    ) -> None:
        self.session, self.day, self.rows, self.pinned = session, day, rows, pinned

    def save(self, accepted: Accepted) -> list[dict[str, Any]]:
        """Write every service whose vehicle, time or place in the order changed; returns those that moved."""
        moved = []
        for planned in accepted.planned:
            row = self.rows.get(planned.work.booking_id)
            if row is None or _differs(row, planned):
                moved.append(self._move(row, planned))
            elif planned.work.booking_id in self.pinned:
                self._fix(row)
            else:
                row.sequence, row.leaves_at = planned.sequence, planned.leaves_at
        self.session.flush()
        return moved

    @staticmethod
    def sealed(accepted: Accepted) -> dict[str, Any]:
        """The certificate as stored."""
        return asdict(accepted.certificate)

    def _fix(self, row: Assignment) -> None:
        booking = self.session.get(Booking, row.booking_id)
        row.pinned, row.revision = True, row.revision + 1
        if booking is not None:  # a plan being made from the facts before is refused
            booking.revision += 1
        tell_lane(self.session, row.vendor_organization_id, row.vehicle_id)

    def _move(self, row: Assignment | None, planned: PlannedWork) -> dict[str, Any]:
        work, day = planned.work, planned.vehicle_day
        before = row.vehicle_id if row else day.vehicle_id
        target = row or self._new(planned)
        target.vehicle_id, target.shift_id = day.vehicle_id, day.shift_id
        target.sequence, target.leaves_at = planned.sequence, planned.leaves_at
        target.starts_at, target.ends_at = planned.starts_at, planned.ends_at
        target.standing = standing_of(planned)
        target.pinned = target.pinned or work.booking_id in self.pinned
        target.revision = (target.revision or 0) + 1
        self.session.add(target)
        self.session.flush()
        self._push_down(planned)
        for vehicle_id in {before, day.vehicle_id}:
            tell_lane(self.session, work.vendor_organization_id, vehicle_id)
        return {
            "booking": str(work.booking_id),
            "vehicle": str(day.vehicle_id),
            "starts_at": planned.starts_at.isoformat(),
        }

    def _push_down(self, planned: PlannedWork) -> None:
        work, day = planned.work, planned.vehicle_day
        assign_field(
            self.session,
            booking_id=work.booking_id,
            award_id=work.award_id,
            organization_id=work.organization_id,
            vendor_organization_id=work.vendor_organization_id,
            kind=work.kind,
            vehicle_id=day.vehicle_id,
            driver_user_id=day.driver_user_id,
            starts_at=planned.starts_at,
            ends_at=planned.ends_at,
        )
        booking = schedule(self.session, work.booking_id, planned.starts_at, planned.ends_at)
        booking.revision += 1
        confirm(self.session, work.award_id, day.vehicle_id, planned.starts_at)

    def _new(self, planned: PlannedWork) -> Assignment:
        """The place of work that no plan could place before."""
        plan = self._plan()
        work = planned.work
        tell_waiting(self.session, work.vendor_organization_id, plan.id)
        self.session.execute(delete(LeftOut).where(LeftOut.booking_id == work.booking_id))
        return Assignment(
            plan_id=plan.id,
            version_number=plan.current_version,
            booking_id=work.booking_id,
            award_id=work.award_id,
            organization_id=work.organization_id,
            vendor_organization_id=work.vendor_organization_id,
            pinned=False,
        )

    def _plan(self) -> Plan:
        region = home_region(self.session, self.session.actor.organization())
        found = None
        if region is not None:
            mine = select(Plan).where(Plan.region == region[0], Plan.day == self.day)
            found = self.session.scalars(mine).one_or_none()
        if found is None:
            raise Conflict("This day has no plan yet.", remedy="It is made in a moment; try again then.")
        return found


def _differs(row: Assignment, planned: PlannedWork) -> bool:
    return (
        row.vehicle_id != planned.vehicle_day.vehicle_id
        or row.shift_id != planned.vehicle_day.shift_id
        or row.starts_at != planned.starts_at
        or row.ends_at != planned.ends_at
    )
