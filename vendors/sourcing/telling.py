"""What the planner is told while a vendor is being looked for: sentences without a name."""

from __future__ import annotations

from marketplace.bookings.models import Booking
from marketplace.bookings.telling import tell_planner
from marketplace.bookings.telling_models import TellingSubject
from marketplace.foundation.work import WorkSession

_LOOK = "Open the booking: it lists the ways out, and whom to call."


def tell_nobody_left(session: WorkSession, booking: Booking, asked: int) -> None:
    """Everybody who may do it was asked."""
    said = f"None of the {asked} vendors asked accepted." if asked else "There is no vendor to ask."
    tell_planner(session, booking, TellingSubject.SOURCING, said, remedy=_LOOK, urgent=True)


def tell_time_short(session: WorkSession, booking: Booking) -> None:
    """The work begins soon and nobody has accepted yet; vendors are still being asked."""
    tell_planner(
        session,
        booking,
        TellingSubject.SOURCING,
        "The work begins soon and no vendor has accepted yet.",
        remedy="Ask everybody now, or call. " + _LOOK,
        urgent=True,
    )


def tell_placed(session: WorkSession, booking: Booking, vendor_name: str) -> None:
    """A vendor accepted what was being looked for."""
    said = f"{vendor_name} accepted."
    tell_planner(session, booking, TellingSubject.SOURCING, said)


def tell_turned_back(
    session: WorkSession, booking: Booking, vendor_name: str, reason: str, notice: str, next_step: str
) -> None:
    """A vendor gave accepted work back: why, how late, and what happens now."""
    tell_planner(
        session,
        booking,
        TellingSubject.TURNED_BACK,
        f"{vendor_name} turned the work back: {reason}. {notice}",
        remedy=next_step,
        urgent=True,
    )
