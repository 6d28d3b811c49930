"""Three home-health agencies around Rosa, her task for a nurse, and how a choice is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from marketplace.bookings.orders import PayerChoice, VisitOrder
from marketplace.bookings.words import PayerKind
from marketplace.careplans import service as careplans
from marketplace.careplans.disciplines import Discipline
from marketplace.careplans.words import ServiceKind, TaskCategory
from marketplace.choices import agencies, service
from marketplace.choices.agencies import NewAgency
from marketplace.choices.models import PatientChoice
from marketplace.choices.words import ChoiceOutcome
from marketplace.foundation.ids import new_id
from marketplace.identity.models import Organization, User
from marketplace.identity.words import OrganizationKind, UserState
from tests.support.ground_stage import NOW, GroundStage

HOME = "97214"
NURSES = frozenset({Discipline.SKILLED_NURSING, Discipline.PHYSICAL_THERAPY, Discipline.AIDE})


@dataclass
class HomeHealthStage:
    """Agencies: the first two take work here as vendors, the third is only listed."""

    ground: GroundStage
    platform: UUID = field(default_factory=new_id)
    agencies: list[UUID] = field(default_factory=list)
    nurse_task: UUID = field(init=False)

    def build(self) -> HomeHealthStage:
        """The platform's directory with three agencies that serve Rosa's home, and her nurse's task."""
        ground = self.ground
        with ground.owner() as session:
            session.add(
                Organization(
                    id=self.platform, kind=OrganizationKind.PLATFORM, name="Platform", slug="platform",
                    time_zone="America/Los_Angeles",
                )
            )  # fmt: skip
            session.flush()
            ground.people[self.platform] = new_id()
            session.add(
                User(
                    id=ground.people[self.platform], organization_id=self.platform, name="Keeper",
                    email="keeper@example.com", roles=["platform_admin"], state=UserState.ACTIVE,
                )
            )  # fmt: skip
        with ground.acting(self.platform, "platform_admin") as session:
            for number, vendor in enumerate((ground.vendors[0], ground.vendors[1], None)):
                self.agencies.append(agencies.list_agency(session, self.new(number, vendor)).id)
            agencies.join_network(session, self.agencies[0], ground.payer)
        with ground.planning() as session:
            new = careplans.NewTask(
                category=TaskCategory.HOME_HEALTH,
                title="A nurse comes home",
                owner_user_id=ground.people[ground.hospital],
                service_kind=ServiceKind.HOME_HEALTH,
                discipline=Discipline.SKILLED_NURSING,
                due_offset_start_minutes=18 * 60,
                due_offset_end_minutes=26 * 60,
            )
            self.nurse_task = careplans.add_task(session, ground.plan, new).id
        return self

    def new(
        self, number: int, vendor: UUID | None = None, codes: frozenset[str] = frozenset({HOME})
    ) -> NewAgency:
        """An agency as it asks to be listed."""
        return NewAgency(
            ccn=f"38700{number}",
            name=f"Agency {number}",
            phone="503 555 0100",
            address="1 SW Main St, Portland, OR 97204",
            disciplines=NURSES,
            participating_from=NOW - timedelta(days=400),
            postal_codes=codes | {"97202"},
            quality_stars=Decimal("3.5"),
            vendor_organization_id=vendor,
        )

    def choose(self, *agencies_chosen: UUID) -> PatientChoice:
        """Show Rosa the list and record what she chooses; nothing named is no preference."""
        with self.ground.planning() as session:
            made = service.compile_list(session, self.ground.encounter)
            lines = {line.agency_id: line.position for line in service.lines_of(session, made.id)}
            positions = [lines[agency] for agency in agencies_chosen]
            outcome = ChoiceOutcome.CHOSEN if positions else ChoiceOutcome.NO_PREFERENCE
            return service.present_and_record(session, made.id, outcome, positions)

    def visit(self, **changes: object) -> VisitOrder:
        """A good order for the nurse's first visit, with some parts changed."""
        payer = PayerChoice(PayerKind.COVERAGE, self.ground.coverage)
        return VisitOrder(**{"task_id": self.nurse_task, "payer": payer, **changes})
