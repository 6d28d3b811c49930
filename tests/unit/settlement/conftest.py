"""A running Stripe double, and a real client that talks to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from billing.settlement.double.server import Running, running
from tests.unit.settlement.stripe_talk import client_of


@pytest.fixture
def double(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as up:
        yield up


@pytest.fixture
def client(double: Running) -> stripe.StripeClient:
    return client_of(double)
