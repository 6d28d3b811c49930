"""What forms and JSON routes of credentials take and give."""

from __future__ import annotations

from marshmallow import Schema, fields

from marketplace.web.fields import LocalMoment, Text
from vendors.credentials.words import ScreeningResult, Standing, SubjectKind


class CredentialBody(Schema):
    """A new credential, or the renewal of one."""

    subject_kind = fields.Enum(SubjectKind, by_value=True, required=True)
    subject_id = fields.UUID(required=True)
    credential_type = Text(required=True, shortest=1, longest=60)
    valid_from = LocalMoment(required=True)
    expires_at = LocalMoment(load_default=None, allow_none=True)
    number = Text(longest=80, load_default="")
    screening = fields.Enum(ScreeningResult, by_value=True, load_default=None, allow_none=True)


class CredentialForm(Schema):
    """The same as the page asks for it: `subject` is kind:id."""

    subject = Text(required=True, shortest=1, longest=80)
    credential_type = Text(required=True, shortest=1, longest=60)
    valid_from = LocalMoment(required=True)
    expires_at = LocalMoment(load_default=None)
    number = Text(longest=80, load_default="")
    screening = fields.Enum(ScreeningResult, by_value=True, load_default=None)


class CredentialView(Schema):
    """A credential without its number."""

    id = fields.UUID()
    subject_kind = fields.Enum(SubjectKind, by_value=True)
    subject_id = fields.UUID()
    credential_type = fields.String()
    valid_from = LocalMoment()
    expires_at = LocalMoment(allow_none=True)
    verified_at = LocalMoment(allow_none=True)
    verification_source = fields.String(allow_none=True)
    standing = fields.Enum(Standing, by_value=True)
    screening = fields.Enum(ScreeningResult, by_value=True, allow_none=True)
    revision = fields.Integer()


class VerificationBody(Schema):
    """Where a credential was checked."""

    source = Text(required=True, shortest=1, longest=200)


class StandingBody(Schema):
    """What has become of a credential."""

    standing = fields.Enum(Standing, by_value=True, required=True)
    reason = Text(required=True, shortest=1, longest=200)


class ScreeningBody(Schema):
    """The decision about a possible match."""

    result = fields.Enum(ScreeningResult, by_value=True, required=True)
