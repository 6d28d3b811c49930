"""Billing's part of the demo's world: vendors can be paid, and payers have left money to pay from."""

from __future__ import annotations

from sqlalchemy import select

from billing.settlement.service import make_deposit, open_payout_account
from billing.settlement.words import FundingMethod
from marketplace.foundation.access import system_actor
from marketplace.foundation.money import Money
from marketplace.foundation.work import unit_of_work
from marketplace.foundation.world import World
from marketplace.identity.models import Organization
from marketplace.identity.words import OrganizationKind

DEPOSITS = {OrganizationKind.PAYER: Money(250_000_00), OrganizationKind.HEALTH_SYSTEM: Money(40_000_00)}
"""What each payer leaves in the morning; a health system pays where no coverage does."""


def demo(world: World) -> None:
    """Ask for a payout account for each vendor and a deposit from each payer; the worker does the rest."""
    with unit_of_work(world.runtime, system_actor(), "verifier") as session:
        found = session.execute(select(Organization.id, Organization.kind).order_by(Organization.slug)).all()
    for organization_id, kind in found:
        with unit_of_work(world.runtime, system_actor(organization_id)) as session:
            if kind is OrganizationKind.VENDOR:
                open_payout_account(session)
            elif kind in DEPOSITS:
                make_deposit(session, DEPOSITS[kind].cents, FundingMethod.CARD_CLEARED)
