"""The list is whole, its showing and the choice are recorded for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from marketplace.choices import agencies, service
from marketplace.choices.rules import in_neutral_order
from marketplace.choices.words import ChoiceOutcome, PresentationManner, PresentedTo, Representative
from marketplace.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.support.ground_stage import NOW, GroundStage
from tests.support.home_health_stage import HomeHealthStage


def test_the_list_shows_every_agency_of_the_home_in_the_recorded_order(
    stage: GroundStage, home_health: HomeHealthStage
) -> None:
    with stage.acting(home_health.platform, "platform_admin") as session:
        elsewhere = home_health.new(7, codes=frozenset())
        agencies.list_agency(session, elsewhere)
    with stage.planning() as session:
        made = service.compile_list(session, stage.encounter)
        lines = service.lines_of(session, made.id)

        assert (made.postal_code, made.length, made.ordering_rule) == ("97214", 3, "sha256-ccn-1")
        assert {line.agency_id for line in lines} == set(home_health.agencies)
        found = agencies.agencies_serving(session, "97214", session.now())
        assert [line.ccn for line in lines] == [
            one.ccn for one in in_neutral_order(made.ordering_seed, found)
        ]
        assert {line.in_network for line in lines} == {None}
    assert stage.breaches() == []


def test_a_managed_care_list_leaves_nobody_out_and_says_who_is_in_network(
    stage: GroundStage, home_health: HomeHealthStage
) -> None:
    with stage.planning() as session:
        made = service.compile_list(session, stage.encounter, coverage_id=stage.coverage)
        lines = {line.agency_id: line.in_network for line in service.lines_of(session, made.id)}

    first, second, third = home_health.agencies
    assert lines == {first: True, second: False, third: False}


def test_the_same_facts_give_the_list_that_is_there(stage: GroundStage, home_health: HomeHealthStage) -> None:
    with stage.planning() as session:
        first = service.compile_list(session, stage.encounter).id
        assert service.compile_list(session, stage.encounter).id == first
    with stage.acting(stage.hospital, "org_admin") as session:
        agencies.disclose_interest(session, home_health.agencies[1], "St. Brigid Health owns 20 percent.")
    with stage.planning() as session:
        again = service.compile_list(session, stage.encounter)
        interests = {line.agency_id: line.interest for line in service.lines_of(session, again.id)}
        assert again.id != first
        assert interests[home_health.agencies[1]] == "St. Brigid Health owns 20 percent."
        assert interests[home_health.agencies[0]] == ""


def test_an_agency_that_left_medicare_or_the_area_is_on_no_further_list(
    stage: GroundStage, home_health: HomeHealthStage
) -> None:
    with stage.planning() as session:
        service.compile_list(session, stage.encounter)
    stage.at(NOW + timedelta(minutes=5))
    with stage.acting(home_health.platform, "platform_admin") as session:
        agencies.end_participation(session, home_health.agencies[2])
        agencies.serve_area(session, home_health.agencies[1], ["97202"])
    with stage.planning() as session:
        made = service.compile_list(session, stage.encounter)
        assert [line.agency_id for line in service.lines_of(session, made.id)] == [home_health.agencies[0]]
    assert stage.breaches() == []


def test_a_home_that_nobody_serves_has_no_list(stage: GroundStage) -> None:
    with stage.planning() as session, pytest.raises(Conflict, match="97214"):
        service.compile_list(session, stage.encounter)


def test_showing_and_choosing_are_recorded(stage: GroundStage, home_health: HomeHealthStage) -> None:
    with stage.planning() as session:
        made = service.compile_list(session, stage.encounter)
        shown = service.present(
            session,
            made.id,
            presented_to=PresentedTo.REPRESENTATIVE,
            manner=PresentationManner.PAPER,
            representative=Representative("Elena Alvarez", "daughter"),
        )
        service.record_choice(session, shown.id, ChoiceOutcome.CHOSEN, [3, 1])

    with stage.planning() as session:
        found = service.choice_of(session, stage.encounter)
        assert found is not None
        assert [line.position for line in found.chosen] == [3, 1]
        assert found.record.recorded_by_name == "Somebody"
        presented = service.presentations_of(session, found.choice_list.id)
        assert [(one.presented_at, one.presented_to) for one in presented] == [(NOW, "representative")]
        assert b"Elena" not in (presented[0].representative_sealed or b"")
        assert service.representative_of(session, presented[0]) == Representative("Elena Alvarez", "daughter")
    assert stage.breaches() == []


def test_a_list_that_is_out_of_date_cannot_be_shown(stage: GroundStage, home_health: HomeHealthStage) -> None:
    with stage.planning() as session:
        made = service.compile_list(session, stage.encounter).id
    with stage.acting(home_health.platform, "platform_admin") as session:
        agencies.list_agency(session, home_health.new(8))

    with stage.planning() as session, pytest.raises(Conflict, match="out of date"):
        service.present(session, made)


def test_a_later_choice_counts_and_the_earlier_one_stays(
    stage: GroundStage, home_health: HomeHealthStage
) -> None:
    first = home_health.choose(home_health.agencies[0])
    stage.at(NOW + timedelta(minutes=5))
    second = home_health.choose()

    with stage.planning() as session:
        found = service.choice_of(session, stage.encounter)
        assert found is not None
        assert found.record.id == second.id != first.id
        assert found.vendor_ids == {stage.vendors[0], stage.vendors[1]}


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE patient_choices SET outcome = 'no_preference'",
        "DELETE FROM chosen_agencies",
        "UPDATE choice_list_entries SET position = position + 10",
        "DELETE FROM choice_presentations",
        "UPDATE choice_lists SET ordering_seed = 'mine'",
    ],
)
def test_nobody_changes_what_was_shown_or_chosen(
    stage: GroundStage, home_health: HomeHealthStage, change: str
) -> None:
    home_health.choose(home_health.agencies[0])

    with pytest.raises(DBAPIError, match="only ever added"), stage.owner() as session:
        session.execute(text(change))


def test_strangers_find_nothing_and_only_planners_choose(
    stage: GroundStage, home_health: HomeHealthStage
) -> None:
    made = home_health.choose()

    with stage.acting(stage.other_hospital, "planner") as session:
        assert service.choice_of(session, stage.encounter) is None
        with pytest.raises(NotFound):
            service.choice_list(session, made.choice_list_id)
        with pytest.raises(NotFound):
            service.compile_list(session, stage.encounter)
    with stage.acting(stage.vendors[0], "vendor_admin") as session, pytest.raises(Forbidden):
        service.compile_list(session, stage.encounter)


def test_the_directory_refuses_bad_entries(stage: GroundStage, home_health: HomeHealthStage) -> None:
    with stage.acting(home_health.platform, "platform_admin") as session:
        with pytest.raises(InvalidInput) as taken:
            agencies.list_agency(session, home_health.new(0))
        with pytest.raises(InvalidInput) as unknown:
            agencies.list_agency(session, home_health.new(9, codes=frozenset({"00000"})))
    assert [error.field for error in taken.value.errors] == ["ccn"]
    assert [error.field for error in unknown.value.errors] == ["postal_codes"]
