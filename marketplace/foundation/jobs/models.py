"""The job table: kind, identifiers, lease, progress and outcome of every piece of background work."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.foundation.clock import machine_now
from marketplace.foundation.db.base import Base, Identified
from marketplace.foundation.db.security import protect
from marketplace.foundation.db.types import Words


class JobState(StrEnum):
    """Where a job stands; leases and retries are machine time."""

    QUEUED = "queued"
    """Waiting for a worker (or for `run_after`)."""
    RUNNING = "running"
    """A worker holds the lease."""
    DONE = "done"
    CANCELLED = "cancelled"
    DEAD = "dead"
    """Failed too often: kept, shown to the administrator, can be replayed."""


class Job(Identified, Base):
    """One piece of background work."""

    __tablename__ = "jobs"
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        Index("ix_jobs_due", "run_after", postgresql_where="state = 'queued'"),
        Index("ix_jobs_leases", "lease_until", postgresql_where="state = 'running'"),
        Index("ix_jobs_dead", "created_at", postgresql_where="state = 'dead'"),
        Index(None, "organization_id", "created_at"),
    )

    kind: Mapped[str] = mapped_column(Text)
    arguments: Mapped[dict[str, Any]]
    """Identifiers only; never a patient's data."""
    organization_id: Mapped[UUID | None]
    """The acting organization."""
    user_id: Mapped[UUID | None]
    """Who asked for it, when a person did."""
    state: Mapped[JobState] = mapped_column(Words(JobState), default=JobState.QUEUED)
    dedupe_key: Mapped[str | None] = mapped_column(Text)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    run_after: Mapped[datetime] = mapped_column(default=machine_now)
    sent_at: Mapped[datetime | None]
    """When the relay last gave the id to RQ."""
    lease_until: Mapped[datetime | None]
    lease_token: Mapped[UUID | None]
    progress: Mapped[dict[str, Any]] = mapped_column(default=dict)
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    error: Mapped[str] = mapped_column(Text, default="")
    """Class and message of the last failure, without a patient's data."""
    created_at: Mapped[datetime] = mapped_column(default=machine_now)
    finished_at: Mapped[datetime | None]


class ScheduleTick(Base):
    """When a schedule last fired: the row that makes one relay of many enqueue a slot."""

    __tablename__ = "schedule_ticks"

    name: Mapped[str] = mapped_column(Text, primary_key=True)
    last_slot: Mapped[int]


JOBS = Job.metadata.tables[Job.__tablename__]
"""The bare table: moving a job along needs no mapped object, and costs half without one."""

_FULL = "SELECT, INSERT, UPDATE"
protect(
    Job,
    "organization_id IS NOT DISTINCT FROM homeward_organization()",
    grants={"relay": _FULL + ", DELETE", "planner": _FULL, "janitor": _FULL},
)
protect(ScheduleTick, "false", verbs="SELECT", grants={"relay": _FULL})
