"""The guide for a first run: a few steps for each role, on the pages they lead to, until it is put away."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from marketplace.foundation.access import ActorKind
from marketplace.foundation.service import FirstStep, Registry
from marketplace.web import current

COOKIE = "homeward_guide"
"""Roles whose guide this browser has put away, joined by dots."""


@dataclass(frozen=True, slots=True)
class GuideStep:
    """A step as its reader sees it."""

    text: str
    link: str
    href: str
    is_here: bool


def first_steps() -> list[GuideStep]:
    """The actor's steps when this page is one of them and the guide was not put away; else none."""
    steps = _steps_of_actor()
    if not steps or is_guide_hidden() or request.endpoint not in {step.endpoint for step in steps}:
        return []
    return [
        GuideStep(step.text, step.link, url_for(step.endpoint), step.endpoint == request.endpoint)
        for step in steps
    ]


def is_guide_hidden() -> bool:
    """Whether this browser has put away the guide of the actor's role (and there is one)."""
    steps = _steps_of_actor()
    return bool(steps) and steps[0].role in _hidden()


def hidden_after(*, hide: bool) -> str:
    """What the cookie holds once the actor's guide is put away, or fetched again."""
    hidden = _hidden()
    for step in _steps_of_actor():
        hidden = hidden | {step.role} if hide else hidden - {step.role}
    return ".".join(sorted(hidden))


def _steps_of_actor() -> list[FirstStep]:
    """The steps of the first role with a guide that the actor holds, as far as their pages are installed."""
    actor, registry = current.actor(), current.runtime().registry
    if actor.kind is ActorKind.NOBODY or not isinstance(registry, Registry):
        return []
    installed = [step for step in registry.first_steps if step.endpoint in current_app.view_functions]
    role = next((step.role for step in installed if actor.has(step.role)), None)
    return [step for step in installed if step.role == role]


def _hidden() -> frozenset[str]:
    known = current.runtime().registry
    roles = {step.role for step in known.first_steps} if isinstance(known, Registry) else set()
    return frozenset(request.cookies.get(COOKIE, "").split(".")) & roles
