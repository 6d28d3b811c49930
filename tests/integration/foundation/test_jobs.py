"""Events reach their handlers at least once, and their effects happen exactly once, whatever dies."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta
from uuid import UUID, uuid4

import pytest
from redis import Redis
from rq import Queue
from rq.serializers import JSONSerializer
from sqlalchemy import func, select, text

from marketplace.foundation.access import system_actor
from marketplace.foundation.audit import AuditEvent
from marketplace.foundation.clock import machine_now
from marketplace.foundation.errors import Conflict
from marketplace.foundation.events import publish
from marketplace.foundation.jobs import Job, JobState, cancel, enqueue, replay
from marketplace.foundation.jobs.relay import QUEUE_NAME, Relay
from marketplace.foundation.jobs.worker import run_job
from marketplace.foundation.work import Runtime, unit_of_work
from tests.integration.foundation.conftest import BellRang, Notes, somebody


def ring(house: Runtime) -> tuple[UUID, UUID]:
    """Publish one event; its organization and the job that delivers it."""
    actor = somebody()
    with unit_of_work(house, actor) as session:
        publish(session, BellRang(uuid4()))
    with unit_of_work(house, actor) as session:
        return actor.organization(), session.scalars(select(Job.id)).one()


def job(house: Runtime, job_id: UUID) -> Job:
    with unit_of_work(house, system_actor(), "relay") as session:
        return session.scalars(select(Job).where(Job.id == job_id)).one()


def heard_rows(house: Runtime) -> int:
    with unit_of_work(house, system_actor(), "verifier") as session:
        return session.scalar(select(func.count()).where(AuditEvent.action == "bells:heard")) or 0


def test_a_delivery_runs_once_however_often_its_id_arrives(house: Runtime, notes: Notes) -> None:
    _, job_id = ring(house)
    assert [run_job(house, job_id) for _ in range(3)] == [True, False, False]
    assert (len(notes.heard), heard_rows(house), job(house, job_id).state) == (1, 1, JobState.DONE)


def test_an_event_and_its_deliveries_vanish_with_their_transaction(house: Runtime) -> None:
    with unit_of_work(house, somebody()) as session:
        publish(session, BellRang(uuid4()))
        session.rollback()
    with unit_of_work(house, system_actor(), "verifier") as session:
        assert session.scalar(text("SELECT count(*) FROM outbox_events")) == 0
        assert session.scalar(text("SELECT count(*) FROM jobs")) == 0


def test_a_failing_delivery_leaves_no_effect_and_is_tried_again_later(house: Runtime, notes: Notes) -> None:
    notes.fail_times = 1
    _, job_id = ring(house)
    run_job(house, job_id)
    failed = job(house, job_id)
    assert (failed.state, failed.attempts, heard_rows(house)) == (JobState.QUEUED, 1, 0)
    assert failed.error == "RuntimeError: the bell was too loud"
    assert failed.run_after > machine_now() - timedelta(seconds=1)
    _make_due(house)
    run_job(house, job_id)
    assert (job(house, job_id).state, heard_rows(house)) == (JobState.DONE, 1)


def test_a_poison_delivery_is_dead_after_five_tries_and_can_be_replayed(house: Runtime, notes: Notes) -> None:
    notes.fail_times = 5
    organization, job_id = ring(house)
    for _ in range(6):
        _make_due(house)
        run_job(house, job_id)
    assert (job(house, job_id).state, job(house, job_id).attempts) == (JobState.DEAD, 5)
    with unit_of_work(house, somebody(organization)) as session:
        replay(session, job_id)
    run_job(house, job_id)
    assert (job(house, job_id).state, heard_rows(house)) == (JobState.DONE, 1)


def test_a_job_whose_worker_died_goes_back_to_the_queue_when_its_lease_ends(house: Runtime) -> None:
    _, job_id = ring(house)
    with house.databases.engine("owner").begin() as connection:
        connection.execute(
            text("UPDATE jobs SET state='running', lease_until=now() - interval '1 second', lease_token=:t"),
            {"t": uuid4()},
        )
    assert not run_job(house, job_id)
    assert Relay(house).reap() == 1
    assert run_job(house, job_id)
    assert heard_rows(house) == 1


def test_a_job_that_has_ended_five_workers_is_dead(house: Runtime) -> None:
    _, job_id = ring(house)
    with house.databases.engine("owner").begin() as connection:
        connection.execute(
            text("UPDATE jobs SET state='running', attempts=5, lease_until=now() - interval '1 second'")
        )
    assert Relay(house).reap() == 1
    assert (job(house, job_id).state, job(house, job_id).error) == (
        JobState.DEAD,
        "5 workers ended while they ran it",
    )


def test_a_job_that_is_still_at_work_in_its_transaction_is_not_taken_back(house: Runtime) -> None:
    _, job_id = ring(house)
    with house.databases.engine("owner").begin() as connection:
        connection.execute(text("UPDATE jobs SET state='running', lease_until=now() - interval '1 second'"))
    with house.databases.engine("owner").begin() as connection:
        connection.execute(text("SELECT id FROM jobs FOR NO KEY UPDATE"))
        assert Relay(house).reap() == 0
    assert Relay(house).reap() == 1
    assert job(house, job_id).state is JobState.QUEUED


def test_a_living_worker_keeps_the_lease_of_a_long_job(house: Runtime) -> None:
    with unit_of_work(house, system_actor(uuid4())) as session:
        job_id = enqueue(session, "bells.long", {})
    assert job_id is not None
    kind = house.registry.job_kind("bells.long")
    ends: list[datetime | None] = []

    def slow(_context: object) -> dict[str, object]:
        ends.append(job(house, job_id).lease_until)
        time.sleep(0.5)
        ends.append(job(house, job_id).lease_until)
        return {}

    object.__setattr__(kind, "run", slow)
    object.__setattr__(kind, "lease", timedelta(seconds=1))
    assert run_job(house, job_id)
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[1] > ends[0]


def test_a_worker_that_lost_its_lease_commits_nothing(house: Runtime, notes: Notes) -> None:
    organization = uuid4()
    with unit_of_work(house, system_actor(organization)) as session:
        job_id = enqueue(session, "bells.long", {})
    assert job_id is not None
    kind = house.registry.job_kind("bells.long")
    stolen = kind.run

    def steal(context: object) -> dict[str, object] | None:
        with house.databases.engine("owner").begin() as connection:
            connection.execute(text("UPDATE jobs SET lease_token = :t"), {"t": uuid4()})
        result: dict[str, object] | None = stolen(context)
        return result

    object.__setattr__(kind, "run", steal)
    run_job(house, job_id)
    assert job(house, job_id).state is JobState.RUNNING
    assert job(house, job_id).result == {}


def test_redis_may_lose_everything_because_the_relay_sends_again(house: Runtime) -> None:
    for _ in range(7):
        with unit_of_work(house, somebody()) as session:
            publish(session, BellRang(uuid4()))
    relay = Relay(house)
    assert relay.send_due() == 7
    client = Redis.from_url(house.settings.redis_url)
    assert Queue(QUEUE_NAME, connection=client).count > 0
    client.flushdb()
    assert relay.send_due() == 0
    with house.databases.engine("owner").begin() as connection:
        connection.execute(text("UPDATE jobs SET sent_at = now() - interval '21 seconds'"))
    assert relay.send_due() == 7
    client.flushdb()
    client.close()


def test_an_emptied_queue_is_noticed_and_filled_again_at_once(house: Runtime) -> None:
    ring(house)
    relay = Relay(house)
    relay.send_due()
    relay.recall_lost()  # sets the mark of this first time
    assert relay.send_due() == 1
    relay.recall_lost()
    assert relay.send_due() == 0
    with Redis.from_url(house.settings.redis_url) as client:
        client.flushdb()
    relay.recall_lost()
    assert relay.send_due() == 1


def test_quick_jobs_travel_together_and_none_waits_behind_a_long_one(house: Runtime) -> None:
    with Redis.from_url(house.settings.redis_url) as client:
        client.flushdb()
        with unit_of_work(house, somebody()) as session:
            kinds = ("bells.tick", "bells.long", "bells.tick", "bells.tick", "bells.long")
            ids = [str(enqueue(session, kind, {})) for kind in kinds]
            unknown = str(enqueue(session, "bells.of_another_version", {}))
        assert Relay(house).send_due() == 6
        queue = Queue(QUEUE_NAME, connection=client, serializer=JSONSerializer)
        batches = sorted((job.args[0] for job in queue.jobs), key=len)
        assert batches[-1] == [ids[0], ids[2], ids[3]]
        assert sorted(batches[:-1]) == sorted([[ids[1]], [ids[4]], [unknown]])
        client.flushdb()


def test_a_running_relay_sends_a_new_job_at_once_not_with_its_next_round(house: Runtime) -> None:
    relay = Relay(house)
    loop = threading.Thread(target=relay.run, args=(60,), daemon=True)
    loop.start()
    try:
        time.sleep(1)  # its first round is over, the next is a minute away
        _, job_id = ring(house)
        until = time.monotonic() + 20
        while job(house, job_id).sent_at is None and time.monotonic() < until:
            time.sleep(0.05)
        assert job(house, job_id).sent_at is not None
    finally:
        relay.stopping.set()
        ring(house)  # wakes it
        loop.join(20)
    assert not loop.is_alive()


def test_two_relays_fire_a_schedule_once_a_slot(house: Runtime) -> None:
    first, second = Relay(house), Relay(house)
    for relay in (first, second, first):
        relay.fire_schedules()
    with unit_of_work(house, system_actor(), "relay") as session:
        fired = session.scalars(select(Job.dedupe_key)).all()
    day = int(machine_now().timestamp() // 86_400)
    assert fired == [f"schedule:bells.daily:{day}"]


def test_nothing_is_marked_sent_while_redis_is_away(house: Runtime) -> None:
    _, job_id = ring(house)
    away = Runtime(
        type(house.settings)(**{**vars(house.settings), "redis_url": "redis://127.0.0.1:1/0"}),
        house.databases,
        house.vault,
        house.registry,
    )
    assert Relay(away).send_due() == 0
    assert job(house, job_id).sent_at is None


def test_the_same_dedupe_key_makes_one_job(house: Runtime) -> None:
    with unit_of_work(house, somebody()) as session:
        first = enqueue(session, "bells.tick", {}, dedupe_key="once")
        second = enqueue(session, "bells.tick", {}, dedupe_key="once")
    assert first is not None
    assert second is None


def test_a_cancelled_job_does_not_run_and_cannot_be_cancelled_twice(house: Runtime, notes: Notes) -> None:
    actor = somebody()
    with unit_of_work(house, actor) as session:
        job_id = enqueue(session, "bells.long", {})
    assert job_id is not None
    with unit_of_work(house, actor) as session:
        cancel(session, job_id)
    assert not run_job(house, job_id)
    assert notes.long_runs == 0
    with pytest.raises(Conflict), unit_of_work(house, actor) as session:
        cancel(session, job_id)


def test_a_long_job_reports_progress_and_keeps_its_result(house: Runtime) -> None:
    with unit_of_work(house, system_actor(uuid4())) as session:
        job_id = enqueue(session, "bells.long", {})
    assert job_id is not None
    run_job(house, job_id)
    done = job(house, job_id)
    assert (done.state, done.progress, done.result) == (JobState.DONE, {"done": 1}, {"runs": 1})


def _make_due(house: Runtime) -> None:
    with house.databases.engine("owner").begin() as connection:
        connection.execute(text("UPDATE jobs SET run_after = now() - interval '1 second'"))
