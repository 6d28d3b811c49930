"""The sample application and a client of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from marketplace.foundation.work import Runtime
from marketplace.web import live
from tests.integration.web.sample import sample_application


@pytest.fixture
def app(runtime: Runtime) -> Iterator[Flask]:
    """The sample application on a clean database."""
    made = sample_application(runtime)
    yield made
    if live.EXTENSION in made.extensions:
        made.extensions[live.EXTENSION].feed.stop()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client without a sign-in."""
    return app.test_client()
