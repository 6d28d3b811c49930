"""Guessing gets slower: failures per account, network address and second factor, counted in PostgreSQL.

Machine time. A success forgets the account's failures; an address forgets with time only. Callers
commit failures: a refusal that rolled back would not have been counted.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from marketplace.foundation.work import WorkSession
from marketplace.identity.door_models import SignInThrottle

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Limit:
    """From `free` failures on a try waits `first`, doubling to `longest`; `memory` of quiet forgets."""

    free: int
    first: timedelta
    longest: timedelta
    memory: timedelta


LIMITS = {
    "account": Limit(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1)),
    "address": Limit(30, timedelta(seconds=60), timedelta(minutes=15), timedelta(minutes=15)),
    "code": Limit(5, timedelta(seconds=30), timedelta(minutes=15), timedelta(hours=1)),
    "offer_code": Limit(10, timedelta(seconds=60), timedelta(minutes=15), timedelta(minutes=15)),
    "ready_code": Limit(10, timedelta(seconds=60), timedelta(minutes=15), timedelta(minutes=15)),
    "reset": Limit(3, timedelta(minutes=5), timedelta(hours=1), timedelta(hours=1)),
}


def seconds_to_wait(session: WorkSession, kind: str, who: str) -> int:
    """How long `who` has to wait before another try; 0 when one may be made.

    Locks the count of `who` for this transaction, so that guesses for one account come one at a time.
    """
    digest = _digest(session, kind, who)
    session.execute(
        insert(SignInThrottle)
        .values(digest=digest, failures=0, changed_at=session.machine_now())
        .on_conflict_do_nothing()
    )
    found = select(SignInThrottle.blocked_until).where(SignInThrottle.digest == digest).with_for_update()
    return _rest(session, session.scalar(found))


def peek(session: WorkSession, kind: str, who: str) -> int:
    """Like `seconds_to_wait` without locking: for addresses, behind which many people may stand at once."""
    found = select(SignInThrottle.blocked_until).where(SignInThrottle.digest == _digest(session, kind, who))
    return _rest(session, session.scalar(found))


def count_failure(session: WorkSession, kind: str, who: str) -> int:
    """Note a failure of `who`; returns how many of late."""
    limit, now = LIMITS[kind], session.machine_now()
    forgotten = SignInThrottle.changed_at < now - limit.memory
    counted = (
        insert(SignInThrottle)
        .values(digest=_digest(session, kind, who), failures=1, changed_at=now)
        .on_conflict_do_update(
            index_elements=["digest"],
            set_={
                "failures": case((forgotten, 1), else_=SignInThrottle.failures + 1),
                "changed_at": now,
                "blocked_until": None,
            },
        )
        .returning(SignInThrottle.failures)
    )
    failures = int(session.execute(counted).scalar_one())
    if failures >= limit.free:
        pause = min(limit.longest, limit.first * 2 ** min(failures - limit.free, 20))
        _block(session, kind, who, now + pause)
    return failures


def forget(session: WorkSession, kind: str, who: str) -> None:
    """After a success: no failures of late."""
    session.execute(delete(SignInThrottle).where(SignInThrottle.digest == _digest(session, kind, who)))


def blocked_now(session: WorkSession) -> int:
    """How many accounts and addresses have to wait at this moment."""
    waiting = select(func.count()).where(SignInThrottle.blocked_until > session.machine_now())
    return int(session.scalar(waiting) or 0)


def _rest(session: WorkSession, blocked_until: datetime | None) -> int:
    if blocked_until is None:
        return 0
    return max(0, math.ceil((blocked_until - session.machine_now()).total_seconds()))


def _block(session: WorkSession, kind: str, who: str, until: datetime) -> None:
    row = session.get_one(SignInThrottle, _digest(session, kind, who), populate_existing=True)
    row.blocked_until = until
    session.flush()


def _digest(session: WorkSession, kind: str, who: str) -> bytes:
    return session.runtime.vault.blind(_NOBODY, f"throttle {kind}", who)
