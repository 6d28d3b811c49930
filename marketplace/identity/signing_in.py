"""Signing in: the password at the door, with the same answer and the same time whether or not one is known.

Nothing here raises for a wrong password: the failure has to be counted, so the caller commits it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import select

from marketplace.foundation import audit
from marketplace.foundation.access import NOBODY, system_actor
from marketplace.foundation.work import WorkSession
from marketplace.identity import passwords, sessions, throttle
from marketplace.identity.acting import actor_of
from marketplace.identity.door_models import SignInName, UserSecret
from marketplace.identity.models import Organization, User
from marketplace.identity.sessions import Device
from marketplace.identity.words import OrganizationState, SessionStage, UserState

_NO_ORGANIZATION = UUID(int=0)


class Outcome(StrEnum):
    """What became of an attempt to sign in."""

    SIGNED_IN = "signed_in"
    SECOND_FACTOR = "second_factor"
    ENROLMENT = "enrolment"
    REFUSED = "refused"
    """Address or password are wrong, or the account does not sign in; the answer never says which."""
    WAIT = "wait"
    """Too many failures of late."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The outcome, the cookie's value when there is a session, and how long to wait when there is not."""

    outcome: Outcome
    cookie: str = ""
    wait_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Account:
    """A user with organization and secret, found by mail address."""

    user: User
    organization: Organization
    secret: UserSecret | None

    @property
    def may_enter(self) -> bool:
        """Whether the account signs in at all at present."""
        return self.user.state is UserState.ACTIVE and self.organization.state is OrganizationState.ACTIVE


def sign_in(session: WorkSession, email: str, password: str, device: Device) -> SignedIn:
    """Try address and password; on success a session is open, half open while the second factor is due.

    Wrong and unknown cost the same time. The caller commits whatever comes back.
    """
    folded = email.strip().lower()
    if wait := max(
        throttle.seconds_to_wait(session, "account", folded), _address_wait(session, device.address)
    ):
        return SignedIn(Outcome.WAIT, wait_seconds=wait)
    account = find_account(session, folded)
    kept = account.secret.password_hash if account and account.secret and account.may_enter else ""
    if not passwords.matches(kept, password) or account is None or account.secret is None:
        return _refuse(session, folded, account, device)
    throttle.forget(session, "account", folded)
    if passwords.outdated(kept):
        account.secret.password_hash = passwords.hash_password(password)
    return welcome(session, account, device, "password")


def find_account(session: WorkSession, email: str) -> Account | None:
    """The account of a mail address in lower case; leaves the unit of work acting for its organization."""
    session.act_as(NOBODY)
    named = session.get(SignInName, email_digest(session, email))
    if named is None:
        return None
    session.act_as(system_actor(named.organization_id))
    found = session.execute(
        select(User, Organization, UserSecret)
        .join(Organization, Organization.id == User.organization_id)
        .outerjoin(UserSecret, UserSecret.user_id == User.id)
        .where(User.id == named.user_id)
    ).one_or_none()
    return Account(*found) if found is not None else None


def email_digest(session: WorkSession, email: str) -> bytes:
    """The keyed digest under which a mail address leads to its account."""
    return session.runtime.vault.blind(_NO_ORGANIZATION, "sign-in name", email)


def needs_second_factor(session: WorkSession, user: User) -> bool:
    """All users do, but demo users, and these only outside production."""
    return session.runtime.settings.is_production or not user.demo_user


def welcome(session: WorkSession, account: Account, device: Device, via: str) -> SignedIn:
    """Open the session that follows a proven password: full, or half open until the second factor."""
    user, secret = account.user, account.secret
    if not needs_second_factor(session, user):
        stage, outcome = SessionStage.SIGNED_IN, Outcome.SIGNED_IN
    elif secret is not None and secret.totp_confirmed_at is not None:
        stage, outcome = SessionStage.SECOND_FACTOR, Outcome.SECOND_FACTOR
    else:
        stage, outcome = SessionStage.ENROLMENT, Outcome.ENROLMENT
    session.act_as(actor_of(user, account.organization, None))
    cookie = sessions.open_session(session, user, stage, device)
    audit.record(session, f"sign_in:{stage}", "users", user.id, {"address": device.address, "via": via})
    return SignedIn(outcome, cookie)


def _refuse(session: WorkSession, email: str, account: Account | None, device: Device) -> SignedIn:
    details = {"address": device.address}
    if account is not None:
        audit.record(session, "sign_in:refused", "users", account.user.id, details)
        session.flush()
    session.act_as(NOBODY)
    if account is None:
        audit.record(session, "sign_in:unknown", "users", None, details)
    throttle.count_failure(session, "account", email)
    if device.address:
        throttle.count_failure(session, "address", device.address)
    return SignedIn(Outcome.REFUSED)


def _address_wait(session: WorkSession, address: str) -> int:
    return throttle.peek(session, "address", address) if address else 0
