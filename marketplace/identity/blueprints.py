"""The blueprints of identity: the door and the account under /, administration under /admin, JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint

from marketplace.identity.web_actor import load_actor

TEMPLATES = str(Path(__file__).resolve().parents[1] / "templates")

door = Blueprint("identity", __name__, template_folder=TEMPLATES)
admin = Blueprint("admin", __name__, url_prefix="/admin", template_folder=TEMPLATES)

door.before_app_request(load_actor)


def all_of_them() -> Sequence[Any]:
    """The blueprints with every view and route of identity hung on them."""
    from marketplace.identity import (
        account_views,
        admin_views,
        api,
        door_views,
        oauth,
        oversight_views,
        platform_views,
        reset_views,
    )

    assert account_views and admin_views and door_views and reset_views and platform_views
    assert oauth and oversight_views
    return [door, admin, api.api.blueprint]
