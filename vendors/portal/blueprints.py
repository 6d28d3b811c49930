"""Every blueprint of the second floor."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint


def all_of_them() -> Sequence[Blueprint]:
    """Pages and JSON routes."""
    return []
