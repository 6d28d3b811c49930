"""Pages that a reference and a short code open, without an account: what was typed, and what it opens.

Each try is counted in a unit of work of its own, so that a refusal of the page does not undo it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from flask import request
from marshmallow import Schema

from marketplace.foundation.access import NOBODY
from marketplace.foundation.errors import InvalidInput
from marketplace.foundation.work import WorkSession, unit_of_work
from marketplace.web import current
from marketplace.web.fields import Text
from marketplace.web.forms import Form

_TOO_MANY = "Too many wrong codes"


class CodeForm(Schema):
    """What is typed from a sheet, a mail or the phone."""

    reference = Text(required=True, longest=20)
    code = Text(required=True, longest=20)


class Opening(Protocol):
    """What a room's door answers."""

    @property
    def is_open(self) -> bool:
        """Whether the code was right."""

    @property
    def wait_seconds(self) -> int:
        """How long whoever asks from there has to wait after too many wrong ones; 0 for not at all."""


Found = TypeVar("Found", bound=Opening)


def opened(
    form: Form, open_door: Callable[[WorkSession, str, str, str], Found], *, dead: str, instead: str = ""
) -> Found | None:
    """What the typed code opens; else the form is refused: with `dead`, or with how long to wait.

    `instead` says what else one could do meanwhile.
    """
    if not form.ok:
        return None
    try:
        with unit_of_work(current.runtime(), NOBODY) as work:
            found = open_door(work, form.data["reference"], form.data["code"], request.remote_addr or "")
    except InvalidInput as refused:
        for error in refused.errors:
            form.refuse(error.field, error.message)
        return None
    if found.is_open:
        return found
    if found.wait_seconds:
        minutes = -(-found.wait_seconds // 60)
        form.refuse("code", f"{_TOO_MANY} from here. Wait {minutes} min{instead}.")
    else:
        form.refuse("code", dead)
    return None


def refusal_status(form: Form) -> int:
    """429 while somebody has to wait, else 422."""
    return 429 if _TOO_MANY in form.error("code") else 422
