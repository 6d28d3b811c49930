"""The first steps of every role: a few places that show what the product does for this person."""

from __future__ import annotations

from marketplace.foundation.service import FirstStep


def _guide(role: str, *steps: tuple[str, str, str]) -> tuple[FirstStep, ...]:
    return tuple(FirstStep(role, text, endpoint, link) for endpoint, link, text in steps)


FIRST_STEPS = (
    *_guide(
        "planner",
        (
            "desk.board",
            "Departures",
            "Who leaves next stands on top. What has no vendor yet has a button.",
        ),
        ("patients.index", "Patients", "Find somebody by name, phone or reference, and open the care plan."),
    ),
    *_guide(
        "vendor_admin",
        ("portal.inbox", "Offers", "Answer what hospitals offer. The first to accept gets the work."),
        ("portal.schedule", "Schedule", "See accepted work by the hour, and print the day's manifest."),
        ("credentials.overview", "Credentials", "Papers that end soon stand on top: without them no offers."),
    ),
    *_guide(
        "dispatcher",
        ("dispatch.board", "Board", "Which vehicle does what when, who will be late, what is on no vehicle."),
        ("portal.inbox", "Offers", "Answer what hospitals offer; the plan puts it on your vehicles."),
        ("fleet.overview", "Fleet", "Keep vehicles, crews and shifts right: the plan uses no others."),
    ),
    *_guide(
        "driver",
        ("field.stops", "Your day", "Your stops in order. Open the next one and press its one big button."),
    ),
    *_guide(
        "technician",
        ("field.stops", "Your day", "Your deliveries in order. Open the next one and press its big button."),
    ),
    *_guide(
        "biller",
        ("billing.claims", "Claims", "Claims arise from finished work. Held ones say what is missing."),
        ("billing.payouts", "Payouts", "See what was paid into your account, claim by claim."),
    ),
    *_guide(
        "reviewer",
        (
            "review.queue",
            "Claims to review",
            "Oldest first, with evidence. Approve, deny or ask for more.",
        ),
        ("money.overview", "Deposits", "What you approve is paid from your deposits. Add one in time."),
    ),
    *_guide(
        "platform_admin",
        ("admin.organizations", "Organizations", "Who works together here. Invite a hospital or a vendor."),
        ("credentials.review", "Credentials", "Decide possible matches on exclusion lists and check papers."),
    ),
    *_guide(
        "privacy_officer",
        ("admin.audit_trail", "Audit trail", "Every look at a patient's record is here, in a sealed chain."),
    ),
    *_guide(
        "org_admin",
        ("admin.users", "People", "Invite colleagues and give each of them the roles they need."),
        ("admin.facilities", "Facilities", "Keep addresses and units right: rides start from there."),
    ),
)
"""In the order in which a role is looked for; somebody with several gets the guide of the first."""
