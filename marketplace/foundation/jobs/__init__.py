"""Work that outlives a request: rows in PostgreSQL are the truth, RQ only carries their ids to workers."""

from marketplace.foundation.jobs.models import Job, JobState
from marketplace.foundation.jobs.queue import (
    JobContext,
    JobKind,
    Schedule,
    cancel,
    enqueue,
    enqueue_each,
    replay,
)

__all__ = [
    "Job",
    "JobContext",
    "JobKind",
    "JobState",
    "Schedule",
    "cancel",
    "enqueue",
    "enqueue_each",
    "replay",
]
