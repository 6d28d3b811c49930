"""Typed JSON routes: a decorator that validates, asks for a role, calls the view, and documents it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, wraps
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from marshmallow import Schema, fields

from marketplace.foundation.errors import InvalidInput, MalformedRequest, TooLarge
from marketplace.web import current, openapi
from marketplace.web.loading import Loaded, load_form, load_json

LARGEST_BODY_BYTES = 1024 * 1024
View = Callable[..., Any]
SchemaLike = Schema | type[Schema]


@dataclass(frozen=True)
class Operation:
    """One JSON route as it is documented and tested: address, roles, what goes in and what comes out."""

    name: str
    tag: str
    method: str
    rule: str
    summary: str
    roles: frozenset[str]
    status: int
    body: Schema | None
    query: Schema | None
    response: Schema | None


class Api:
    """The JSON routes of one room, under /api/v1; hand its `blueprint` to the Service.

    A view gets the keyword arguments of its address, `body` (parsed dict) when a body schema is given and
    `query` when a query schema is; it returns what the response schema dumps, or nothing for 204.
    """

    def __init__(self, name: str, import_name: str, *, prefix: str = "/api/v1") -> None:
        self.name = name
        self.prefix = prefix
        self.operations: list[Operation] = []
        self.blueprint = Blueprint(f"{name}_api", import_name, url_prefix=prefix)
        self.blueprint.record(self._announce)

    def get(self, rule: str, **promise: Any) -> Callable[[View], View]:
        """A reading route; see `route`."""
        return self.route("GET", rule, **promise)

    def post(self, rule: str, **promise: Any) -> Callable[[View], View]:
        """A creating or acting route (answers 201 unless `status` says otherwise); see `route`."""
        return self.route("POST", rule, **{"status": 201, **promise})

    def put(self, rule: str, **promise: Any) -> Callable[[View], View]:
        """A replacing route; see `route`."""
        return self.route("PUT", rule, **promise)

    def patch(self, rule: str, **promise: Any) -> Callable[[View], View]:
        """A changing route; see `route`."""
        return self.route("PATCH", rule, **promise)

    def delete(self, rule: str, **promise: Any) -> Callable[[View], View]:
        """A removing route; see `route`."""
        return self.route("DELETE", rule, **promise)

    def route(
        self,
        method: str,
        rule: str,
        *,
        summary: str,
        roles: Iterable[str],
        body: SchemaLike | None = None,
        query: SchemaLike | None = None,
        response: SchemaLike | None = None,
        many: bool = False,
        status: int = 200,
    ) -> Callable[[View], View]:
        """Register a view. `roles` empty means open to everybody; `many` dumps a list as {"items": [...]}."""
        parts = [_instance(part) for part in (body, query, response)]

        def decorate(view: View) -> View:
            found = Operation(
                name=f"{self.name}.{view.__name__}",
                tag=self.name,
                method=method,
                rule=self.prefix + rule,
                summary=summary,
                roles=frozenset(roles),
                status=status if response is not None or status != 200 else 204,
                body=parts[0],
                query=parts[1],
                response=_listing(parts[2]) if many and parts[2] else parts[2],
            )
            self.operations.append(found)
            self.blueprint.add_url_rule(
                rule, endpoint=view.__name__, view_func=_guarded(view, found, many=many), methods=[method]
            )
            return view

        return decorate

    def _announce(self, state: BlueprintSetupState) -> None:
        state.app.extensions.setdefault(openapi.EXTENSION, []).extend(self.operations)


def operations() -> list[Operation]:
    """Every JSON route registered on the current application."""
    found: list[Operation] = current_app.extensions.get(openapi.EXTENSION, [])
    return found


def json_document() -> Any:
    """The request's JSON document; refuses another content type, too much, and what is not JSON in UTF-8."""
    if request.mimetype != "application/json":
        raise MalformedRequest("Content-Type", "send application/json")
    if (request.content_length or 0) > LARGEST_BODY_BYTES:
        raise TooLarge(
            f"A JSON body may have {LARGEST_BODY_BYTES // 1024} KiB.", remedy="Send less at a time."
        )
    try:
        return json.loads(request.get_data(cache=True).decode("utf-8"), parse_constant=_refuse_constant)
    except UnicodeDecodeError:
        raise MalformedRequest("body", "is not valid UTF-8; send the text in UTF-8") from None
    except (ValueError, RecursionError):
        raise MalformedRequest("body", "is not valid JSON") from None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)


def _guarded(view: View, operation: Operation, *, many: bool) -> View:
    @wraps(view)
    def run(**arguments: Any) -> Response:
        if operation.roles:
            current.actor().require(*operation.roles)
        if operation.query is not None:
            arguments["query"] = _accepted(load_form(operation.query, request.args))
        if operation.body is not None:
            arguments["body"] = _accepted(load_json(operation.body, json_document()))
        result = view(**arguments)
        if operation.response is None:
            return Response(status=operation.status)
        content = operation.response.dump({"items": result} if many else result)
        return _with_status(jsonify(content), operation.status)

    return run


def _with_status(response: Response, status: int) -> Response:
    response.status_code = status
    return response


def _accepted(loaded: Loaded) -> dict[str, Any]:
    data, errors = loaded
    if errors:
        raise InvalidInput(errors)
    return data


def _instance(schema: SchemaLike | None) -> Schema | None:
    return schema() if isinstance(schema, type) else schema


@cache
def _list_class(item: type[Schema]) -> type[Schema]:
    """One class of list a class of item, so that the description of the API names it once."""
    name = item.__name__.removesuffix("Schema") + "List"
    made: type[Schema] = Schema.from_dict({"items": fields.List(fields.Nested(item))}, name=name)
    return made


def _listing(item: Schema) -> Schema:
    return _list_class(type(item))()
