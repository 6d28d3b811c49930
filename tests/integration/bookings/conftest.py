"""The stage on which the ground's tests play, and somebody who calls its routes."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from marketplace.app import create_app
from marketplace.foundation.access import NOBODY, Actor
from marketplace.foundation.work import Runtime
from marketplace.web import csrf, current
from tests.support.ground_stage import GroundStage


@pytest.fixture
def stage(runtime: Runtime) -> GroundStage:
    """A hospital with Rosa Alvarez to send home, a payer and three vendors."""
    return GroundStage(runtime).build()


class Caller:
    """A client of the application whose requests come from a chosen actor."""

    def __init__(self, stage: GroundStage) -> None:
        self.who: Actor | None = None
        self.stage = stage
        app = create_app(stage.runtime)
        app.before_request_funcs.setdefault(None, []).insert(0, self._begin)
        self.app = app
        self.client: FlaskClient = app.test_client()
        with app.test_request_context():
            current.begin_as(NOBODY, binding="test")
            self.client.environ_base["HTTP_X_CSRF_TOKEN"] = csrf.token()

    def _begin(self) -> None:
        if self.who is not None:
            current.begin_as(self.who, binding="test")

    def act(self, organization_id: UUID, *roles: str, kind: str = "health_system") -> Caller:
        """From now on, requests come from this organization."""
        person = self.stage.people[organization_id]
        self.who = Actor(
            self.stage.actor(organization_id).kind, person, organization_id, kind, frozenset(roles), "Dana"
        )
        return self


@pytest.fixture
def caller(stage: GroundStage) -> Iterator[Caller]:
    return Caller(stage).act(stage.hospital, "planner")


def ride_body(stage: GroundStage, **changes: object) -> dict[str, object]:
    body = {
        "kind": "ride",
        "task_id": str(stage.ride_task),
        "level_of_service": "wheelchair",
        "payer_kind": "coverage",
        "coverage_id": str(stage.coverage),
        "authorization_id": str(stage.ride_authorization),
    }
    return {name: value for name, value in {**body, **changes}.items() if value is not None}


def fields_refused(answer: object) -> set[str]:
    assert answer.status_code in {400, 422}, answer.text
    assert answer.mimetype == "application/problem+json"
    return {error["field"] for error in answer.json["errors"]}
