"""JSON routes of credentials."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from marketplace.web import current
from marketplace.web.api import Api
from vendors.credentials.models import Credential
from vendors.credentials.schemas import (
    CredentialBody,
    CredentialView,
    ScreeningBody,
    StandingBody,
    VerificationBody,
)
from vendors.credentials.service import (
    add_credential,
    credentials_of,
    decide_screening,
    set_standing,
    verify_credential,
)

api = Api("credentials", __name__)
_LOOKERS = {"vendor_admin", "dispatcher", "org_admin"}
_PLATFORM = {"platform_admin"}


@api.get("/credentials", summary="Our credentials", roles=_LOOKERS, response=CredentialView, many=True)
def list_credentials() -> list[Credential]:
    """The acting vendor's credentials, the one that ends first on top."""
    return credentials_of(current.session())


@api.post(
    "/credentials",
    summary="Put a credential on file",
    roles={"vendor_admin"},
    body=CredentialBody,
    response=CredentialView,
)
def new_credential(body: dict[str, Any]) -> Credential:
    """A new credential, or the renewal of one; it counts once it is verified."""
    return add_credential(current.session(), **body)


@api.post(
    "/credentials/<uuid:credential_id>/verify",
    summary="Note that a credential was checked at its source",
    roles=_PLATFORM,
    body=VerificationBody,
    response=CredentialView,
    status=200,
)
def verify(credential_id: UUID, body: dict[str, Any]) -> Credential:
    """The platform's staff checked it."""
    return verify_credential(current.session(), credential_id, body["source"])


@api.post(
    "/credentials/<uuid:credential_id>/standing",
    summary="Note that a credential was stayed, revoked or restored",
    roles=_PLATFORM,
    body=StandingBody,
    response=CredentialView,
    status=200,
)
def standing(credential_id: UUID, body: dict[str, Any]) -> Credential:
    """The issuer changed its standing."""
    return set_standing(current.session(), credential_id, body["standing"], body["reason"])


@api.post(
    "/credentials/<uuid:credential_id>/screening",
    summary="Decide a possible match on an exclusion list",
    roles=_PLATFORM,
    body=ScreeningBody,
    response=CredentialView,
    status=200,
)
def screening(credential_id: UUID, body: dict[str, Any]) -> Credential:
    """A false match, or excluded."""
    return decide_screening(current.session(), credential_id, body["result"])
