"""What the timetable does: once per clock, after seven days, after seven more; and who may run it."""

import datetime as dt

import pytest
import sqlalchemy as sa

from models import IdempotencyKey, JobLease, JobRun, TicketEvent
from services import health, jobs
from services.jobs import TIMETABLE
from services.privacy import retention
from services.tickets import sweeping
from tests.services.acting import do, put_into, tick
from tests.world import NOW

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


def actions(world):
    return list(world.session.scalars(sa.select(TicketEvent.action).order_by(TicketEvent.id)))


@pytest.mark.parametrize(("category", "ahead"), [("drain", 5), ("elec", 30), ("noise", 240)])
def test_people_are_reminded_shortly_before_once_per_clock(world, category, ahead):
    ticket = world.ticket(world.file(category=category))
    soon = ticket.next_due_at - ahead * MINUTE
    assert tick(world, "remind", now=soon - MINUTE) == 0
    assert tick(world, "remind", now=soon) == 1
    assert tick(world, "remind", now=soon + MINUTE) == 0
    assert actions(world) == ["file", "remind"]


def test_the_next_clock_gets_its_own_reminder(world):
    filed = world.file()
    tick(world, "remind", now=world.ticket(filed).next_due_at - MINUTE)
    do(world, "triage", filed)
    assert tick(world, "remind", now=world.ticket(filed).next_due_at - MINUTE) == 1


def test_nobody_is_reminded_of_what_has_run_out(world):
    assert tick(world, "remind", now=world.ticket(world.file()).next_due_at) == 0


def test_a_clock_that_ran_out_is_noted_once(world):
    filed = world.file()
    due = world.ticket(filed).next_due_at
    assert [tick(world, "overdue", now=due + wait) for wait in (-MINUTE, 0 * MINUTE, MINUTE)] == [0, 1, 0]
    assert world.ticket(filed).overdue_at == due
    do(world, "triage", filed, now=due + 2 * MINUTE)
    assert tick(world, "overdue", now=world.ticket(filed).next_due_at) == 1
    assert actions(world) == ["file", "overdue", "triage", "overdue"]


def test_silence_of_seven_days_confirms_but_never_rates(world):
    filed = world.file()
    world.bring_to("done_by_worker", filed)
    assert tick(world, "auto_confirm", now=NOW + 7 * DAY - MINUTE) == 0
    assert tick(world, "auto_confirm", now=NOW + 7 * DAY) == 1
    ticket = world.ticket(filed)
    assert ticket.state.value == "auto_confirmed"
    assert (ticket.satisfaction, ticket.confirmed_by_id, ticket.rating_words) == (None, None, None)


def test_seven_more_days_file_it_away(world):
    filed = world.file()
    world.bring_to("done_by_worker", filed)
    tick(world, "auto_confirm", now=NOW + 7 * DAY)
    assert tick(world, "file_away", now=NOW + 14 * DAY - MINUTE) == 0
    assert tick(world, "file_away", now=NOW + 14 * DAY) == 1
    assert world.ticket(filed).settled_at == NOW + 14 * DAY


def test_a_late_rating_gives_seven_more_days(world):
    filed = world.file()
    world.bring_to("confirmed", filed)
    do(world, "rate", filed, now=NOW + 5 * DAY)
    assert tick(world, "file_away", now=NOW + 11 * DAY) == 0
    assert tick(world, "file_away", now=NOW + 12 * DAY) == 1


def test_what_is_over_is_left_alone(world):
    for state in ("closed", "rejected", "redirected", "cancelled"):
        put_into(world, world.file(), state, next_due_at=NOW, state_since=NOW - 30 * DAY)
    assert [tick(world, sweep, now=NOW) for sweep in ("remind", "overdue", "auto_confirm", "file_away")] == [0] * 4


def test_a_batch_is_bounded_and_the_next_one_finds_the_rest(world, monkeypatch):
    monkeypatch.setattr(sweeping, "BATCH", 2)
    due = max(world.ticket(world.file()).next_due_at for _ in range(5))
    assert [tick(world, "overdue", now=due) for _ in range(4)] == [2, 2, 1, 0]


def test_one_holder_has_a_job_until_the_lease_ends(session):
    def acquire(holder, now=NOW):
        return jobs.acquire(session, job="remind", holder=holder, now=now)

    assert acquire("a")
    assert acquire("a")
    assert not acquire("b")
    assert not acquire("b", NOW + jobs.LEASE - MINUTE)
    assert acquire("b", NOW + jobs.LEASE)
    assert not acquire("a", NOW + jobs.LEASE)


def test_a_lease_given_back_can_be_taken_at_once(session):
    jobs.acquire(session, job="remind", holder="a", now=NOW)
    jobs.release(session, job="remind", holder="b", now=NOW)
    assert not jobs.acquire(session, job="remind", holder="b", now=NOW)
    jobs.release(session, job="remind", holder="a", now=NOW)
    assert jobs.acquire(session, job="remind", holder="b", now=NOW)
    assert session.scalar(sa.select(JobLease.holder)) == "b"


def run(session, job, *, error=None, now=NOW):
    run_id = jobs.start(session, job=job, now=now)
    jobs.finish(session, run_id=run_id, now=now + MINUTE, changed=3, error=error)


def test_runs_are_written_down(session):
    run(session, "remind")
    run(session, "remind", error="OperationalError", now=NOW + DAY)
    run_id = jobs.start(session, job="remind", now=NOW + 2 * DAY)
    session.expire_all()
    newest = jobs.last_runs(session)["remind"]
    assert (newest.ok, newest.error, newest.changed) == (False, "OperationalError", 3)
    assert session.get_one(JobRun, run_id).ok is None


def test_a_quiet_worker_is_noticed(session):
    for job in TIMETABLE:
        run(session, job.name)
    assert health.quiet_jobs(session, now=NOW) == []
    assert health.quiet_jobs(session, now=NOW + 4 * MINUTE) == [
        "remind",
        "mark_overdue",
        "ask_about_orders",
        "ask_about_refunds",
    ]
    run(session, "file_away", error="X", now=NOW + MINUTE)
    session.expire_all()
    assert health.quiet_jobs(session, now=NOW + MINUTE) == ["file_away"]


def test_old_answers_and_runs_are_forgotten(world):
    for name, age in (("old", 8), ("new", 6)):
        world.session.add(
            IdempotencyKey(
                person_id=world.resident.id,
                key=name,
                request_hash="x",
                status=200,
                answer_sealed=b"",
                created_at=NOW - age * DAY,
            )
        )
    run(world.session, "old", now=NOW - 31 * DAY)
    run(world.session, "new", now=NOW - 29 * DAY)
    world.session.flush()
    assert retention.run(world.session, now=NOW) == 2
    assert list(world.session.scalars(sa.select(IdempotencyKey.key))) == ["new"]
    assert list(world.session.scalars(sa.select(JobRun.job))) == ["new"]


def test_the_timetable_names_each_job_once():
    assert [job.name for job in TIMETABLE] == [
        "remind", "mark_overdue", "end_holds", "escalate", "auto_confirm", "file_away", "wind_up_terms", "forget_console",
        "end_mandates", "warn_of_mandates", "read_back", "desk_remind", "care_remind", "seal_audit", "retain",
        "hand_over_late", "ask_about_orders", "ask_about_refunds", "fetch_bills", "look_after_mass",
        "refresh_cards", "forget_old_pushes",
        "refer_residencies", "renew_links",
    ]  # fmt: skip
    assert all(job.every > dt.timedelta() and job.describe for job in TIMETABLE)


def test_the_queue_in_numbers(world):
    world.file()
    assert health.queue(world.session, now=NOW + MINUTE).__dict__ == {"waiting": 1, "late": 0, "failed": 0}
    assert health.queue(world.session, now=NOW + 61 * MINUTE).late == 1
