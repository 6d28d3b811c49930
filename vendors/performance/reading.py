"""Track records of many vendors at once, as the acting health system has seen them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select

from marketplace.foundation.work import WorkSession
from vendors.performance.models import ServiceRecord
from vendors.performance.rules import TrackRecord
from vendors.performance.words import BROKEN, KEPT, Outcome

MEMORY = timedelta(days=90)


def track_records(session: WorkSession, vendor_ids: Sequence[UUID], kind: str) -> dict[UUID, TrackRecord]:
    """Each vendor's promises of this kind to the acting organization that ended in 90 days. One query."""
    counted = func.count()
    rows = session.execute(
        select(
            ServiceRecord.vendor_organization_id,
            counted.filter(ServiceRecord.outcome.in_(KEPT)),
            counted.filter(ServiceRecord.outcome.in_(BROKEN)),
            counted.filter(ServiceRecord.outcome == Outcome.TURNED_BACK),
        )
        .where(
            ServiceRecord.organization_id == session.actor.organization(),
            ServiceRecord.vendor_organization_id.in_(vendor_ids),
            ServiceRecord.kind == kind,
            ServiceRecord.happened_at >= session.now() - MEMORY,
        )
        .group_by(ServiceRecord.vendor_organization_id)
    )
    found = {vendor_id: TrackRecord(*counts) for vendor_id, *counts in rows}
    return {vendor_id: found.get(vendor_id, TrackRecord()) for vendor_id in vendor_ids}
