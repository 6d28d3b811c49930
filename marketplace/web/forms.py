"""An HTML form: what was typed, what was wrong with it, and what it means once it is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, time
from enum import Enum
from typing import Any

from flask import request
from marshmallow import Schema
from sqlalchemy.orm.exc import StaleDataError
from werkzeug.datastructures import MultiDict

from marketplace.foundation.errors import InvalidInput, StaleRevision
from marketplace.web import current
from marketplace.web.display import local
from marketplace.web.loading import load_form


class Form:
    """A form on its way: `values` as typed (or initial), `errors` by field, `data` parsed by the schema.

    The macros of components/fields.html read and label it; a page whose form has errors answers 422.
    """

    def __init__(self, values: Mapping[str, Any], *, submitted: bool = False, prefix: str = "") -> None:
        self.values = values
        self.submitted = submitted
        self.errors: dict[str, str] = {}
        self.data: dict[str, Any] = {}
        self.stale = False
        self._prefix = prefix
        self._labels: dict[str, str] = {}

    @property
    def ok(self) -> bool:
        """Whether the form was sent and nothing is wrong with it so far."""
        return self.submitted and not self.errors

    @property
    def summary(self) -> str:
        """The heading of the error summary."""
        count = len(self.errors)
        return "One thing needs your attention" if count == 1 else f"{count} things need your attention"

    def value(self, name: str) -> str:
        """The text for the field's control; moments in the request's zone, as the control wants them."""
        return as_text(self.values.get(name))

    def has(self, name: str, value: object) -> bool:
        """Whether an option or a box is chosen."""
        found = self.values.getlist(name) if isinstance(self.values, MultiDict) else self.values.get(name)
        several = found if isinstance(found, list | tuple | set | frozenset) else [found]
        return any(as_text(one) == as_text(value) for one in several if one is not None)

    def error(self, name: str) -> str:
        """What is wrong with the field; empty when nothing is."""
        return self.errors.get(name, "")

    def refuse(self, name: str, message: str) -> None:
        """Add an error found by the view itself; name "" for one that concerns the whole form."""
        self.errors.setdefault(name, message)

    def regroup(self, control_of: Callable[[str], str]) -> None:
        """Let errors of what one control stands for belong to that control."""
        for name in list(self.errors):
            if (target := control_of(name)) != name:
                self.refuse(target, self.errors.pop(name))

    def field_id(self, name: str) -> str:
        """The element id of a field."""
        return f"{self._prefix}field-{name.replace('.', '-')}"

    def remember(self, name: str, label: str) -> str:
        """Note a field's label while it is rendered, for the error summary; returns the label."""
        self._labels[name] = label
        return label

    def label(self, name: str) -> str:
        """The label under which the field was rendered."""
        return self._labels.get(name, name.replace("_", " ").capitalize())

    def knows(self, name: str) -> bool:
        """Whether the field was rendered, so that the summary can lead to it."""
        return name in self._labels

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Run a service inside; its InvalidInput becomes errors of this form, the transaction is undone.

        When somebody else changed the object meanwhile (StaleRevision), the form is `stale`: the page answers
        409 and shows both versions (components/conflict.html).
        """
        try:
            yield
        except (StaleRevision, StaleDataError):
            current.undo()
            self.stale = True
            self.refuse("", "Somebody else changed this while you were working on it. Compare, then decide.")
        except InvalidInput as refused:
            current.undo()
            for found in refused.errors:
                self.refuse(found.field, found.message[:1].upper() + found.message[1:])


def form_for(
    schema: Schema | type[Schema], initial: Mapping[str, Any] | None = None, *, prefix: str = ""
) -> Form:
    """The form of this request: parsed when it was sent by POST, else filled with `initial` Python values."""
    if request.method != "POST":
        return Form(initial or {}, prefix=prefix)
    return parse(schema, request.form, prefix=prefix)


def filters_for(schema: Schema | type[Schema]) -> Form:
    """A filter form from the address: `data` holds the valid filters, wrong ones are named in `errors`."""
    return parse(schema, request.args)


def parse(schema: Schema | type[Schema], submitted: MultiDict[str, str], *, prefix: str = "") -> Form:
    """Read submitted values with a marshmallow schema (see loading.load_form)."""
    form = Form(submitted, submitted=True, prefix=prefix)
    form.data, errors = load_form(schema() if isinstance(schema, type) else schema, submitted)
    for found in errors:
        form.refuse(found.field, found.message)
    return form


def as_text(value: Any) -> str:
    """A Python value as the text of a form control."""
    if isinstance(value, datetime):
        return local(value, "input")
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return str(value.value)
    return "" if value is None else str(value)
