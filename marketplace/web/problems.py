"""The foundation's refusals as answers: RFC 9457 documents for programs, readable pages for people.

Both say what happened, why, and what to do next; neither says anything about a patient or the inside.
"""

from __future__ import annotations

import structlog
from flask import Flask, Response, jsonify, render_template, request, url_for
from sqlalchemy.exc import DataError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import BuildError

from marketplace.foundation.errors import (
    Conflict,
    Forbidden,
    HomewardError,
    InvalidInput,
    MalformedRequest,
    NotFound,
    NotSignedIn,
    StaleRevision,
    TooLarge,
    TooMany,
    Unavailable,
)
from marketplace.web import current

log = structlog.get_logger(__name__)
CONTENT_TYPE = "application/problem+json"
SIGN_IN_ENDPOINT = "identity.sign_in"
TYPE_PREFIX = "urn:homeward:problem:"


class MethodRefused(HomewardError):
    """The address exists, but not for this HTTP method."""

    status = 405
    code = "method-not-allowed"
    title = "That cannot be done here"


def wants_document() -> bool:
    """Whether the caller is a program: an API path, a JSON body, or JSON preferred over HTML."""
    if request.path.startswith("/api/") or request.is_json:
        return True
    accepted = request.accept_mimetypes
    return accepted.best_match(["text/html", "application/json"]) == "application/json"


def document(problem: HomewardError) -> dict[str, object]:
    """The RFC 9457 problem document of a refusal."""
    body: dict[str, object] = {
        "type": TYPE_PREFIX + problem.code,
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
    }
    if problem.remedy:
        body["remedy"] = problem.remedy
    if isinstance(problem, InvalidInput):
        body["errors"] = [{"field": e.field, "message": e.message, "code": e.code} for e in problem.errors]
    return body


def answer(problem: HomewardError) -> Response:
    """The answer to a refusal in the form this caller can read."""
    if wants_document():
        response = jsonify(document(problem))
        response.content_type = CONTENT_TYPE
    elif (
        isinstance(problem, NotSignedIn)
        and "HX-Request" not in request.headers
        and (target := _sign_in_url())
    ):
        return Response(status=303, headers={"Location": target})
    elif "HX-Request" in request.headers:
        response = Response(render_template("web/problem_notice.html", problem=problem))
        response.headers["HX-Retarget"] = "#flashes"
        response.headers["HX-Reswap"] = "innerHTML"
    else:
        response = Response(render_template("web/error.html", problem=problem))
    response.status_code = problem.status
    if isinstance(problem, TooMany | Unavailable):
        response.headers["Retry-After"] = str(problem.retry_after_seconds)
    if isinstance(problem, NotSignedIn):
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _sign_in_url() -> str:
    wanted = request.full_path.rstrip("?") if request.method == "GET" else None
    try:
        return url_for(SIGN_IN_ENDPOINT, next=wanted)
    except BuildError:
        return ""


def from_http(error: HTTPException) -> HomewardError:
    """Flask's and Werkzeug's own refusals in our words."""
    status = error.code or 500
    if status in {400, 415, 422}:
        return MalformedRequest("request", error.description or "The request could not be read.")
    known: dict[int, HomewardError] = {
        401: NotSignedIn(),
        403: Forbidden(),
        404: NotFound(),
        405: MethodRefused(f"{request.method} is not possible at this address."),
        409: Conflict(),
        413: TooLarge("The request is larger than we accept.", remedy="Send a smaller file."),
        429: TooMany(),
        503: Unavailable(),
    }
    return known.get(status) or HomewardError()


def from_database(error: Exception) -> HomewardError:
    """What the database refused, in words that say nothing of its inside."""
    if isinstance(error, StaleDataError):
        return StaleRevision(
            "Somebody else changed this while you were working on it.", remedy="Load it again and compare."
        )
    if isinstance(error, IntegrityError):
        return Conflict(
            "Something else took effect at the same moment.", remedy="Load the page and look again."
        )
    if isinstance(error, DataError):
        return InvalidInput("request", "a value is outside what can be stored")
    return Unavailable("The database does not answer at the moment.")


def install(app: Flask) -> None:
    """Map every refusal and failure of the application to its answer."""

    def refused(error: HomewardError) -> Response:
        return answer(error)

    def http_refused(error: HTTPException) -> Response:
        return answer(from_http(error))

    def database_refused(error: Exception) -> Response:
        current.finish(commit=False)
        problem = from_database(error)
        log.warning(
            "database refused", error=type(error).__name__, code=problem.code, endpoint=request.endpoint
        )
        return answer(problem)

    def failed(error: Exception) -> Response:
        current.finish(commit=False)
        log.error("unexpected failure", endpoint=request.endpoint, exc_info=error)
        return answer(
            HomewardError("The failure has been recorded. Nothing was changed.", remedy="Try again.")
        )

    app.register_error_handler(HomewardError, refused)
    app.register_error_handler(HTTPException, http_refused)
    for kind in (StaleDataError, IntegrityError, DataError, OperationalError, PoolTimeout):
        app.register_error_handler(kind, database_refused)
    app.register_error_handler(Exception, failed)
