"""Text made comparable before it is looked up: pure, so that rules may use it."""

from __future__ import annotations

import re
import unicodedata


def normalise(text: str) -> str:
    """Text for look-up: no accents, no case, letters and digits only, single spaces."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return " ".join(re.findall(r"[a-z0-9]+", plain))


def name_words(text: str) -> set[str]:
    """The words of a name and their beginnings of three letters and more, for search while typing."""
    words = normalise(text).split()
    return {word[:length] for word in words for length in range(min(3, len(word)), len(word) + 1)}


def digits(text: str) -> str:
    """The digits of a telephone or record number; a leading US country code is dropped."""
    found = re.sub(r"\D", "", text)
    return found[1:] if len(found) == 11 and found.startswith("1") else found
