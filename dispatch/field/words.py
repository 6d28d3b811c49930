"""The words of field work: statuses of rides and deliveries, their order, and kinds of evidence."""

from __future__ import annotations

from enum import StrEnum

from marketplace.foundation.transitions import StateTable


class FieldStatus(StrEnum):
    """How far the crew has come with one booking."""

    ASSIGNED = "assigned"
    """Planned on a vehicle, nobody has set off."""
    EN_ROUTE_PICKUP = "en_route_pickup"
    ARRIVED_PICKUP = "arrived_pickup"
    ON_BOARD = "on_board"
    ARRIVED_DROPOFF = "arrived_dropoff"
    LOADED = "loaded"
    """The equipment is in the van."""
    EN_ROUTE = "en_route"
    ARRIVED = "arrived"
    SET_UP = "set_up"
    """The equipment works and its use was shown."""
    ACCEPTED_BY_RECEIVER = "accepted_by_receiver"
    STARTED = "started"
    """A visit has begun: the clinician is with the patient."""
    ENDED = "ended"
    COMPLETED = "completed"
    RIDER_NO_SHOW = "rider_no_show"
    CANCELLED_AT_DOOR = "cancelled_at_door"
    REFUSED = "refused"
    NOBODY_HOME = "nobody_home"
    WRONG_ITEM = "wrong_item"
    MISSED = "missed"
    """A visit did not take place; its event says why."""
    WITHDRAWN = "withdrawn"
    """The award was released or the booking cancelled before the crew was done."""


class EvidenceKind(StrEnum):
    """What can be shown to whoever pays."""

    TRIP_LOG = "trip_log"
    """Odometer at pick-up and drop-off, driver, plate, times (the driver's own record)."""
    RIDER_SIGNATURE = "rider_signature"
    PROOF_OF_DELIVERY = "proof_of_delivery"
    """Receiver's name and relationship, items with quantity, signature and date (42 CFR 424.57(c)(12))."""
    VISIT_RECORD = "visit_record"
    """A visit's note and signature with its six elements (21st Century Cures Act, section 12006)."""
    CORRECTION = "correction"
    """A later statement about an earlier item; nothing is ever overwritten."""


_F = FieldStatus

RIDE_STATUSES: StateTable[FieldStatus] = StateTable(
    "ride",
    {
        _F.ASSIGNED: [_F.EN_ROUTE_PICKUP, _F.WITHDRAWN],
        _F.EN_ROUTE_PICKUP: [_F.ARRIVED_PICKUP, _F.WITHDRAWN],
        _F.ARRIVED_PICKUP: [_F.ON_BOARD, _F.RIDER_NO_SHOW, _F.CANCELLED_AT_DOOR, _F.WITHDRAWN],
        _F.ON_BOARD: [_F.ARRIVED_DROPOFF],
        _F.ARRIVED_DROPOFF: [_F.COMPLETED],
        _F.COMPLETED: [],
        _F.RIDER_NO_SHOW: [],
        _F.CANCELLED_AT_DOOR: [],
        _F.WITHDRAWN: [],
    },
)
"""A ride's way; with the rider on board there is only arriving."""

DELIVERY_STATUSES: StateTable[FieldStatus] = StateTable(
    "delivery",
    {
        _F.ASSIGNED: [_F.LOADED, _F.WITHDRAWN],
        _F.LOADED: [_F.EN_ROUTE, _F.WITHDRAWN],
        _F.EN_ROUTE: [_F.ARRIVED, _F.WITHDRAWN],
        _F.ARRIVED: [_F.SET_UP, _F.REFUSED, _F.NOBODY_HOME, _F.WRONG_ITEM, _F.WITHDRAWN],
        _F.SET_UP: [_F.ACCEPTED_BY_RECEIVER, _F.REFUSED],
        _F.ACCEPTED_BY_RECEIVER: [_F.COMPLETED],
        _F.COMPLETED: [],
        _F.REFUSED: [],
        _F.NOBODY_HOME: [],
        _F.WRONG_ITEM: [],
        _F.WITHDRAWN: [],
    },
)
"""A delivery's way to a receiver who has it working and has signed for it."""

VISIT_STATUSES: StateTable[FieldStatus] = StateTable(
    "visit",
    {
        _F.ASSIGNED: [_F.EN_ROUTE, _F.MISSED, _F.WITHDRAWN],
        _F.EN_ROUTE: [_F.ARRIVED, _F.MISSED, _F.WITHDRAWN],
        _F.ARRIVED: [_F.STARTED, _F.REFUSED, _F.MISSED],
        _F.STARTED: [_F.ENDED],
        _F.ENDED: [_F.COMPLETED],
        _F.COMPLETED: [],
        _F.REFUSED: [],
        _F.MISSED: [],
        _F.WITHDRAWN: [],
    },
)
"""A home-health visit's way: it begins and ends with the patient, and is done when it is written down."""

STATUSES_OF_KIND = {
    "ride": RIDE_STATUSES,
    "equipment": DELIVERY_STATUSES,
    "home_health": VISIT_STATUSES,
}

ENDED_WITHOUT_SERVICE = frozenset(
    {
        _F.RIDER_NO_SHOW,
        _F.CANCELLED_AT_DOOR,
        _F.REFUSED,
        _F.NOBODY_HOME,
        _F.WRONG_ITEM,
        _F.MISSED,
        _F.WITHDRAWN,
    }
)
"""Final statuses that are no completed service: no claim comes of them."""

RELATIONSHIPS = {
    "self": "the patient",
    "spouse": "spouse or partner",
    "child": "son or daughter",
    "parent": "parent",
    "relative": "another relative",
    "caregiver": "caregiver",
    "neighbor": "neighbor",
    "facility_staff": "staff of the receiving facility",
}
"""Who may sign for equipment. The supplier's own people, and anyone with a financial interest in the
delivery, may not (CMS Program Integrity Manual, chapter 4, section 4.7.3)."""
