"""Lists as Stripe pages them: newest first, filtered, walked by cursors; and objects expanded on request."""

from __future__ import annotations

from typing import Any

from billing.settlement.double import objects
from billing.settlement.double.book import Book, Object
from billing.settlement.double.faults import invalid
from billing.settlement.double.forms import text, texts, whole_number

_KIND_BY_FIELD = {
    "latest_charge": "charge",
    "balance_transaction": "balance_transaction",
    "charge": "charge",
    "payment_intent": "payment_intent",
    "destination": "account",
    "transfer": "transfer",
    "source_transaction": "charge",
}
_COMPARE = {
    "gt": lambda at, limit: at > limit,
    "gte": lambda at, limit: at >= limit,
    "lt": lambda at, limit: at < limit,
    "lte": lambda at, limit: at <= limit,
}


def listed(items: list[Object], url: str, params: dict[str, Any], *filters: str) -> Object:
    """Answer one page of `items` (given oldest first), keeping those whose fields equal the given filters."""
    kept = [item for item in reversed(items) if _wanted(item, params, filters)]
    limit = whole_number(params, "limit") if "limit" in params else 10
    if limit > 100:
        raise invalid(
            "This value must be less than or equal to 100.", param="limit", code="parameter_invalid_integer"
        )
    if before := text(params, "ending_before"):
        until = _position(kept, before, "ending_before")
        start = max(0, until - limit)
        return objects.page(kept[start:until], url, more=start > 0)
    after = text(params, "starting_after")
    start = _position(kept, after, "starting_after") + 1 if after else 0
    return objects.page(kept[start : start + limit], url, more=len(kept) > start + limit)


def expanded(book: Book, item: Object, params: dict[str, Any]) -> Object:
    """Put whole objects in place of the ids that `expand[]` names, as in `latest_charge.source`."""
    for wish in texts(params, "expand"):
        branch: Any = item
        for name in wish.split("."):
            if not isinstance(branch, dict) or name not in _KIND_BY_FIELD or name not in branch:
                raise invalid(f"This property cannot be expanded ({wish}).", param="expand")
            if isinstance(branch[name], str):
                branch[name] = public(book.get(_KIND_BY_FIELD[name], branch[name]))
            branch = branch[name]
            if branch is None:
                break
    return item


def public(item: Object) -> Object:
    """Leave out what the double keeps for itself, and a webhook's secret."""
    return {name: value for name, value in item.items() if not name.startswith("_") and name != "secret"}


def _wanted(item: Object, params: dict[str, Any], filters: tuple[str, ...]) -> bool:
    """Say whether an item passes the filters, the kinds and the time range that the caller gave."""
    if any(name in params and item.get(name) != params[name] for name in filters):
        return False
    kinds = texts(params, "types")
    if kinds and item.get("type") not in kinds:
        return False
    bounds = params.get("created", {})
    if not isinstance(bounds, dict):
        return bool(item["created"] == whole_number(params, "created", least=0))
    return all(
        name in _COMPARE and _COMPARE[name](item["created"], whole_number(bounds, name, least=0))
        for name in bounds
    )


def _position(items: list[Object], identifier: str, param: str) -> int:
    """Find where a cursor points."""
    for index, item in enumerate(items):
        if item["id"] == identifier:
            return index
    raise invalid(f"No such object: '{identifier}'", param=param, code="resource_missing")
