"""How much a vendor takes a day, and how much of it is taken: counted in the transaction that accepts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from marketplace.foundation import audit
from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.work import WorkSession
from vendors.network.models import Capacity, CapacityUse
from vendors.network.service import local_day, profile
from vendors.network.words import ServiceLine


def set_capacity(session: WorkSession, service_line: ServiceLine, weekday: int, per_day: int) -> None:
    """The acting vendor's limit for one service line on one weekday (0 Monday to 6 Sunday)."""
    session.actor.require("vendor_admin")
    if not 0 <= weekday <= 6:
        raise InvalidInput("weekday", "write 0 for Monday to 6 for Sunday")
    if not 0 <= per_day <= 10_000:
        raise InvalidInput("per_day", "write a number from 0 to 10,000")
    vendor_id = session.actor.organization()
    session.execute(
        insert(Capacity)
        .values(vendor_organization_id=vendor_id, service_line=service_line, weekday=weekday, per_day=per_day)
        .on_conflict_do_update(
            index_elements=["vendor_organization_id", "service_line", "weekday"], set_={"per_day": per_day}
        )
    )
    audit.record(
        session, "vendor_capacities:change", "vendor_capacities", vendor_id,
        {"line": service_line, "weekday": weekday, "per_day": per_day},
    )  # fmt: skip


def count_use(session: WorkSession, vendor_id: UUID, service_line: str, at: datetime, change: int) -> None:
    """Add (or with -1 take back) one accepted booking on the vendor's local day of `at`."""
    day = local_day(profile(session, vendor_id).time_zone, at)
    row = insert(CapacityUse).values(
        vendor_organization_id=vendor_id,
        service_line=ServiceLine(service_line),
        day=day,
        accepted=max(0, change),
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=["vendor_organization_id", "service_line", "day"],
            set_={"accepted": func.greatest(0, CapacityUse.accepted + change)},
        )
    )


def full_vendors(
    session: WorkSession, vendor_ids: Sequence[UUID], service_line: str, days: dict[UUID, date]
) -> set[UUID]:
    """Which of the vendors have no capacity left on their local day. Two queries."""
    line = ServiceLine(service_line)
    limits = {
        (row.vendor_organization_id, row.weekday): row.per_day
        for row in session.scalars(
            select(Capacity).where(
                Capacity.vendor_organization_id.in_(vendor_ids), Capacity.service_line == line
            )
        )
    }
    used = {
        (row.vendor_organization_id, row.day): row.accepted
        for row in session.scalars(
            select(CapacityUse).where(
                CapacityUse.vendor_organization_id.in_(vendor_ids),
                CapacityUse.service_line == line,
                CapacityUse.day.in_(set(days.values())),
            )
        )
    }
    return {
        vendor_id
        for vendor_id in vendor_ids
        if (limit := limits.get((vendor_id, days[vendor_id].weekday()))) is not None
        and used.get((vendor_id, days[vendor_id]), 0) >= limit
    }
