"""A code ends with its offer, in the transaction in which the offer is closed."""

from __future__ import annotations

from sqlalchemy import ColumnElement, update

from marketplace.foundation.work import WorkSession
from vendors.offers.code_models import OfferCode


def end_codes(session: WorkSession, which: ColumnElement[bool], because: str) -> None:
    """No living code among these can be used from here on."""
    session.execute(
        update(OfferCode)
        .where(which, OfferCode.ended_at.is_(None))
        .values(ended_at=session.now(), ended_because=because)
        .execution_options(synchronize_session=False)
    )
