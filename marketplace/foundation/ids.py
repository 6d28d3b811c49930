"""Identifiers: UUIDv7 for machines, short references with a check character for the telephone."""

from __future__ import annotations

import random
from datetime import datetime
from uuid import UUID

from uuid_utils import compat

from marketplace.foundation.errors import InvalidInput

ALPHABET = "123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""31 symbols, a prime count, without 0 O I L U: a weighted sum modulo 31 then finds every single
mistyped symbol and every swap of two neighbours."""

_DATA_SYMBOLS = 5
_SPAN = 31**_DATA_SYMBOLS
_MULTIPLIER = 17_320_508  # coprime to 31: a bijection that makes neighbours in time look unrelated
_OFFSET = 14_142_135


def new_id() -> UUID:
    """A fresh UUIDv7: unique, and sorted by the millisecond of its making."""
    return compat.uuid7()


def seeded_id(generator: random.Random, moment: datetime) -> UUID:
    """A UUIDv7-shaped identifier that depends only on the generator's seed and the moment."""
    milliseconds = int(moment.timestamp() * 1000) & ((1 << 48) - 1)
    value = milliseconds << 80 | 0x7 << 76 | generator.getrandbits(12) << 64
    return UUID(int=value | 0b10 << 62 | generator.getrandbits(62))


def spoken_reference(prefix: str, number: int) -> str:
    """The reference of the `number`-th object: `R-7K3QF9`; different numbers never collide."""
    rounds, position = divmod(number, _SPAN)
    value = (position * _MULTIPLIER + _OFFSET) % _SPAN
    symbols = ""
    for _ in range(_DATA_SYMBOLS):
        value, digit = divmod(value, 31)
        symbols = ALPHABET[digit] + symbols
    while rounds:
        rounds, digit = divmod(rounds - 1, 31)
        symbols = ALPHABET[digit] + symbols
    return f"{prefix}-{symbols}{_check_symbol(symbols)}"


def normalise_reference(field: str, text: str) -> str:
    """A reference as typed or dictated, made canonical; a wrong check character names `field`."""
    folded = text.strip().upper().replace("O", "0").replace(" ", "")
    head, dash, tail = folded.partition("-")
    tail = tail.replace("-", "")
    if not dash or not head.isalpha() or len(tail) < 2 or any(symbol not in ALPHABET for symbol in tail):
        raise InvalidInput(field, "write a reference like R-7K3QF9")
    if _check_symbol(tail[:-1]) != tail[-1]:
        raise InvalidInput(field, f"{head}-{tail} has a typing mistake: its last character does not fit")
    return f"{head}-{tail}"


def _check_symbol(symbols: str) -> str:
    total = sum(weight * ALPHABET.index(symbol) for weight, symbol in enumerate(reversed(symbols), start=2))
    return ALPHABET[total % 31]
