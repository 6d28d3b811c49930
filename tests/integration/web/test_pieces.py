"""Kept pieces of HTML with forms in them: what belongs to one page is put in by each."""

from __future__ import annotations

import re

from flask import Flask, g
from markupsafe import Markup

from marketplace.web import csrf, idempotency
from marketplace.web.pieces import Pieces


def test_forms_of_a_kept_piece_have_the_token_of_the_page_and_a_key_each(app: Flask) -> None:
    pieces, made = Pieces(), list[str]()

    def row() -> Markup:
        made.append("row")
        return Markup("<form>{}{}</form><form>{}{}</form>").format(
            csrf.field(), idempotency.field(), csrf.field(), idempotency.field()
        )

    def page(binding: str) -> tuple[str, str, set[str]]:
        with app.test_request_context():
            g.session_binding = binding
            html = str(pieces.get("row", row))
            return (
                html,
                csrf.token(),
                set(re.findall(r'name="idempotency_key" value="([0-9a-f-]{36}-[0-9]+)"', html)),
            )

    first, first_token, first_keys = page("one")
    second, second_token, second_keys = page("another")
    assert made == ["row"]
    assert first_token != second_token
    assert (first.count(first_token), second.count(second_token)) == (2, 2)
    assert first_token not in second
    assert len(first_keys | second_keys) == 4
    assert "\x1e" not in first + second
    assert re.sub(r"<input[^>]*>", "", first) == "<form></form><form></form>"
