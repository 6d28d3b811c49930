"""What the floors below know of a completed service, put into the one shape that claims ask for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from billing.claims.facts import EvidencePointer, ServiceFacts
from billing.claims.pricing import (
    ROUNDING_OF_CARD,
    ItemDelivered,
    RideDone,
    contracted_visit_lines,
    item_lines,
    ride_lines,
)
from billing.claims.values import (
    AuthorizationFacts,
    Line,
    MemberFacts,
    PayerFacts,
    ProofOfDelivery,
    TripLog,
    VendorFacts,
)
from billing.claims.visits import visit_of
from billing.claims.words import EvidenceKind, ServiceKind
from billing.rates.words import MileageRounding
from dispatch.field import words as field
from dispatch.field.evidence import EvidencePackage, evidence, private_content
from dispatch.field.models import FieldService
from marketplace.bookings.behalf import requester_acts
from marketplace.bookings.finding import booking as find_booking
from marketplace.bookings.models import Booking, BookingItem, BookingSubscriber
from marketplace.bookings.sealed import Subscriber, open_subscriber
from marketplace.bookings.words import BookingKind, BookingState, PayerKind
from marketplace.careplans.disciplines import DISCIPLINES
from marketplace.foundation import audit
from marketplace.foundation.errors import NotFound
from marketplace.foundation.work import WorkSession
from marketplace.identity.models import Facility, Organization, User
from marketplace.patients.coverage_models import Authorization, Coverage
from vendors.credentials.catalogue import required_of
from vendors.credentials.service import vendor_eligibility
from vendors.credentials.words import Severity, SubjectKind
from vendors.fleet.models import CrewMember, Vehicle
from vendors.network.rules import METERS_PER_MILE
from vendors.network.service import work_of
from vendors.network.words import RateLineValue
from vendors.offers.models import Award
from vendors.offers.service import rates_of

_KINDS = {
    BookingKind.RIDE: ServiceKind.RIDE,
    BookingKind.EQUIPMENT: ServiceKind.EQUIPMENT,
    BookingKind.HOME_HEALTH: ServiceKind.VISIT,
}
_DONE = (
    field.FieldStatus.ARRIVED_DROPOFF,
    field.FieldStatus.ACCEPTED_BY_RECEIVER,
    field.FieldStatus.STARTED,
)
FIRST_RENTAL_MONTH = 1


@dataclass(frozen=True, slots=True)
class Insurance:
    """The coverage and authorization behind a booking; all empty when the hospital or the patient pays."""

    covered_from: date | None = None
    covered_until: date | None = None
    authorization: AuthorizationFacts | None = None


class FloorsBelow:
    """The floors below, asked as the vendor whose service it is."""

    def service(self, session: WorkSession, booking_id: UUID) -> ServiceFacts:
        """The facts of one booking's service; NotFound when the acting vendor has no award for it."""
        booking = find_booking(session, booking_id)
        award = session.get(Award, booking.award_id) if booking.award_id else None
        if award is None or award.vendor_organization_id != session.actor.organization():
            raise NotFound
        shown = evidence(session, booking_id)
        done_at = next((at for at in map(shown.at, _DONE) if at), None) or booking.service_status_at
        items = list(session.scalars(select(BookingItem).where(BookingItem.booking_id == booking_id)))
        rates = rates_of(award)
        insurance = _insurance(session, booking, award.vendor_organization_id)
        return ServiceFacts(
            booking_id=booking.id,
            award_id=award.id,
            booking_reference=booking.reference,
            revision=booking.revision,
            organization_id=booking.organization_id,
            vendor_id=award.vendor_organization_id,
            payer_id=booking.payer_organization_id,
            patient_id=booking.patient_id,
            kind=_KINDS[booking.kind],
            service_date=_local_date(session, booking, done_at or session.now()),
            route=_route(booking, items),
            completed=booking.state is BookingState.COMPLETED,
            vendor=_vendor(session, booking, award, done_at or session.now()),
            member=_member(session, booking, insurance),
            payer=_payer(session, booking, rates),
            lines=_lines(booking, items, rates, shown),
            evidence=_pointers(shown),
            authorization=insurance.authorization,
            trip_log=_trip_log(session, shown),
            proof_of_delivery=_proof(session, booking, shown),
            visit_record=visit_of(session, booking, shown),
            evidence_intact=shown.chain_is_whole,
        )


def _local_date(session: WorkSession, booking: Booking, moment: datetime) -> date:
    """The date of service where the patient is: in the facility's time zone."""
    return moment.astimezone(ZoneInfo(session.get_one(Facility, booking.facility_id).time_zone)).date()


def _route(booking: Booking, items: list[BookingItem]) -> str:
    """From where to where, or which items: what makes two services of a day the same (edit 17)."""
    if booking.kind is BookingKind.EQUIPMENT:
        return "items " + " ".join(sorted(f"{item.hcpcs_code}x{item.quantity}" for item in items))
    if booking.discipline is not None:
        return f"visit {booking.discipline} {booking.destination_postal_code}"
    ends = (
        booking.origin_place_kind,
        booking.origin_postal_code,
        booking.destination_place_kind,
        booking.destination_postal_code,
    )
    return f"{booking.level_of_service} " + " ".join(str(end) for end in ends)


def _insurance(session: WorkSession, booking: Booking, vendor_id: UUID) -> Insurance:
    """What the requester's record says of coverage and authorization; read on the requester's behalf."""
    if booking.payer_kind is not PayerKind.COVERAGE or booking.coverage_id is None:
        return Insurance()
    with requester_acts(session, booking):
        coverage = session.get_one(Coverage, booking.coverage_id)
        held = session.get_one(Authorization, booking.authorization_id) if booking.authorization_id else None
        return Insurance(
            coverage.effective_from,
            coverage.effective_to,
            _authorization(held, booking, vendor_id) if held else None,
        )


def _authorization(held: Authorization, booking: Booking, vendor_id: UUID) -> AuthorizationFacts:
    """The authorization with the units this booking has reserved or consumed counted as its own."""
    return AuthorizationFacts(
        number=held.number,
        valid_from=held.valid_from,
        valid_until=held.valid_to,
        units_available=Decimal(held.units_approved - held.units_used + booking.authorization_units),
        hcpcs_codes=frozenset(held.hcpcs_codes),
        vendor_matches=held.vendor_organization_id in {None, vendor_id},
    )


def _vendor(session: WorkSession, booking: Booking, award: Award, at: datetime) -> VendorFacts:
    """The vendor, and whether its credentials were in order when the service was done."""
    organization = session.get_one(Organization, award.vendor_organization_id)
    level = str(booking.level_of_service) if booking.level_of_service else None
    required = required_of(SubjectKind.VENDOR, str(booking.kind), level, at.date())
    found = [
        finding
        for finding in vendor_eligibility(session, organization.id, required, at)
        if finding.severity is Severity.BLOCKS
    ]
    return VendorFacts(
        npi=organization.npi or "",
        name=organization.name,
        eligible=not found,
        eligibility_problem=found[0].text.rstrip(".") if found else "",
        excluded=any(finding.code == "excluded" for finding in found),
    )


def _member(session: WorkSession, booking: Booking, insurance: Insurance) -> MemberFacts:
    """Who is insured, opened for the claim; the look is audited."""
    row = session.get(BookingSubscriber, booking.id)
    if row is None:
        raise NotFound
    subscriber: Subscriber = open_subscriber(session, row)
    audit.read(session, booking.patient_id, "claims", booking.id)
    insured = booking.payer_kind is PayerKind.COVERAGE
    return MemberFacts(
        member_id=subscriber.member_id,
        name=f"{subscriber.given_name} {subscriber.family_name}".strip(),
        date_of_birth=date.fromisoformat(subscriber.birth_date) if subscriber.birth_date else None,
        covered_from=insurance.covered_from,
        covered_until=insurance.covered_until,
        coverage_found=not insured or bool(subscriber.member_id),
        insured=insured,
    )


def _payer(session: WorkSession, booking: Booking, rates: list[RateLineValue]) -> PayerFacts:
    """The payer, counting miles as the rate card agreed with it does."""
    organization = session.get_one(Organization, booking.payer_organization_id)
    rounding = ROUNDING_OF_CARD[rates[0].mile_rounding] if rates else MileageRounding.MEDICARE
    return PayerFacts(organization_id=organization.id, name=organization.name, mileage_rounding=rounding)


def _lines(
    booking: Booking, items: list[BookingItem], rates: list[RateLineValue], shown: EvidencePackage
) -> tuple[Line, ...]:
    """The priced lines: driven miles from the trip log, items from the booking, prices from the award."""
    if booking.kind is BookingKind.EQUIPMENT:
        return item_lines(
            [
                ItemDelivered(
                    item.hcpcs_code, item.quantity, FIRST_RENTAL_MONTH if item.modifier == "RR" else None
                )
                for item in items
            ],
            rates,
        )
    if booking.discipline is not None:
        return contracted_visit_lines(DISCIPLINES[booking.discipline].code, rates)
    planned = work_of(booking, [])
    log = shown.item(field.EvidenceKind.TRIP_LOG)
    driven = Decimal(str(log.facts.get("loaded_miles", 0))) if log else Decimal(0)
    ride = RideDone(
        level_of_service=str(booking.level_of_service),
        loaded_meters=int(driven * METERS_PER_MILE),
        route_meters=booking.distance_meters or None,
        origin_letter=booking.origin_place_kind or "H",
        destination_letter=booking.destination_place_kind,
        attendants=planned.attendants,
        oxygen=planned.oxygen,
    )
    return ride_lines(ride, rates)


def _pointers(shown: EvidencePackage) -> tuple[EvidencePointer, ...]:
    """Where the papers lie, with their digests."""
    return tuple(
        EvidencePointer(EvidenceKind(item.kind), item.id, bytes.fromhex(item.digest), item.recorded_at)
        for item in shown.items
    )


def _trip_log(session: WorkSession, shown: EvidencePackage) -> TripLog | None:
    """The driver's record of a ride."""
    item = shown.item(field.EvidenceKind.TRIP_LOG)
    if item is None:
        return None
    signed = bool(item.facts.get("signed"))
    vehicle = session.get(Vehicle, shown.vehicle_id) if shown.vehicle_id else None
    return TripLog(
        driver_name=_driver_name(session, shown),
        vehicle_plate=vehicle.plate if vehicle else "",
        picked_up_at=shown.at(field.FieldStatus.ON_BOARD),
        dropped_off_at=shown.at(field.FieldStatus.ARRIVED_DROPOFF),
        signature_sha256=item.digest if signed else None,
        odometer_start_miles=_miles(item.facts.get("odometer_start")),
        odometer_end_miles=_miles(item.facts.get("odometer_end")),
        unable_to_sign=not signed,
    )


def _driver_name(session: WorkSession, shown: EvidencePackage) -> str:
    """Who drove: the driver put on the ride, else whoever of the vendor's people reported it."""
    planned = session.scalar(
        select(FieldService.driver_user_id).where(
            FieldService.booking_id == shown.booking_id, FieldService.status != field.FieldStatus.WITHDRAWN
        )
    )
    people = [person for person in (planned, shown.driver_user_id) if person is not None]
    crew = dict(
        session.execute(
            select(CrewMember.user_id, CrewMember.name).where(CrewMember.user_id.in_(people))
        ).all()
    )
    users = dict(session.execute(select(User.id, User.name).where(User.id.in_(people))).all())
    return next((name for who in people if (name := crew.get(who) or users.get(who))), "")


def _proof(session: WorkSession, booking: Booking, shown: EvidencePackage) -> ProofOfDelivery | None:
    """The receiver's acceptance of a delivery."""
    item = shown.item(field.EvidenceKind.PROOF_OF_DELIVERY)
    if item is None:
        return None
    content = private_content(session, item.id)
    return ProofOfDelivery(
        delivered_on=_local_date(session, booking, item.signed_at) if item.signed_at else None,
        receiver_name=str(content.get("receiver_name", "")),
        receiver_relationship=str(item.facts.get("relationship", "")),
        signature_sha256=item.digest if item.facts.get("signed") else None,
        items=tuple((str(one["hcpcs_code"]), int(one["quantity"])) for one in item.facts.get("items", [])),
    )


def _miles(reading: object) -> Decimal | None:
    return None if reading is None else Decimal(str(reading))
