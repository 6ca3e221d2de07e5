"""Which clocks a ticket has, which of them runs, and what pausing does to them."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import CalendarOverride, ClockMode, ClockRule, StationHours, Ticket, TicketClock, TicketTruth, TruthKind
from services import clocks

REMIND_AHEAD = {"p1": dt.timedelta(minutes=5), "p2": dt.timedelta(minutes=30)}
REMIND_AHEAD_OTHERWISE = dt.timedelta(hours=4)


@dataclass(frozen=True)
class Periods:
    """The clock rule in force: minutes allowed for each step."""

    mode: ClockMode
    answer: int
    arrive: int
    safe: int | None
    done: int


@dataclass(frozen=True)
class Deadlines:
    """When each step is due, in aware UTC."""

    answer: dt.datetime
    arrive: dt.datetime
    safe: dt.datetime | None
    done: dt.datetime


def overrides(connection: sa.Connection, mode: ClockMode) -> Mapping[dt.date, bool]:
    """Return our own days off and make-up days; clocks that run day and night need none."""
    if mode is ClockMode.ELAPSED:
        return {}
    rows = connection.execute(sa.select(CalendarOverride.day, CalendarOverride.is_working))
    return {row.day: row.is_working for row in rows}


@dataclass(frozen=True)
class Timing:
    """On which days and hours a clock runs."""

    mode: ClockMode
    days: Mapping[dt.date, bool]
    hours: clocks.Hours = clocks.ALL_DAY


def timing(connection: sa.Connection, mode: ClockMode, *, neighborhood_id: int, day: dt.date) -> Timing:
    """Return on which days and hours a clock of a neighborhood runs, by the rows in force on ``day``."""
    if mode is not ClockMode.WORKING_HOURS:
        return Timing(mode, overrides(connection, mode))
    rows = connection.execute(_DAYS_AND_HOURS, {"neighborhood": neighborhood_id, "day": day}).all()
    hours = next((clocks.Hours(row.opens_minute, row.closes_minute) for row in rows if row.day is None), None)
    if hours is None:
        raise LookupError(f"no station hours on {day}")
    return Timing(mode, {row.day: row.is_working for row in rows if row.day is not None}, hours)


def _days_and_hours() -> sa.CompoundSelect[*tuple[Any, ...]]:
    """Our own days, and the station's hours in force (the row without a day): one look for both."""
    day = sa.bindparam("day", type_=sa.Date())
    hours = (
        sa.select(StationHours.opens_minute, StationHours.closes_minute)
        .where(
            StationHours.since <= day,
            sa.or_(StationHours.until.is_(None), StationHours.until > day),
            sa.or_(
                StationHours.neighborhood_id.is_(None), StationHours.neighborhood_id == sa.bindparam("neighborhood")
            ),
        )
        .order_by(StationHours.neighborhood_id.is_(None), StationHours.since.desc())
        .limit(1)
        .subquery()
    )
    return sa.union_all(
        sa.select(
            CalendarOverride.day,
            CalendarOverride.is_working,
            sa.cast(sa.null(), sa.Integer).label("opens_minute"),
            sa.cast(sa.null(), sa.Integer).label("closes_minute"),
        ),
        sa.select(
            sa.cast(sa.null(), sa.Date).label("day"),
            sa.cast(sa.null(), sa.Boolean).label("is_working"),
            hours.c.opens_minute,
            hours.c.closes_minute,
        ),
    )


_DAYS_AND_HOURS = _days_and_hours()


def deadlines(start: dt.datetime, periods: Periods, when: Timing) -> Deadlines:
    """Start all clocks of a ticket at once."""

    def at(minutes: int) -> dt.datetime:
        return clocks.due(start, minutes, periods.mode, when.days, when.hours)

    return Deadlines(
        answer=at(periods.answer),
        arrive=at(periods.arrive),
        safe=at(periods.safe) if periods.safe is not None else None,
        done=at(periods.done),
    )


def rule_in_force(day: Any, neighborhood: Any, category: Any) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions of a clock rule that counts on a day for a neighborhood and a category (columns or values)."""
    return (
        ClockRule.since <= day,
        sa.or_(ClockRule.until.is_(None), ClockRule.until > day),
        sa.or_(ClockRule.neighborhood_id.is_(None), ClockRule.neighborhood_id == neighborhood),
        sa.or_(ClockRule.category_id.is_(None), ClockRule.category_id == category),
    )


MOST_SPECIAL_FIRST = (ClockRule.category_id.is_(None), ClockRule.neighborhood_id.is_(None), ClockRule.since.desc())


def fresh_deadlines(session: Session, ticket: Ticket, *, start: dt.datetime) -> Deadlines:
    """Return the deadlines that the rule in force gives a ticket from ``start`` on."""
    rule = _rule(session, ticket, start)
    periods = Periods(rule.mode, rule.answer_minutes, rule.arrive_minutes, rule.safe_minutes, rule.done_minutes)
    return deadlines(start, periods, timing_of(session, ticket, start=start))


def round_start(session: Session, ticket: Ticket) -> dt.datetime:
    """Return when the clocks of the present round were started: when it came in, or was last sent back."""
    sent_back = sa.select(sa.func.max(TicketTruth.at)).where(
        TicketTruth.ticket_id == ticket.id, TicketTruth.kind == TruthKind.NOT_FIXED
    )
    return session.scalar(sent_back) or ticket.submitted_at


def timing_of(session: Session, ticket: Ticket, *, start: dt.datetime) -> Timing:
    """Return on which days and hours the clocks of a ticket run that were started at ``start``."""
    mode = _rule(session, ticket, start).mode
    day = clocks.local_day(start)
    return timing(session.connection(), mode, neighborhood_id=ticket.neighborhood_id, day=day)


def _rule(session: Session, ticket: Ticket, start: dt.datetime) -> ClockRule:
    day = clocks.local_day(start)
    rule = session.scalars(
        sa.select(ClockRule)
        .where(ClockRule.urgency == ticket.urgency, *rule_in_force(day, ticket.neighborhood_id, ticket.category_id))
        .order_by(*MOST_SPECIAL_FIRST)
    ).first()
    if rule is None:
        raise LookupError(f"no clock rule for {ticket.urgency} on {day}")
    return rule


def set_due(ticket: Ticket, fresh: Deadlines) -> None:
    """Give a ticket its deadlines."""
    ticket.answer_due_at, ticket.arrive_due_at = fresh.answer, fresh.arrive
    ticket.safe_due_at, ticket.done_due_at = fresh.safe, fresh.done


def next_due(ticket: Ticket) -> dt.datetime | None:
    """Return the earliest clock that still runs, or nothing when none does: paused, done or settled."""
    if ticket.paused_at is not None or ticket.settled_at is not None or ticket.done_at is not None:
        return None
    running = [
        ticket.answer_due_at if ticket.answered_at is None else None,
        ticket.arrive_due_at if ticket.arrived_at is None else None,
        ticket.safe_due_at if ticket.safe_at is None else None,
        ticket.done_due_at,
    ]
    return min(moment for moment in running if moment is not None)


def shift(ticket: Ticket, since: dt.datetime, until: dt.datetime, when: Timing) -> None:
    """Give each clock that stood still after ``since`` what it had left then, from ``until`` on.

    Nights and days off that a working clock would not have counted anyway are not given twice; and a clock that had run
    out before it stood still stays run out.
    """

    def later(due: dt.datetime) -> dt.datetime:
        if due <= since:
            return due
        left = clocks.counted(since, due, when.mode, when.days, when.hours)
        return clocks.run_down(until, left, when.mode, when.days, when.hours)

    if ticket.arrived_at is None:
        ticket.arrive_due_at = later(ticket.arrive_due_at)
    if ticket.safe_due_at is not None and ticket.safe_at is None:
        ticket.safe_due_at = later(ticket.safe_due_at)
    ticket.done_due_at = later(ticket.done_due_at)


def run_out(ticket: Ticket, now: dt.datetime, *, reached: bool = False) -> list[tuple[TicketClock, dt.datetime]]:
    """Return the clocks of this round that ran out before their step was made, or while it still was not at ``now``.

    What is made in the last instant is in time; for ``reached``, the last instant itself has run out.
    """
    all_of = (
        (TicketClock.ANSWER, ticket.answer_due_at, ticket.answered_at),
        (TicketClock.ARRIVE, ticket.arrive_due_at, ticket.arrived_at),
        (TicketClock.SAFE, ticket.safe_due_at, ticket.safe_at),
        (TicketClock.DONE, ticket.done_due_at, ticket.done_at),
    )
    return [
        (clock, due)
        for clock, due, made in all_of
        if due is not None and (due < (made or now) or (reached and made is None and due == now))
    ]


def restart(ticket: Ticket, fresh: Deadlines) -> None:
    """Start all clocks anew, as after "it is not fixed": every step has to be made again."""
    set_due(ticket, fresh)
    ticket.answered_at = ticket.arrived_at = ticket.safe_at = ticket.done_at = None


def remind_ahead(urgency: str) -> dt.timedelta:
    """Return how long before a deadline people are reminded."""
    return REMIND_AHEAD.get(urgency, REMIND_AHEAD_OTHERWISE)
