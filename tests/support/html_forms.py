"""The forms of a page, read as a browser would: where they send, and what stands in their controls."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

PAGE_FIELDS = ("csrf_token", "idempotency_key")


@dataclass
class Control:
    """One named control: its type, whether it must be filled in, and its options when it has a list."""

    kind: str
    value: str
    required: bool = False
    options: list[str] = field(default_factory=list)


@dataclass
class PageForm:
    """One form that sends by POST."""

    action: str
    controls: dict[str, Control] = field(default_factory=dict)

    def values(self) -> dict[str, str]:
        """What the form sends untouched, with the first choice made where one must be."""
        chosen = {
            name: control.value or next((one for one in control.options if one), "")
            for name, control in self.controls.items()
        }
        return {name: value for name, value in chosen.items() if name not in PAGE_FIELDS}


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._select = ""
        self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and found.get("method", "get").lower() == "post":
            self._form = PageForm(found.get("action") or self.address)
            self.forms.append(self._form)
        elif self._form is not None and "name" in found and tag in {"input", "select", "textarea", "button"}:
            self._control(tag, found)
        elif self._form is not None and tag == "option" and self._select:
            control = self._form.controls[self._select]
            control.options.append(found.get("value", ""))
            if "selected" in found:
                control.value = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._area:
            self._form.controls[self._area].value += data

    def _control(self, tag: str, found: dict[str, str]) -> None:
        assert self._form is not None
        name, kind = found["name"], tag if tag != "input" else found.get("type", "text")
        if kind in {"radio", "checkbox"} and name in self._form.controls:
            control = self._form.controls[name]
        else:
            value = "" if kind in {"radio", "checkbox"} else found.get("value", "")
            control = self._form.controls[name] = Control(kind, value, "required" in found)
        if kind in {"radio", "checkbox"}:
            control.options.append(found.get("value", "on"))
            control.value = found["value"] if "checked" in found else control.value
        self._select = name if tag == "select" else self._select
        self._area = name if tag == "textarea" else self._area


def forms_of(page: str, address: str) -> list[PageForm]:
    """Every POST form of a page; one without an action sends to the page's own address."""
    reader = _Reader(address)
    reader.feed(page)
    return reader.forms
