"""Looking at claims: one with everything about it, and lists by side."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from billing.claims.models import Claim, ClaimChange, ClaimDecision, ClaimEvidence, ClaimMember
from billing.claims.words import ClaimState
from dispatch.field.evidence import EvidencePackage, ItemFact, evidence, private_content
from dispatch.field.models import EvidenceItem
from dispatch.field.words import RELATIONSHIPS
from marketplace.careplans.disciplines import DISCIPLINES, Discipline
from marketplace.foundation import audit
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Organization

READERS = ("reviewer", "biller", "vendor_admin")


@dataclass(frozen=True, slots=True)
class Member:
    """Who the member is, opened."""

    name: str
    date_of_birth: str
    member_id: str


@dataclass(frozen=True, slots=True)
class Paper:
    """A piece of evidence as a reviewer sees it; `unchanged` since the claim was made from it."""

    item: ItemFact
    unchanged: bool
    receiver_name: str = ""
    relationship: str = ""
    unable_to_sign: str = ""
    clinician_name: str = ""
    discipline: str = ""
    began: datetime | None = None
    ended: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What can be shown of one service of a claim."""

    booking_id: UUID
    booking_reference: str
    package: EvidencePackage
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim with its member, evidence, decisions and history."""

    claim: Claim
    member: Member
    vendor_name: str
    payer_name: str
    shown: tuple[Shown, ...]
    decisions: tuple[ClaimDecision, ...]
    changes: tuple[ClaimChange, ...]


def claim_view(session: WorkSession, claim_id: UUID) -> ClaimView:
    """One claim with everything about it, for its vendor and (once sent) its payer; the look is audited."""
    session.actor.require(*READERS)
    query = select(Claim).where(Claim.id == claim_id).options(joinedload(Claim.services))
    claim = session.scalars(query).unique().one_or_none()
    if claim is None:
        raise NotFound
    names = organization_names(session, [claim.vendor_organization_id, claim.payer_organization_id])
    audit.read(session, claim.patient_id, "claims", claim.id)
    return ClaimView(
        claim=claim,
        member=_member(session, claim),
        vendor_name=names.get(claim.vendor_organization_id, ""),
        payer_name=names.get(claim.payer_organization_id, ""),
        shown=_shown(session, claim),
        decisions=tuple(decisions_of(session, claim.id)),
        changes=tuple(
            session.scalars(
                select(ClaimChange).where(ClaimChange.subject_id == claim.id).order_by(ClaimChange.id)
            )
        ),
    )


def decisions_of(session: WorkSession, claim_id: UUID) -> list[ClaimDecision]:
    """What was decided and answered, oldest first."""
    query = select(ClaimDecision).where(ClaimDecision.claim_id == claim_id)
    return list(session.scalars(query.order_by(ClaimDecision.sequence)))


def claims_of_payer(session: WorkSession, states: Iterable[ClaimState]) -> Select[Any]:
    """The query for claims that the acting organization is asked to pay."""
    session.actor.require(*READERS)
    mine = Claim.payer_organization_id == session.actor.organization()
    return select(Claim).where(mine, Claim.state.in_(list(states)))


def claims_of_vendor(session: WorkSession, states: Iterable[ClaimState]) -> Select[Any]:
    """The query for claims of the acting vendor."""
    session.actor.require(*READERS)
    mine = Claim.vendor_organization_id == session.actor.organization()
    return select(Claim).where(mine, Claim.state.in_(list(states)))


def counts(session: WorkSession, *, as_payer: bool) -> dict[ClaimState, int]:
    """How many claims of the acting organization stand in each state, in one query."""
    side = Claim.payer_organization_id if as_payer else Claim.vendor_organization_id
    query = select(Claim.state, func.count()).where(side == session.actor.organization())
    return dict(session.execute(query.group_by(Claim.state)).all())


def organization_names(session: WorkSession, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names of organizations by id, in one query."""
    query = select(Organization.id, Organization.name).where(Organization.id.in_(set(ids)))
    return dict(session.execute(query).all())


def _member(session: WorkSession, claim: Claim) -> Member:
    row = session.get(ClaimMember, claim.id)
    if row is None:
        return Member("", "", "")
    vault, vendor = session.runtime.vault, row.vendor_organization_id
    return Member(**json.loads(vault.open(session, vendor, "claim_members.sealed", claim.id, row.sealed)))


def _shown(session: WorkSession, claim: Claim) -> tuple[Shown, ...]:
    """The evidence of each service as it is now, beside what the claim was made from."""
    pointers = {pointer.source_id: pointer for pointer in claim.evidence}
    bookings = [part.booking_id for part in claim.services]
    rows = session.scalars(select(EvidenceItem).where(EvidenceItem.booking_id.in_(bookings)))
    at_hand = list(rows)  # held, so that opening each paper below asks the database for none of them again
    found = []
    for part in claim.services:
        package = evidence(session, part.booking_id)
        papers = tuple(_paper(session, item, pointers.get(item.id)) for item in package.items)
        found.append(Shown(part.booking_id, part.booking_reference, package, papers))
    del at_hand
    return tuple(found)


def _discipline(item: ItemFact) -> str:
    found = item.facts.get("service_type")
    return DISCIPLINES[Discipline(found)].name if found else ""


def _moment(item: ItemFact, name: str) -> datetime | None:
    text = item.facts.get(name)
    return datetime.fromisoformat(text) if text else None


def _paper(session: WorkSession, item: ItemFact, pointer: ClaimEvidence | None) -> Paper:
    content = private_content(session, item.id)
    return Paper(
        item=item,
        unchanged=pointer is None or bytes(pointer.digest).hex() == item.digest,
        receiver_name=str(content.get("receiver_name", "")),
        relationship=RELATIONSHIPS.get(str(item.facts.get("relationship", "")), ""),
        unable_to_sign=str(content.get("unable_to_sign", "")),
        clinician_name=str(content.get("clinician_name", "")),
        discipline=_discipline(item),
        began=_moment(item, "started_at"),
        ended=_moment(item, "ended_at"),
    )
