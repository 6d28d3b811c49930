"""JSON routes of billing: claims, decisions, deposits, transfers, the payout account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from billing.adjudication import service as adjudication
from billing.claims.floors_below import FloorsBelow
from billing.claims.models import Claim
from billing.claims.reading import READERS, claim_view
from billing.claims.service import check_again
from billing.review.schemas import (
    AnswerSchema,
    ApprovalSchema,
    BalanceView,
    ClaimFilter,
    ClaimListed,
    ClaimShown,
    DenialSchema,
    DepositSchema,
    DepositView,
    FeeChargeView,
    PayoutAccountSchema,
    PayoutAccountView,
    QuestionSchema,
    TransferView,
    shown,
)
from billing.settlement import service as settlement
from billing.settlement.fee_reading import READERS as FEE_READERS
from billing.settlement.fee_reading import FeeLine, fee_lines
from billing.settlement.models import Deposit, PayoutAccount, Transfer
from billing.settlement.retrying import RETRIERS, try_again
from marketplace.foundation.errors import NotFound
from marketplace.web import current
from marketplace.web.api import Api

api = Api("billing", __name__)
PAYERS, PAID = set(settlement.PAYERS), set(settlement.PAID)


@api.get(
    "/claims", summary="Claims of the acting vendor or payer", roles=set(READERS), query=ClaimFilter,
    response=ClaimListed, many=True,
)  # fmt: skip
def claims(query: dict[str, Any]) -> list[Claim]:
    """Newest first."""
    session = current.session()
    mine = session.actor.organization()
    wanted = select(Claim).where(
        or_(Claim.vendor_organization_id == mine, Claim.payer_organization_id == mine)
    )
    if query["state"] is not None:
        wanted = wanted.where(Claim.state == query["state"])
    return list(session.scalars(wanted.order_by(Claim.id.desc()).limit(query["limit"])))


@api.get("/claims/<uuid:claim_id>", summary="One claim", roles=set(READERS), response=ClaimShown)
def claim(claim_id: UUID) -> dict[str, Any]:
    """The claim with its lines, findings, evidence and decisions."""
    return shown(claim_view(current.session(), claim_id))


@api.post(
    "/claims/<uuid:claim_id>/approval", summary="Approve a claim", roles=set(adjudication.REVIEWERS),
    body=ApprovalSchema, response=ClaimListed, status=200,
)  # fmt: skip
def approve(claim_id: UUID, body: dict[str, Any]) -> Claim:
    """The payer now owes the approved amount."""
    return adjudication.approve(current.session(), claim_id, **body)


@api.post(
    "/claims/<uuid:claim_id>/denial", summary="Deny a claim", roles=set(adjudication.REVIEWERS),
    body=DenialSchema, response=ClaimListed, status=200,
)  # fmt: skip
def deny(claim_id: UUID, body: dict[str, Any]) -> Claim:
    """The reason becomes an adjustment code."""
    return adjudication.deny(current.session(), claim_id, **body)


@api.post(
    "/claims/<uuid:claim_id>/question", summary="Ask the vendor for more", roles=set(adjudication.REVIEWERS),
    body=QuestionSchema, response=ClaimListed, status=200,
)  # fmt: skip
def ask(claim_id: UUID, body: dict[str, Any]) -> Claim:
    """The claim waits for the vendor's answer."""
    return adjudication.ask_for_more(current.session(), claim_id, **body)


@api.post(
    "/claims/<uuid:claim_id>/answer", summary="Answer the payer's question", roles=set(adjudication.BILLERS),
    body=AnswerSchema, response=ClaimListed, status=200,
)  # fmt: skip
def answer(claim_id: UUID, body: dict[str, Any]) -> Claim:
    """The claim is back in the payer's queue."""
    return adjudication.answer(current.session(), claim_id, **body)


@api.post(
    "/claims/<uuid:claim_id>/appeal", summary="Appeal a denial", roles=set(adjudication.BILLERS),
    body=AnswerSchema, response=ClaimListed, status=200,
)  # fmt: skip
def appeal(claim_id: UUID, body: dict[str, Any]) -> Claim:
    """The claim is back in the payer's queue."""
    return adjudication.appeal(current.session(), claim_id, **body)


@api.post(
    "/claims/<uuid:claim_id>/check", summary="Check a held claim again", roles=set(adjudication.BILLERS),
    response=ClaimListed, status=200,
)  # fmt: skip
def check(claim_id: UUID) -> Claim:
    """After something was mended: a clean claim goes to its payer."""
    return check_again(current.session(), claim_id, FloorsBelow())


@api.get("/deposits", summary="The acting payer's deposits", roles=PAYERS, response=DepositView, many=True)
def deposits() -> list[Deposit]:
    """Newest first."""
    return settlement.payer_account(current.session()).deposits


@api.get("/deposits/<uuid:deposit_id>", summary="One deposit", roles=PAYERS, response=DepositView)
def deposit(deposit_id: UUID) -> Deposit:
    """One deposit of the acting payer."""
    return settlement.deposit(current.session(), deposit_id)


@api.post("/deposits", summary="Leave a deposit", roles=PAYERS, body=DepositSchema, response=DepositView)
def make_deposit(body: dict[str, Any]) -> Deposit:
    """It is collected in the background and spent once it has cleared."""
    return settlement.make_deposit(current.session(), body["amount_cents"], body["method"])


@api.get(
    "/balance", summary="How the acting payer or vendor stands", roles=PAYERS | PAID, response=BalanceView
)
def balance() -> dict[str, int]:
    """A payer: cleared deposits and what it owes; a vendor: what it is owed."""
    session = current.session()
    if session.actor.organization_kind == "vendor":
        return {"available_cents": 0, "owed_cents": settlement.vendor_account(session).owed.cents}
    stands = settlement.payer_account(session)
    return {"available_cents": stands.available.cents, "owed_cents": stands.owed.cents}


@api.get(
    "/transfers", summary="Transfers of the acting payer or vendor", roles=PAYERS | PAID,
    response=TransferView, many=True,
)  # fmt: skip
def transfers() -> list[Transfer]:
    """Newest first."""
    return settlement.recent_transfers(current.session())


@api.post(
    "/transfers/<uuid:transfer_id>/retry", summary="Try a payment again that Stripe has refused too often",
    roles=set(RETRIERS), response=TransferView, status=200,
)  # fmt: skip
def retry(transfer_id: UUID) -> Transfer:
    """409 where it is tried by itself."""
    return try_again(current.session(), transfer_id)


@api.get(
    "/fee-charges", summary="Fees for cancelled work: what is owed, waived, paid or kept back",
    roles=set(FEE_READERS), response=FeeChargeView, many=True,
)  # fmt: skip
def fee_charges() -> list[FeeLine]:
    """The newest first, at most 100; of the acting health system or vendor."""
    return fee_lines(current.session())


@api.get(
    "/payout-account", summary="The acting vendor's payout account", roles=PAID, response=PayoutAccountView
)
def payout_account() -> PayoutAccount:
    """NotFound when none was opened."""
    account = settlement.vendor_account(current.session()).account
    if account is None:
        raise NotFound
    return account


@api.post(
    "/payout-account", summary="Open a payout account", roles=PAID, body=PayoutAccountSchema,
    response=PayoutAccountView,
)  # fmt: skip
def open_payout_account(body: dict[str, Any]) -> PayoutAccount:
    """The one there is when it was opened before."""
    return settlement.open_payout_account(current.session(), email=body["email"])
