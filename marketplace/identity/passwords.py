"""Passwords: what is accepted (NIST SP 800-63B: length, not composition) and how they are kept (argon2id)."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterable
from importlib.resources import files

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from marketplace.foundation.errors import InvalidInput

SHORTEST = 12
LONGEST = 200

DENIED = frozenset(files("marketplace.identity").joinpath("denied_passwords.txt").read_text("utf-8").split())
"""Long enough and still guessed first; compared without case."""

_HASHER = PasswordHasher()
_AT_ONCE = threading.BoundedSemaphore(
    2
)  # each hash takes 64 MiB: a crowd at the door must not fill the memory


def check_policy(field: str, password: str, about: Iterable[str] = ()) -> None:
    """Refuse a password that is too short, too long, well known, or made of words about the person.

    `about` holds names and addresses; any of their words of four letters or more must not occur inside.
    """
    folded = _fold(password).lower()
    if len(folded) < SHORTEST:
        raise InvalidInput(field, f"choose at least {SHORTEST} characters; a few unrelated words are good")
    if len(folded) > LONGEST:
        raise InvalidInput(field, f"choose at most {LONGEST} characters")
    if "\x00" in password:
        raise InvalidInput(field, "leave out the NUL character")
    if folded in DENIED or len(set(folded)) < 5:
        raise InvalidInput(field, "this one is guessed early; choose a few unrelated words")
    for word in _words(about):
        if word in folded:
            raise InvalidInput(field, f"leave out {word!r}: it is part of a name or address of yours")


def hash_password(password: str) -> str:
    """The argon2id hash to keep, with its parameters and a fresh salt; about 0.1 s and 46 MiB."""
    with _AT_ONCE:
        return _HASHER.hash(_fold(password))


def matches(kept: str, password: str) -> bool:
    """Whether the password belongs to the kept hash; takes as long when there is no hash at all."""
    folded = _fold(password)[: LONGEST * 2]
    with _AT_ONCE:
        try:
            _HASHER.verify(kept or _nobodys_hash(), folded)
        except (VerificationError, InvalidHashError):
            return False
    return bool(kept)


def outdated(kept: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


_NOBODY: list[str] = []


def _nobodys_hash() -> str:
    if not _NOBODY:
        _NOBODY.append(_HASHER.hash("the password of nobody at all"))
    return _NOBODY[0]


def _fold(password: str) -> str:
    return unicodedata.normalize("NFKC", password)


def _words(about: Iterable[str]) -> set[str]:
    cleaned = "".join(letter if letter.isalnum() else " " for text in about for letter in f"{text} ")
    return {word.lower() for word in cleaned.split() if len(word) >= 4}
