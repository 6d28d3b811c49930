"""Rosa's hospital with two vendors on shift, and the page on which her whole discharge is booked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from sqlalchemy import select

from marketplace.desk.discharge import drafts, proposing
from marketplace.desk.discharge.confirming import Confirmed, confirm
from marketplace.desk.discharge.models import DischargeDraft, DischargeProposal
from marketplace.desk.discharge.outlook import PartOutlook, outlook
from marketplace.desk.discharge.promises import INVARIANTS
from marketplace.desk.discharge.record import discharge_record
from marketplace.foundation.access import system_actor
from marketplace.foundation.jobs.models import Job, JobState
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.work import Runtime, unit_of_work
from tests.integration.planning.conftest import PlanningStage
from tests.support.ground_stage import GroundStage

Given = Sequence[Mapping[str, Any]]


class DeskStage(PlanningStage):
    """What a planner does on the page, each press a transaction of its own."""

    def keep(self, given: Given = ()) -> DischargeProposal:
        """The page changed: it is kept, and the joint proposal asked for."""
        with self.ground.planning() as session:  # type: ignore[attr-defined]
            record = discharge_record(session, self.ground.encounter)
            draft, parts = drafts.save(session, record, given)
            return proposing.ask(session, record, draft, outlook(session, record, parts))

    def look(self, given: Given = ()) -> list[PartOutlook]:
        """What the page would show; nothing is kept."""
        with self.ground.planning() as session:  # type: ignore[attr-defined]
            record = discharge_record(session, self.ground.encounter)
            _, parts = drafts.save(session, record, given)
            found = outlook(session, record, parts)
            session.rollback()
            return found

    def propose(self, kind: str = proposing.PROPOSE) -> DischargeProposal:
        """The worker makes what was asked for; the proposal as it is stored then."""
        with self.ground.owner() as session:
            due = (Job.state == JobState.QUEUED, Job.kind == kind)
            waiting = session.scalars(select(Job.id).where(*due)).all()
        for job_id in waiting:
            run_job(self.runtime, job_id)
        with self.ground.owner() as session:
            assert session.scalars(select(Job.error).where(Job.error != "")).all() == []
            return session.scalars(select(DischargeProposal)).one()

    def confirm(
        self, given: Given = (), number: int | None = None, choice: Mapping[str, Any] | None = None
    ) -> Confirmed:
        """The one press."""
        with self.ground.planning() as session:  # type: ignore[attr-defined]
            record = discharge_record(session, self.ground.encounter)
            return confirm(session, record, given, choice=choice, proposal_number=number)

    def draft(self) -> DischargeDraft:
        """The newest draft as it is stored."""
        with self.ground.owner() as session:
            newest = select(DischargeDraft).order_by(DischargeDraft.id.desc()).limit(1)
            return session.scalars(newest).one()

    def desk_breaches(self) -> list[Any]:
        """What `homeward verify` would say of the desk."""
        with unit_of_work(self.runtime, system_actor(), "verifier") as session:
            return [breach for promise in INVARIANTS for breach in promise.breaches(session)]


@pytest.fixture
def stage(runtime: Runtime) -> DeskStage:
    return DeskStage(GroundStage(runtime)).build()
