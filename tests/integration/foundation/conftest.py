"""A small service of our own on the real foundation: one event, one handler, a few kinds of jobs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from marketplace.foundation.access import Actor, ActorKind
from marketplace.foundation.events import Event, Handler
from marketplace.foundation.jobs import JobContext, JobKind, Schedule
from marketplace.foundation.service import Registry, Service
from marketplace.foundation.work import Runtime, WorkSession


@dataclass(frozen=True, slots=True)
class BellRang(Event):
    """Something happened."""

    bell_id: UUID


@dataclass
class Notes:
    """What the handlers and jobs did, and whether they are to fail."""

    heard: list[UUID] = field(default_factory=list)
    fail_times: int = 0
    long_runs: int = 0


@pytest.fixture
def notes() -> Notes:
    return Notes()


@pytest.fixture
def house(runtime: Runtime, notes: Notes) -> Runtime:
    """The runtime with the test's service in place of the installed ones."""

    def hear(session: WorkSession, event: BellRang) -> None:
        if notes.fail_times > 0:
            notes.fail_times -= 1
            raise RuntimeError("the bell was too loud")
        from marketplace.foundation import audit

        audit.record(session, "bells:heard", "bells", event.bell_id)
        notes.heard.append(event.bell_id)

    def long_work(context: JobContext) -> dict[str, object]:
        notes.long_runs += 1
        context.report(done=1)
        return {"runs": notes.long_runs}

    def tick(_session: WorkSession, _arguments: dict[str, object]) -> dict[str, object]:
        return {"ticked": True}

    service = Service(
        name="bells",
        rank=1,
        handlers=(Handler(BellRang, "bells.hear", hear),),
        job_kinds=(
            JobKind("bells.long", long_work, transactional=False),
            JobKind("bells.tick", tick, role="janitor"),
        ),
        schedules=(Schedule("bells.daily", "bells.tick", timedelta(days=1)),),
    )
    return Runtime(runtime.settings, runtime.databases, runtime.vault, Registry((service,)))


def somebody(organization_id: UUID | None = None) -> Actor:
    """A planner of an organization of their own."""
    return Actor(
        ActorKind.USER,
        uuid4(),
        organization_id or uuid4(),
        "health_system",
        frozenset({"planner"}),
        "P. Lanner",
    )


__all__ = ["BellRang", "Notes", "Schedule", "somebody"]
