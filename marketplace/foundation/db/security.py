"""Row security declared beside each model and compiled to SQL for the migrations.

Every table names who may see a row; a table without `protect` fails the security test. Roles:
`web` serves people and acting jobs and is bound by policies; `relay` moves the outbox; `planner`
plans over all tenants; `janitor` sweeps deadlines and settles; `verifier` reads everything and
writes nothing. None of them owns a table or bypasses row security.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Table

ROLES = ("web", "relay", "planner", "janitor", "verifier")

EVERYBODY = "true"
"""Policy for directories that hold no patient's data and no tenant's secrets."""

_INFO_KEY = "homeward.protection"


@dataclass(frozen=True, slots=True)
class Protection:
    """Who may do what to a table's rows; expressions are SQL over the row's columns."""

    read: str
    insert: str
    change: str
    verbs: str
    grants: Mapping[str, str]
    append_only: bool
    extra: Sequence[str] = field(default_factory=tuple)


def owned_by(*columns: str) -> str:
    """The policy "the acting organization stands in one of these columns"."""
    return "(" + " OR ".join(f"{column} = homeward_organization()" for column in columns) + ")"


def protect(
    model: Any,
    read: str,
    *,
    insert: str | None = None,
    change: str | None = None,
    verbs: str = "SELECT, INSERT, UPDATE",
    append_only: bool = False,
    grants: Mapping[str, str] | None = None,
    extra: Sequence[str] = (),
) -> None:
    """Declare the row security of a mapped class or table.

    `read`, `insert`, `change` are SQL conditions for the web role (the latter two default to `read`);
    `verbs` what the web role is granted; `grants` what the other roles are, over all rows;
    `append_only` adds a trigger that refuses UPDATE and DELETE to everybody; `extra` is further SQL
    (triggers, exclusion constraints) run after the table exists.
    """
    table: Table = getattr(model, "__table__", model)
    if append_only:
        verbs = "SELECT, INSERT"
    table.info[_INFO_KEY] = Protection(
        read=read,
        insert=insert if insert is not None else read,
        change=change if change is not None else read,
        verbs=verbs,
        grants=dict(grants or {}),
        append_only=append_only,
        extra=tuple(extra),
    )


def protection_of(table: Table) -> Protection | None:
    """The declared protection of a table, or None when somebody forgot it."""
    return table.info.get(_INFO_KEY)


FUNCTIONS = (
    """CREATE OR REPLACE FUNCTION homeward_organization() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT nullif(current_setting('homeward.organization_id', true), '')::uuid $$""",
    """CREATE OR REPLACE FUNCTION homeward_refuse_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION USING MESSAGE = 'rows of ' || TG_TABLE_NAME || ' are only ever added',
    ERRCODE = '42501'; END $$""",
)


def role_statements(prefix: str, passwords: Mapping[str, str], *, embedded: bool) -> list[str]:
    """SQL that makes the login roles, or renews their passwords; `embedded` takes superuser rights off."""
    statements = []
    for role in ROLES:
        name, secret = f"{prefix}_{role}", passwords[role].replace("'", "''")
        statements.append(
            f"DO $$ BEGIN CREATE ROLE {name} NOINHERIT; EXCEPTION WHEN duplicate_object THEN NULL; "
            f"WHEN unique_violation THEN NULL; END $$"
        )
        limits = " NOSUPERUSER NOBYPASSRLS" if embedded else ""
        statements.append(_patiently(f"ALTER ROLE {name} LOGIN{limits} PASSWORD '{secret}'"))
    return statements


def _patiently(statement: str) -> str:
    """The statement, tried again while another session changes the same role.

    Roles belong to the whole server: two databases brought up to date at once meet there, and PostgreSQL
    refuses the second with an internal error ("tuple concurrently updated") instead of letting it wait.
    """
    return f"""DO $homeward$ BEGIN
      FOR attempt IN 1..40 LOOP
        BEGIN {statement}; EXIT;
        EXCEPTION WHEN internal_error THEN
          IF attempt = 40 THEN RAISE; END IF;
          PERFORM pg_sleep(0.02 + 0.08 * random());
        END;
      END LOOP;
    END $homeward$"""


def security_statements(tables: Iterable[Table], prefix: str = "homeward") -> list[str]:
    """All SQL that puts the declared protection on the tables; running it again changes nothing."""
    statements = list(FUNCTIONS)
    statements += [f"GRANT USAGE ON SCHEMA public TO {prefix}_{role}" for role in ROLES]
    statements += [f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {prefix}_{role}" for role in ROLES[:4]]
    for table in tables:
        protection = protection_of(table)
        if protection is None:
            raise LookupError(f"table {table.name} has no row security: call protect() beside its model")
        statements += _table_statements(table.name, protection, prefix)
    return statements


def _table_statements(name: str, protection: Protection, prefix: str) -> list[str]:
    statements = [
        f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
        f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
    ]
    web = f"{prefix}_web"
    verbs = {verb.strip().upper() for verb in protection.verbs.split(",")}
    clauses = {
        "SELECT": f"USING ({protection.read})",
        "INSERT": f"WITH CHECK ({protection.insert})",
        "UPDATE": f"USING ({protection.change}) WITH CHECK ({protection.change})",
        "DELETE": f"USING ({protection.change})",
    }
    for verb in sorted(verbs):
        policy = f"{name}_web_{verb.lower()}"
        statements.append(f"DROP POLICY IF EXISTS {policy} ON {name}")
        statements.append(f"CREATE POLICY {policy} ON {name} FOR {verb} TO {web} {clauses[verb]}")
    statements.append(f"REVOKE ALL ON {name} FROM {web}")
    statements.append(f"GRANT {', '.join(sorted(verbs))} ON {name} TO {web}")
    for role, granted in {"verifier": "SELECT", **protection.grants}.items():
        policy = f"{name}_{role}"
        statements.append(f"DROP POLICY IF EXISTS {policy} ON {name}")
        statements.append(
            f"CREATE POLICY {policy} ON {name} TO {prefix}_{role} USING (true) WITH CHECK (true)"
        )
        statements.append(f"GRANT {granted} ON {name} TO {prefix}_{role}")
    if protection.append_only:
        trigger = f"{name}_append_only"
        statements.append(f"DROP TRIGGER IF EXISTS {trigger} ON {name}")
        statements.append(
            f"CREATE TRIGGER {trigger} BEFORE UPDATE OR DELETE ON {name} "
            "FOR EACH ROW EXECUTE FUNCTION homeward_refuse_change()"
        )
    return statements + list(protection.extra)
