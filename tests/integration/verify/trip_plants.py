"""How the promises about trips by air are broken by hand."""

from __future__ import annotations

_NOBODY_ASKS = "ALTER TABLE bookings DROP CONSTRAINT ck_bookings_leg"
_ITS_LEG = "UPDATE bookings SET trip_id = :hospital, trip_leg = {number} WHERE id = {booking}"
_A_TRIP = """INSERT INTO trips (id, reference, organization_id, facility_id, patient_id, encounter_id,
    care_plan_task_id, legs, hand_over_minutes, necessity, necessity_note, asked_by, created_at)
    SELECT :hospital, 'T-TEST', organization_id, facility_id, patient_id, encounter_id, care_plan_task_id,
      2, 15, 'too_far', 'Hours on the road.', 'Dana', now() FROM bookings WHERE id = :ride"""
_TWO_LEGS = (
    _NOBODY_ASKS,
    _A_TRIP,
    _ITS_LEG.format(number=1, booking=":oxygen"),
    _ITS_LEG.format(number=2, booking=":ride"),
)
_LINKED = """INSERT INTO booking_links (predecessor_booking_id, successor_booking_id, organization_id,
      hardness, min_lag_seconds, after_anchor)
    SELECT :oxygen, :ride, organization_id, 'hard', 900, 'pickup' FROM bookings WHERE id = :ride
    ON CONFLICT (predecessor_booking_id, successor_booking_id)
    DO UPDATE SET after_anchor = 'pickup', hardness = 'hard', min_lag_seconds = 900, broken_at = NULL"""
TRIPS = {
    "legs-in-order": (
        _LINKED,
        """UPDATE bookings SET boarded_at = (SELECT finished_at - interval '1 minute' FROM bookings
             WHERE id = :oxygen) WHERE id = :ride""",
    ),
    "leg-behind-a-gap-is-held": (
        *_TWO_LEGS,
        "UPDATE bookings SET state = 'cancelled_late' WHERE id = :oxygen",
        "UPDATE bookings SET state = 'scheduled' WHERE id = :ride",
    ),
    "legs-are-linked": (*_TWO_LEGS, "DELETE FROM booking_links"),
    "flight-says-why": (
        "ALTER TABLE bookings DROP CONSTRAINT ck_bookings_flight_in_trip",
        "UPDATE bookings SET level_of_service = 'air_rotor' WHERE id = :ride",
    ),
    "plan-keeps-legs-apart": (
        _LINKED,
        "UPDATE bookings SET state = 'scheduled' WHERE id IN (:ride, :oxygen)",
        "UPDATE plans SET state = 'current'",
        """UPDATE assignments SET plan_id = (SELECT plan_id FROM assignments WHERE booking_id = :ride)
           WHERE booking_id = :oxygen""",
        """UPDATE assignments SET ends_at = (SELECT starts_at FROM assignments WHERE booking_id = :ride)
           WHERE booking_id = :oxygen""",
    ),
}
