"""A payer, two vendors, approved claims, the double and a worker: what tests of settlement need."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from uuid import UUID

import requests
from sqlalchemy import select, update

from billing.adjudication.service import approve
from billing.claims.models import Claim, ClaimLine
from billing.claims.words import ClaimState, ServiceKind
from billing.invariants import INVARIANTS
from billing.ledger.rules import AccountKey
from billing.ledger.service import balance
from billing.ledger.words import AccountKind
from billing.settlement.double.server import Running, running
from billing.settlement.models import Deposit, PayoutAccount, Transfer
from billing.settlement.service import make_deposit, open_payout_account
from billing.settlement.words import FundingMethod
from marketplace.foundation.access import Actor, ActorKind, system_actor
from marketplace.foundation.clock import machine_now
from marketplace.foundation.ids import new_id
from marketplace.foundation.jobs.models import Job, JobState
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.work import Runtime, WorkSession, unit_of_work
from marketplace.identity.models import Organization
from marketplace.identity.words import OrganizationKind

SECRET = "whsec_of_the_tests"
NEEDS_A_REAL_SERVICE = frozenset({"claim-from-completed-service", "evidence-unchanged"})


@dataclass
class House:
    """One installation whose payments go to a double of its own."""

    runtime: Runtime
    double: Running
    payer: UUID
    vendors: tuple[UUID, UUID]

    def acting(self, actor: Actor, role: str = "web") -> AbstractContextManager[WorkSession]:
        """A unit of work."""
        return unit_of_work(self.runtime, actor, role)

    def reviewer(self) -> Actor:
        """Somebody of the payer."""
        return person(self.payer, "payer", "reviewer", "org_admin")

    def biller(self, vendor: UUID) -> Actor:
        """Somebody of a vendor."""
        return person(vendor, "vendor", "biller")

    def deposit(self, cents: int, method: FundingMethod = FundingMethod.CARD_CLEARED) -> UUID:
        """Leave a deposit; work it off separately."""
        with self.acting(self.reviewer()) as session:
            return make_deposit(session, cents, method).id

    def approved_claim(self, cents: int, vendor: int = 0) -> UUID:
        """A claim that its payer has approved."""
        claim_id = self.submitted_claim(cents, vendor)
        with self.acting(self.reviewer()) as session:
            approve(session, claim_id)
        return claim_id

    def submitted_claim(self, cents: int, vendor: int = 0) -> UUID:
        """A claim in the payer's queue."""
        with self.acting(self.biller(self.vendors[vendor])) as session:
            claim = Claim(
                vendor_organization_id=self.vendors[vendor],
                payer_organization_id=self.payer,
                organization_id=self.payer,
                patient_id=new_id(),
                kind=ServiceKind.RIDE,
                service_date=date(2026, 3, 2),
                state=ClaimState.SUBMITTED,
                total_cents=cents,
                created_at=session.now(),
                submitted_at=session.now(),
            )
            claim.lines.append(
                ClaimLine(
                    booking_id=new_id(), number=1, hcpcs_code="A0130", modifiers=[], units=1,
                    unit_cents=cents, charge_cents=cents, place_of_service="99",
                )
            )  # fmt: skip
            session.add(claim)
            session.flush()
            return claim.id

    def work_off(self, rounds: int = 50) -> int:
        """Run every queued job, and those they ask for, until none is left; returns how many ran."""
        ran = 0
        for _ in range(rounds):
            with self.acting(system_actor(), "relay") as session:
                query = select(Job.id).where(Job.state == JobState.QUEUED, Job.run_after <= machine_now())
                due = list(session.scalars(query.order_by(Job.id)))
            if not due:
                return ran
            ran += sum(run_job(self.runtime, job_id) for job_id in due)
        raise AssertionError("work keeps coming")

    def work_off_only(self, kind: str) -> None:
        """Run the queued jobs of one kind."""
        with self.acting(system_actor(), "relay") as session:
            due = list(session.scalars(select(Job.id).where(Job.kind == kind, Job.state == JobState.QUEUED)))
        for job_id in due:
            run_job(self.runtime, job_id)

    def suspense_cents(self) -> int:
        """What stands unexplained."""
        with self.acting(system_actor(), "verifier") as session:
            return balance(session, AccountKey(AccountKind.SUSPENSE, None)).cents

    def sweep(self) -> None:
        """A janitor's round at a time when everybody's patience is over, and the work it asks for."""
        from billing.settlement.jobs import SWEEP
        from marketplace.foundation.jobs.queue import enqueue

        with self.acting(system_actor(), "janitor") as session:
            old = machine_now().replace(year=machine_now().year - 1)
            session.execute(update(Transfer).values(asked_at=old, written_at=old))
            session.execute(update(Deposit).values(asked_at=old))
            enqueue(session, SWEEP, {})
        self.work_off()

    def forget_refusals(self) -> None:
        """As if the rest after a refusal were over."""
        with self.acting(system_actor(), "janitor") as session:
            session.execute(update(Transfer).values(refused_at=None))

    def transfers(self) -> list[Transfer]:
        """All our transfers, oldest first."""
        with self.acting(system_actor(), "verifier") as session:
            return list(session.scalars(select(Transfer).order_by(Transfer.id)))

    def deposits(self) -> list[Deposit]:
        """All our deposits."""
        with self.acting(system_actor(), "verifier") as session:
            return list(session.scalars(select(Deposit).order_by(Deposit.id)))

    def claim(self, claim_id: UUID) -> Claim:
        """A claim as it stands."""
        with self.acting(system_actor(), "verifier") as session:
            return session.get_one(Claim, claim_id)

    def at_stripe(self) -> list[Mapping[str, object]]:
        """The transfers the double holds."""
        return self.double.world.book.every("transfer")

    def breaches(self) -> list[str]:
        """What verify finds, apart from what needs services that these tests do not perform."""
        with self.acting(system_actor(), "verifier") as session:
            return [
                f"{breach.invariant}: {breach.detail}"
                for invariant in INVARIANTS
                if invariant.name not in NEEDS_A_REAL_SERVICE
                for breach in invariant.breaches(session)
            ]

    def fault(self, kind: str, path: str = "/v1/transfers", times: int = 1, **more: object) -> None:
        """Plan a failure of the double."""
        wish = {"kind": kind, "path": path, "times": times, **more}
        requests.post(f"{self.double.url}/_control/faults", json=wish, timeout=5).raise_for_status()

    def control(self, path: str, **body: object) -> None:
        """Do something to the double."""
        requests.post(f"{self.double.url}/_control/{path}", json=body, timeout=5).raise_for_status()


def person(organization: UUID, kind: str, *roles: str) -> Actor:
    """Somebody who acts for an organization."""
    return Actor(ActorKind.USER, new_id(), organization, kind, frozenset(roles), "Somebody")


def paying_runtime(runtime: Runtime, double_url: str) -> Runtime:
    """The same process with payments configured."""
    values = {
        **runtime.settings.values,
        "HOMEWARD_STRIPE_API_KEY": "sk_test_homeward",
        "HOMEWARD_STRIPE_API_BASE": double_url,
        "HOMEWARD_STRIPE_WEBHOOK_SECRET": SECRET,
    }
    settings = replace(runtime.settings, values=values)
    return Runtime(settings, runtime.databases, runtime.vault, runtime.registry)


@contextmanager
def money_house(runtime: Runtime, folder: Path) -> Iterator[House]:
    """The house with payout accounts open; its double runs while the block lasts."""
    with running(folder) as double:
        own = paying_runtime(runtime, double.url)
        with WorkSession(own, system_actor(), "owner") as session:
            payer = _organization(session, OrganizationKind.PAYER, "evergreen")
            vendors = tuple(_organization(session, OrganizationKind.VENDOR, f"vendor-{n}") for n in (1, 2))
            session.commit()
        house = House(own, double, payer, (vendors[0], vendors[1]))
        for vendor in vendors:
            with house.acting(house.biller(vendor)) as session:
                open_payout_account(session)
        house.work_off()
        with house.acting(system_actor(), "verifier") as session:
            assert {account.state for account in session.scalars(select(PayoutAccount))} == {"ready"}
        yield house


def _organization(session: WorkSession, kind: OrganizationKind, slug: str) -> UUID:
    made = Organization(kind=kind, name=slug.title(), slug=slug, time_zone="America/Los_Angeles")
    session.add(made)
    session.flush()
    return made.id
