"""The optimizer's reasons as people say them: it knows skills, papers and rules by their codes (pure)."""

from __future__ import annotations

import re

_CODE = re.compile(r"\b(?:[a-z]+:[a-z0-9_]+|crew_of_two)\b")
_RULE = re.compile(r" \(([a-z_]+)\)")
_RULES = {
    "window": "",
    "shift": " before its shift ends",
    "break": " and take its break",
    "blocked": " beside the time for which it is blocked",
}
"""How a rule of time ends the sentence "it cannot be there in time"."""


def skill_in_words(skill: str) -> str:
    """A skill as people say it: `feature:oxygen_mount` is an oxygen mount."""
    kind, _, rest = skill.partition(":")
    plain = (rest or kind).replace("_", " ")
    if kind == "level":
        return f"the license for {plain} rides"
    return f"a crew trained for {plain}" if kind == "crew" else plain


def in_words(sentence: str) -> str:
    """A reason of the optimizer without its codes: skills and papers in words, rules where they say more."""
    said = _CODE.sub(lambda found: skill_in_words(found[0]), sentence)
    return _RULE.sub(lambda found: _RULES.get(found[1], ""), said)
