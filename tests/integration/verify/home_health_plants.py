"""How the promises about home health are broken by hand in the lived-in world (see `plants`)."""

from __future__ import annotations

_AGENCY = """
    INSERT INTO home_health_agencies (id, ccn, name, phone, address, disciplines, participating_from,
      revision)
    VALUES (:ride, '389999', 'Left out', '1', '2', '[]', now() - interval '9 years', 1)"""
_ITS_AREA = """
    INSERT INTO home_health_agency_areas (id, agency_id, postal_code, listed_from)
    VALUES (:ride, :ride, '97214', now() - interval '9 years')"""
_A_LIST = """
    INSERT INTO choice_lists (id, organization_id, patient_id, encounter_id, postal_code, ordering_rule,
      ordering_seed, length, digest, compiled_at, compiled_by_name)
    SELECT id, organization_id, patient_id, encounter_id, '97214', 'sha256-ccn-1', 'seed', 1, '', now(), ''
    FROM bookings WHERE id = :ride"""
_A_LINE = """
    INSERT INTO choice_list_entries (choice_list_id, position, organization_id, agency_id, ccn, name, phone,
      address, disciplines, quality_stars, interest)
    VALUES (:ride, 5, :hospital, :ride, '389999', 'Fifth', '1', '2', '[]', '', '')"""
_AN_INTEREST = """
    INSERT INTO home_health_financial_interests (id, organization_id, agency_id, statement, disclosed_from)
    VALUES (:ride, :hospital, :ride, 'Owned by us.', now() - interval '9 years')"""
_A_CHOICE = """
    INSERT INTO patient_choices (id, organization_id, encounter_id, choice_list_id, presentation_id, outcome,
      chosen_at, recorded_by_name, note)
    SELECT id, organization_id, encounter_id, id, gen_random_uuid(), 'chosen', now(), '', ''
    FROM bookings WHERE id = :ride"""
_FREE = tuple(
    f"ALTER TABLE bookings DROP CONSTRAINT ck_bookings_{name}"
    for name in ("visit", "patient_choice", "start_of_care")
)

HOME_HEALTH = {
    "choice-list-complete": (_AGENCY, _ITS_AREA, _A_LIST),
    "choice-list-neutral": (_A_LIST, _A_LINE),
    "choice-list-discloses": (_A_LIST, _A_LINE, _AN_INTEREST),
    "choice-of-shown-list": (_A_CHOICE,),
    "referral-under-choice": (*_FREE, "UPDATE bookings SET kind = 'home_health' WHERE id = :oxygen"),
    "agency-was-chosen": (
        *_FREE,
        _A_CHOICE,
        "UPDATE bookings SET kind = 'home_health', patient_choice_id = :ride WHERE id = :oxygen",
    ),
    "start-of-care-in-time": (
        *_FREE,
        """UPDATE bookings SET visit_purpose = 'start_of_care', start_of_care_on = '2020-01-01'
           WHERE id = :oxygen""",
    ),
    "visit-verified": ("UPDATE field_services SET kind = 'home_health' WHERE booking_id = :oxygen",),
    "visit-after-homecoming": (
        *_FREE,
        "UPDATE bookings SET kind = 'home_health' WHERE id = :oxygen",
        "UPDATE bookings SET state = 'scheduled' WHERE id IN (:ride, :oxygen)",
    ),
}
