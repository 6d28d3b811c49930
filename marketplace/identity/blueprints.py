"""The blueprints of identity: the door and the account under /, administration under /admin, JSON."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask import Blueprint

from marketplace.identity.web_actor import load_actor

TEMPLATES = str(Path(__file__).resolve().parents[1] / "templates")

_VIEWS = (
    "door_views",
    "reset_views",
    "account_views",
    "admin_views",
    "facility_views",
    "client_views",
    "oversight_views",
    "platform_views",
    "oauth",
)

door = Blueprint("identity", __name__, template_folder=TEMPLATES)
admin = Blueprint("admin", __name__, url_prefix="/admin", template_folder=TEMPLATES)

door.before_app_request(load_actor)


def all_of_them() -> Sequence[Any]:
    """The blueprints with every view and route of identity hung on them."""
    for views in _VIEWS:
        importlib.import_module(f"marketplace.identity.{views}")
    from marketplace.identity.api import api

    return [door, admin, api.blueprint]
