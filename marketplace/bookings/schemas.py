"""What goes in and out of bookings as JSON or an HTML form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, pre_dump, validate

from marketplace.bookings.words import (
    BookingKind,
    BookingState,
    CancelReason,
    LevelOfService,
    PartyRole,
    PayerKind,
    PlaceKind,
    ServiceStatus,
    VisitPurpose,
    WayBackWish,
    WindowAnchor,
)
from marketplace.careplans.disciplines import Discipline
from marketplace.careplans.words import TaskState
from marketplace.patients.fields import Whole
from marketplace.patients.schemas import EncounterView
from marketplace.web.fields import Day, LocalMoment, Text

if TYPE_CHECKING:
    from marketplace.bookings.models import Booking
    from marketplace.careplans.models import CarePlanTask

_REVISION = validate.Range(min=1, max=2**31 - 1, error="Send the revision you saw.")
_QUANTITY = validate.Range(min=1, max=99, error="Write a number from 1 to 99.")


class AddressSchema(Schema):
    """Somewhere to go to."""

    place_kind = fields.Enum(PlaceKind, by_value=True, load_default=PlaceKind.RESIDENCE)
    name = Text(longest=120, load_default="")
    address_line = Text(required=True, shortest=1, longest=200)
    city = Text(required=True, shortest=1, longest=100)
    state = Text(required=True, shortest=2, longest=2)
    postal_code = Text(required=True, shortest=5, longest=10)


class ItemSchema(Schema):
    """An item to deliver."""

    hcpcs_code = Text(required=True, shortest=5, longest=5)
    quantity = Whole(load_default=1, validate=_QUANTITY)
    modifier = Text(longest=2, load_default=None, allow_none=True)


class WayBackSchema(Schema):
    """The ride back of a round trip: its window; flexible, it is fetched once somebody says "I am ready"."""

    requested_start = LocalMoment(required=True)
    requested_end = LocalMoment(required=True)
    flexible = fields.Boolean(load_default=True)


class OrderBase(Schema):
    """What rides and deliveries share."""

    task_id = fields.UUID(required=True)
    payer_kind = fields.Enum(PayerKind, by_value=True, required=True)
    coverage_id = fields.UUID(load_default=None, allow_none=True)
    authorization_id = fields.UUID(load_default=None, allow_none=True)
    requested_start = LocalMoment(load_default=None, allow_none=True)
    requested_end = LocalMoment(load_default=None, allow_none=True)
    anchor = fields.Enum(WindowAnchor, by_value=True, load_default=WindowAnchor.DISCHARGE)
    destination = fields.Nested(AddressSchema, load_default=None, allow_none=True)
    note = Text(longest=500, load_default="")


class OrderSchema(OrderBase):
    """A ride (`level_of_service`), a delivery (`items`) or a visit (`discipline`), as its `kind` says."""

    kind = fields.Enum(BookingKind, by_value=True, required=True)
    level_of_service = fields.Enum(LevelOfService, by_value=True, load_default=None, allow_none=True)
    origin = fields.Nested(AddressSchema, load_default=None, allow_none=True)
    flexible = fields.Boolean(load_default=False)
    way_back = fields.Nested(WayBackSchema, load_default=None, allow_none=True)
    """Of a ride: asks for its way back at once."""
    items = fields.List(
        fields.Nested(ItemSchema),
        load_default=list,
        validate=validate.Length(max=12, error="Order at most 12 kinds of items at once."),
    )
    receiver_name = Text(longest=100, load_default="")
    receiver_phone = Text(longest=40, load_default="")
    receiver_relationship = Text(longest=100, load_default="")
    receiver_instructions = Text(longest=500, load_default="")
    discipline = fields.Enum(Discipline, by_value=True, load_default=None, allow_none=True)
    visit_purpose = fields.Enum(VisitPurpose, by_value=True, load_default=None, allow_none=True)
    start_of_care_on = Day(load_default=None, allow_none=True)
    draft = fields.Boolean(load_default=False)
    """A visit that waits for the patient's choice."""


class OrderForm(Schema):
    """The booking page's form; `payer` is one choice, `items` are codes."""

    payer = Text(required=True, longest=120)
    requested_start = LocalMoment(required=True)
    requested_end = LocalMoment(required=True)
    moves = fields.Boolean(load_default=False)
    flexible = fields.Boolean(load_default=False)
    way_back = fields.Enum(WayBackWish, by_value=True, load_default=None, allow_none=True)
    back_start = LocalMoment(load_default=None, allow_none=True)
    back_end = LocalMoment(load_default=None, allow_none=True)
    level_of_service = fields.Enum(LevelOfService, by_value=True, load_default=None, allow_none=True)
    items = fields.List(Text(longest=5), load_default=list)
    more = Text(longest=5, load_default="")
    visit_purpose = fields.Enum(VisitPurpose, by_value=True, load_default=None, allow_none=True)
    start_of_care_on = Day(load_default=None, allow_none=True)
    place_kind = fields.Enum(PlaceKind, by_value=True, load_default=None, allow_none=True)
    address_line = Text(longest=200, load_default="")
    city = Text(longest=100, load_default="")
    state = Text(longest=2, load_default="")
    postal_code = Text(longest=10, load_default="")
    note = Text(longest=500, load_default="")
    receiver_name = Text(longest=100, load_default="")
    receiver_phone = Text(longest=40, load_default="")
    receiver_relationship = Text(longest=100, load_default="")
    receiver_instructions = Text(longest=500, load_default="")


class CancelSchema(Schema):
    """Why a booking is called off."""

    reason_code = fields.Enum(CancelReason, by_value=True, required=True)
    note = Text(longest=500, load_default="")
    revision = Whole(load_default=None, allow_none=True, validate=_REVISION)
    with_way_back = fields.Boolean(load_default=True)
    """Of a ride there: whether its way back is called off too."""


class CancelForm(CancelSchema):
    """The same on the page, where an unticked box means no."""

    with_way_back = fields.Boolean(load_default=False)


class HoldSchema(Schema):
    """Why a booking is held."""

    reason = Text(required=True, shortest=1, longest=500)


class WindowSchema(Schema):
    """Another requested window."""

    requested_start = LocalMoment(required=True)
    requested_end = LocalMoment(required=True)
    anchor = fields.Enum(WindowAnchor, by_value=True, load_default=WindowAnchor.DISCHARGE)


class MoveForm(Schema):
    """The same on the page."""

    requested_start = LocalMoment(required=True)
    requested_end = LocalMoment(required=True)
    moves = fields.Boolean(load_default=False)


class ListQuery(Schema):
    """Which bookings: as what the organization is a party, in which states, from which place in the list."""

    role = fields.Enum(PartyRole, by_value=True, load_default=None)
    state = fields.List(fields.Enum(BookingState, by_value=True), load_default=list)
    kind = fields.Enum(BookingKind, by_value=True, load_default=None)
    reference = Text(longest=20, load_default="")
    after = Text(longest=120, load_default="")


class BookingItemView(Schema):
    """An item of a delivery."""

    hcpcs_code = fields.String()
    description = fields.String()
    quantity = fields.Integer()
    modifier = fields.String()
    serial_number = fields.String(allow_none=True)


class BookingView(Schema):
    """A booking without anybody's identity; the last three fields are for its requester alone."""

    id = fields.UUID()
    reference = fields.String()
    kind = fields.Enum(BookingKind, by_value=True)
    state = fields.Enum(BookingState, by_value=True)
    service_status = fields.Enum(ServiceStatus, by_value=True, allow_none=True)
    hold_reason = fields.String(allow_none=True)
    organization_id = fields.UUID()
    facility_id = fields.UUID()
    payer_kind = fields.Enum(PayerKind, by_value=True)
    payer_organization_id = fields.UUID()
    level_of_service = fields.Enum(LevelOfService, by_value=True, allow_none=True)
    outward_booking_id = fields.UUID(allow_none=True)
    trip_id = fields.UUID(allow_none=True)
    trip_leg = fields.Integer(allow_none=True)
    discipline = fields.Enum(Discipline, by_value=True, allow_none=True)
    visit_purpose = fields.Enum(VisitPurpose, by_value=True, allow_none=True)
    start_of_care_on = fields.Date(allow_none=True)
    origin_postal_code = fields.String(allow_none=True)
    origin_place_kind = fields.String(allow_none=True)
    destination_postal_code = fields.String()
    destination_place_kind = fields.String()
    distance_meters = fields.Integer()
    service_seconds = fields.Integer()
    needs = fields.Dict()
    anchor = fields.Enum(WindowAnchor, by_value=True)
    requested_start = LocalMoment()
    requested_end = LocalMoment()
    flexible = fields.Boolean()
    ready_at = LocalMoment(allow_none=True)
    promised_start = LocalMoment(allow_none=True)
    promised_end = LocalMoment(allow_none=True)
    planned_start = LocalMoment(allow_none=True)
    planned_end = LocalMoment(allow_none=True)
    vendor_organization_id = fields.UUID(allow_none=True)
    award_id = fields.UUID(allow_none=True)
    revision = fields.Integer()
    items = fields.List(fields.Nested(BookingItemView))
    patient_id = fields.UUID(allow_none=True)
    encounter_id = fields.UUID(allow_none=True)
    care_plan_task_id = fields.UUID(allow_none=True)


class WayBackView(Schema):
    """The way back of a ride, if there is one."""

    booking = fields.Nested(BookingView, allow_none=True)


class BookingList(Schema):
    """A page of bookings; `next` goes into `after` for the following one, empty on the last."""

    items = fields.List(fields.Nested(BookingView))
    next = fields.String()


class DepartureTaskView(Schema):
    """A task of somebody who is to leave, with the newest booking made for it."""

    task_id = fields.UUID()
    title = fields.String()
    state = fields.Enum(TaskState, by_value=True)
    booking_id = fields.UUID(allow_none=True)
    booking_reference = fields.String(allow_none=True)
    booking_state = fields.Enum(BookingState, by_value=True, allow_none=True)

    @pre_dump
    def _of_pair(self, pair: tuple[CarePlanTask, Booking | None], **_: Any) -> dict[str, Any]:
        task, booking = pair
        return {
            "task_id": task.id,
            "title": task.title,
            "state": task.state,
            "booking_id": booking.id if booking else None,
            "booking_reference": booking.reference if booking else None,
            "booking_state": booking.state if booking else None,
        }


class DepartureView(Schema):
    """Somebody who is to leave."""

    encounter = fields.Nested(EncounterView)
    patient_name = fields.String(attribute="identity.listed_name")
    tasks = fields.List(fields.Nested(DepartureTaskView))


class DepartureList(Schema):
    """A page of people who are to leave; `next` goes into `after` for the following one."""

    items = fields.List(fields.Nested(DepartureView))
    next = fields.String()


class RiderView(Schema):
    """Who rides or receives; given to the requester and the awarded vendor only."""

    name = fields.String()
    phone = fields.String()
    pickup = fields.String()
    destination = fields.String()
    receiver_name = fields.String()
    receiver_phone = fields.String()
    receiver_relationship = fields.String()
    receiver_instructions = fields.String()
    note = fields.String()


class TimelineView(Schema):
    """Something that happened."""

    happened_at = LocalMoment()
    what = fields.String()
    actor_name = fields.String()
    reason_code = fields.String()
    note = fields.String()
