"""What a browser remembers in cookies: theme, single-key shortcuts, guides put away."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from marketplace.foundation.errors import InvalidInput
from marketplace.web.guide import COOKIE, hidden_after
from marketplace.web.pages import safe_next

blueprint = Blueprint("preferences", __name__)
CHOICES = {"theme": ("system", "light", "dark"), "shortcuts": ("on", "off")}
ONE_YEAR_SECONDS = 31_536_000


@blueprint.post("/preferences")
def choose() -> Response:
    """Keep the given preferences and go back to the page they were chosen on."""
    response = Response(status=204)
    guide = request.form.get("guide")
    if guide is not None:
        if guide not in ("hidden", "shown"):
            raise InvalidInput("guide", "choose one of: hidden, shown")
        _keep(response, COOKIE, hidden_after(hide=guide == "hidden"))
    for name, allowed in CHOICES.items():
        value = request.form.get(name)
        if value is None:
            continue
        if value not in allowed:
            raise InvalidInput(name, f"choose one of: {', '.join(allowed)}")
        _keep(response, f"homeward_{name}", value)
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) != "application/json":
        came_from = urlsplit(request.referrer or "")
        back = came_from.path + (f"?{came_from.query}" if came_from.query else "")
        response.status_code, response.headers["Location"] = 303, safe_next(back, "/")
    return response


def _keep(response: Response, name: str, value: str) -> None:
    response.set_cookie(
        name,
        value,
        max_age=ONE_YEAR_SECONDS,
        samesite="Lax",
        httponly=True,
        secure=request.is_secure,
    )
