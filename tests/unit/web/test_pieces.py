"""Kept pieces of HTML: made once a key, the least used forgotten first."""

from __future__ import annotations

from markupsafe import Markup

from marketplace.web.pieces import Pieces


def counted(pieces: Pieces, key: str, made: list[str]) -> Markup:
    """The piece, noting when it was made."""

    def make() -> Markup:
        made.append(key)
        return Markup("<li>{}</li>").format(key)

    return pieces.get(key, make)


def test_a_piece_is_made_once_for_its_key() -> None:
    pieces, made = Pieces(), list[str]()
    assert counted(pieces, "a", made) == counted(pieces, "a", made) == Markup("<li>a</li>")
    assert counted(pieces, "b", made) == Markup("<li>b</li>")
    assert made == ["a", "b"]


def test_the_piece_that_was_used_longest_ago_is_forgotten_first() -> None:
    pieces, made = Pieces(most=2), list[str]()
    for key in ("a", "b", "a", "c", "a", "b"):
        counted(pieces, key, made)
    assert len(pieces) == 2
    assert made == ["a", "b", "c", "b"]
