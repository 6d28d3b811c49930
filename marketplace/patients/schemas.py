"""What goes in and out of the patients room as JSON or an HTML form."""

from __future__ import annotations

from decimal import Decimal

from marshmallow import Schema, fields, validate

from marketplace.patients.fields import Whole
from marketplace.patients.words import (
    DischargeReason,
    EncounterState,
    IsolationPrecaution,
    MobilityAid,
    ServiceLine,
)
from marketplace.web.fields import Day, LocalMoment, Text

_COUNT = validate.Range(min=0, max=10_000, error="Write a number from 0 to 10,000.")


class IdentitySchema(Schema):
    """Who the patient is."""

    given_name = Text(required=True, shortest=1, longest=100)
    family_name = Text(required=True, shortest=1, longest=100)
    birth_date = Text(required=True, longest=10)
    mrn = Text(required=True, shortest=1, longest=40)
    phone = Text(longest=40, load_default="")
    address_line = Text(longest=200, load_default="")
    city = Text(longest=100, load_default="")
    state = Text(longest=2, load_default="")
    postal_code = Text(longest=10, load_default="")


class NeedsSchema(Schema):
    """What a crew must know, and who receives deliveries."""

    stairs_count = Whole(load_default=0, validate=_COUNT)
    weight_kg = Whole(load_default=None, allow_none=True, validate=_COUNT)
    oxygen_lpm = fields.Decimal(load_default=Decimal(0), as_string=True, places=1, validate=_COUNT)
    mobility_aid = fields.Enum(MobilityAid, by_value=True, load_default=MobilityAid.NONE)
    escort = fields.Boolean(load_default=False)
    isolation_precaution = fields.Enum(
        IsolationPrecaution, by_value=True, load_default=IsolationPrecaution.NONE
    )
    interpreter_language = Text(longest=60, load_default=None, allow_none=True)
    receiver_name = Text(longest=100, load_default="")
    receiver_phone = Text(longest=40, load_default="")
    receiver_relationship = Text(longest=100, load_default="")
    receiver_instructions = Text(longest=500, load_default="")
    receiver_from = LocalMoment(load_default=None, allow_none=True)
    receiver_until = LocalMoment(load_default=None, allow_none=True)


class NeedsView(NeedsSchema):
    """Needs as a patient's record shows them; when the receiver is there belongs to a stay."""

    class Meta:
        """The record holds no times."""

        exclude = ("receiver_from", "receiver_until")


class PatientSchema(IdentitySchema, NeedsSchema):
    """A new patient: identity and needs at once."""


class PatientQuery(Schema):
    """Search words: a name's beginning, a phone number, a record number, a reference."""

    q = Text(required=True, shortest=1, longest=200)


class PatientHitView(Schema):
    """A patient found."""

    patient_id = fields.UUID()
    reference = fields.String()
    name = fields.String(attribute="identity.listed_name")
    birth_date = fields.String(attribute="identity.birth_date")
    mrn = fields.String(attribute="identity.mrn")


class EncounterView(Schema):
    """A hospital stay."""

    id = fields.UUID()
    patient_id = fields.UUID()
    facility_id = fields.UUID()
    unit = fields.String()
    admitted_at = LocalMoment()
    expected_discharge_at = LocalMoment()
    medically_ready_at = LocalMoment(allow_none=True)
    discharged_at = LocalMoment(allow_none=True)
    left_ready = fields.Boolean(allow_none=True)
    state = fields.Enum(EncounterState, by_value=True)
    revision = fields.Integer()


class PatientView(Schema):
    """The whole record."""

    id = fields.UUID(attribute="patient.id")
    reference = fields.String(attribute="patient.reference")
    identity = fields.Nested(IdentitySchema)
    needs = fields.Nested(NeedsView)
    receiver = fields.Dict(keys=fields.String(), allow_none=True)
    receiver_from = LocalMoment(allow_none=True)
    receiver_until = LocalMoment(allow_none=True)
    encounters = fields.List(fields.Nested(EncounterView))


class AdmissionSchema(Schema):
    """A stay to begin."""

    facility_id = fields.UUID(required=True)
    unit = Text(longest=60, load_default="")
    admitted_at = LocalMoment(required=True)
    expected_discharge_at = LocalMoment(required=True)


class DischargeMoveSchema(Schema):
    """Another expected discharge time, and why."""

    expected_discharge_at = LocalMoment(required=True)
    reason_code = fields.Enum(DischargeReason, by_value=True, load_default=DischargeReason.OTHER)
    note = Text(longest=500, load_default="")
    revision = Whole(load_default=None, allow_none=True, validate=_COUNT)


class EncounterQuery(Schema):
    """Which stays to list: soonest to leave first."""

    facility_id = fields.UUID(load_default=None)
    until = LocalMoment(load_default=None)
    planned_only = fields.Boolean(load_default=False)
    after = Text(longest=120, load_default="")


class CoverageSchema(Schema):
    """A coverage to add."""

    payer_organization_id = fields.UUID(required=True)
    plan_name = Text(required=True, shortest=1, longest=120)
    member_id = Text(required=True, shortest=1, longest=80)
    effective_from = Day(required=True)
    effective_to = Day(load_default=None, allow_none=True)


class AuthorizationSchema(Schema):
    """An authorization to add."""

    number = Text(required=True, shortest=1, longest=60)
    service_line = fields.Enum(ServiceLine, by_value=True, required=True)
    units_approved = Whole(required=True, validate=_COUNT)
    valid_from = Day(required=True)
    valid_to = Day(required=True)
    hcpcs_codes = fields.List(Text(longest=10), load_default=list)
    vendor_organization_id = fields.UUID(load_default=None, allow_none=True)


class AuthorizationView(AuthorizationSchema):
    """An authorization with what is left of it."""

    id = fields.UUID()
    coverage_id = fields.UUID()
    units_used = fields.Integer()


class CoverageView(Schema):
    """A coverage, its payer's name, its authorizations; never the member id."""

    id = fields.UUID()
    payer_organization_id = fields.UUID()
    payer_name = fields.String()
    plan_name = fields.String()
    effective_from = fields.Date()
    effective_to = fields.Date(allow_none=True)
    authorizations = fields.List(fields.Nested(AuthorizationView))
