"""The forms of the patient's pages: the JSON schemas, put together as a person fills them in."""

from __future__ import annotations

from marshmallow import fields

from marketplace.patients.schemas import (
    AdmissionSchema,
    AuthorizationSchema,
    CoverageSchema,
    PatientSchema,
)
from marketplace.patients.words import IsolationPrecaution, MobilityAid
from marketplace.web.fields import Text


class ChangeForm(PatientSchema):
    """Everything of a record that can be corrected.

    The lists must be sent: a wheelchair must not turn into walking because a form came without its list.
    """

    mobility_aid = fields.Enum(MobilityAid, by_value=True, required=True)
    isolation_precaution = fields.Enum(IsolationPrecaution, by_value=True, required=True)


class NewPatientForm(ChangeForm, AdmissionSchema):
    """A new patient with the stay they are here for."""


class CoverageForm(CoverageSchema):
    """A coverage to add."""


class AuthorizationForm(AuthorizationSchema):
    """An authorization; its codes are written one after the other."""

    hcpcs_codes = Text(longest=200, load_default="")  # type: ignore[assignment]
    vendor_organization_id = fields.UUID(load_default=None, allow_none=True)
