"""Where a request goes: to neighbors who vouch, to the owner who knows the tenant, or to the station; and until when."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    ClockMode,
    Evidence,
    RequestState,
    ResidencyEvent,
    ResidencyRequest,
    ResidencyRule,
    ResidencyVouch,
)
from services import clocks
from services.residencies import settling
from services.residencies.moves import Step
from services.residencies.shares import OWNERS
from services.tickets.clockwork import overrides

MINUTES_A_DAY = 24 * 60


@dataclass(frozen=True)
class Rule:
    """The numbers in force in a neighborhood."""

    review_days: int
    owner_days: int
    vouchers: int


@dataclass(frozen=True)
class Stop:
    """The next state, and by when somebody should have answered."""

    state: RequestState
    due_at: dt.datetime | None


def rule_for(session: Session, neighborhood_id: int, now: dt.datetime) -> Rule:
    """Return the rule in force today: the neighborhood's own, otherwise everybody's."""
    today = clocks.local_day(now)
    row = session.scalars(
        sa.select(ResidencyRule)
        .where(
            sa.or_(ResidencyRule.neighborhood_id == neighborhood_id, ResidencyRule.neighborhood_id.is_(None)),
            ResidencyRule.since <= today,
            sa.or_(ResidencyRule.until.is_(None), ResidencyRule.until > today),
        )
        .order_by(ResidencyRule.neighborhood_id.is_(None), ResidencyRule.since.desc())
        .limit(1)
    ).one()
    return Rule(row.review_days, row.owner_days, row.vouchers)


def next_stop(session: Session, request: ResidencyRequest, *, now: dt.datetime) -> Stop:
    """Return where a request goes now that it has been handed in, mended or vouched for."""
    rule = rule_for(session, request.neighborhood_id, now)
    if request.evidence is Evidence.VOUCHING:
        if not vouched_enough(session, request.id, rule):
            return Stop(RequestState.WAITING_VOUCHERS, None)
    elif request.kind not in OWNERS and not _owner_said_no(session, request.id) and _has_owner(session, request):
        return Stop(RequestState.WAITING_OWNER, now + dt.timedelta(days=rule.owner_days))
    return at_station(session, rule, now=now)


def at_station(session: Session, rule: Rule, *, now: dt.datetime) -> Stop:
    """Return the stop at the station, which has some working days."""
    mode = ClockMode.WORKING_DAYS
    days = overrides(session.connection(), mode)
    return Stop(RequestState.SUBMITTED, clocks.due(now, rule.review_days * MINUTES_A_DAY, mode, days))


def vouched_enough(session: Session, request_id: int, rule: Rule) -> bool:
    """Whether neighbors of enough different homes, or the grid leader, put in a word."""
    homes = list(session.scalars(sa.select(ResidencyVouch.home_id).where(ResidencyVouch.request_id == request_id)))
    return None in homes or len(set(homes)) >= rule.vouchers


def _has_owner(session: Session, request: ResidencyRequest) -> bool:
    return any(one.person_id != request.person_id for one in settling.owners(session, request.home_id))


def _owner_said_no(session: Session, request_id: int) -> bool:
    """Whether an owner declined once: then it is for the station to hear both, not for the owner to be asked again."""
    query = sa.select(ResidencyEvent.id).where(
        ResidencyEvent.request_id == request_id, ResidencyEvent.action == Step.DECLINE.value
    )
    return session.scalar(query.limit(1)) is not None
