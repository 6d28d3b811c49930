"""Drafts: what a planner has changed so far, kept under seal so that leaving the page loses nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from marketplace.bookings.page_parts import paying_choices_among
from marketplace.desk.discharge.choosing import Choosing, choosing
from marketplace.desk.discharge.models import DischargeDraft
from marketplace.desk.discharge.parts import Part, changed_parts, difference, usual_parts
from marketplace.desk.discharge.record import DischargeRecord
from marketplace.desk.discharge.words import DraftState
from marketplace.foundation import audit, state
from marketplace.foundation.clock import machine_now
from marketplace.foundation.errors import FieldError, InvalidInput, NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession

PLACE = "discharge_drafts.sealed"
CHOICE = "choice"
"""Under this name a draft keeps what was ticked on the list of agencies, beside the task ids."""
Changes = dict[str, dict[str, Any]]
"""By task id, what differs from the record; JSON values."""


def open_draft(session: WorkSession, record: DischargeRecord) -> DischargeDraft | None:
    """The draft of the stay that is open; None when nobody has begun one."""
    mine = DischargeDraft.encounter_id == record.encounter.id
    query = select(DischargeDraft).where(mine, DischargeDraft.state == DraftState.OPEN)
    return session.scalars(query).one_or_none()


def parts_of(session: WorkSession, record: DischargeRecord, draft: DischargeDraft | None) -> list[Part]:
    """What the page shows: the record, with what the draft changed."""
    return changed_parts(record, usual_parts(record), changes_of(session, draft))


def save(
    session: WorkSession,
    record: DischargeRecord,
    given: Sequence[Mapping[str, Any]],
    choice: Mapping[str, Any] | None = None,
) -> tuple[DischargeDraft, list[Part]]:
    """Keep what was changed of the parts; the draft is made when there is none, and locked until the end.

    Each of `given` names its `task_id`; a value of None keeps what the record says. Parts that are not named
    are as the record has them. `choice` is what was ticked on the list of agencies (`list`, `shown`,
    `chosen`); None keeps what the draft says. Raises InvalidInput for a task that is not to be booked.
    """
    session.actor.require("planner")
    usual = usual_parts(record)
    by_task = {part.task_id: part for part in usual}
    changes: Changes = {}
    for position, part in enumerate(given):
        task_id = part["task_id"]
        if task_id not in by_task:
            message = "this task is not open for booking any more: look at the page again"
            raise InvalidInput([FieldError(f"parts.{position}.task_id", message)])
        _require_payer(record, by_task[task_id], part, position)
        if told := difference(by_task[task_id], part):
            changes[str(task_id)] = told
    draft = _locked(session, record)
    ticked = choice or changes_of(session, draft).get(CHOICE)
    if ticked and (ticked["shown"] or ticked["chosen"] is not None):
        changes[CHOICE] = dict(ticked)
    if changes != changes_of(session, draft):
        sealing = (session, draft.organization_id, PLACE, draft.id, json.dumps(changes))
        draft.sealed = session.runtime.vault.seal(*sealing) if changes else None
        draft.revision += 1
        session.flush()
    return draft, changed_parts(record, usual, changes)


def choice_in(session: WorkSession, record: DischargeRecord, draft: DischargeDraft | None) -> Choosing | None:
    """Where the choice of an agency stands, with what the draft says was ticked; None without a visit."""
    return choosing(session, record, changes_of(session, draft).get(CHOICE))


def discard(session: WorkSession, record: DischargeRecord) -> None:
    """Forget what was changed; NotFound when there is no open draft."""
    session.actor.require("planner")
    draft = open_draft(session, record)
    if draft is None:
        raise NotFound
    state.move(session, draft, DraftState.DISCARDED)
    draft.sealed = None


def changes_of(session: WorkSession, draft: DischargeDraft | None) -> Changes:
    """What a draft holds, opened. Whoever calls it owes an audit row for the patient."""
    if draft is None or draft.sealed is None:
        return {}
    opened = session.runtime.vault.open(session, draft.organization_id, PLACE, draft.id, draft.sealed)
    found: Changes = json.loads(opened)
    return found


def draft_by_id(session: WorkSession, draft_id: UUID) -> DischargeDraft:
    """The draft; NotFound when missing or foreign."""
    found = session.get(DischargeDraft, draft_id)
    if found is None:
        raise NotFound
    return found


def _require_payer(record: DischargeRecord, usual: Part, given: Mapping[str, Any], position: int) -> None:
    payer = given.get("payer")
    choices = dict(paying_choices_among(record.coverages, usual.line))
    if payer is not None and payer != usual.payer and payer not in choices:
        raise InvalidInput([FieldError(f"parts.{position}.payer", "choose who pays from the list")])


def _locked(session: WorkSession, record: DischargeRecord) -> DischargeDraft:
    stay = record.encounter
    fresh = insert(DischargeDraft).values(
        id=new_id(),
        organization_id=stay.organization_id,
        encounter_id=stay.id,
        state=DraftState.OPEN,
        booked=[],
        created_at=machine_now(),
        revision=1,
    )
    made = session.scalar(fresh.on_conflict_do_nothing().returning(DischargeDraft.id))
    mine = (DischargeDraft.encounter_id == stay.id, DischargeDraft.state == DraftState.OPEN)
    query = select(DischargeDraft).where(*mine).with_for_update()
    draft = session.scalars(query.execution_options(populate_existing=True)).one()
    if made is not None:
        state.begin(session, draft)
        audit.record(
            session, "discharge_drafts:begun", "discharge_drafts", draft.id, patient_id=stay.patient_id
        )
    return draft
