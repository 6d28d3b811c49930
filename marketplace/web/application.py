"""The Flask application all pages and routes hang on: one request is one unit of work, guarded once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import Rule

from marketplace.foundation.work import Runtime
from marketplace.web import (
    csrf,
    current,
    gallery,
    idempotency,
    layout,
    live,
    openapi,
    pages,
    preferences,
    problems,
    security_headers,
    text_hygiene,
)
from marketplace.web.display import FILTERS

LARGEST_REQUEST_BYTES = 16 * 1024 * 1024

web = Blueprint(
    "web", __name__, static_folder="static", template_folder="templates", static_url_path="/static"
)


class LazyRule(Rule):
    """An address whose builder is compiled when it is first asked for: a third of the application's start."""

    def _compile_builder(  # Werkzeug has the signature
        self,
        append_unknown: bool = True,  # noqa: FBT001, FBT002
    ) -> Callable[..., tuple[str, str]]:
        compile_now, made = super()._compile_builder, list[Callable[..., tuple[str, str]]]()

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if not made:
                made.append(compile_now(append_unknown))
            return made[0](rule, **values)

        return build


class WebApplication(Flask):
    """Flask, with a unit of work around each view: committed below status 400, undone otherwise."""

    url_rule_class = LazyRule

    def dispatch_request(self) -> ResponseReturnValue:
        """Run the view once per idempotency key, inside the request's unit of work."""
        view: Callable[[], ResponseReturnValue] = super().dispatch_request

        def answered() -> Response:
            return self.make_response(view())

        try:
            response = idempotency.answer_once(answered)
        except BaseException:
            current.finish(commit=False)
            raise
        current.finish(commit=response.status_code < 400)
        return response


def create_application(runtime: Runtime, **config: Any) -> WebApplication:
    """An application with this room installed and no pages yet; register the other rooms' blueprints on it.

    The identity room finds out who acts with `app.before_request` and `current.begin_as`; the check of CSRF
    tokens runs after all of those.
    """
    app = WebApplication("marketplace", static_folder=None)
    app.config.update(
        SECRET_KEY=runtime.settings.secret_key,
        MAX_CONTENT_LENGTH=LARGEST_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=text_hygiene.LARGEST_FORM_BYTES,
        SESSION_COOKIE_NAME="homeward_flash",
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SECURE=runtime.settings.base_url.startswith("https://"),
        **config,
    )
    app.extensions[current.EXTENSION] = runtime
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals.update(layout.GLOBALS)
    app.before_request(text_hygiene.check)
    app.register_blueprint(web)
    app.register_blueprint(preferences.blueprint)
    app.register_blueprint(live.blueprint)
    app.register_blueprint(openapi.blueprint)
    if not runtime.settings.is_production:
        app.register_blueprint(gallery.blueprint)
    if proxies := runtime.settings.number("TRUSTED_PROXIES", 0):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    for part in (csrf, security_headers, problems, pages):
        part.install(app)
    app.teardown_request(_abandon)
    return app


def guard_last(app: Flask) -> None:
    """Check CSRF tokens once the actor is known: call after every room has registered its before_request."""
    app.before_request(csrf.check)


def _abandon(_error: BaseException | None) -> None:
    current.finish(commit=False)
