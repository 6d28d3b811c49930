"""Read the form encoding that Stripe's clients send: nested keys and lists in brackets."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from billing.settlement.double.faults import invalid

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
_PART = re.compile(r"\[([^\[\]]*)\]")
MAXIMUM_DEPTH = 6


def decode(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Build the nested parameters from form pairs; a malformed key is refused with 400.

    >>> decode([("metadata[claim]", "C-1"), ("expand[]", "source"), ("amount", "5")])
    {'metadata': {'claim': 'C-1'}, 'expand': ['source'], 'amount': '5'}
    """
    tree: dict[str, Any] = {}
    for key, value in pairs:
        _place(tree, _path(key), value)
    return {name: _lists(branch) for name, branch in tree.items()}


def whole_number(params: dict[str, Any], name: str, *, least: int = 1) -> int:
    """Read a whole number of at least `least`, or refuse naming the parameter."""
    raw = params.get(name)
    if raw is None:
        raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    if not isinstance(raw, str) or not re.fullmatch(r"-?\d{1,12}", raw):
        raise invalid(f"Invalid integer: {raw}", param=name, code="parameter_invalid_integer")
    if int(raw) < least:
        raise invalid(
            f"This value must be greater than or equal to {least}.",
            param=name,
            code="parameter_invalid_integer",
        )
    return int(raw)


def text(params: dict[str, Any], name: str) -> str | None:
    """Read an optional text, refusing a nested value."""
    raw = params.get(name)
    if raw is not None and not isinstance(raw, str):
        raise invalid(f"Invalid string: {name}", param=name)
    return raw or None


def required_text(params: dict[str, Any], name: str) -> str:
    """Read a text that must be there."""
    raw = text(params, name)
    if raw is None:
        raise invalid(f"Missing required param: {name}.", param=name, code="parameter_missing")
    return raw


def texts(params: dict[str, Any], name: str) -> list[str]:
    """Read a list of texts; empty when absent."""
    raw = params.get(name, [])
    if not isinstance(raw, list) or not all(isinstance(part, str) for part in raw):
        raise invalid(f"Invalid array: {name}", param=name)
    return raw


def metadata(params: dict[str, Any]) -> dict[str, str]:
    """Read metadata: at most 50 keys of 40 characters, values of 500, as Stripe allows."""
    raw = params.get("metadata", {})
    if raw == "":
        return {}
    if not isinstance(raw, dict) or len(raw) > 50:
        raise invalid("Invalid hash of at most 50 keys", param="metadata")
    for key, value in raw.items():
        if not isinstance(value, str) or len(key) > 40 or len(value) > 500:
            raise invalid(f"Invalid metadata: {key}", param=f"metadata[{key}]")
    return raw


def _path(key: str) -> list[str]:
    """Split `a[b][]` into its parts."""
    found = _KEY.match(key)
    if found is None:
        raise invalid(f"Received unknown parameter: {key[:80]}", param=key[:80], code="parameter_unknown")
    parts = [found.group(1), *_PART.findall(found.group(2))]
    if len(parts) > MAXIMUM_DEPTH:
        raise invalid(f"Parameter nested too deeply: {key[:80]}", param=key[:80])
    return parts


def _place(tree: dict[str, Any], parts: list[str], value: str) -> None:
    """Hang one value into the tree, numbering empty brackets in the order they come."""
    branch = tree
    for index, part in enumerate(parts):
        name = part or str(len(branch))
        if index == len(parts) - 1:
            if isinstance(branch.get(name), dict):
                raise invalid(f"Parameter is both a value and a hash: {parts[0]}", param=parts[0])
            branch[name] = value
            return
        step = branch.setdefault(name, {})
        if not isinstance(step, dict):
            raise invalid(f"Parameter is both a value and a hash: {parts[0]}", param=parts[0])
        branch = step


def _lists(branch: Any) -> Any:
    """Turn branches whose keys are 0, 1, 2 ... into lists."""
    if not isinstance(branch, dict):
        return branch
    grown = {name: _lists(value) for name, value in branch.items()}
    if grown and all(name.isdigit() for name in grown):
        return [grown[name] for name in sorted(grown, key=int)]
    return grown
