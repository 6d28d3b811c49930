"""What goes in and out of standing orders as JSON or an HTML form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate

from marketplace.bookings.orders import Address
from marketplace.bookings.schemas import AddressSchema
from marketplace.bookings.words import BookingState, LevelOfService, PayerKind, PlaceKind, WayBackWish
from marketplace.desk.standing.rules import Terms
from marketplace.desk.standing.words import OccurrenceState, StandingState, SuspendReason
from marketplace.patients.fields import Whole
from marketplace.web.fields import Day, LocalMoment, Text

_WEEKDAY = validate.Range(min=0, max=6, error="Send weekdays as numbers, 0 for Monday to 6 for Sunday.")
_MINUTES = validate.Range(min=15, max=240, error="Write 15 to 240 minutes.")
_TRIPS = validate.Range(min=1, max=366, error="Write 1 to 366 trips.")
_MOST_DAYS = validate.Length(max=60, error="Leave out at most 60 days.")


def _local_time(**options: Any) -> fields.Time:
    wrong: dict[str, str | list[Any] | dict[Any, Any]] = {"invalid": "Write a time of the day, like 06:00."}
    return fields.Time(format="%H:%M", error_messages=wrong, **options)


class TermsSchema(Schema):
    """On which days and at which local times; `ends_on` or `trips` says how long, not both."""

    weekdays = fields.List(
        Whole(validate=_WEEKDAY),
        required=True,
        validate=validate.Length(min=1, max=7, error="Choose at least one weekday."),
        error_messages={"required": "Choose at least one weekday."},
    )
    pickup_at = _local_time(required=True)
    window_minutes = Whole(load_default=30, validate=_MINUTES)
    way_back = fields.Enum(WayBackWish, by_value=True, load_default=WayBackWish.AT_TIME)
    back_at = _local_time(load_default=None, allow_none=True)
    starts_on = Day(required=True)
    ends_on = Day(load_default=None, allow_none=True)
    trips = Whole(load_default=None, allow_none=True, validate=_TRIPS)
    skipped = fields.List(Day(), load_default=list, validate=_MOST_DAYS)


class DaysText(fields.Field[list[date]]):
    """Days in one line of text, with commas or blanks between them."""

    def _serialize(self, value: list[date] | None, attr: str | None, obj: Any, **kwargs: Any) -> str:
        return ", ".join(day.isoformat() for day in value or ())

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> list[date]:
        try:
            return [date.fromisoformat(one) for one in str(value).replace(",", " ").split()]
        except ValueError:
            raise ValidationError("Write days like 2026-12-25, with commas between them.") from None


class TermsForm(TermsSchema):
    """The same on the page, where nothing that is shown as required may be missing."""

    window_minutes = Whole(required=True, validate=_MINUTES)
    way_back = fields.Enum(WayBackWish, by_value=True, required=True)
    starts_on = Day(load_default=None, allow_none=True)
    skipped = DaysText(load_default=list)  # type: ignore[assignment]


class StandingForm(TermsForm):
    """A new standing order on the page; `confirmed` is sent from the second look."""

    starts_on = Day(required=True)
    level_of_service = fields.Enum(LevelOfService, by_value=True, required=True)
    payer = Text(required=True, longest=120)
    vendor_id = fields.UUID(load_default=None, allow_none=True)
    place_kind = fields.Enum(PlaceKind, by_value=True, required=True)
    name = Text(longest=120, load_default="")
    address_line = Text(required=True, shortest=1, longest=200)
    city = Text(required=True, shortest=1, longest=100)
    state = Text(required=True, shortest=2, longest=2)
    postal_code = Text(required=True, shortest=5, longest=10)
    note = Text(longest=500, load_default="")
    confirmed = fields.Boolean(load_default=False)


class StandingSchema(TermsSchema):
    """A new standing order."""

    task_id = fields.UUID(required=True)
    level_of_service = fields.Enum(LevelOfService, by_value=True, required=True)
    payer_kind = fields.Enum(PayerKind, by_value=True, required=True)
    coverage_id = fields.UUID(load_default=None, allow_none=True)
    authorization_id = fields.UUID(load_default=None, allow_none=True)
    vendor_id = fields.UUID(load_default=None, allow_none=True)
    destination = fields.Nested(AddressSchema, required=True)
    note = Text(longest=500, load_default="")


class SuspendSchema(Schema):
    """No rides from a day on, until the last one of the pause or until it is resumed."""

    reason_code = fields.Enum(SuspendReason, by_value=True, required=True)
    first = Day(required=True)
    last = Day(load_default=None, allow_none=True)
    note = Text(longest=500, load_default="")


class EndSchema(Schema):
    """The last day with a ride; none is at once."""

    last_day = Day(load_default=None, allow_none=True)
    note = Text(longest=500, load_default="")


class SkipSchema(Schema):
    """A day without a ride."""

    day = Day(required=True)


class StandingFindingView(Schema):
    """What speaks against payment, with its remedy."""

    code = fields.String()
    weight = fields.String()
    text = fields.String()
    remedy = fields.String()


class ForeseenView(Schema):
    """What an order would book."""

    days = fields.List(fields.Date())
    rides = fields.Integer()
    findings = fields.List(fields.Nested(StandingFindingView))


class OccurrenceView(Schema):
    """A day that was booked."""

    on_day = fields.Date()
    state = fields.Enum(OccurrenceState, by_value=True)
    outward_booking_id = fields.UUID()
    outward_state = fields.Enum(BookingState, by_value=True)
    back_booking_id = fields.UUID(allow_none=True)
    back_state = fields.Enum(BookingState, by_value=True, allow_none=True)


class StandingView(Schema):
    """A standing order without anybody's identity."""

    id = fields.UUID()
    reference = fields.String()
    state = fields.Enum(StandingState, by_value=True)
    patient_id = fields.UUID()
    care_plan_task_id = fields.UUID()
    level_of_service = fields.Enum(LevelOfService, by_value=True)
    payer_kind = fields.Enum(PayerKind, by_value=True)
    coverage_id = fields.UUID(allow_none=True)
    authorization_id = fields.UUID(allow_none=True)
    vendor_organization_id = fields.UUID(allow_none=True)
    weekdays = fields.List(fields.Integer())
    pickup_at = fields.Time(format="%H:%M")
    window_minutes = fields.Integer()
    way_back = fields.Enum(WayBackWish, by_value=True)
    back_at = fields.Time(format="%H:%M", allow_none=True)
    starts_on = fields.Date()
    ends_on = fields.Date(allow_none=True)
    trips = fields.Integer(allow_none=True)
    skipped = fields.List(fields.String())
    paused_from = fields.Date(allow_none=True)
    paused_until = fields.Date(allow_none=True)
    filled_until = fields.Date(allow_none=True)
    trouble = fields.String()
    findings = fields.List(fields.Nested(StandingFindingView))
    created_at = LocalMoment()
    revision = fields.Integer()


class StandingWithDays(StandingView):
    """The same with the days that were booked."""

    occurrences = fields.List(fields.Nested(OccurrenceView))


def terms_from(data: Mapping[str, Any]) -> Terms:
    """The terms in parsed data; without a way back there is no time for it."""
    none = data["way_back"] is WayBackWish.NONE
    return Terms(
        weekdays=tuple(sorted(set(data["weekdays"]))),
        pickup_at=data["pickup_at"],
        starts_on=data["starts_on"] or date.min,
        window_minutes=data["window_minutes"],
        way_back=data["way_back"],
        back_at=None if none else data["back_at"],
        ends_on=data["ends_on"],
        trips=data["trips"],
        skipped=tuple(sorted(set(data["skipped"]))),
    )


def place_from(data: Mapping[str, Any]) -> Address:
    """The place of the appointment in parsed data."""
    return Address(
        data["place_kind"],
        data["address_line"],
        data["city"],
        data["state"].upper(),
        data["postal_code"],
        data["name"],
    )
