"""The web application: the web room with every service's pages and routes, health and metrics on it."""

from __future__ import annotations

from flask import Flask, current_app, redirect, url_for
from werkzeug.wrappers import Response

from marketplace.foundation.access import ActorKind
from marketplace.foundation.loading import uncollected
from marketplace.foundation.service import Registry
from marketplace.foundation.work import Runtime
from marketplace.health import blueprint as health
from marketplace.health import measure_requests
from marketplace.web import current
from marketplace.web.application import create_application, guard_last

HOMES = (
    ({"planner"}, "desk.board"),
    ({"vendor_admin"}, "portal.inbox"),
    ({"dispatcher"}, "dispatch.board"),
    ({"driver", "technician", "clinician"}, "field.stops"),
    ({"reviewer"}, "review.queue"),
    ({"biller"}, "billing.claims"),
    ({"platform_admin", "org_admin", "privacy_officer"}, "admin.home"),
)
"""Where each role starts; the first that fits and is installed."""
SEARCH = ("patients.search", frozenset({"planner"}))
"""What the search field of every page asks, and who has one."""


@uncollected()
def create_app(runtime: Runtime) -> Flask:
    """The WSGI application of an installation: all services that `runtime` has loaded."""
    app = create_application(runtime, HOMEWARD_SEARCH_ENDPOINT="patients.search")
    app.config["HOMEWARD_SEARCH_ENDPOINT"], app.config["HOMEWARD_SEARCH_ROLES"] = SEARCH
    app.register_blueprint(health)
    measure_requests(app)
    if isinstance(runtime.registry, Registry):
        for service in runtime.registry.services:
            for blueprint in service.blueprints():
                app.register_blueprint(blueprint)
    guard_last(app)
    app.add_url_rule("/", "home", _home)
    return app


def _home() -> Response:
    actor = current.actor()
    if actor.kind is ActorKind.NOBODY:
        return redirect(url_for("identity.sign_in"))
    for roles, endpoint in HOMES:
        if actor.has(*roles) and endpoint in current_app.view_functions:
            return redirect(url_for(endpoint))
    return redirect(url_for("identity.account"))
