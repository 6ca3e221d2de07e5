"""The timetable: what runs when, as data; and the leases that let any number of workers share it.

Times are Asia/Shanghai.  Due work is rows, so a job that was missed loses nothing: the next run finds the same rows.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import JobLease, JobRun, table_of
from services import audit_chain, pushes
from services.codes import ways
from services.console import forgetting
from services.content import checking
from services.groups import cards, mass_sending
from services.mandates import ending, read_back
from services.org import expiring
from services.outbox import insert_once
from services.payments import asking, bill_errands
from services.privacy import care_lists, desk_lists, retention
from services.residencies import answering
from services.tickets import holding, misses, sweeping

LEASE = dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Job:
    """One line of the timetable.  ``run`` returns how much it changed; it is called until that is nothing."""

    name: str
    run: Callable[..., int]
    every: dt.timedelta
    describe: str


TIMETABLE: tuple[Job, ...] = (
    Job("remind", sweeping.remind, dt.timedelta(seconds=30), "remind before a clock runs out"),
    Job("mark_overdue", sweeping.mark_overdue, dt.timedelta(seconds=30), "note clocks that have run out"),
    Job("end_holds", holding.run_out, dt.timedelta(minutes=1), "let work go on that stood still long enough"),
    Job("escalate", misses.escalate, dt.timedelta(minutes=1), "call the next level to clocks that stay missed"),
    Job("auto_confirm", sweeping.auto_confirm, dt.timedelta(minutes=10), "accept work after seven days of silence"),
    Job("file_away", sweeping.file_away, dt.timedelta(minutes=10), "close what was confirmed a week ago"),
    Job(
        "wind_up_terms",
        expiring.wind_up_terms,
        dt.timedelta(minutes=10),
        "hand over what terms that ran out leave open",
    ),
    Job("forget_console", forgetting.forget_traces, dt.timedelta(hours=6), "drop traces of signing in at the console"),
    Job("end_mandates", ending.run_out, dt.timedelta(minutes=10), "end mandates and offers that ran out"),
    Job("warn_of_mandates", ending.warn, dt.timedelta(hours=6), "say two weeks before that a mandate runs out"),
    Job("read_back", read_back.read_back, dt.timedelta(hours=1), "tell principals what was done for them last month"),
    Job("desk_remind", desk_lists.remind, dt.timedelta(hours=1), "remind of requests about personal data"),
    Job(
        "care_remind", care_lists.remind, dt.timedelta(hours=6), "remind of key households that run out, and close them"
    ),
    Job("seal_audit", audit_chain.seal, dt.timedelta(minutes=1), "chain the audit trail, publish its head once a day"),
    Job("retain", retention.run, dt.timedelta(hours=6), "remove what was kept long enough, by the rules"),
    Job(
        "hand_over_late",
        checking.hand_over_late,
        dt.timedelta(minutes=1),
        "give to people what WeChat has not checked for half an hour",
    ),
    Job(
        "ask_about_orders", asking.ask_about_orders, dt.timedelta(seconds=15), "ask WeChat about orders without a word"
    ),
    Job(
        "ask_about_refunds",
        asking.ask_about_refunds,
        dt.timedelta(seconds=15),
        "take refunds to WeChat and ask about them",
    ),
    Job(
        "fetch_bills",
        bill_errands.queue,
        dt.timedelta(minutes=10),
        "fetch WeChat's bills after ten, hold them against ours",
    ),
    Job("look_after_mass", mass_sending.look_after, dt.timedelta(minutes=1), "read back what became of mass messages"),
    Job("refresh_cards", cards.refresh, dt.timedelta(minutes=1), "count the cards in WeChat groups anew"),
    Job("forget_old_pushes", pushes.forget_old, dt.timedelta(hours=6), "drop WeChat's pushes after a month"),
    Job(
        "refer_residencies",
        answering.refer,
        dt.timedelta(minutes=10),
        "give requests to the station whose owner did not answer",
    ),
    Job(
        "renew_links",
        ways.renew,
        dt.timedelta(minutes=10),
        "have links made anew before they end, and pictures that were never made",
    ),
)


def acquire(session: Session, *, job: str, holder: str, now: dt.datetime) -> bool:
    """Take the lease of a job, if nobody else holds it."""
    session.execute(insert_once(session, table_of(JobLease)).values(job=job, holder="", leased_until=now))
    taken: Any = session.execute(
        sa.update(JobLease)
        .where(JobLease.job == job, sa.or_(JobLease.leased_until <= now, JobLease.holder == holder))
        .values(holder=holder, leased_until=now + LEASE)
    )
    return bool(taken.rowcount)


def release(session: Session, *, job: str, holder: str, now: dt.datetime) -> None:
    """Give the lease back."""
    session.execute(sa.update(JobLease).where(JobLease.job == job, JobLease.holder == holder).values(leased_until=now))


def start(session: Session, *, job: str, now: dt.datetime) -> int:
    """Write down that a run has begun; return its id."""
    run = JobRun(job=job, started_at=now)
    session.add(run)
    session.flush()  # the end of the run needs the id
    return run.id


def finish(session: Session, *, run_id: int, now: dt.datetime, changed: int, error: str | None) -> None:
    """Write down how a run ended."""
    session.execute(
        sa.update(JobRun)
        .where(JobRun.id == run_id)
        .values(finished_at=now, ok=error is None, changed=changed, error=error)
    )


def last_runs(session: Session) -> dict[str, JobRun]:
    """Return the newest finished run of each job."""
    newest = sa.select(sa.func.max(JobRun.id)).where(JobRun.finished_at.is_not(None)).group_by(JobRun.job)
    return {run.job: run for run in session.scalars(sa.select(JobRun).where(JobRun.id.in_(newest)))}
