"""What the writers of history share: who was there, the rows so far, and how a past change is remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from billing.ledger.rules import AccountKey
from marketplace.demo.history.rows import Rows
from marketplace.demo.history.stage import Stage
from marketplace.foundation.audit import AuditEvent
from marketplace.foundation.work import WorkSession
from marketplace.foundation.world import World


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who did something: organization, and the person where one is known."""

    organization_id: UUID
    user_id: UUID | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One change of a state: to what, when, by whom, and why."""

    state: str
    at: datetime
    by: Somebody
    reason: str | None = None
    note: str | None = None


@dataclass
class Past:
    """The history while it is being written."""

    world: World
    session: WorkSession
    """For sealing and look-ups; nothing is added to it."""
    stage: Stage
    rows: Rows
    dice: Random
    money: dict[UUID, int] = field(default_factory=dict)
    """Cents that each payer has paid so far."""
    accounts: dict[AccountKey, UUID] = field(default_factory=dict)
    claims: int = 0
    """How many claims there are so far: the number of the newest."""

    def trail(self, subject: Any, moves: Sequence[Move]) -> None:
        """A subject's states from its beginning, each with its history row and its audit row.

        The rows follow each other by a millisecond at least, so that the order of their ids is the order of
        the moves.
        """
        before, last = "", None
        history, kind = type(subject).__history__, type(subject).__tablename__
        for move in moves:
            at = move.at if last is None or move.at > last else last + timedelta(milliseconds=1)
            self.rows.keep(
                history(
                    subject_id=subject.id,
                    from_state=before,
                    to_state=str(move.state),
                    reason_code=move.reason,
                    note=move.note,
                    actor_user_id=move.by.user_id,
                    actor_organization_id=move.by.organization_id,
                    actor_name=move.by.name,
                    happened_at=at,
                ),
                at,
            )
            details = {"from": before, "reason": move.reason or ""}
            self.audit(move.by, f"{kind}:{move.state}", kind, subject.id, at, details)
            before, last = str(move.state), at

    def audit(
        self,
        by: Somebody,
        action: str,
        kind: str,
        object_id: UUID | None,
        at: datetime,
        details: dict[str, Any] | None = None,
        *,
        patient_id: UUID | None = None,
    ) -> None:
        """One row of the audit, to be sealed with all others once history is whole."""
        event = AuditEvent(
            organization_id=by.organization_id,
            user_id=by.user_id,
            actor_name=by.name,
            action=action,
            object_kind=kind,
            object_id=object_id,
            patient_id=patient_id,
            details=details or {},
            happened_at=at,
            recorded_at=at,
        )
        self.stage.audited.append(self.rows.keep(event, at))

    def seal(self, organization_id: UUID, place: str, row_id: UUID, content: str) -> bytes:
        """A field under seal, as the vault would have made it then."""
        return self.session.runtime.vault.seal(self.session, organization_id, place, row_id, content)
