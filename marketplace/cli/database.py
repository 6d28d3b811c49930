"""Commands about what is stored: schema, promises, the audit chain and business time."""

from __future__ import annotations

import json
import sys
from datetime import datetime, timedelta
from typing import Any

import click

from marketplace.config import open_runtime
from marketplace.foundation import audit
from marketplace.foundation.access import system_actor
from marketplace.foundation.business_clock import advance_business_clock, set_business_clock
from marketplace.foundation.invariants import Breach
from marketplace.foundation.work import Runtime, unit_of_work


@click.group()
def db() -> None:
    """The database's schema."""


@db.command()
def upgrade() -> None:
    """Bring the schema and the login roles up to date; safe to run again."""
    from marketplace.cli.schema import upgrade_database

    with open_runtime() as runtime:
        click.echo(upgrade_database(runtime), err=True)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.option("--only", multiple=True, metavar="NAME", help="Check only this promise (may be repeated).")
def verify(*, as_json: bool, only: tuple[str, ...]) -> None:
    """Check every promise of the product against the whole database; exit 1 when one is broken."""
    with open_runtime() as runtime:
        results = check_promises(runtime, only)
    breaches = [breach for found in results.values() for breach in found]
    if as_json:
        click.echo(json.dumps(_report(results)))
    else:
        for name, found in results.items():
            click.echo(f"{'BROKEN' if found else 'kept  '}  {name}")
            for breach in found[:20]:
                click.echo(f"          {breach.object_id}: {breach.detail}")
    click.echo(f"{len(results)} promises checked, {len(breaches)} breaches", err=True)
    sys.exit(1 if breaches else 0)


def check_promises(runtime: Runtime, only: tuple[str, ...] = ()) -> dict[str, list[Breach]]:
    """Every invariant of every service with its breaches, read under the read-only role."""
    known = {invariant.name: invariant for invariant in runtime.registry.invariants}  # type: ignore[attr-defined]
    unknown = set(only) - set(known)
    if unknown:
        raise click.UsageError(f"no such promise: {', '.join(sorted(unknown))}; known: {', '.join(known)}")
    with unit_of_work(runtime, system_actor(), "verifier") as session:
        return {name: known[name].breaches(session) for name in known if not only or name in only}


def _report(results: dict[str, list[Breach]]) -> dict[str, Any]:
    return {
        "ok": not any(results.values()),
        "checked": list(results),
        "breaches": [
            {"invariant": breach.invariant, "object": breach.object_id, "detail": breach.detail}
            for found in results.values()
            for breach in found
        ],
    }


@click.group(name="audit")
def audit_group() -> None:
    """The audit chain."""


@audit_group.command(name="verify")
def audit_verify() -> None:
    """Recompute every organization's hash chain; exit 1 and name the first broken links if any."""
    with open_runtime() as runtime, unit_of_work(runtime, system_actor(), "verifier") as session:
        broken = audit.broken_links(session)
    for link in broken[:50]:
        click.echo(link)
    click.echo("the chain is whole" if not broken else f"{len(broken)} broken links", err=True)
    sys.exit(1 if broken else 0)


@click.group(name="clock")
def clock_group() -> None:
    """Business time, which demo and tests may bend."""


@clock_group.command(name="show")
@click.option("--json", "as_json", is_flag=True)
def clock_show(*, as_json: bool) -> None:
    """Print business time (UTC)."""
    with open_runtime() as runtime, unit_of_work(runtime, system_actor()) as session:
        now = session.now()
    click.echo(json.dumps({"business_time": now.isoformat()}) if as_json else now.isoformat())


@clock_group.command(name="set")
@click.argument("at")
@click.option(
    "--speed", type=float, default=1.0, show_default=True, help="Business seconds per second; 0 stops."
)
def clock_set(at: str, speed: float) -> None:
    """Put business time at AT (ISO 8601 with a zone)."""
    try:
        moment = datetime.fromisoformat(at)
    except ValueError:
        raise click.BadParameter("write it like 2026-03-02T15:00:00-08:00", param_hint="AT") from None
    with open_runtime() as runtime, unit_of_work(runtime, system_actor(), "owner") as session:
        set_business_clock(session, runtime.settings, moment, speed)
    click.echo(moment.isoformat())


@clock_group.command(name="advance")
@click.argument("minutes", type=float)
def clock_advance(minutes: float) -> None:
    """Move business time forward by MINUTES."""
    with open_runtime() as runtime, unit_of_work(runtime, system_actor(), "owner") as session:
        moment = advance_business_clock(session, runtime.settings, timedelta(minutes=minutes))
        click.echo(moment.isoformat())
