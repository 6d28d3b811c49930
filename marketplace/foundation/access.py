"""Who acts: the actor of a unit of work, its organization and roles, and the one question "may you?"."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from uuid import UUID

from marketplace.foundation.errors import Forbidden, NotSignedIn


class ActorKind(StrEnum):
    """What stands behind a request or a job."""

    USER = "user"
    """A person who signed in."""
    CLIENT = "client"
    """Another system with credentials of its own."""
    SYSTEM = "system"
    """The product itself, in a job or a command."""
    NOBODY = "nobody"
    """Nobody has signed in yet."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The one who acts: at most one organization at a time; roles are plain words checked by `require`."""

    kind: ActorKind
    user_id: UUID | None = None
    organization_id: UUID | None = None
    organization_kind: str = ""
    roles: frozenset[str] = field(default_factory=frozenset)
    name: str = ""
    facility_ids: frozenset[UUID] = field(default_factory=frozenset)

    def has(self, *roles: str) -> bool:
        """Whether the actor holds at least one of the roles; the product itself holds all."""
        return self.kind is ActorKind.SYSTEM or not self.roles.isdisjoint(roles)

    def require(self, *roles: str) -> None:
        """Refuse with 401 for nobody and 403 for somebody without any of the roles."""
        if self.kind is ActorKind.NOBODY:
            raise NotSignedIn
        if not self.has(*roles):
            raise Forbidden(
                f"This needs the role {' or '.join(sorted(roles)).replace('_', ' ')}.",
                remedy="Ask your administrator for the role, or hand the work to a colleague who has it.",
            )

    def organization(self) -> UUID:
        """The organization on whose behalf the actor acts; refuses an actor who has none."""
        if self.organization_id is None:
            raise Forbidden("This needs an organization to act for.")
        return self.organization_id


NOBODY = Actor(ActorKind.NOBODY)
"""The actor of a request before sign-in: sees no tenant's row."""


def system_actor(organization_id: UUID | None = None, name: str = "Homeward") -> Actor:
    """The product acting by itself, on behalf of one organization or (narrow database roles only) none."""
    return Actor(ActorKind.SYSTEM, organization_id=organization_id, name=name)
