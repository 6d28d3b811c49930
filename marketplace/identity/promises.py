"""What identity promises at all times: the invariants that `homeward verify` checks."""

from __future__ import annotations

from sqlalchemy import select

from marketplace.foundation.invariants import Invariant, sql_invariant
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization, User
from marketplace.identity.words import ROLES_OF_KIND


def _roles_that_do_not_fit(session: WorkSession) -> list[tuple[str, str]]:
    rows = session.execute(
        select(User.id, User.roles, Organization.kind).join(
            Organization, User.organization_id == Organization.id
        )
    )
    return [
        (str(user_id), f"roles {roles} do not fit a {kind}")
        for user_id, roles, kind in rows
        if not roles or not set(roles) <= set(ROLES_OF_KIND[kind])
    ]


def _demo_users_in_production(session: WorkSession) -> list[tuple[str, str]]:
    if not session.runtime.settings.is_production:
        return []
    return [
        (str(user_id), "a demo user in production")
        for user_id in session.scalars(select(User.id).where(User.demo_user))
    ]


INVARIANTS = (
    sql_invariant(
        "deactivated-shut-out",
        "A deactivated user has no live session, no live token and no unused link.",
        """SELECT u.id, 'deactivated, with a live ' || door.what FROM users u JOIN (
             SELECT user_id, 'session' AS what FROM sign_in_sessions WHERE ended_at IS NULL
             UNION ALL SELECT user_id, 'token' FROM api_tokens WHERE revoked_at IS NULL AND expires_at > now()
             UNION ALL SELECT user_id, 'link' FROM one_time_tokens
               WHERE used_at IS NULL AND expires_at > now()
           ) door ON door.user_id = u.id WHERE u.state = 'deactivated'""",
    ),
    sql_invariant(
        "revoked-client-shut-out",
        "A revoked client has no live token.",
        """SELECT c.id, 'revoked, with a live token'
           FROM api_clients c JOIN api_tokens t ON t.client_id = c.id
           WHERE c.revoked_at IS NOT NULL AND t.revoked_at IS NULL AND t.expires_at > now()""",
    ),
    sql_invariant(
        "user-findable",
        "Every user's mail address leads to that user, in the user's own organization.",
        """SELECT u.id, 'no sign-in name leads here' FROM users u LEFT JOIN sign_in_names n
             ON n.user_id = u.id AND n.organization_id = u.organization_id WHERE n.digest IS NULL""",
    ),
    sql_invariant(
        "two-factors",
        "Nobody but demo users is signed in without a confirmed second factor.",
        """SELECT s.id, 'signed in with one factor' FROM sign_in_sessions s JOIN users u ON u.id = s.user_id
             LEFT JOIN user_secrets k ON k.user_id = u.id
           WHERE s.stage = 'signed_in' AND s.ended_at IS NULL AND s.expires_at > now()
             AND NOT u.demo_user AND k.totp_confirmed_at IS NULL""",
    ),
    sql_invariant(
        "door-keeps-to-tenant",
        "Sessions, tokens, links and secrets stand in the organization of their user.",
        """SELECT d.id, d.what || ' of another organization than its user' FROM (
             SELECT user_id AS id, 'secret' AS what, user_id, organization_id FROM user_secrets
             UNION ALL SELECT id, 'session', user_id, organization_id FROM sign_in_sessions
             UNION ALL SELECT id, 'token', user_id, organization_id FROM api_tokens
             UNION ALL SELECT id, 'link', user_id, organization_id FROM one_time_tokens
           ) d JOIN users u ON u.id = d.user_id WHERE u.organization_id <> d.organization_id""",
    ),
    sql_invariant(
        "administered",
        "Every organization with users has an administrator, at least an invited one.",
        """SELECT o.id, 'nobody administers it' FROM organizations o
           WHERE EXISTS (SELECT 1 FROM users u WHERE u.organization_id = o.id AND u.state <> 'deactivated')
             AND NOT EXISTS (SELECT 1 FROM users u WHERE u.organization_id = o.id AND u.state <> 'deactivated'
               AND (u.roles @> '["org_admin"]' OR u.roles @> '["platform_admin"]'))""",
    ),
    Invariant(
        "roles-fit", "Every user has roles, all of them of the organization's kind.", _roles_that_do_not_fit
    ),
    Invariant("no-demo-in-production", "Production has no demo users.", _demo_users_in_production),
)
