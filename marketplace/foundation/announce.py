"""Content-free announcements to open pages: "this object changed", sent when the transaction commits."""

from __future__ import annotations

import json
from collections.abc import Iterable
from uuid import UUID

from marketplace.foundation.work import WorkSession

CHANNEL = "homeward_live"
"""The PostgreSQL NOTIFY channel that web processes listen to."""


def announce(
    session: WorkSession,
    organization_ids: Iterable[UUID | None],
    kind: str,
    object_id: UUID,
    revision: int = 0,
) -> None:
    """Tell every open page of these organizations that `kind` `object_id` has changed.

    The message names no person and carries no data; a page that cares fetches the row again.
    """
    for organization_id in {found for found in organization_ids if found is not None}:
        message = {
            "topic": f"organization:{organization_id}",
            "object": kind,
            "id": str(object_id),
            "revision": revision,
        }
        session.notify(CHANNEL, json.dumps(message))
