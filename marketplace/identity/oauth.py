"""The token endpoint of OAuth2 client credentials (RFC 6749, sections 4.4 and 5): POST /oauth/token."""

from __future__ import annotations

from flask import Response, jsonify, request

from marketplace.foundation.access import NOBODY
from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.work import unit_of_work
from marketplace.identity import clients, throttle
from marketplace.identity.blueprints import door
from marketplace.identity.clients import ClientRefused
from marketplace.web import csrf, current


@door.post("/oauth/token")
@csrf.exempt
def oauth_token() -> Response:
    """A bearer token for a client that shows its id and secret, by HTTP Basic or in the form."""
    if request.form.get("grant_type") != "client_credentials":
        return _refused("unsupported_grant_type", "grant_type must be client_credentials", 400)
    client_id, secret = _credentials()
    if not client_id or not secret:
        return _refused("invalid_client", "send client_id and client_secret", 401)
    address = request.remote_addr or ""
    with unit_of_work(current.runtime(), NOBODY) as work:
        if wait := throttle.peek(work, "address", address):
            answer = _refused("temporarily_unavailable", "too many failures from this address", 429)
            answer.headers["Retry-After"] = str(wait)
            return answer
    try:
        with unit_of_work(current.runtime(), NOBODY) as work:
            scopes = request.form.get("scope", "").split()
            issued = clients.client_credentials(work, client_id, secret, scopes)
    except ClientRefused as refused:
        with unit_of_work(current.runtime(), NOBODY) as work:
            throttle.count_failure(work, "address", address)
        return _refused("invalid_client", refused.detail, 401)
    except InvalidInput as refused:
        return _refused("invalid_scope", refused.detail, 400)
    return _uncached(
        jsonify(
            access_token=issued.token,
            token_type="Bearer",  # noqa: S106  a kind of token
            expires_in=issued.lifetime_seconds,
            scope=" ".join(issued.scopes),
        )
    )


def _credentials() -> tuple[str, str]:
    given = request.authorization
    if given is not None and given.type == "basic":
        return given.username or "", given.password or ""
    return request.form.get("client_id", ""), request.form.get("client_secret", "")


def _refused(code: str, description: str, status: int) -> Response:
    response = jsonify(error=code, error_description=description)
    response.status_code = status
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Basic realm="Homeward"'
    return _uncached(response)


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
