"""What identity's forms and JSON routes take and give."""

from __future__ import annotations

from marshmallow import Schema, ValidationError, fields, validate

from marketplace.foundation.errors import InvalidInput
from marketplace.identity.fields import email_address
from marketplace.identity.passwords import LONGEST
from marketplace.identity.words import OrganizationKind, UserState
from marketplace.web.fields import LocalMoment, Text

_REVISION = validate.Range(1, 2**31 - 1, error="Send the revision you have read, 1 or more.")


def _is_mail_address(text: str) -> None:
    try:
        email_address("email", text)
    except InvalidInput as refused:
        raise ValidationError([found.message for found in refused.errors]) from None


class Secret(fields.String):
    """A password: kept exactly as typed, blanks included."""

    def __init__(self) -> None:
        limit = validate.Length(min=1, max=LONGEST, error=f"Write 1 to {LONGEST} characters.")
        super().__init__(required=True, validate=limit, load_only=True)


class SignInForm(Schema):
    """Address and password at the door."""

    email = Text(required=True, shortest=1, longest=254)
    password = Secret()
    next = Text(longest=2000, load_default="")


class CodeForm(Schema):
    """A code of the authenticator app, or a recovery code."""

    code = Text(required=True, shortest=6, longest=40)


class EmailForm(Schema):
    """Where to mail a link."""

    email = Text(required=True, shortest=3, longest=254, validate=_is_mail_address)


class NewPasswordForm(Schema):
    """A password chosen behind a mailed link."""

    password = Secret()
    repeated = Secret()


class ChangePasswordForm(Schema):
    """A new password, with proof of the present one."""

    present = Secret()
    password = Secret()
    repeated = Secret()


class PresentPasswordForm(Schema):
    """Proof that the person at the keyboard is still the one who signed in."""

    present = Secret()


class TokenForm(Schema):
    """A bearer token for programs of one's own."""

    name = Text(required=True, shortest=1, longest=80)
    days = fields.Integer(load_default=30)


class InvitationSchema(Schema):
    """Somebody to invite."""

    email = Text(required=True, shortest=3, longest=254)
    name = Text(required=True, shortest=1, longest=120)
    roles = fields.List(fields.String(), required=True)
    facility_ids = fields.List(fields.UUID(), load_default=list)


class UserChangeSchema(Schema):
    """What administrators change of a user."""

    name = Text(required=True, shortest=1, longest=120)
    roles = fields.List(fields.String(), required=True)
    facility_ids = fields.List(fields.UUID(), load_default=list)
    revision = fields.Integer(required=True, validate=_REVISION)


class UserFilter(Schema):
    """Which users to list."""

    words = Text(longest=120, load_default="")
    role = Text(longest=40, load_default="")
    state = fields.Enum(UserState, by_value=True, load_default=None)


class UserView(Schema):
    """A user of one's own organization."""

    id = fields.UUID()
    organization_id = fields.UUID()
    email = fields.String()
    name = fields.String()
    roles = fields.List(fields.String())
    state = fields.Enum(UserState, by_value=True)
    revision = fields.Integer()


class MeView(Schema):
    """Who the caller is."""

    kind = fields.String()
    user_id = fields.UUID(allow_none=True)
    organization_id = fields.UUID()
    organization_kind = fields.String()
    name = fields.String()
    roles = fields.List(fields.String())
    facility_ids = fields.List(fields.UUID())


class OrganizationSchema(Schema):
    """An organization to set up."""

    kind = fields.Enum(OrganizationKind, by_value=True, required=True)
    name = Text(required=True, shortest=1, longest=120)
    slug = Text(longest=60, load_default="")
    npi = Text(longest=10, load_default="")
    time_zone = Text(required=True, shortest=1, longest=60)


class NewOrganizationForm(OrganizationSchema):
    """An organization to set up, with its first administrator."""

    admin_name = Text(required=True, shortest=1, longest=120)
    admin_email = Text(required=True, shortest=3, longest=254)


class OrganizationChangeForm(Schema):
    """What administrators change of an organization."""

    name = Text(required=True, shortest=1, longest=120)
    npi = Text(longest=10, load_default="")
    time_zone = Text(required=True, shortest=1, longest=60)
    revision = fields.Integer(required=True, validate=_REVISION)


class OrganizationFilter(Schema):
    """Which organizations to list."""

    kind = fields.Enum(OrganizationKind, by_value=True, load_default=None)
    after = Text(longest=120, load_default="")


class OrganizationView(Schema):
    """An organization of the directory."""

    id = fields.UUID()
    kind = fields.Enum(OrganizationKind, by_value=True)
    name = fields.String()
    slug = fields.String()
    npi = fields.String(allow_none=True)
    time_zone = fields.String()
    state = fields.String()
    revision = fields.Integer()


class FacilitySchema(Schema):
    """A facility: where it stands and which units it has."""

    name = Text(required=True, shortest=1, longest=120)
    address = Text(required=True, shortest=1, longest=200)
    postal_code = Text(required=True, shortest=5, longest=10)
    latitude = fields.Float(required=True)
    longitude = fields.Float(required=True)
    time_zone = Text(required=True, shortest=1, longest=60)


class FacilityForm(FacilitySchema):
    """The facility page's form: one unit a line."""

    units = Text(load_default="")
    revision = fields.Integer(load_default=0)


class FacilityView(Schema):
    """A facility of the directory."""

    id = fields.UUID()
    organization_id = fields.UUID()
    name = fields.String()
    address = fields.String()
    postal_code = fields.String()
    latitude = fields.Float()
    longitude = fields.Float()
    time_zone = fields.String()
    revision = fields.Integer()


class ClientSchema(Schema):
    """A system that shall have credentials."""

    name = Text(required=True, shortest=1, longest=80)
    roles = fields.List(fields.String(), required=True)


class ClientView(Schema):
    """A client, without its secret."""

    id = fields.UUID()
    name = fields.String()
    roles = fields.List(fields.String())
    created_at = fields.AwareDateTime()
    last_used_at = fields.AwareDateTime(allow_none=True)
    revoked_at = fields.AwareDateTime(allow_none=True)


class NewClientView(Schema):
    """A client just made: the only answer that holds its secret."""

    client_id = fields.String()
    client_secret = fields.String(attribute="secret")
    client = fields.Nested(ClientView)


class AuditFilter(Schema):
    """Which rows of the audit trail to show."""

    who = Text(longest=120, load_default="")
    action = Text(longest=80, load_default="")
    object_id = fields.UUID(load_default=None)
    since = LocalMoment(load_default=None)
    until = LocalMoment(load_default=None)


class NoteForm(Schema):
    """Why something was done."""

    note = Text(longest=500, load_default="")
