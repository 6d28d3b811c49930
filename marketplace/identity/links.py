"""Mailed links that work once, invitations and password resets, and the password chosen behind them."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update

from marketplace.foundation import audit, state
from marketplace.foundation.access import NOBODY, system_actor
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from marketplace.identity import passwords, sessions, signing_in, throttle
from marketplace.identity.door_models import OneTimeToken, UserSecret
from marketplace.identity.mail import send_mail
from marketplace.identity.models import Organization, User
from marketplace.identity.sessions import Device
from marketplace.identity.signing_in import Account, SignedIn
from marketplace.identity.tokens import digest_of, mint, organization_in
from marketplace.identity.words import (
    INVITATION_LIFETIME,
    RESET_LIFETIME,
    OrganizationState,
    TokenPurpose,
    UserState,
)

_LIFETIMES: dict[TokenPurpose, timedelta] = {
    TokenPurpose.INVITATION: INVITATION_LIFETIME,
    TokenPurpose.PASSWORD_RESET: RESET_LIFETIME,
}
_PATHS = {TokenPurpose.INVITATION: "invitation", TokenPurpose.PASSWORD_RESET: "reset-password"}
_SUBJECTS = {
    TokenPurpose.INVITATION: "You are invited to Homeward",
    TokenPurpose.PASSWORD_RESET: "A new password for Homeward",
}


def send(session: WorkSession, person: User, purpose: TokenPurpose) -> None:
    """Mail the person a fresh link and void the older ones; acts for the person's organization."""
    spend_all(session, person.id, purpose)
    minted, now = mint(person.organization_id), session.machine_now()
    session.add(
        OneTimeToken(
            digest=minted.digest,
            organization_id=person.organization_id,
            user_id=person.id,
            purpose=purpose,
            created_at=now,
            expires_at=now + _LIFETIMES[purpose],
        )
    )
    link = f"{session.runtime.settings.base_url}/{_PATHS[purpose]}/{minted.shown}"
    send_mail(session, person.email, _SUBJECTS[purpose], _text(session, person, purpose), link)


def request_reset(session: WorkSession, email: str, device: Device) -> None:
    """Mail a reset link if the address has an active account; tells the caller nothing either way."""
    folded = email.strip().lower()
    if throttle.seconds_to_wait(session, "reset", folded) or throttle.peek(session, "reset", device.address):
        return
    throttle.count_failure(session, "reset", folded)
    account = signing_in.find_account(session, folded)
    if account is not None and account.may_enter:
        audit.record(session, "password:reset_asked", "users", account.user.id, {"address": device.address})
        send(session, account.user, TokenPurpose.PASSWORD_RESET)
    session.flush()
    session.act_as(NOBODY)


def account_behind(session: WorkSession, token: str, purpose: TokenPurpose) -> Account:
    """The account a link is for, leaving the link usable; raises NotFound for a spent or expired one."""
    row = _live_token(session, token, purpose)
    found = session.execute(
        select(User, Organization, UserSecret)
        .join(Organization, Organization.id == User.organization_id)
        .outerjoin(UserSecret, UserSecret.user_id == User.id)
        .where(User.id == row.user_id)
    ).one()
    return Account(*found)


def accept_invitation(session: WorkSession, token: str, password: str, device: Device) -> SignedIn:
    """Choose the first password at an invitation's link, which is spent; the session begins."""
    account = account_behind(session, token, TokenPurpose.INVITATION)
    secret = _choose(session, account, token, password)
    state.move(session, account.user, UserState.ACTIVE)
    session.flush()
    return signing_in.welcome(
        session, Account(account.user, account.organization, secret), device, "invitation"
    )


def reset_password(session: WorkSession, token: str, password: str, device: Device) -> SignedIn:
    """Choose a new password at a reset link, which is spent; other sessions end, the second factor stays."""
    account = account_behind(session, token, TokenPurpose.PASSWORD_RESET)
    secret = _choose(session, account, token, password)
    sessions.end_sessions(session, account.user.id, "password reset")
    throttle.forget(session, "account", account.user.email)
    return signing_in.welcome(session, Account(account.user, account.organization, secret), device, "reset")


def set_password(
    session: WorkSession, account: Account, password: str, field: str = "password"
) -> UserSecret:
    """Keep a new password that passes the policy; the caller has proven who is there."""
    person = account.user
    about = (person.name, person.email.partition("@")[0], account.organization.name)
    passwords.check_policy(field, password, about)
    hashed, now = passwords.hash_password(password), session.machine_now()
    secret = account.secret or session.get(UserSecret, person.id)
    if secret is None:
        secret = UserSecret(user_id=person.id, organization_id=person.organization_id, password_hash=hashed)
        session.add(secret)
    secret.password_hash, secret.password_set_at = hashed, now
    audit.record(session, "password:set", "users", person.id)
    session.flush()
    return secret


def spend_all(session: WorkSession, user_id: UUID, purpose: TokenPurpose | None = None) -> None:
    """Void the unused links of a user, all or those for one purpose."""
    chosen = update(OneTimeToken).where(OneTimeToken.user_id == user_id, OneTimeToken.used_at.is_(None))
    if purpose is not None:
        chosen = chosen.where(OneTimeToken.purpose == purpose)
    session.execute(chosen.values(used_at=session.machine_now()))


def expiry_of_invitation(session: WorkSession, user_id: UUID) -> datetime | None:
    """Until when the latest invitation can be accepted; None when there is none."""
    return session.scalar(
        select(OneTimeToken.expires_at)
        .where(OneTimeToken.user_id == user_id, OneTimeToken.used_at.is_(None))
        .where(OneTimeToken.purpose == TokenPurpose.INVITATION)
        .order_by(OneTimeToken.expires_at.desc())
        .limit(1)
    )


def _choose(session: WorkSession, account: Account, token: str, password: str) -> UserSecret:
    secret = set_password(session, account, password)
    spent = session.execute(
        update(OneTimeToken)
        .where(OneTimeToken.digest == digest_of(token), OneTimeToken.used_at.is_(None))
        .values(used_at=session.machine_now())
        .returning(OneTimeToken.id)
    ).scalar_one_or_none()
    if spent is None:  # somebody else followed the same link at the same moment
        raise NotFound
    return secret


def _live_token(session: WorkSession, token: str, purpose: TokenPurpose) -> OneTimeToken:
    organization_id = organization_in(token)
    if organization_id is None:
        raise NotFound
    session.act_as(system_actor(organization_id))
    row = session.scalars(
        select(OneTimeToken)
        .join(User, User.id == OneTimeToken.user_id)
        .join(Organization, Organization.id == OneTimeToken.organization_id)
        .where(OneTimeToken.digest == digest_of(token), OneTimeToken.purpose == purpose)
        .where(OneTimeToken.used_at.is_(None), OneTimeToken.expires_at > session.machine_now())
        .where(User.state != UserState.DEACTIVATED, Organization.state == OrganizationState.ACTIVE)
    ).one_or_none()
    if row is None:
        session.act_as(NOBODY)
        raise NotFound("This link has been used already, or it has expired.")
    return row


def _text(session: WorkSession, person: User, purpose: TokenPurpose) -> str:
    if purpose is TokenPurpose.PASSWORD_RESET:
        return (
            "Somebody asked for a new password for your account. If that was you, follow the link within "
            "30 minutes. If not, do nothing: your password stays as it is."
        )
    organization = session.get_one(Organization, person.organization_id)
    return f"{organization.name} has set up an account for you. Choose your password within 7 days:"
