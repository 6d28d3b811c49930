"""The payer's verbs on a claim, and the vendor's answer."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from billing.claims.events import ClaimDecided
from billing.claims.models import Claim, ClaimDecision
from billing.claims.service import locked
from billing.claims.words import DECIDABLE, DENIAL_REASONS, ClaimState, Decision
from marketplace.foundation import events, state
from marketplace.foundation.announce import announce
from marketplace.foundation.errors import Conflict, Forbidden, InvalidInput, StaleRevision, TransitionRefused
from marketplace.foundation.work import WorkSession

REVIEWERS = ("reviewer",)
BILLERS = ("biller", "vendor_admin")
SHORTEST_NOTE = 5


def approve(
    session: WorkSession,
    claim_id: UUID,
    *,
    approved_cents: int | None = None,
    note: str = "",
    revision: int | None = None,
) -> Claim:
    """Approve a claim, in full unless a smaller amount is given; the payer then owes that amount.

    InvalidInput for an amount of nothing or above the claim's total; TransitionRefused when the claim was
    decided before; StaleRevision when `revision` is given and the claim has changed since.
    """
    claim = _for_decision(session, claim_id, revision)
    amount = claim.total_cents if approved_cents is None else approved_cents
    if not 0 < amount <= claim.total_cents:
        raise InvalidInput("approved_cents", f"approve between $0.01 and the claim's total of {claim.total}")
    if amount < claim.total_cents and len(note.strip()) < SHORTEST_NOTE:
        raise InvalidInput("note", "say why less than the total is approved")
    state.move(session, claim, ClaimState.APPROVED)
    claim.approved_cents, claim.decided_at = amount, session.now()
    less = amount < claim.total_cents
    _decide(
        session,
        claim,
        ClaimDecision(
            decision=Decision.APPROVED,
            approved_cents=amount,
            group_code="CO" if less else "",
            carc="45" if less else "",
            note=note.strip(),
        ),
    )
    return claim


def deny(
    session: WorkSession, claim_id: UUID, *, reason: str, note: str = "", revision: int | None = None
) -> Claim:
    """Deny a claim for one of DENIAL_REASONS; the vendor can appeal or replace it."""
    claim = _for_decision(session, claim_id, revision)
    chosen = DENIAL_REASONS.get(reason)
    if chosen is None:
        raise InvalidInput("reason", f"choose one of: {', '.join(DENIAL_REASONS)}")
    state.move(session, claim, ClaimState.DENIED, reason_code=reason)
    claim.decided_at = session.now()
    _decide(
        session,
        claim,
        ClaimDecision(
            decision=Decision.DENIED,
            group_code=chosen.group_code,
            carc=chosen.carc,
            rarc=chosen.rarc,
            note=note.strip(),
        ),
    )
    return claim


def ask_for_more(session: WorkSession, claim_id: UUID, *, note: str, revision: int | None = None) -> Claim:
    """Ask the vendor for what is missing; the claim waits until it has answered."""
    claim = _for_decision(session, claim_id, revision)
    if len(note.strip()) < SHORTEST_NOTE:
        raise InvalidInput("note", "say what you need, so that the vendor can send it")
    state.move(session, claim, ClaimState.PENDED)
    _decide(session, claim, ClaimDecision(decision=Decision.MORE_WANTED, note=note.strip()))
    return claim


def answer(session: WorkSession, claim_id: UUID, *, note: str) -> Claim:
    """The vendor's answer to what the payer asked for; the claim is back in the payer's queue."""
    claim = _own(session, claim_id)
    if claim.state is not ClaimState.PENDED:
        raise Conflict(f"The payer has asked for nothing: the claim is {claim.state.replace('_', ' ')}.")
    if len(note.strip()) < SHORTEST_NOTE:
        raise InvalidInput("note", "write your answer")
    state.move(session, claim, ClaimState.ACCEPTED)
    _decide(session, claim, ClaimDecision(decision=Decision.ANSWERED, note=note.strip()))
    return claim


def appeal(session: WorkSession, claim_id: UUID, *, note: str) -> Claim:
    """The vendor asks the payer to look at a denied claim again, and says why."""
    claim = _own(session, claim_id)
    if len(note.strip()) < SHORTEST_NOTE:
        raise InvalidInput("note", "say why the denial is wrong")
    state.move(session, claim, ClaimState.APPEALED)
    _decide(session, claim, ClaimDecision(decision=Decision.APPEALED, note=note.strip()))
    return claim


def _own(session: WorkSession, claim_id: UUID) -> Claim:
    """The acting vendor's claim, locked."""
    session.actor.require(*BILLERS)
    claim = locked(session, claim_id)
    if claim.vendor_organization_id != session.actor.organization():
        raise Forbidden("Only the vendor can speak for its claim.")
    return claim


def _for_decision(session: WorkSession, claim_id: UUID, revision: int | None) -> Claim:
    """The claim, locked, if the actor may decide it now."""
    session.actor.require(*REVIEWERS)
    claim = locked(session, claim_id)
    if claim.payer_organization_id != session.actor.organization():
        raise Forbidden("Only the claim's payer can decide it.")
    if revision is not None and revision != claim.revision:
        raise StaleRevision(
            "This claim has changed since you opened it.", remedy="Load it again, then decide."
        )
    if claim.state not in DECIDABLE:
        allowed = sorted(claim.__states__.moves[claim.state])
        raise TransitionRefused("claim", claim.state, "decided", allowed)
    return claim


def _decide(session: WorkSession, claim: Claim, decision: ClaimDecision) -> None:
    """Write the decision down and tell the floors and pages that wait for it."""
    newest = session.scalar(
        select(func.max(ClaimDecision.sequence)).where(ClaimDecision.claim_id == claim.id)
    )
    actor = session.actor
    decision.claim_id, decision.sequence = claim.id, (newest or 0) + 1
    decision.decided_by, decision.decided_by_name = actor.user_id, actor.name
    decision.organization_id, decision.decided_at = actor.organization(), session.now()
    session.add(decision)
    session.flush()
    events.publish(
        session,
        ClaimDecided(
            claim.id,
            decision.id,
            str(decision.decision),
            claim.vendor_organization_id,
            claim.payer_organization_id,
            claim.revision,
        ),
    )
    sides = (claim.vendor_organization_id, claim.payer_organization_id)
    announce(session, sides, "claim", claim.id, claim.revision)
