"""Vendors' papers as they were before the present ones: renewed licences, monthly exclusion searches."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from sqlalchemy import select

from marketplace.demo.history.past import Past
from vendors.credentials.models import Credential
from vendors.credentials.words import ScreeningResult, SubjectKind
from vendors.fleet.models import CrewMember

SEARCHED_EVERY = timedelta(days=28)
EXCLUDED_DAY = 40
"""Counted from the first day of history: a driver turns up on the exclusion list and is driven no more."""


def former_papers(past: Past, first_day: date) -> None:
    """For each vendor's paper that began within history the one before it, so that work was covered then."""
    start = past.world.at(0) - timedelta(days=(past.world.day - first_day).days + 30)
    vendors = [one.organization_id for one in (*past.stage.rides, *past.stage.supplies)]
    query = select(Credential).where(
        Credential.vendor_organization_id.in_(vendors),
        Credential.subject_kind == SubjectKind.VENDOR,
        Credential.valid_from > start,
    )
    for paper in past.session.scalars(query.order_by(Credential.id)):
        if paper.screening is None:
            _before(past, paper, paper.valid_from - timedelta(days=730), None)
            continue
        since = paper.valid_from
        while since > start:
            since -= SEARCHED_EVERY
            _before(past, paper, since, ScreeningResult.CLEAR, days=45)


def exclude_driver(past: Past, first_day: date) -> None:
    """The day-40 search of one company's crew finds a driver on the list."""
    crew = [one for one in past.stage.rides if one.cast.slug == "rose-quarter-mobility"]
    if not crew:
        return
    query = select(Credential).where(
        Credential.vendor_organization_id == crew[0].organization_id,
        Credential.credential_type == "crew_leie_screening",
    )
    papers = past.session.scalars(query.order_by(Credential.id)).all()
    at = past.world.at(3) - timedelta(days=(past.world.day - first_day).days - EXCLUDED_DAY)
    _before(past, papers[-1], at, ScreeningResult.EXCLUDED, days=400)
    planted = past.world.planted
    planted["excluded_driver"] = str(papers[-1].subject_id)
    planted["excluded_driver_name"] = past.session.get_one(CrewMember, papers[-1].subject_id).name


def _before(
    past: Past,
    paper: Credential,
    since: datetime,
    screening: ScreeningResult | None,
    days: int | None = None,
) -> None:
    past.rows.keep(
        Credential(
            vendor_organization_id=paper.vendor_organization_id,
            subject_kind=paper.subject_kind,
            subject_id=paper.subject_id,
            credential_type=paper.credential_type,
            issued_on=since.date(),
            valid_from=since,
            expires_at=since + timedelta(days=days) if days else paper.valid_from,
            verified_at=since,
            verification_source=paper.verification_source,
            screening=screening,
        ),
        since,
    )
