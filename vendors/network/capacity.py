"""How much a vendor takes a day, and how much of it is taken: counted in the transaction that accepts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import and_, func, select
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


def free_shares(
    session: WorkSession, vendor_ids: Sequence[UUID], service_line: str, days: dict[UUID, date]
) -> dict[UUID, float]:
    """The free part (0 to 1) of each vendor's local day, for those that have set a limit. One query."""
    left = _left(session, vendor_ids, service_line, days)
    return {
        vendor_id: max(0.0, 1 - taken / limit) if limit else 0.0 for vendor_id, (taken, limit) in left.items()
    }


def _left(
    session: WorkSession, vendor_ids: Sequence[UUID], service_line: str, days: dict[UUID, date]
) -> dict[UUID, tuple[int, int]]:
    """(taken, limit) on each vendor's local day, for those with a limit on that weekday."""
    used = and_(
        CapacityUse.vendor_organization_id == Capacity.vendor_organization_id,
        CapacityUse.service_line == Capacity.service_line,
        CapacityUse.day.in_(set(days.values())),
    )
    columns = (
        Capacity.vendor_organization_id,
        Capacity.weekday,
        Capacity.per_day,
        CapacityUse.day,
        CapacityUse.accepted,
    )
    line = ServiceLine(service_line)
    mine = (Capacity.vendor_organization_id.in_(vendor_ids), Capacity.service_line == line)
    found: dict[UUID, tuple[int, int]] = {}
    for vendor_id, weekday, per_day, day, accepted in session.execute(
        select(*columns).outerjoin(CapacityUse, used).where(*mine)
    ):
        if weekday == days[vendor_id].weekday():
            taken = accepted if day == days[vendor_id] else 0
            before = found.get(vendor_id, (0, per_day))
            found[vendor_id] = (max(before[0], taken), per_day)
    return found
