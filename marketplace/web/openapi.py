"""The OpenAPI 3.1 document of every JSON route, with its roles, its refusals and the idempotency header."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Response, current_app, jsonify
from marshmallow import Schema, fields

from marketplace.web.fields import Cents, LocalMoment

if TYPE_CHECKING:
    from marketplace.web.api import Operation

blueprint = Blueprint("openapi", __name__)
EXTENSION = "homeward.operations"
VERSION = "1.0"
REFUSALS = {
    400: "The request could not be read.",
    401: "No valid token or session.",
    403: "The actor lacks the role.",
    404: "There is no such object for this actor; missing and foreign are alike.",
    409: "The state of things does not allow it any more.",
    413: "The request is too large.",
    422: "A field is wrong, or the idempotency key belongs to another request.",
    429: "Too many requests; Retry-After says when to come back.",
    503: "A part of the system does not answer; Retry-After says when to come back.",
}


class FieldErrorSchema(Schema):
    """One wrong field."""

    field = fields.String(required=True)
    message = fields.String(required=True)
    code = fields.String(required=True)


class ProblemSchema(Schema):
    """RFC 9457 problem document."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    code = fields.String(required=True)
    remedy = fields.String()
    errors = fields.List(fields.Nested(FieldErrorSchema))


@blueprint.get("/openapi.json")
def show() -> Response:
    """The document of all JSON routes registered on this application."""
    operations: list[Operation] = current_app.extensions.get(EXTENSION, [])
    return jsonify(describe(tuple(operations)))


@lru_cache(maxsize=4)
def describe(operations: tuple[Operation, ...]) -> dict[str, Any]:
    """The OpenAPI document of some operations."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        title="Homeward",
        version=VERSION,
        openapi_version="3.1.0",
        plugins=[plugin],
        info={"description": "Every JSON route with its roles. Refusals are RFC 9457 problem documents."},
        security=[{"bearer": []}],
    )
    assert plugin.converter is not None
    plugin.converter.field_mapping[LocalMoment] = ("string", "date-time")
    plugin.converter.field_mapping[Cents] = ("integer", "int64")
    spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    spec.components.schema("Problem", schema=ProblemSchema)
    for operation in operations:
        spec.path(path=_path(operation.rule), operations={operation.method.lower(): _operation(operation)})
    document: dict[str, Any] = spec.to_dict()
    return document


def _path(rule: str) -> str:
    return re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule)


def _operation(operation: Operation) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.tag],
        "x-roles": sorted(operation.roles),
        "description": _roles_in_words(operation.roles),
        "parameters": list(_parameters(operation)),
        "responses": _responses(operation),
    }
    if not operation.roles:
        described["security"] = []
    if operation.body is not None:
        content = {"application/json": {"schema": operation.body}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _roles_in_words(roles: frozenset[str]) -> str:
    return f"Roles: {', '.join(sorted(roles))}." if roles else "Open to everybody."


def _parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    for converter, name in re.findall(r"<(?:([^:<>]+):)?([^<>]+)>", operation.rule):
        schema = {"type": "string", "format": "uuid"} if converter == "uuid" else {"type": "string"}
        if converter == "int":
            schema = {"type": "integer"}
        yield {"in": "path", "name": name, "required": True, "schema": schema}
    if operation.query is not None:
        yield {"in": "query", "schema": operation.query}
    if operation.method == "POST":
        yield {
            "in": "header",
            "name": "Idempotency-Key",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 200},
            "description": "A repeated request with the same key and body gets the first one's answer.",
        }


def _responses(operation: Operation) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Done."}
    if operation.response is not None:
        success["content"] = {"application/json": {"schema": operation.response}}
    problem = {"application/problem+json": {"schema": "Problem"}}
    unsafe = operation.method != "GET"
    statuses = [
        s for s in REFUSALS if (unsafe or s not in {409, 413}) and (operation.roles or s not in {401, 403})
    ]
    refusals = {str(status): {"description": REFUSALS[status], "content": problem} for status in statuses}
    return {str(operation.status): success, **refusals}
