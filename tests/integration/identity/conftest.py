"""The neighbourhood, and the application over it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher
from flask import Flask

from marketplace.foundation.work import Runtime
from marketplace.identity import passwords
from marketplace.identity.blueprints import all_of_them
from marketplace.web import live
from marketplace.web.application import create_application, guard_last
from tests.integration.identity.neighbourhood import Neighbourhood


@pytest.fixture(scope="module", autouse=True)
def quick_hashes() -> Iterator[None]:
    """The same argon2id with little work: today's parameters have their tests in tests/unit/identity."""
    todays, nobodys = passwords._HASHER, list(passwords._NOBODY)
    passwords._HASHER = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    passwords._NOBODY.clear()  # made anew with the same work
    yield
    passwords._HASHER = todays
    passwords._NOBODY[:] = nobodys


@pytest.fixture
def todays_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes as costly as those of real users, for what is about their time."""
    monkeypatch.setattr(passwords, "_HASHER", PasswordHasher())
    monkeypatch.setattr(passwords, "_NOBODY", [])


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
