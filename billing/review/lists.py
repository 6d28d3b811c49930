"""Lists of claims for both sides: tabs with counts, rows that follow changes, CSV."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Response, url_for
from sqlalchemy import Select

from billing.claims.models import Claim
from billing.claims.reading import organization_names
from billing.claims.words import ClaimState
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from marketplace.web.tables import Column, Table, csv_response, live_attributes, paginate

CSV_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class Tab:
    """One tab of a list: its word in the address, its label, its states."""

    word: str
    label: str
    states: frozenset[ClaimState]


class Tabs:
    """The tabs of one list."""

    def __init__(self, endpoint: str, tabs: Sequence[tuple[str, str, frozenset[ClaimState]]]) -> None:
        self.endpoint = endpoint
        self.tabs = [Tab(*tab) for tab in tabs]

    def chosen(self, word: str | None) -> Tab:
        """The tab of the address; the first one when it names none."""
        return next((tab for tab in self.tabs if tab.word == word), self.tabs[0])

    def with_counts(self, counted: dict[ClaimState, int]) -> list[dict[str, Any]]:
        """The tabs for the page."""
        return [
            {
                "label": tab.label,
                "href": url_for(self.endpoint, tab=tab.word),
                "count": sum(counted.get(state, 0) for state in tab.states),
                "word": tab.word,
            }
            for tab in self.tabs
        ]


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A claim in a list, with the name of the other side; no patient's name: lists need none."""

    claim: Claim
    other: str
    first_finding: str
    attributes: str


def claim_rows(session: WorkSession, query: Select[Any], *, side: str, row_endpoint: str) -> Table[ClaimRow]:
    """The table of a query over claims; `side` (vendor or payer) is the other one, named in each row."""
    page = paginate(
        session,
        query,
        sorts={"date": Claim.service_date, "total": Claim.total_cents, "made": Claim.created_at},
        key=Claim.id,
        default="made",
    )
    rows = _rows(session, page.rows, side, row_endpoint)
    columns = [
        Column("reference", "Claim"),
        Column("other", side.capitalize()),
        Column("date", "Service", sort=True),
        Column("state", "State"),
        Column("total", "Amount", sort=True, amount=True),
    ]
    shown = Table(
        columns,
        page,
        caption="Claims",
        csv=True,
        empty=("No claims here", "Claims appear by themselves when a service is completed."),
        row_attributes=lambda found: found.attributes,
    )
    shown.rows = rows
    return shown


def one_row(session: WorkSession, claim_id: UUID, *, side: str, row_endpoint: str) -> ClaimRow:
    """One row again, after a change."""
    claim = session.get(Claim, claim_id)
    if claim is None:
        raise NotFound
    return _rows(session, [claim], side, row_endpoint)[0]


def claims_csv(session: WorkSession, query: Select[Any]) -> Response:
    """The list as CSV."""
    claims = session.scalars(query.order_by(Claim.id).limit(CSV_LIMIT)).all()
    headings = ["Claim", "Service date", "Kind", "State", "Total", "Approved", "Currency"]
    return csv_response(
        "claims.csv",
        headings,
        (
            [
                claim.reference,
                claim.service_date,
                str(claim.kind),
                str(claim.state),
                f"{claim.total_cents / 100:.2f}",
                "" if claim.approved_cents is None else f"{claim.approved_cents / 100:.2f}",
                claim.currency,
            ]
            for claim in claims
        ),
    )


def _rows(session: WorkSession, claims: Sequence[Claim], side: str, row_endpoint: str) -> list[ClaimRow]:
    ids = [getattr(claim, f"{side}_organization_id") for claim in claims]
    names = organization_names(session, ids)
    return [
        ClaimRow(
            claim,
            names.get(other, ""),
            str(claim.findings[0]["text"]) if claim.findings else "",
            live_attributes(
                f"claim:{claim.id}",
                claim.revision,
                url_for(row_endpoint, claim_id=claim.id),
                f"Claim {claim.reference} is {claim.state.replace('_', ' ')}",
            ),
        )
        for claim, other in zip(claims, ids, strict=True)
    ]
