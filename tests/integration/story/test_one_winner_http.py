"""Many vendors press accept at once, over HTTP, at two web processes: one wins, the others learn why not."""

from __future__ import annotations

import pytest

from tests.simulation.load import scramble
from tests.simulation.market import add_vendors
from tests.simulation.stand import Stand

pytestmark = [pytest.mark.engines, pytest.mark.slow]
BOOKINGS, VENDORS = 12, 8


def test_of_many_vendors_who_accept_at_once_exactly_one_wins_and_the_others_learn_why(stand: Stand) -> None:
    assert len(stand.pids("serve")) == 3, "two web processes and their parent"
    outcome = scramble(stand, add_vendors(stand, VENDORS), BOOKINGS, fewest=VENDORS)
    assert outcome.troubles == []
    assert outcome.statuses == {201: BOOKINGS, 409: BOOKINGS * (VENDORS - 1)}
    assert outcome.reasons == {"Another vendor has accepted this work first.": BOOKINGS * (VENDORS - 1)}
