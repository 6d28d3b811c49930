"""The words of trips by air: why a patient must fly, and how much time a hand-over takes."""

from __future__ import annotations

from enum import StrEnum


class AirNecessity(StrEnum):
    """Why the ground will not do: what payers accept as the ground of an air transport (42 CFR 410.40(b))."""

    TOO_FAR = "too_far"
    """Great distance: on the road the patient would be under way too long."""
    CONDITION = "condition"
    """The condition does not bear a ride of that length or that roughness."""
    OBSTACLE = "obstacle"
    """Road closed, pass snowed in, traffic that stands."""
    OUT_OF_REACH = "out_of_reach"
    """No ground vehicle gets to the pickup or to the destination."""
    NO_GROUND_CREW = "no_ground_crew"
    """No ground ambulance has a crew that could give the care needed."""


class FlightPlace(StrEnum):
    """Where a flight begins or ends without a ground leg: on the spot."""

    HELIPAD = "helipad"


HAND_OVER_MINUTES = 15
"""Between the end of one leg and the next: report, papers, another stretcher (our figure)."""
LONGEST_HAND_OVER = 180
SHORTEST_REASON, LONGEST_REASON = 10, 500
"""Characters of the sentence that says what in the record shows the necessity."""
MOST_LEGS = 3

NECESSITY_LABELS = {
    AirNecessity.TOO_FAR: "Too far: hours on the road",
    AirNecessity.CONDITION: "The condition does not bear the road",
    AirNecessity.OBSTACLE: "The road is closed or too slow",
    AirNecessity.OUT_OF_REACH: "No ground vehicle gets there",
    AirNecessity.NO_GROUND_CREW: "No ground crew can give the care",
}
