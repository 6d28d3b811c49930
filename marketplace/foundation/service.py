"""What a package hands over to the roof: one Service each, found through an entry-point group.

Adding a fifth service is adding an entry point; no file of the others changes.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from marketplace.foundation.events import Handler
from marketplace.foundation.invariants import FOUNDATION_INVARIANTS, Invariant
from marketplace.foundation.jobs.queue import JobKind, Schedule
from marketplace.foundation.jobs.worker import deliver
from marketplace.foundation.loading import uncollected
from marketplace.foundation.world import World

if TYPE_CHECKING:
    import click

FOUNDATION_MODELS = (
    "marketplace.foundation.audit",
    "marketplace.foundation.business_clock",
    "marketplace.foundation.crypto",
    "marketplace.foundation.idempotency",
)
"""The cellar's own tables (those of jobs and events come with the imports above)."""
GROUP = "homeward.services"
"""Entry-point group: `name = "package.module:service"`, each a Service."""


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A link in the main navigation, shown to actors with one of the roles; lower `order` comes first."""

    label: str
    endpoint: str
    roles: frozenset[str]
    order: int = 50
    icon: str = "list"
    """The name of an icon of marketplace.web."""


@dataclass(frozen=True, slots=True)
class FirstStep:
    """One step of the guide for somebody who sees the product for the first time in a role."""

    role: str
    text: str
    """What to do there, in a sentence or two."""
    endpoint: str
    link: str
    """What the link to it says."""


@dataclass(frozen=True)
class Service:
    """Everything one package contributes; callables are evaluated late: a worker need not load Flask."""

    name: str
    rank: int
    """The floor: 1 ground, 2 vendors, 3 dispatch, 4 billing, 9 roof. Loads and seeds in this order."""
    models: Sequence[str] = ()
    """Modules to import so that their tables are known to the metadata."""
    blueprints: Callable[[], Sequence[Any]] = tuple
    """Flask blueprints; the foundation itself knows no Flask."""
    commands: Callable[[], Sequence[click.Command]] = tuple
    handlers: Sequence[Handler] = ()
    job_kinds: Sequence[JobKind] = ()
    schedules: Sequence[Schedule] = ()
    invariants: Sequence[Invariant] = ()
    navigation: Sequence[NavigationItem] = ()
    first_steps: Sequence[FirstStep] = ()
    """In their order within each role."""
    demo: Callable[[World], None] | None = None
    """Its part of the demo's world: `demo(world)`, called in the order of the floors."""


@dataclass
class Registry:
    """All services of this installation, put together and looked up by name."""

    services: tuple[Service, ...]
    _handlers: dict[str, Handler] = field(default_factory=dict)
    _job_kinds: dict[str, JobKind] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._job_kinds["foundation.deliver"] = JobKind("foundation.deliver", deliver)
        for service in self.services:
            for handler in service.handlers:
                self._handlers[handler.name] = handler
            for kind in service.job_kinds:
                self._job_kinds[kind.name] = kind

    def handlers_of(self, event_name: str) -> list[Handler]:
        """The handlers subscribed to an event."""
        return [handler for handler in self._handlers.values() if handler.event.event_name() == event_name]

    def handler(self, name: str) -> Handler:
        """A handler by its name; raises LookupError when no service brings it."""
        return self._handlers[name]

    def job_kind(self, name: str) -> JobKind:
        """A job kind by its name; raises LookupError when no service brings it."""
        return self._job_kinds[name]

    @property
    def job_kinds(self) -> list[JobKind]:
        """Every kind of job of every service."""
        return list(self._job_kinds.values())

    @property
    def schedules(self) -> list[Schedule]:
        """Every schedule of every service."""
        return [schedule for service in self.services for schedule in service.schedules]

    @property
    def invariants(self) -> list[Invariant]:
        """What `homeward verify` checks."""
        return [*FOUNDATION_INVARIANTS, *(found for service in self.services for found in service.invariants)]

    @property
    def first_steps(self) -> list[FirstStep]:
        """The guides of all roles."""
        return [step for service in self.services for step in service.first_steps]

    @property
    def navigation(self) -> list[NavigationItem]:
        """All navigation items in their order."""
        items = [item for service in self.services for item in service.navigation]
        return sorted(items, key=lambda item: item.order)


@uncollected()
def load_services(names: Sequence[str] | None = None) -> Registry:
    """The services of the packages that are there (or only the named ones), from the ground up.

    Importing a service's `models` here makes its tables known to the metadata.
    """
    found = [point for point in entry_points(group=GROUP) if names is None or point.name in names]
    present = [point for point in found if find_spec(point.module.partition(".")[0])]
    services = sorted((point.load() for point in present), key=lambda service: service.rank)
    for module in (*FOUNDATION_MODELS, *(name for service in services for name in service.models)):
        importlib.import_module(module)
    return Registry(tuple(services))
