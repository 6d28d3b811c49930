"""Server-side sessions: a random value in a cookie, its digest here, ended at once when somebody says so.

All moments are machine time. Reading a session is also how a request becomes somebody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select, update

from marketplace.foundation import audit
from marketplace.foundation.access import NOBODY, Actor, system_actor
from marketplace.foundation.errors import NotFound
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from marketplace.identity.acting import actor_of, facility_ids_of_user
from marketplace.identity.door_models import SignInSession
from marketplace.identity.models import Organization, User
from marketplace.identity.tokens import digest_of, mint, organization_in
from marketplace.identity.words import (
    ABSOLUTE_LIFETIME,
    IDLE_LOCK,
    STAGE_LIFETIME,
    OrganizationState,
    SessionStage,
    UserState,
)

_NOTED_EVERY = timedelta(seconds=60)
"""`seen_at` is written at most this often, so that reading pages hardly writes."""


@dataclass(frozen=True, slots=True)
class Device:
    """What is known of a browser: a few words about it, and its network address."""

    name: str = "Unknown device"
    address: str = ""


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that holds at this moment; `actor` is what it may do once its stage is signed_in."""

    id: UUID
    stage: SessionStage
    actor: Actor
    user: User
    organization: Organization

    @property
    def is_signed_in(self) -> bool:
        """Whether all factors have been shown."""
        return self.stage is SessionStage.SIGNED_IN


def open_session(session: WorkSession, user: User, stage: SessionStage, device: Device) -> str:
    """A new session of the user; returns the cookie's value, which is kept nowhere."""
    minted, now = mint(user.organization_id), session.machine_now()
    lifetime = ABSOLUTE_LIFETIME if stage is SessionStage.SIGNED_IN else STAGE_LIFETIME
    session.add(
        SignInSession(
            id=new_id(),
            digest=minted.digest,
            organization_id=user.organization_id,
            user_id=user.id,
            stage=stage,
            device=device.name[:120],
            address=device.address[:64],
            created_at=now,
            seen_at=now,
            expires_at=now + lifetime,
        )
    )
    session.flush()
    return minted.shown


def live_session(session: WorkSession, cookie: str, *, touch: bool = True) -> LiveSession | None:
    """The session behind a cookie's value, if it, its user and its organization are all alive.

    Leaves the unit of work acting as its user, or as nobody. `touch` false (polling, streams) does not
    count as activity.
    """
    organization_id = organization_in(cookie)
    if organization_id is None:
        session.act_as(NOBODY)
        return None
    session.act_as(system_actor(organization_id))
    found = session.execute(
        select(SignInSession, User, Organization, facility_ids_of_user())
        .join(User, User.id == SignInSession.user_id)
        .join(Organization, Organization.id == User.organization_id)
        .where(SignInSession.digest == digest_of(cookie), SignInSession.ended_at.is_(None))
        .where(User.state == UserState.ACTIVE, Organization.state == OrganizationState.ACTIVE)
    ).one_or_none()
    if found is None or not _holds(session, found[0]):
        session.act_as(NOBODY)
        return None
    row, user, organization, facility_ids = found
    live = LiveSession(row.id, row.stage, actor_of(user, organization, facility_ids), user, organization)
    session.act_as(live.actor if live.is_signed_in else NOBODY)
    if touch and live.is_signed_in and session.machine_now() - row.seen_at > _NOTED_EVERY:
        row.seen_at = session.machine_now()
    return live


def actor_for_session(session: WorkSession, cookie: str, *, touch: bool = True) -> Actor:
    """Who stands behind a cookie's value; NOBODY unless all factors were shown and nothing has ended."""
    live = live_session(session, cookie, touch=touch)
    return live.actor if live is not None and live.is_signed_in else NOBODY


def own_sessions(session: WorkSession) -> Sequence[SignInSession]:
    """The acting user's live sessions, the latest used first."""
    now = session.machine_now()
    chosen = select(SignInSession).where(
        SignInSession.user_id == session.actor.user_id,
        SignInSession.ended_at.is_(None),
        SignInSession.stage == SessionStage.SIGNED_IN,
        SignInSession.expires_at > now,
        SignInSession.seen_at > now - IDLE_LOCK,
    )
    return session.scalars(chosen.order_by(SignInSession.seen_at.desc())).all()


def end_own_session(session: WorkSession, session_id: UUID) -> None:
    """End one of the acting user's sessions (signing out, or another device)."""
    ended = session.execute(
        update(SignInSession)
        .where(SignInSession.id == session_id, SignInSession.user_id == session.actor.user_id)
        .where(SignInSession.ended_at.is_(None))
        .values(ended_at=session.machine_now(), end_reason="signed out")
        .returning(SignInSession.id)
    ).scalar_one_or_none()
    if ended is None:
        raise NotFound
    audit.record(session, "sessions:end", "sign_in_sessions", session_id)


def end_sessions(session: WorkSession, user_id: UUID, reason: str, *, except_id: UUID | None = None) -> int:
    """End a user's sessions, all or all but one; the caller has checked the right. Returns how many."""
    chosen = update(SignInSession).where(SignInSession.user_id == user_id, SignInSession.ended_at.is_(None))
    if except_id is not None:
        chosen = chosen.where(SignInSession.id != except_id)
    ended = session.execute(
        chosen.values(ended_at=session.machine_now(), end_reason=reason).returning(SignInSession.id)
    ).all()
    return len(ended)


def promote(session: WorkSession, live: LiveSession, device: Device) -> str:
    """All factors were shown: ends the half-open session and opens a full one under a new value."""
    session.execute(
        update(SignInSession)
        .where(SignInSession.id == live.id)
        .values(ended_at=session.machine_now(), end_reason="second factor shown")
    )
    return open_session(session, live.user, SessionStage.SIGNED_IN, device)


def _holds(session: WorkSession, row: SignInSession) -> bool:
    now = session.machine_now()
    return row.expires_at > now and row.seen_at > now - IDLE_LOCK
