"""The vendor office's first pages: what waits for an answer, and one offer with its two answers."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from uuid import UUID

from flask import Blueprint, Response, current_app, url_for
from markupsafe import Markup
from marshmallow import Schema, fields
from sqlalchemy import select

from marketplace.identity.mail import Mail
from marketplace.web import current
from marketplace.web.display import time_left, time_tone
from marketplace.web.fields import Text
from marketplace.web.forms import form_for
from marketplace.web.pages import go, render
from marketplace.web.pieces import Pieces
from marketplace.web.tables import Column, Table, csv_response, live_attributes, paginate, wants_csv
from vendors.network.service import profile, set_accepting
from vendors.offers.locking import own_offer
from vendors.offers.models import Offer
from vendors.offers.reading import OPEN_OFFERS, answered_offers, questions
from vendors.offers.service import OFFICE, accept, decline
from vendors.offers.words import DeclineReason
from vendors.portal.choices import choices

views = Blueprint("portal", __name__, url_prefix="/portal", template_folder="../templates")

_ROWS = 25
WARN_MINUTES, BAD_MINUTES = 30, 10
"""Below so many minutes to answer the countdown turns amber, and red."""
_COLUMNS = (
    Column("work", "Work"),
    Column("window", "Window", sort=True),
    Column("way", "From and to"),
    Column("needs", "Needs"),
    Column("price", "Price", sort=True, amount=True),
    Column("left", "Time to answer", sort=True),
    Column("answer", "Answer", hidden=True),
)
_CSV = (
    "Offer",
    "Kind",
    "Level",
    "From",
    "Until",
    "Pickup area",
    "Drop-off area",
    "Miles",
    "Price",
    "Answer by",
)


class DeclineSchema(Schema):
    """Why an offer is declined."""

    reason_code = fields.Enum(DeclineReason, by_value=True, required=True)
    note = Text(longest=500)


class AcceptingSchema(Schema):
    """Whether new work is taken."""

    accepting = fields.Boolean(load_default=False)


@views.get("/")
def start() -> Response:
    """The office starts with what waits for an answer."""
    return go(url_for("portal.inbox"))


@views.get("/offers")
def inbox() -> Response:
    """Open offers by time left to answer, and questions about promised times above them."""
    current.actor().require(*OFFICE)
    session = current.session()
    page = paginate(
        session,
        OPEN_OFFERS,
        values={"vendor": session.actor.organization()},
        sorts={"left": Offer.respond_by, "window": Offer.window_start, "price": Offer.quote_cents},
        key=Offer.id,
        default="left",
        rows=_ROWS,
    )
    if wants_csv():
        return csv_response("offers.csv", _CSV, (_csv_row(offer) for offer in page.rows))
    table: Table[Offer] = Table(
        _COLUMNS,
        page,
        caption="Open offers",
        csv=True,
        empty=("Nothing waits for an answer", "New offers appear here by themselves, and you get a mail."),
        row_html=_row_maker(),
    )
    return render(
        "vendors/portal/inbox.html",
        table=table,
        questions=questions(session),
        profile=profile(session, session.actor.organization()),
    )


@views.get("/offers/answered")
def answered() -> Response:
    """The last offers that are no longer open, and what became of them."""
    current.actor().require(*OFFICE)
    return render("vendors/portal/answered.html", offers=answered_offers(current.session(), limit=50))


@views.get("/offers/<uuid:offer_id>/row")
def offer_row(offer_id: UUID) -> Response:
    """One row of the inbox again, as it is now."""
    current.actor().require(*OFFICE)
    offer = own_offer(current.session(), offer_id)
    return render("vendors/portal/offer_row.html", offer=offer, attributes=_row_attributes(offer))


@views.get("/offers/<uuid:offer_id>")
def offer(offer_id: UUID) -> Response:
    """One offer with all that may be known before accepting."""
    current.actor().require(*OFFICE)
    found = own_offer(current.session(), offer_id)
    return render(
        "vendors/portal/offer.html", offer=found, form=form_for(DeclineSchema), reasons=choices(DeclineReason)
    )


@views.post("/offers/<uuid:offer_id>/accept")
def accept_offer(offer_id: UUID) -> Response:
    """The office presses Accept."""
    award = accept(current.session(), offer_id)
    return go(url_for("portal.award", award_id=award.id), "Accepted. The work is yours.")


@views.post("/offers/<uuid:offer_id>/decline")
def decline_offer(offer_id: UUID) -> Response:
    """The office declines, and says why."""
    current.actor().require(*OFFICE)
    form = form_for(DeclineSchema)
    if form.ok:
        declined = decline(current.session(), offer_id, form.data["reason_code"], form.data.get("note"))
        return go(url_for("portal.inbox"), f"Declined {declined.reference}.")
    found = own_offer(current.session(), offer_id)
    return render("vendors/portal/offer.html", offer=found, form=form, reasons=choices(DeclineReason))


@views.get("/outbox")
def outbox() -> Response:
    """The mails to this office; without a mail server they are read here."""
    current.actor().require(*OFFICE)
    session = current.session()
    own = Mail.organization_id == session.actor.organization()
    newest = session.scalars(select(Mail).where(own).order_by(Mail.id.desc()).limit(_ROWS)).all()
    return render("vendors/portal/outbox.html", mails=newest)


@views.post("/accepting")
def accepting() -> Response:
    """Open or close the vendor for new offers."""
    current.actor().require("vendor_admin")
    form = form_for(AcceptingSchema)
    own = set_accepting(current.session(), accepting=form.data["accepting"])
    said = "You are open for new offers." if own.accepting else "You are closed for new offers."
    return go(url_for("portal.inbox"), said)


_PIECES = Pieces()


def _row_maker() -> Callable[[Offer], Markup]:
    """Offers as rows; each made anew only when it shows something new."""
    module = current_app.jinja_env.get_template("vendors/portal/rows.html").module
    zone = current.zone().key

    def row(offer: Offer) -> Markup:
        return _PIECES.get(_shown(zone, offer), lambda: module.offer_row(offer, _row_attributes(offer)))  # type: ignore[attr-defined]

    return row


def _shown(zone: str, offer: Offer) -> Hashable:
    """Everything that the row is made of."""
    return (
        zone,
        offer.id,
        offer.revision,
        offer.reference,
        offer.kind,
        offer.level_of_service,
        offer.state,
        offer.window_start,
        offer.window_end,
        offer.quote_cents,
        offer.respond_by,
        time_left(offer.respond_by),
        time_tone(offer.respond_by, WARN_MINUTES, BAD_MINUTES),
        repr(offer.preview),
    )


def _row_attributes(offer: Offer) -> str:
    url = url_for("portal.offer_row", offer_id=offer.id)
    return live_attributes(f"offer:{offer.id}", offer.revision, url, f"Offer {offer.reference} changed")


def _csv_row(offer: Offer) -> list[object]:
    preview = offer.preview
    return [
        offer.reference, offer.kind, offer.level_of_service or "", offer.window_start, offer.window_end,
        preview["pickup_area"], preview["dropoff_area"], preview["distance_miles"],
        f"{offer.quote_cents / 100:.2f}", offer.respond_by,
    ]  # fmt: skip
