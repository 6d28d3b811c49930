"""Tasks have owners, come in an order without circles, and close on evidence."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from marketplace.careplans import service as careplans
from marketplace.careplans.models import CarePlanTask, TaskChange, TaskPrecedence
from marketplace.careplans.words import (
    DueAnchor,
    Hardness,
    ServiceKind,
    TaskCategory,
    TaskState,
)
from marketplace.foundation.errors import Conflict, InvalidInput, NotFound, TransitionRefused
from marketplace.foundation.ids import new_id
from tests.support.ground_stage import LEAVES, GroundStage


def new(stage: GroundStage, **changes: object) -> careplans.NewTask:
    task = careplans.NewTask(TaskCategory.TEACHING, "Teach wound care", stage.people[stage.hospital])
    return replace(task, **changes)


def test_a_task_without_an_owner_cannot_exist(stage: GroundStage) -> None:
    with pytest.raises(InvalidInput) as caught, stage.planning() as session:
        careplans.add_task(session, stage.plan, new(stage, owner_user_id=None))
    assert [error.field for error in caught.value.errors] == ["owner_user_id"]
    with pytest.raises(IntegrityError, match="owner_user_id"), stage.owner() as session:
        session.execute(text("UPDATE care_plan_tasks SET owner_user_id = NULL"))


def test_the_owner_is_of_the_same_health_system(stage: GroundStage) -> None:
    for owner in (stage.people[stage.vendors[0]], new_id()):
        with pytest.raises(InvalidInput), stage.planning() as session:
            careplans.add_task(session, stage.plan, new(stage, owner_user_id=owner))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 161}, "title"),
        ({"note": "x" * 501}, "note"),
        ({"due_offset_end_minutes": -60}, "due_offset_end_minutes"),
        ({"due_offset_end_minutes": 90_000}, "due_offset_start_minutes"),
        ({"due_anchor": DueAnchor.FIXED}, "due_at"),
        ({"due_at": LEAVES}, "due_at"),
        ({"service_kind": ServiceKind.EQUIPMENT}, "equipment_code"),
        ({"service_kind": ServiceKind.EQUIPMENT, "equipment_code": "X0000"}, "equipment_code"),
        ({"service_kind": ServiceKind.RIDE, "equipment_code": "E1390"}, "equipment_code"),
    ],
)
def test_a_wrong_task_is_refused_by_field(stage: GroundStage, changes: dict[str, object], field: str) -> None:
    with pytest.raises(InvalidInput) as caught, stage.planning() as session:
        careplans.add_task(session, stage.plan, new(stage, **changes))
    assert [error.field for error in caught.value.errors] == [field]


def test_a_task_for_a_service_closes_on_field_evidence_only(stage: GroundStage) -> None:
    with pytest.raises(Conflict, match="recorded in the field"), stage.planning() as session:
        careplans.close_task(session, stage.ride_task, "He walked home")
    with pytest.raises(IntegrityError, match="evidence"), stage.owner() as session:
        session.execute(text("UPDATE care_plan_tasks SET state = 'completed' WHERE service_kind = 'ride'"))


def test_a_task_by_hand_is_closed_with_a_word_and_can_be_opened_again(stage: GroundStage) -> None:
    task_id = stage.new_task(ServiceKind.OTHER)
    with pytest.raises(InvalidInput), stage.planning() as session:
        careplans.close_task(session, task_id, " ")
    with stage.planning() as session:
        assert careplans.close_task(session, task_id, "Daughter has seen it").state is TaskState.COMPLETED
    with pytest.raises(TransitionRefused), stage.planning() as session:
        careplans.mark_not_needed(session, task_id, "After all not")
    with stage.planning() as session:
        assert careplans.reopen(session, task_id).completed_at is None
        assert careplans.mark_not_needed(session, task_id, "Not needed").state is TaskState.NOT_NEEDED
    with stage.owner() as session:
        changes = session.scalars(
            select(TaskChange.to_state).where(TaskChange.subject_id == task_id).order_by(TaskChange.id)
        ).all()
    assert changes == ["open", "completed", "open", "not_needed"]
    assert stage.breaches() == []


def test_a_booked_task_is_not_unneeded_before_its_booking_is_called_off(stage: GroundStage) -> None:
    stage.book(stage.ride())
    with pytest.raises(Conflict, match="booking works"), stage.planning() as session:
        careplans.mark_not_needed(session, stage.ride_task, "Not needed")
    with pytest.raises(Conflict), stage.planning() as session:
        careplans.reopen(session, stage.ride_task)


def test_precedences_never_close_a_circle(stage: GroundStage) -> None:
    third = stage.new_task()
    with stage.planning() as session:
        careplans.add_precedence(session, stage.ride_task, third, Hardness.SOFT)
    for first, second in ((third, stage.oxygen_task), (stage.ride_task, stage.oxygen_task), (third, third)):
        with pytest.raises(InvalidInput) as caught, stage.planning() as session:
            careplans.add_precedence(session, first, second, Hardness.HARD)
        assert [error.field for error in caught.value.errors] == ["predecessor_task_id"]
    with stage.owner() as session:
        assert len(session.scalars(select(TaskPrecedence)).all()) == 2


def test_a_precedence_can_be_changed_and_taken_away(stage: GroundStage) -> None:
    with stage.planning() as session:
        careplans.add_precedence(
            session, stage.oxygen_task, stage.ride_task, Hardness.SOFT, min_lag_minutes=10, max_lag_minutes=60
        )
        view = careplans.plan_view(session, stage.encounter)
        assert [(edge.hardness, edge.min_lag_minutes) for edge in view.precedences] == [(Hardness.SOFT, 10)]
        assert [task.id for task in view.tasks] == [stage.oxygen_task, stage.ride_task]
        careplans.remove_precedence(session, stage.oxygen_task, stage.ride_task)
    with pytest.raises(NotFound), stage.planning() as session:
        careplans.remove_precedence(session, stage.oxygen_task, stage.ride_task)
    with pytest.raises(InvalidInput), stage.planning() as session:
        careplans.add_precedence(
            session, stage.oxygen_task, stage.ride_task, Hardness.SOFT, min_lag_minutes=10, max_lag_minutes=5
        )


def test_foreign_plans_and_tasks_are_as_if_they_were_not_there(stage: GroundStage) -> None:
    with stage.acting(stage.other_hospital, "planner") as session:
        assert session.scalars(select(CarePlanTask)).all() == []
        assert careplans.plan_view(session, stage.encounter) is None
        for attempt in (
            lambda: careplans.task(session, stage.ride_task),
            lambda: careplans.open_plan(session, stage.encounter),
            lambda: careplans.add_task(session, stage.plan, new(stage)),
            lambda: careplans.assign(session, stage.ride_task, stage.people[stage.hospital]),
        ):
            with pytest.raises(NotFound):
                attempt()


def test_handing_a_task_on_keeps_it_owned(stage: GroundStage) -> None:
    with pytest.raises(InvalidInput), stage.planning() as session:
        careplans.assign(session, stage.ride_task, stage.people[stage.payer])
    with stage.planning() as session:
        assert careplans.assign(session, stage.ride_task, stage.people[stage.hospital]).revision == 2
