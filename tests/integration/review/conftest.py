"""Rosa's ride and oxygen, claimed, and people who look at the claims over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from marketplace.app import create_app
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import Runtime, unit_of_work
from marketplace.identity import clients
from marketplace.identity.models import User
from marketplace.web import live
from tests.support.billing_stage import BillingStage
from tests.support.ground_stage import GroundStage

ROLES = {
    "payer": ["reviewer", "org_admin"],
    "driver_vendor": ["biller", "vendor_admin"],
    "supplier": ["biller"],
    "hospital": ["planner"],
}


@dataclass
class Person:
    """Somebody with a bearer token and a client of the application."""

    client: FlaskClient
    token: str

    def get(self, url: str) -> TestResponse:
        """Look at a page or route."""
        return self.client.get(url, headers=self._headers())

    def post(self, url: str, form: dict[str, object] | None = None) -> TestResponse:
        """Send a form."""
        return self.client.post(url, data=form or {}, headers=self._headers())

    def send(self, url: str, body: object, key: str | None = None) -> TestResponse:
        """Send JSON."""
        headers = self._headers() | {"Idempotency-Key": key or str(new_id())}
        return self.client.post(url, json=body, headers=headers)

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture
def stage(runtime: Runtime) -> BillingStage:
    return BillingStage(GroundStage(runtime)).build()


@pytest.fixture
def app(stage: BillingStage) -> Iterator[Flask]:
    made = create_app(stage.runtime)
    yield made
    if live.EXTENSION in made.extensions:
        made.extensions[live.EXTENSION].feed.stop()


@pytest.fixture
def somebody_of(stage: BillingStage, app: Flask) -> Callable[[str], Person]:
    """Somebody of `payer`, `driver_vendor`, `supplier` or `hospital`."""

    def make(where: str) -> Person:
        organization: UUID = getattr(stage, where, None) or getattr(stage.ground, where)
        with stage.ground.owner() as session:
            person = stage.ground.people[organization]
            session.execute(update(User).where(User.id == person).values(roles=ROLES[where]))
        with unit_of_work(stage.runtime, stage.ground.actor(organization, *ROLES[where])) as session:
            issued = clients.issue_user_token(session, name="test")
        return Person(app.test_client(), issued.token)

    return make
