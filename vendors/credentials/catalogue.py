"""The catalogue as data: which credentials exist, and which rule demands them of whom, since when."""

from __future__ import annotations

from datetime import date

from vendors.credentials.words import CredentialType, Requirement, SubjectKind

_V, _C, _D = SubjectKind.VENDOR, SubjectKind.VEHICLE, SubjectKind.CREW_MEMBER

_TYPES = (
    CredentialType("business_license", "Business licence", _V),
    CredentialType("general_liability", "General liability insurance ($1M / $2M)", _V),
    CredentialType("auto_liability", "Commercial auto insurance ($500k or more)", _V),
    CredentialType("ambulance_license", "Ambulance service licence", _V),
    CredentialType("air_carrier_certificate", "Air carrier certificate (Part 135)", _V),
    CredentialType("aircraft_liability", "Aircraft liability insurance", _V),
    CredentialType("dmepos_enrollment", "Medicare DMEPOS enrollment", _V),
    CredentialType("dmepos_accreditation", "DMEPOS accreditation", _V),
    CredentialType("surety_bond", "Surety bond ($50k per location)", _V),
    CredentialType("dmepos_liability", "Liability insurance ($300k or more)", _V),
    CredentialType("leie_screening", "LEIE exclusion search", _V, is_screening=True),
    CredentialType("sam_screening", "SAM exclusion search", _V, is_screening=True),
    CredentialType("vehicle_registration", "Vehicle registration", _C),
    CredentialType("vehicle_inspection", "Vehicle inspection", _C),
    CredentialType("ambulance_permit", "Ambulance permit", _C),
    CredentialType("airworthiness_certificate", "Airworthiness certificate", _C),
    CredentialType("driver_license", "Driver's licence", _D),
    CredentialType("motor_vehicle_record", "Motor vehicle record", _D),
    CredentialType("background_check", "Criminal background check", _D),
    CredentialType("sex_offender_check", "Sex offender register check", _D),
    CredentialType("drug_test", "Drug test", _D),
    CredentialType("cpr_first_aid", "CPR and first aid card", _D),
    CredentialType("defensive_driving", "Defensive driving course", _D),
    CredentialType("wheelchair_securement", "Wheelchair securement training", _D),
    CredentialType("emt_certification", "EMT certification", _D),
    CredentialType("flight_crew_training", "Flight crew training and check", _D),
    CredentialType("home_health_license", "Home health agency licence", _V),
    CredentialType("medicare_certification", "Medicare certification (CCN)", _V),
    CredentialType("rn_license", "Registered nurse licence", _D),
    CredentialType("pt_license", "Physical therapist licence", _D),
    CredentialType("ot_license", "Occupational therapist licence", _D),
    CredentialType("slp_license", "Speech-language pathologist licence", _D),
    CredentialType("social_work_license", "Clinical social worker licence", _D),
    CredentialType("aide_competency", "Home health aide competency evaluation", _D),
    CredentialType("crew_leie_screening", "LEIE exclusion search", _D, is_screening=True),
)

CREDENTIAL_TYPES: dict[str, CredentialType] = {kind.code: kind for kind in _TYPES}
"""Every credential type by its code."""

_BROKER = "Usual vendor agreement of Medicaid transport brokers"
_CAA = "Consolidated Appropriations Act 2021, section 209 (Medicaid rides)"
_OIG = "OIG Special Advisory Bulletin 2013-05-08: search monthly, keep proof"
_PERSONNEL = "42 CFR 484.115: personnel qualifications"
_APPLIED = date(2024, 1, 1)
_HHA_RULES = date(2018, 1, 13)
"""Since when the conditions of participation for home health agencies of 2017 hold."""
_WHEELCHAIR = frozenset({"wheelchair", "wheelchair_bariatric"})
_AMBULANCE = frozenset({"bls", "als", "sct"})
_VANS = frozenset({"ambulatory", "ambulatory_assist", "stretcher"}) | _WHEELCHAIR
_AIR = frozenset({"air_fixed", "air_rotor"})
_ROAD = _VANS | _AMBULANCE
_MEDICAL = _AMBULANCE | _AIR


def _ride(code: str, source: str, since: date, levels: frozenset[str] = frozenset()) -> Requirement:
    return Requirement(code, CREDENTIAL_TYPES[code].subject_kind, "ride", source, since, levels)


def _visit(code: str, source: str, since: date, *disciplines: str) -> Requirement:
    subject = CREDENTIAL_TYPES[code].subject_kind
    return Requirement(code, subject, "home_health", source, since, frozenset(disciplines))


def _equipment(code: str, source: str, since: date) -> Requirement:
    return Requirement(code, CREDENTIAL_TYPES[code].subject_kind, "equipment", source, since)


REQUIREMENTS: tuple[Requirement, ...] = (
    _ride("business_license", _BROKER, _APPLIED),
    _ride("general_liability", _BROKER, _APPLIED),
    _ride("auto_liability", _BROKER, _APPLIED, _ROAD),
    _ride("leie_screening", _OIG, date(2013, 5, 8)),
    _ride("sam_screening", _OIG, date(2013, 5, 8)),
    _ride("ambulance_license", "42 CFR 410.41(a): State or local licence", date(1999, 2, 24), _MEDICAL),
    _ride("air_carrier_certificate", "14 CFR 119.21, 135: certificate", date(1996, 1, 19), _AIR),
    _ride("aircraft_liability", "14 CFR 205.5: liability insurance", date(1981, 11, 16), _AIR),
    _ride("vehicle_registration", _BROKER, _APPLIED),
    _ride("vehicle_inspection", _BROKER, _APPLIED),
    _ride("ambulance_permit", "42 CFR 410.41(a): State or local permit", date(1999, 2, 24), _MEDICAL),
    _ride("airworthiness_certificate", "14 CFR 91.203(a)(1): on board", date(1989, 8, 18), _AIR),
    _ride("driver_license", _CAA, date(2020, 12, 27), _ROAD),
    _ride("crew_leie_screening", _CAA, date(2020, 12, 27)),
    _ride("motor_vehicle_record", _BROKER, _APPLIED, _ROAD),
    _ride("background_check", _BROKER, _APPLIED),
    _ride("sex_offender_check", _BROKER, _APPLIED),
    _ride("drug_test", _BROKER, _APPLIED),
    _ride("cpr_first_aid", _BROKER, _APPLIED),
    _ride("defensive_driving", _BROKER, _APPLIED, _VANS),
    _ride("wheelchair_securement", _BROKER, _APPLIED, _WHEELCHAIR),
    _ride("flight_crew_training", "14 CFR 135.293, 135.331: training, check", date(1996, 1, 19), _AIR),
    _ride("emt_certification", "42 CFR 410.41(b): certified staff", date(1999, 2, 24), _AMBULANCE),
    _equipment("business_license", "42 CFR 424.57(c)(1): State licence", date(2010, 9, 27)),
    _equipment("dmepos_enrollment", "42 CFR 424.57(b): enrolled supplier", date(2010, 9, 27)),
    _equipment("dmepos_liability", "42 CFR 424.57(c)(10): liability insurance", date(2010, 9, 27)),
    _equipment("dmepos_accreditation", "42 CFR 424.57(c)(22): accreditation", date(2010, 9, 27)),
    _equipment("surety_bond", "42 CFR 424.57(d): $50,000 per NPI", date(2009, 10, 2)),
    _equipment("leie_screening", _OIG, date(2013, 5, 8)),
    _equipment("sam_screening", _OIG, date(2013, 5, 8)),
    _equipment("vehicle_registration", "Vehicle code of the State", _APPLIED),
    _equipment("driver_license", "Vehicle code of the State", _APPLIED),
    _equipment("background_check", "Usual condition of DMEPOS accreditation", _APPLIED),
    _visit("home_health_license", "42 CFR 484.100(b): State licence", _HHA_RULES),
    _visit("medicare_certification", "42 CFR 482.43(c)(1): participates in Medicare", date(2019, 11, 29)),
    _visit("general_liability", _BROKER, _APPLIED),
    _visit("leie_screening", _OIG, date(2013, 5, 8)),
    _visit("sam_screening", _OIG, date(2013, 5, 8)),
    _visit("rn_license", _PERSONNEL, _HHA_RULES, "sn"),
    _visit("pt_license", _PERSONNEL, _HHA_RULES, "pt"),
    _visit("ot_license", _PERSONNEL, _HHA_RULES, "ot"),
    _visit("slp_license", _PERSONNEL, _HHA_RULES, "slp"),
    _visit("social_work_license", _PERSONNEL, _HHA_RULES, "msw"),
    _visit("aide_competency", "42 CFR 484.80(c): competency evaluation", _HHA_RULES, "hha"),
    _visit("driver_license", "Vehicle code of the State", _APPLIED),
    _visit("background_check", "Usual condition of State licensing", _APPLIED),
    _visit("crew_leie_screening", _OIG, date(2013, 5, 8)),
)
"""All requirement sets; `required_of` picks those that bind."""


def required_of(
    subject_kind: SubjectKind, service_line: str, level_of_service: str | None, day: date
) -> list[Requirement]:
    """What a subject must hold for work of this line and level on this day."""
    return [
        rule
        for rule in REQUIREMENTS
        if rule.subject_kind is subject_kind and rule.applies(service_line, level_of_service, day)
    ]
