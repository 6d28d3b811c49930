"""A lived-in world: the demo, Mrs. Alvarez' whole story told in it through the JSON API, and strangers.

It is made once for a run in a database of its own, and shared by tests that leave it as they found it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from billing.settlement.double.server import running
from marketplace.app import create_app
from marketplace.demo.making import MORNING, ZONE, fill_world, played_day, set_clock
from marketplace.foundation import audit
from marketplace.foundation.access import system_actor
from marketplace.foundation.clock import machine_now
from marketplace.foundation.crypto import Vault
from marketplace.foundation.db.engines import Databases
from marketplace.foundation.jobs.models import Job, JobState
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.service import Registry
from marketplace.foundation.work import Runtime, unit_of_work
from marketplace.foundation.world import World
from marketplace.identity.demo import _Cast
from marketplace.identity.demo_cast import Company, Place
from marketplace.identity.words import OrganizationKind
from marketplace.web import live
from tests.support.schema import settings_for_tests

SEED = 7
NURSES = "rose-city-home-health"
HOSPITAL, RIDES, OXYGEN, PAYER = "st-brigid", "harbor-rides", "clearair-oxygen", "evergreen-health-plan"
NEXT_DOOR = Place("Next door", "1 Elsewhere St, Portland, OR", "97209", 45.53, -122.68, ("1 North",))


def _stranger(slug: str, kind: OrganizationKind, *roles: str) -> Company:
    people = tuple((role, f"{role.title().replace('_', ' ')} of {slug.title()}") for role in roles)
    return Company(slug, slug.replace("-", " ").title(), kind, NEXT_DOOR, people)


STRANGERS = (
    _stranger("other-health", OrganizationKind.HEALTH_SYSTEM, "planner", "org_admin"),
    _stranger(
        "other-vendor",
        OrganizationKind.VENDOR,
        "vendor_admin", "dispatcher", "driver", "technician", "clinician", "biller", "org_admin",
    ),
    _stranger("other-plan", OrganizationKind.PAYER, "reviewer", "org_admin"),
)  # fmt: skip
"""Organizations that have no part in anything of the demo, with everybody they could have."""


@dataclass
class LivedIn:
    """The world, its application, and whoever can sign in there."""

    runtime: Runtime
    app: Flask
    world: World
    things: dict[str, UUID] = field(default_factory=dict)
    """What the story left, by name: `ride_booking`, `oxygen_claim`, ..."""

    @property
    def client(self) -> FlaskClient:
        """A client without cookies."""
        return self.app.test_client(use_cookies=False)

    def token(self, role: str, organization: str) -> str:
        """The bearer token of a role in an organization of the cast."""
        return next(
            one.token
            for one in self.world.sign_ins
            if (one.role, one.organization) == (role, organization)
        )  # fmt: skip

    def ask(self, method: str, path: str, token: str = "", **request: Any) -> TestResponse:
        """One request with a bearer token, or as nobody without one."""
        headers = dict(request.pop("headers", {}))
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.client.open(path, method=method, headers=headers, **request)

    def api(self, role: str, organization: str, method: str, path: str, body: Any = None) -> Any:
        """The answer's document; fails on a refusal."""
        answer = self.ask(method, f"/api/v1{path}", self.token(role, organization), json=body)
        assert answer.status_code < 300, (method, path, answer.status_code, answer.get_data(as_text=True))
        return answer.get_json(silent=True)

    def one(self, sql: str, **values: Any) -> Any:
        """The first value that a query finds, as the database's owner."""
        with self.runtime.databases.engine("owner").connect() as connection:
            return connection.scalar(text(sql), values)

    def counts(self) -> Mapping[str, int]:
        """How many rows each table holds."""
        with self.runtime.databases.engine("owner").connect() as connection:
            if not hasattr(self, "_counting"):
                names = connection.scalars(text(_TABLES)).all()
                parts = (_COUNT.format(name) for name in names)
                self._counting = text(" UNION ALL ".join(parts))
            return {row.name: row.rows for row in connection.execute(self._counting)}

    def work_off(self) -> None:
        """Run every job that is due, and those they ask for; fails on a failing one."""
        for _ in range(60):
            with unit_of_work(self.runtime, system_actor(), "owner") as session:
                waiting = select(Job.id).where(Job.state == JobState.QUEUED, Job.run_after <= machine_now())
                due = list(session.scalars(waiting.order_by(Job.id)))
            if not due:
                return
            for job_id in due:
                run_job(self.runtime, job_id)
            with unit_of_work(self.runtime, system_actor(), "owner") as session:
                errors = session.scalars(select(Job.error).where(Job.error != "")).all()
                assert errors == [], errors
        raise AssertionError("work keeps coming")


_COUNT = "SELECT '{0}' AS name, count(*) AS rows FROM \"{0}\""
_TABLES = """
    SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
"""


@contextmanager
def lived_in(database_url: str, redis_url: str, registry: Registry, folder: Path) -> Iterator[LivedIn]:
    """The world on a database with the schema and nothing in it; the payments' double runs with it."""
    with running(folder) as double:
        settings = settings_for_tests(database_url, redis_url, folder)
        paid_through = {
            "HOMEWARD_STRIPE_API_KEY": "sk_test_homeward",
            "HOMEWARD_STRIPE_API_BASE": double.url,
            "HOMEWARD_STRIPE_WEBHOOK_SECRET": "whsec_of_the_tests",
            "HOMEWARD_PLANNING_SECONDS": "1",
        }
        settings = replace(settings, values={**settings.values, **paid_through})
        databases = Databases(settings)
        runtime = Runtime(settings, databases, Vault(settings), registry)
        app = create_app(runtime)
        try:
            world = World(runtime, SEED, played_day(datetime.now(ZONE).date()), ZONE)
            fill_world(world)
            told = LivedIn(runtime, app, world)
            _bring_strangers(told)
            _tell_the_story(told)
            _leave_traces(told)
            yield told
        finally:
            if live.EXTENSION in app.extensions:
                app.extensions[live.EXTENSION].feed.stop()
            databases.dispose()


def _bring_strangers(told: LivedIn) -> None:
    cast = _Cast(told.world)
    platform = told.world.things["organizations"]["homeward"]
    for company in STRANGERS:
        with unit_of_work(told.runtime, system_actor(platform)) as session:
            cast.found(session, company)


def _tell_the_story(told: LivedIn) -> None:
    """Booked, accepted, planned, performed, claimed, approved, paid."""
    hour, minute = MORNING
    set_clock(told.runtime, told.world.at(hour, minute), speed=0)
    told.work_off()
    deposit = told.api(
        "reviewer", PAYER, "POST", "/deposits", {"amount_cents": 90_000_00, "method": "pm_card_bypassPending"}
    )
    told.things["deposit"] = UUID(deposit["id"])
    _book(told, "oxygen", OXYGEN, {"kind": "equipment", "items": [{"hcpcs_code": "E1390"}]})
    _book(told, "ride", RIDES, {"kind": "ride", "level_of_service": "wheelchair"})
    told.work_off()
    _perform(told)
    _choose(told)
    _visit(told)
    told.work_off()
    for name in ("ride", "oxygen", "visit"):
        claim = told.one(
            "SELECT claim_id FROM claim_services WHERE booking_id = :booking",
            booking=told.things[f"{name}_booking"],
        )
        told.things[f"{name}_claim"] = claim
        told.api("reviewer", PAYER, "POST", f"/claims/{claim}/approval", {})
    told.work_off()
    with unit_of_work(told.runtime, system_actor(), "relay") as session:
        audit.seal_pending(session, limit=100_000)


def _leave_traces(told: LivedIn) -> None:
    """What the story has no need for, and addresses have names for: a client, a question, a fee."""
    told.api("org_admin", HOSPITAL, "POST", "/api-clients", {"name": "Bed board", "roles": ["planner"]})
    waiting = told.one("SELECT id FROM bookings WHERE state IN ('accepted', 'scheduled') ORDER BY id LIMIT 1")
    wanted = told.one("SELECT requested_start + interval '3 hours' FROM bookings WHERE id = :id", id=waiting)
    window = {
        "requested_start": wanted.isoformat(),
        "requested_end": (wanted + timedelta(hours=1)).isoformat(),
        "anchor": "fixed",
    }
    told.api("planner", HOSPITAL, "POST", f"/bookings/{waiting}/window", window)
    late = told.one(
        "SELECT id FROM bookings WHERE state IN ('accepted', 'scheduled') AND id <> :waiting"
        " AND kind <> 'visit' ORDER BY id DESC LIMIT 1",
        waiting=waiting,
    )
    told.api("planner", HOSPITAL, "POST", f"/bookings/{late}/cancel", {"reason_code": "condition_changed"})
    told.work_off()


def _book(told: LivedIn, name: str, vendor: str, order: Mapping[str, Any]) -> None:
    planted = told.world.planted
    booking = told.api(
        "planner", HOSPITAL, "POST", "/bookings",
        {
            **order,
            "task_id": planted[f"alvarez_{name}_task"],
            "payer_kind": "coverage",
            "coverage_id": planted["alvarez_coverage"],
            "authorization_id": planted[f"alvarez_{name}_authorization"],
        },
    )  # fmt: skip
    asked = {
        "vendor_ids": [planted[f"organization:{vendor}"]],
        "respond_by": (told.world.at(*MORNING) + timedelta(minutes=40)).isoformat(),
    }
    offers = told.api("planner", HOSPITAL, "POST", f"/bookings/{booking['id']}/offers", asked)
    offer = offers["items"][0]["id"]
    award = told.api("dispatcher", vendor, "POST", f"/offers/{offer}/accept")
    found = {"booking": booking["id"], "offer": offer, "award": award["id"]}
    told.things.update({f"{name}_{kind}": UUID(each) for kind, each in found.items()})
    told.work_off()


def _perform(told: LivedIn) -> None:
    for name, vendor, steps in (
        ("oxygen", OXYGEN, ("loaded", "en_route", "arrived", "set_up")),
        ("ride", RIDES, ("en_route_pickup", "arrived_pickup", "on_board", "arrived_dropoff")),
    ):
        stop = f"/stops/{told.things[f'{name}_booking']}"
        planned = told.api("dispatcher", vendor, "GET", stop)["planned_start"]
        at = datetime.fromisoformat(planned)
        for status in steps:
            at += timedelta(minutes=5)
            set_clock(told.runtime, at, speed=0)
            told.api("dispatcher", vendor, "POST", f"{stop}/steps", {"status": status})
        if name == "ride":
            log = {"odometer_start": 1000, "odometer_end": 1003.5, "signature_typed": "Rosa Alvarez"}
            told.api("dispatcher", vendor, "POST", f"{stop}/trip-log", log)
        else:
            signed = {
                "receiver_name": "Elena Alvarez", "relationship": "child", "signature_typed": "Elena Alvarez",
                "items": [{"hcpcs_code": "E1390", "quantity": 1, "serial_number": "OC-77"}],
            }  # fmt: skip
            told.api("dispatcher", vendor, "POST", f"{stop}/acceptance", signed)
            told.api("dispatcher", vendor, "POST", f"{stop}/steps", {"status": "completed"})


def _choose(told: LivedIn) -> None:
    """Mrs. Alvarez sees the list of agencies, too, and has no preference."""
    stay = f"/encounters/{told.world.planted['alvarez_encounter']}/choice-lists"
    made = told.api("planner", HOSPITAL, "POST", stay, {})
    chosen = {"outcome": "no_preference"}
    told.api("planner", HOSPITAL, "POST", f"/choice-lists/{made['id']}/choices", chosen)


def _visit(told: LivedIn) -> None:
    """The nurse's first visit of the guest who has chosen."""
    booking = told.world.planted["home_health_booking"]
    told.things["visit_booking"] = UUID(booking)
    stop = f"/stops/{booking}"
    planned = told.api("dispatcher", NURSES, "GET", stop)["planned_start"]
    at = max(datetime.fromisoformat(planned), told.one("SELECT max(happened_at) FROM audit_events"))
    place = {"latitude": 45.53, "longitude": -122.65}
    for status in ("en_route", "arrived", "started", "ended"):
        at += timedelta(minutes=5 if status != "ended" else 47)
        set_clock(told.runtime, at, speed=0)
        told.api("dispatcher", NURSES, "POST", f"{stop}/steps", {"status": status, **place})
    record = {"note": "Wound dressed, vital signs taken.", "signature_typed": "Patient"}
    told.api("dispatcher", NURSES, "POST", f"{stop}/visit-record", record)
