"""A marshmallow field that forms and JSON share: whole numbers, typed as text or sent as integers."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from marketplace.web.fields import READING_FORM


class Whole(fields.Integer):
    """A whole number: from a form its digits, from JSON an integer; never a fraction, a text or a truth."""

    def _validated(self, value: Any) -> int:
        text_of_form = isinstance(value, str) and READING_FORM.get()
        if isinstance(value, bool) or not (isinstance(value, int) or text_of_form):
            raise self.make_error("invalid", input=value)
        return int(super()._validated(value))
