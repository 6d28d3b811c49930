"""Who has to do with a booking: one row per organization, and the row security that goes by it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from marketplace.bookings.words import SEEING, PartyRole, PartyStatus
from marketplace.foundation.db import Base, Words, owned_by, protect

_SEEING = ", ".join(f"'{status}'" for status in SEEING)


class BookingParty(Base):
    """What an organization is to a booking; every list of bookings starts here.

    An organization that is requester and payer at once has the requester's row.
    """

    __tablename__ = "booking_parties"
    __table_args__ = (
        # a row can only name the booking's own requester, so nobody lets themselves into a foreign booking
        ForeignKeyConstraint(
            ["booking_id", "requester_organization_id"], ["bookings.id", "bookings.organization_id"]
        ),
        ForeignKeyConstraint(["organization_id"], ["organizations.id"]),
        Index("ix_booking_parties_lists", "organization_id", "role", "status", "due_at", "booking_id"),
    )

    booking_id: Mapped[UUID] = mapped_column(primary_key=True)
    organization_id: Mapped[UUID] = mapped_column(primary_key=True)
    requester_organization_id: Mapped[UUID]
    role: Mapped[PartyRole] = mapped_column(Words(PartyRole))
    status: Mapped[PartyStatus] = mapped_column(Words(PartyStatus))
    due_at: Mapped[datetime]
    """What the list is sorted by: the offer's deadline for a candidate, the window's start for the others."""


def party_policy(column: str, *, roles: tuple[PartyRole, ...] = ()) -> str:
    """SQL: the acting organization is a party (in one of `roles`, or in any) of the booking in `column`.

    Only parties that still see the booking count. `column` is a column of the protected table.
    """
    among = ", ".join(f"'{role}'" for role in roles)
    in_role = f" AND party.role IN ({among})" if roles else ""
    # the inner query renames its column, so that an outer `booking_id` is not taken for its own
    inner = "SELECT party.booking_id AS shared_booking_id FROM booking_parties party"
    acting = "WHERE party.organization_id = homeward_organization()"
    shared = " ".join((inner, acting, f"AND party.status IN ({_SEEING}){in_role}"))
    return f"EXISTS (SELECT 1 FROM ({shared}) AS shared WHERE shared_booking_id = {column})"  # noqa: S608  our own words


protect(
    BookingParty,
    owned_by("organization_id", "requester_organization_id"),
    insert="requester_organization_id = homeward_organization()",
    grants={"planner": "SELECT, INSERT, UPDATE", "janitor": "SELECT, INSERT, UPDATE"},
)
