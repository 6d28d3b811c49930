"""The neighbourhood, and the application over it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from marketplace.foundation.work import Runtime
from marketplace.identity.blueprints import all_of_them
from marketplace.web import live
from marketplace.web.application import create_application, guard_last
from tests.integration.identity.neighbourhood import Neighbourhood


@pytest.fixture
def place(runtime: Runtime) -> Neighbourhood:
    """The platform, the hospital `mercy` and the vendor `swift-rides`, without users."""
    made = Neighbourhood(runtime)
    made.build()
    return made


@pytest.fixture
def app(runtime: Runtime) -> Iterator[Flask]:
    """The web room with identity's pages and routes alone."""
    made = create_application(runtime)
    for blueprint in all_of_them():
        made.register_blueprint(blueprint)
    guard_last(made)
    yield made
    if live.EXTENSION in made.extensions:
        made.extensions[live.EXTENSION].feed.stop()
