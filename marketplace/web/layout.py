"""The frame of every page as Jinja globals: navigation, who is signed in, theme, clock, tokens."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from flask import current_app, g, get_flashed_messages, request, url_for
from werkzeug.routing import BuildError

from marketplace.foundation.access import ActorKind
from marketplace.foundation.service import NavigationItem, Registry
from marketplace.web import csrf, current, idempotency, live
from marketplace.web.assets import asset
from marketplace.web.display import zone_name
from marketplace.web.guide import first_steps, is_guide_hidden
from marketplace.web.icons import icon, mark

THEMES = ("system", "light", "dark")
SEARCH_ENDPOINT = "HOMEWARD_SEARCH_ENDPOINT"
SEARCH_ROLES = "HOMEWARD_SEARCH_ROLES"
SIGN_OUT_ENDPOINT = "identity.sign_out"
ACCOUNT_ENDPOINT = "identity.account"
_NAVIGATION = "homeward.navigation"


@dataclass(frozen=True, slots=True)
class NavigationLink:
    """A link of the main navigation as this actor sees it."""

    label: str
    href: str
    icon: str
    is_here: bool


def navigation() -> list[NavigationLink]:
    """The navigation of the actor: the services' items for which it holds a role, in their order."""
    actor = current.actor()
    registry = current.runtime().registry
    if actor.kind is ActorKind.NOBODY or not isinstance(registry, Registry):
        return []
    items = _links_of(registry, request.script_root, actor.roles)
    here = place_in((href for _, href in items), request.path)
    return [NavigationLink(item.label, href, item.icon, href == here) for item, href in items]


def _links_of(registry: Registry, root: str, roles: frozenset[str]) -> list[tuple[NavigationItem, str]]:
    """The navigation of some roles with its addresses: the same on every page, so made once a process."""
    kept: dict[tuple[str, frozenset[str]], list[tuple[NavigationItem, str]]] = (
        current_app.extensions.setdefault(_NAVIGATION, {})
    )
    found = kept.get((root, roles))
    if found is None:
        found = kept[root, roles] = [
            (item, url_for(item.endpoint))
            for item in registry.navigation
            if (not item.roles or roles & set(item.roles)) and item.endpoint in current_app.view_functions
        ]
    return found


def place_in(addresses: Iterable[str], path: str) -> str:
    """The address a page belongs to: the longest that is the path or above it; empty when none is."""
    above = (
        href
        for href in addresses
        if path == href or (href != "/" and path.startswith(href.rstrip("/") + "/"))
    )
    return max(above, key=len, default="")


def shell() -> dict[str, Any]:
    """What the frame needs besides navigation: person, theme, shortcuts, addresses (empty when absent)."""
    if "shell" not in g:  # two templates of a page ask
        g.shell = _shell()
    return cast("dict[str, Any]", g.shell)


def _shell() -> dict[str, Any]:
    actor = current.actor()
    return {
        "signed_in": actor.kind is not ActorKind.NOBODY,
        "name": actor.name,
        "initials": initials(actor.name),
        "organization": g.get("organization_name", ""),
        "user": str(actor.user_id or ""),
        "theme": theme(),
        "single_keys": request.cookies.get("homeward_shortcuts") != "off",
        "search_url": _search_url(),
        "sign_out_url": address_of(SIGN_OUT_ENDPOINT),
        "account_url": address_of(ACCOUNT_ENDPOINT),
        "guide_hidden": is_guide_hidden(),
        "is_demo": current.runtime().settings.environment == "demo",
    }


def theme() -> str:
    """The theme this browser chose; "system" follows the device."""
    chosen = request.cookies.get("homeward_theme", "system")
    return chosen if chosen in THEMES else "system"


def initials(name: str) -> str:
    """Up to two letters that stand for a name."""
    parts = [part for part in name.replace("-", " ").split() if part[0].isalpha()]
    return "".join(part[0].upper() for part in (parts[:1] + parts[1:][-1:])) or "?"


def map_plan(plan: dict[str, Any]) -> str:
    """A map's plan as JSON, with the tile server of the settings when there is one."""
    settings = current.runtime().settings
    tiles = settings.text("TILE_URL")
    extra = {"tiles": tiles, "attribution": settings.text("TILE_ATTRIBUTION")} if tiles else {}
    return json.dumps({**plan, **extra})


def flashes() -> list[tuple[str, str]]:
    """The sentences earlier requests left for this page, as (tone, text).

    A phone's queue only follows an answer to learn where it leads: what was said waits for the page itself.
    """
    if "X-Queued" in request.headers:
        return []
    return cast("list[tuple[str, str]]", get_flashed_messages(with_categories=True))


def address_of(endpoint: str, **values: Any) -> str:
    """The address of a page of any room by the endpoint's name; empty where that room is not installed."""
    try:
        return url_for(endpoint, **values)
    except BuildError:
        return ""


def _search_url() -> str:
    """Where the frame's search field leads; empty for whom searching is not."""
    roles = current_app.config.get(SEARCH_ROLES, ())
    if roles and not current.actor().has(*roles):
        return ""
    return address_of(str(current_app.config.get(SEARCH_ENDPOINT, "desk.search")))


GLOBALS: dict[str, Any] = {
    "address_of": address_of,
    "asset": asset,
    "clock_speed": current.clock_speed,
    "csrf_field": csrf.field,
    "csrf_token": csrf.token,
    "first_steps": first_steps,
    "flashes_left": flashes,
    "icon": icon,
    "idempotency_field": idempotency.field,
    "live_cursor": live.page_cursor,
    "live_token": live.page_token,
    "map_plan": map_plan,
    "mark": mark,
    "navigation": navigation,
    "now": current.now,
    "shell": shell,
    "zone_name": zone_name,
}
