"""The second factor: time-based one-time codes (RFC 6238) of an authenticator app, and recovery codes.

A code opens once: its 30-second step is remembered and never accepted again. Wrong codes are counted, so
checks return instead of raising, and the caller commits.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from uuid import UUID

import pyotp
import segno
from sqlalchemy import delete, func, select, update

from marketplace.foundation import audit
from marketplace.foundation.access import Actor
from marketplace.foundation.errors import Conflict, NotFound
from marketplace.foundation.ids import ALPHABET
from marketplace.foundation.work import WorkSession
from marketplace.identity import sessions, throttle
from marketplace.identity.door_models import RecoveryCode, UserSecret
from marketplace.identity.sessions import Device, LiveSession
from marketplace.identity.words import SessionStage

_PLACE = "user_secrets.totp"
_STEP_SECONDS = 30
_RECOVERY_CODES = 10
_RECOVERY_SYMBOLS = 12  # 31 symbols each: 59 bits
ISSUER = "Homeward"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the person scans or types into the authenticator app."""

    secret: str
    uri: str

    def svg(self) -> str:
        """The QR code as inline SVG without inline styles, dark on light in either colour scheme."""
        return str(
            segno.make(self.uri, error="m").svg_inline(
                scale=5, border=3, svgclass="qr", lineclass=None, omitsize=True, light="#fff", dark="#000"
            )
        )


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether a code was right; the new cookie's value when it finished signing in; else how long to wait."""

    right: bool
    cookie: str = ""
    wait_seconds: int = 0


def begin_enrolment(session: WorkSession, person: Actor) -> Enrolment:
    """The secret of an authenticator that is not confirmed yet; the same one until it is confirmed.

    Raises Conflict when a confirmed one exists: it has to be removed first.
    """
    row = _secret(session, person)
    if row.totp_confirmed_at is not None:
        raise Conflict("An authenticator app is set up already.", remedy="Remove it first.")
    if row.totp_sealed is None:
        secret = pyotp.random_base32()
        vault = session.runtime.vault
        row.totp_sealed = vault.seal(session, row.organization_id, _PLACE, row.user_id, secret)
        session.flush()
    secret = _opened(session, row)
    name = _account_name(session, person)
    return Enrolment(secret, pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER))


def confirm_enrolment(session: WorkSession, person: Actor, code: str) -> list[str] | None:
    """The first code proves that the app has the secret; returns recovery codes, or None when it is wrong."""
    row = _secret(session, person)
    if row.totp_confirmed_at is not None or row.totp_sealed is None:
        raise Conflict("There is no authenticator app waiting to be confirmed.", remedy="Start again.")
    if not _accept_step(session, row, code):
        return None
    row.totp_confirmed_at = session.machine_now()
    audit.record(session, "second_factor:enrol", "users", row.user_id)
    return _fresh_recovery_codes(session, row)


def finish_enrolment(session: WorkSession, live: LiveSession, device: Device) -> str:
    """After confirming during sign-in: the full session's cookie value."""
    session.act_as(live.actor)
    if _secret(session, live.actor).totp_confirmed_at is None:
        raise Conflict("The authenticator app is not confirmed yet.", remedy="Enter its code first.")
    audit.record(session, "sign_in:signed_in", "users", live.user.id, {"via": "enrolment"})
    return sessions.promote(session, live, device)


def check_at_sign_in(session: WorkSession, live: LiveSession, code: str, device: Device) -> Checked:
    """Try a code of the app, or a recovery code, for a half-open session; success opens the full one."""
    if live.stage is not SessionStage.SECOND_FACTOR:
        raise NotFound
    who = str(live.user.id)
    session.act_as(live.actor)
    if wait := throttle.seconds_to_wait(session, "code", who):
        return Checked(right=False, wait_seconds=wait)
    row = _secret(session, live.actor)
    by_app = _accept_step(session, row, code)
    if not by_app and not _use_recovery_code(session, row, code):
        throttle.count_failure(session, "code", who)
        audit.record(session, "sign_in:wrong_code", "users", live.user.id, {"address": device.address})
        return Checked(right=False)
    throttle.forget(session, "code", who)
    via = "authenticator" if by_app else "recovery code"
    audit.record(session, "sign_in:signed_in", "users", live.user.id, {"via": via})
    return Checked(right=True, cookie=sessions.promote(session, live, device))


def renew_recovery_codes(session: WorkSession, person: Actor) -> list[str]:
    """Ten new recovery codes in place of the old ones; shown once."""
    row = _secret(session, person)
    if row.totp_confirmed_at is None:
        raise Conflict("Recovery codes need an authenticator app.", remedy="Set one up first.")
    audit.record(session, "second_factor:recovery_codes", "users", row.user_id)
    return _fresh_recovery_codes(session, row)


def remove_second_factor(session: WorkSession, user_id: UUID) -> None:
    """Forget a user's authenticator and recovery codes; the next sign-in sets up a new one.

    The caller has checked the right (the user with password, or an administrator).
    """
    row = session.get(UserSecret, user_id, with_for_update=True)
    if row is None:
        raise NotFound
    row.totp_sealed, row.totp_confirmed_at, row.totp_last_step = None, None, 0
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    audit.record(session, "second_factor:remove", "users", user_id)


def is_enrolled(session: WorkSession, user_id: UUID) -> bool:
    """Whether a confirmed authenticator app exists."""
    row = session.get(UserSecret, user_id)
    return row is not None and row.totp_confirmed_at is not None


def recovery_codes_left(session: WorkSession, user_id: UUID) -> int:
    """How many recovery codes have not been used."""
    left = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return int(session.scalar(left) or 0)


def _secret(session: WorkSession, person: Actor) -> UserSecret:
    if person.user_id is None:
        raise NotFound
    chosen = select(UserSecret).where(UserSecret.user_id == person.user_id).with_for_update()
    row = session.scalars(chosen, execution_options={"populate_existing": True}).one_or_none()
    if row is None:
        raise NotFound
    return row


def _opened(session: WorkSession, row: UserSecret) -> str:
    assert row.totp_sealed is not None
    return session.runtime.vault.open(session, row.organization_id, _PLACE, row.user_id, row.totp_sealed)


def _accept_step(session: WorkSession, row: UserSecret, code: str) -> bool:
    digits = "".join(code.split())
    if row.totp_sealed is None or len(digits) != 6 or not (digits.isascii() and digits.isdigit()):
        return False
    app, now = pyotp.TOTP(_opened(session, row)), int(session.machine_now().timestamp())
    for step in (now // _STEP_SECONDS + drift for drift in (0, -1, 1)):
        if step > row.totp_last_step and secrets.compare_digest(app.at(step * _STEP_SECONDS), digits):
            row.totp_last_step = step
            session.flush()
            return True
    return False


def _fresh_recovery_codes(session: WorkSession, row: UserSecret) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == row.user_id))
    codes = []
    for _ in range(_RECOVERY_CODES):
        symbols = "".join(secrets.choice(ALPHABET) for _ in range(_RECOVERY_SYMBOLS))
        codes.append("-".join(symbols[start : start + 4] for start in range(0, _RECOVERY_SYMBOLS, 4)))
        token = _recovery_token(session, row, symbols)
        session.add(RecoveryCode(user_id=row.user_id, token=token, organization_id=row.organization_id))
    session.flush()
    return codes


def _use_recovery_code(session: WorkSession, row: UserSecret, code: str) -> bool:
    symbols = "".join(letter for letter in code.upper() if letter.isalnum())
    if len(symbols) != _RECOVERY_SYMBOLS:
        return False
    used = session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.user_id == row.user_id, RecoveryCode.used_at.is_(None))
        .where(RecoveryCode.token == _recovery_token(session, row, symbols))
        .values(used_at=session.machine_now())
        .returning(RecoveryCode.user_id)
    ).scalar_one_or_none()
    return used is not None


def _recovery_token(session: WorkSession, row: UserSecret, symbols: str) -> bytes:
    return session.runtime.vault.blind(row.organization_id, f"recovery code {row.user_id}", symbols)


def _account_name(session: WorkSession, person: Actor) -> str:
    from marketplace.identity.models import User

    user = session.get(User, person.user_id)
    return user.email if user is not None else person.name
