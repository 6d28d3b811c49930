"""The second floor's pages and routes over a stage, asked as anybody: only door and CSRF are left out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from marketplace.foundation.access import Actor
from marketplace.web import current, live
from marketplace.web.application import create_application
from tests.support.counting import statements_of
from tests.support.vendor_stage import VendorStage

ZONE = ZoneInfo("America/Los_Angeles")


class VendorPages:
    """A browser and an API client that can be anybody."""

    def __init__(self, stage: VendorStage) -> None:
        self.stage = stage
        self.app: Flask = create_application(stage.runtime)
        for service in stage.services():
            for blueprint in service.blueprints():
                self.app.register_blueprint(blueprint)
        self._actor: Actor | None = None
        everybody = self.app.before_request_funcs[None]
        everybody[:] = [self._enter, *(found for found in everybody if "identity" not in found.__module__)]
        self._client: FlaskClient = self.app.test_client()

    def become(self, actor: Actor) -> None:
        """Whoever asks from now on, also from outside, is this one."""
        self._actor = actor

    def get(self, actor: Actor, url: str) -> TestResponse:
        """Ask for a page or a route."""
        self._actor = actor
        return self._client.get(url)

    def post(self, actor: Actor, url: str, data: dict[str, Any] | None = None) -> TestResponse:
        """Send a form."""
        self._actor = actor
        return self._client.post(url, data=data or {})

    def send(self, actor: Actor, url: str, body: dict[str, Any] | None = None) -> TestResponse:
        """POST a JSON document."""
        self._actor = actor
        return self._client.post(url, json=body if body is not None else {})

    @contextmanager
    def counting(self) -> Iterator[list[str]]:
        """The SQL statements sent inside, as the web role."""
        with statements_of(self.stage.runtime) as statements:
            yield statements

    def close(self) -> None:
        """Stop what the application started."""
        if live.EXTENSION in self.app.extensions:
            self.app.extensions[live.EXTENSION].feed.stop()

    def _enter(self) -> None:
        assert self._actor is not None
        current.begin_as(self._actor, binding="test", zone=ZONE)
