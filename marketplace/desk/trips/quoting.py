"""What a trip would cost before it is booked: every leg by the rate card of whoever would be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from marketplace.bookings import service as bookings
from marketplace.bookings.models import Booking
from marketplace.bookings.trip_orders import LegPlan, TripOrder
from marketplace.bookings.trips import PlannedTrip
from marketplace.bookings.words import BookingKind, BookingState
from marketplace.foundation.errors import FieldError, InvalidInput
from marketplace.foundation.ids import new_id
from marketplace.foundation.work import WorkSession
from vendors.network.rules import PriceLine
from vendors.offers.matching import judge_all, one_look
from vendors.offers.rules import Candidate, in_order
from vendors.preflight.rules import PayFacts, PayFinding, Permission, judge


@dataclass(frozen=True, slots=True)
class QuotedLeg:
    """A leg with who could do it, and who would be asked first at what price."""

    plan: LegPlan
    candidates: tuple[Candidate, ...]
    """Eligible vendors in the order they would be asked, then the others with their reasons."""
    chosen: Candidate | None
    """None when nobody may be asked: the leg would be booked and wait."""

    @property
    def eligible(self) -> list[Candidate]:
        """Those who may be asked."""
        return [one for one in self.candidates if one.is_eligible]

    @property
    def lines(self) -> tuple[PriceLine, ...]:
        """Base, miles and extras with codes and cents."""
        return self.chosen.price.lines if self.chosen and self.chosen.price else ()

    @property
    def total_cents(self) -> int | None:
        """Cents of the leg; None while nobody has quoted."""
        return sum(line.amount_cents for line in self.lines) if self.lines else None


@dataclass(frozen=True, slots=True)
class TripQuote:
    """The whole trip: its legs with their prices, and what stands between it and its payment."""

    planned: PlannedTrip
    legs: tuple[QuotedLeg, ...]
    findings: tuple[PayFinding, ...]

    @property
    def total_cents(self) -> int:
        """The sum of the legs that have a price."""
        return sum(leg.total_cents or 0 for leg in self.legs)

    @property
    def complete(self) -> bool:
        """Whether every leg has a vendor that may be asked, and so a price."""
        return all(leg.total_cents is not None for leg in self.legs)


def quote_trip(
    session: WorkSession, order: TripOrder, vendors: Mapping[int, UUID] | None = None
) -> TripQuote:
    """The quote of an order, nothing stored; `vendors` are those the planner wants, by leg.

    Raises what `plan_trip` does, and InvalidInput `vendors.<leg>` for one that may not be asked.
    """
    planned = bookings.plan_trip(session, order)
    wanted, errors, legs = vendors or {}, [], []
    with one_look(session):
        for plan in planned.legs:
            found = in_order(judge_all(session, _sketch(planned, plan), [], frozenset()))
            eligible = [one for one in found if one.is_eligible]
            vendor_id = wanted.get(plan.number)
            chosen = next((one for one in eligible if one.vendor_id == vendor_id), None)
            if vendor_id is not None and chosen is None:
                errors.append(_refused(plan.number, found, vendor_id))
            legs.append(QuotedLeg(plan, tuple(found), chosen or next(iter(eligible), None)))
    if errors:
        raise InvalidInput(errors)
    return TripQuote(planned, tuple(legs), _findings(planned))


def _refused(number: int, found: list[Candidate], vendor_id: UUID) -> FieldError:
    vendor = next((one for one in found if one.vendor_id == vendor_id), None)
    why = f"{vendor.name}: {vendor.why_not}" if vendor else "choose a vendor of the list"
    return FieldError(f"vendors.{number}", why, "not-eligible")


def _sketch(planned: PlannedTrip, leg: LegPlan) -> Booking:
    """The booking that the leg would be, never added to a session."""
    known, begin, goal = planned.known, leg.origin, leg.destination
    return Booking(
        id=new_id(),
        kind=BookingKind.RIDE,
        organization_id=known.encounter.organization_id,
        encounter_id=known.encounter.id,
        payer_organization_id=planned.payer.organization_id,
        level_of_service=leg.level,
        origin_latitude=begin.position.latitude,
        origin_longitude=begin.position.longitude,
        origin_postal_code=begin.address.postal_code,
        destination_latitude=goal.position.latitude,
        destination_longitude=goal.position.longitude,
        destination_postal_code=goal.address.postal_code,
        needs=leg.needs.to_json(),
        requested_start=leg.window.start,
        requested_end=leg.window.end,
        service_seconds=leg.service_seconds,
        dropoff_seconds=leg.dropoff_seconds,
        distance_meters=leg.distance_meters,
        state=BookingState.DRAFT,
    )


def _findings(planned: PlannedTrip) -> tuple[PayFinding, ...]:
    """Whether the trip as a whole will be paid: what is the same of several legs is said once."""
    payer, zone = planned.payer, planned.known.zone
    first, last = planned.legs[0].window.start, planned.legs[-1].window.end
    held = payer.authorization
    permission = (
        None
        if held is None
        else Permission(
            number=held.number,
            service_line=held.service_line.value,
            codes=frozenset(held.hcpcs_codes),
            units_left=held.units_approved - held.units_used,
            valid_from=held.valid_from,
            valid_to=held.valid_to,
            vendor_id=held.vendor_organization_id,
        )
    )
    found: dict[PayFinding, None] = {}
    for leg in planned.legs:
        facts = PayFacts(
            kind=BookingKind.RIDE.value,
            level=leg.level.value,
            units=len(planned.legs),
            first_day=first.astimezone(zone).date(),
            last_day=last.astimezone(zone).date(),
            payer=payer.kind.value,
            covered_from=payer.coverage.effective_from if payer.coverage else None,
            covered_to=payer.coverage.effective_to if payer.coverage else None,
            permission=permission,
        )
        for one in judge(facts):
            found.setdefault(one)
    return tuple(found)
