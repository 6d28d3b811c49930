"""The panel beside a discharge: in order of time, with prices, reasons, and honest waiting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from marketplace.careplans.conditions import TEMPLATES, Condition
from marketplace.careplans.equipment import CATALOG
from marketplace.careplans.words import ServiceKind
from marketplace.desk.discharge.models import DischargeProposal
from marketplace.desk.discharge.schemas import DischargePartOutlookView
from marketplace.desk.discharge.showing import PATIENCE, panel
from marketplace.desk.discharge.words import Availability, ProposalState, availability

NOON = datetime(2026, 11, 23, 20, tzinfo=UTC)
NEAR, FAR = str(uuid4()), str(uuid4())


def stored(title: str, start: datetime, **changes: Any) -> dict[str, Any]:
    vendors = [
        {"id": NEAR, "name": "Near", "cents": 5000, "why_not": "", "remedy": ""},
        {"id": FAR, "name": "Far", "cents": 4000, "why_not": "", "remedy": ""},
        {"id": str(uuid4()), "name": "Shut", "cents": None, "why_not": "Is shut.", "remedy": "Wait."},
    ]
    return {
        "task_id": title, "title": title, "kind": "ride", "start": start.isoformat(),
        "end": (start + timedelta(hours=1)).isoformat(), "errors": [], "availability": "fair",
        "vendors": vendors, "agencies": [], "payability": "payable", "findings": [], **changes,
    }  # fmt: skip


def proposal(state: ProposalState, outlook: list[Any], result: list[Any] | None = None) -> DischargeProposal:
    return DischargeProposal(
        id=uuid4(), number=3, state=state, outlook=outlook, result=result or [], asked_at=NOON
    )


def test_what_happens_first_stands_first_and_prices_add_up() -> None:
    placed = {
        "wish": "ride", "vendor": FAR, "basis": "planned", "because": ["It is cheap."], "remedies": [],
        "starts_at": (NOON + timedelta(hours=3)).isoformat(),
        "ends_at": (NOON + timedelta(hours=4)).isoformat(),
        "others": [[NEAR, "would cost $3.00 more in all"]],
    }  # fmt: skip
    made = proposal(ProposalState.MADE, [stored("ride", NOON), stored("walker", NOON)], [placed])

    found = panel(made, NOON)

    assert [line.title for line in found.lines] == ["walker", "ride"]
    ride = found.lines[1]
    assert (ride.vendor, ride.cents) == ("Far", 4000)
    assert ride.others == (("Near", "$50.00; would cost $3.00 more in all"),)
    assert ride.refused == (("Shut", "Is shut.", "Wait."),)
    assert (found.waiting, found.total_cents, found.revision) == (False, 9000, 10)


def test_while_the_proposal_is_made_the_first_by_price_stands_in_and_waiting_ends() -> None:
    asked = proposal(ProposalState.ASKED, [stored("ride", NOON)])

    assert (panel(asked, NOON).waiting, panel(asked, NOON).lines[0].vendor) == (True, "Near")
    late = panel(asked, NOON + PATIENCE + timedelta(seconds=1))
    assert (late.waiting, late.overdue) == (False, True)


def test_an_agency_that_takes_no_work_here_is_to_be_called() -> None:
    agencies = [{"name": "Rose City", "phone": "503 555 0140"}]
    visit = stored("nurse", NOON, kind="home_health", vendors=[], agencies=agencies)

    (line,) = panel(proposal(ProposalState.MADE, [visit]), NOON).lines

    assert (line.vendor, line.call, line.cents) == ("Rose City", "503 555 0140", None)


def test_availability_counts_those_who_may_be_asked() -> None:
    assert [availability(number) for number in range(5)] == [
        Availability.NONE, Availability.THIN, Availability.FAIR, Availability.GOOD, Availability.GOOD,
    ]  # fmt: skip


def test_every_template_takes_a_person_home_with_items_a_visit_and_a_follow_up() -> None:
    assert set(TEMPLATES) == set(Condition)
    for template in TEMPLATES.values():
        kinds = [task.kind for task in template.tasks]
        assert (kinds.count(ServiceKind.RIDE), kinds.count(ServiceKind.EQUIPMENT)) == (2, 2)
        assert kinds.count(ServiceKind.HOME_HEALTH) == 1
        assert all(task.equipment_code in CATALOG for task in template.tasks if task.equipment_code)
        assert len({task.sameness for task in template.tasks}) == len(template.tasks)


def test_the_outlook_goes_out_as_json_as_it_was_kept() -> None:
    kept = stored("ride", NOON, findings=[{"code": "c", "weight": "papers", "text": "t", "remedy": "r"}])
    kept["task_id"] = str(uuid4())

    told = DischargePartOutlookView().dump(kept)

    assert (told["kind"], told["availability"], told["payability"]) == ("ride", "fair", "payable")
    assert told["findings"][0]["weight"] == "papers"
    assert [one["name"] for one in told["vendors"]] == ["Near", "Far", "Shut"]
