"""Who can mend what, and how much of it at once: dated rows that the station keeps.

Who is on duty comes with the rosters; ``_workers`` is the one place that will ask for it, for turns and load alike.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    IN_HAND_STATES,
    LoadRule,
    Membership,
    OrgUnit,
    Person,
    Role,
    Ticket,
    TicketAssignment,
    TicketCategory,
    WorkerSkill,
    table_of,
)
from services import access
from services.actors import Actor
from services.errors import Conflict, InvalidInput, WrongHat
from services.terms import in_force
from services.tickets import hands
from services.tickets.filing import CATEGORY_UNKNOWN

BY_THE_STATION = "站里定的"


def set_work(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    neighborhood_id: int,
    person_id: int,
    categories: Sequence[str],
    most: int | None,
) -> None:
    """Say what a worker can mend and how much at once (nothing: as the rule for all says).

    What is no longer named ends now; what is new begins now; the rest goes on.  Raises ``InvalidInput`` for a category that
    does not exist or somebody who does not repair here.
    """
    unit = access.neighborhood_for(session, actor, neighborhood_id)
    hands.require_repairer(session, person_id, unit.path, now, field="person_id")
    lock(session, person_id)
    wanted = _category_ids(session, categories)
    rows = session.scalars(
        sa.select(WorkerSkill).where(
            WorkerSkill.neighborhood_id == neighborhood_id,
            WorkerSkill.person_id == person_id,
            WorkerSkill.ends_at.is_(None),
        )
    ).all()
    for row in rows:
        if row.category_id not in wanted:
            row.ends_at, row.ended_by_id = now, actor.person_id
    about = {"neighborhood_id": neighborhood_id, "person_id": person_id}
    session.add_all(
        WorkerSkill(**about, category_id=category_id, starts_at=now, given_by_id=actor.person_id)
        for category_id in sorted(wanted - {row.category_id for row in rows})
    )
    _set_most(session, about, most, actor, now)


def _category_ids(session: Session, codes: Sequence[str]) -> set[int]:
    rows = session.execute(
        sa.select(TicketCategory.code, TicketCategory.id).where(
            TicketCategory.code.in_(codes), TicketCategory.ends_at.is_(None)
        )
    ).all()
    if {row.code for row in rows} != set(codes):
        raise InvalidInput(CATEGORY_UNKNOWN, code="category_unknown", errors={"categories": [CATEGORY_UNKNOWN]})
    return {row.id for row in rows}


def _set_most(session: Session, about: dict[str, int], most: int | None, actor: Actor, now: dt.datetime) -> None:
    rule = session.scalar(sa.select(LoadRule).filter_by(**about).where(LoadRule.ends_at.is_(None)))
    if most == (rule.most if rule else None):
        return
    if rule is not None:
        rule.ends_at = now
        session.flush()  # one open rule per person
    if most is not None:
        session.add(LoadRule(**about, most=most, starts_at=now, set_by_id=actor.person_id, source=BY_THE_STATION))


def lock(session: Session, person_id: int) -> None:
    """Hold a worker until the commit, so that nobody counts their work at the same time."""
    session.execute(sa.select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def require_skill(session: Session, ticket: Ticket, person_id: int, *, now: dt.datetime) -> None:
    """Raise ``Conflict`` (``not_skilled``) unless the station knows that a worker can mend this."""
    if session.scalar(_skilled(ticket, now).where(WorkerSkill.person_id == person_id)) is None:
        raise Conflict(
            "站里还没有登记您会修这一类。请站长在“师傅”里给您加上，或者点“我来帮忙”，由服务站来定。",
            code="not_skilled",
            state=ticket.state.value,
        )


def require_free_hand(session: Session, ticket: Ticket, person_id: int, *, now: dt.datetime) -> None:
    """Raise ``Conflict`` (``load_full``) if a worker has enough in hand; hold the worker until the commit."""
    lock(session, person_id)
    row = session.execute(_workers(ticket.neighborhood_id, now).where(Person.id == person_id)).one_or_none()
    if row is None:
        raise WrongHat("您在这个小区没有维修岗位了。请联系服务站。", code="not_assignee")
    if row.in_hand >= row.most:
        raise Conflict(
            f"您手上已经有{row.in_hand}单，最多{row.most}单。请先办完一单，再来接新的。",
            code="load_full",
            state=ticket.state.value,
        )


def next_in_turn(session: Session, ticket: Ticket, *, now: dt.datetime) -> int | None:
    """Return who is next: of those who can mend it and have a hand free, who was given work the longest ago.

    Whoever never was comes first; among equals the one with less in hand, then the one who came first.  The neighborhood's
    row is held until the commit, so that two tickets at once do not go to the same one.
    """
    session.execute(sa.select(OrgUnit.id).where(OrgUnit.id == ticket.neighborhood_id).with_for_update(key_share=True))
    last = (
        sa.select(sa.func.max(TicketAssignment.at))
        .where(TicketAssignment.neighborhood_id == ticket.neighborhood_id, TicketAssignment.person_id == Person.id)
        .scalar_subquery()
    )
    able = (
        _workers(ticket.neighborhood_id, now)
        .where(Person.id.in_(_skilled(ticket, now)))
        .add_columns(last.label("last"))
        .subquery()
    )
    row = session.execute(
        sa.select(able.c.id)
        .where(able.c.in_hand < able.c.most, able.c.id != (ticket.assignee_id or 0))
        .order_by(able.c.last.is_not(None), able.c.last, able.c.in_hand, able.c.id)
        .limit(1)
    ).one_or_none()
    return row.id if row else None


def _skilled(ticket: Ticket, now: dt.datetime) -> sa.Select[int]:
    """Return whom the station knows to be able to mend what a ticket is about."""
    return sa.select(WorkerSkill.person_id).where(
        WorkerSkill.neighborhood_id == ticket.neighborhood_id,
        WorkerSkill.category_id == ticket.category_id,
        in_force(WorkerSkill.starts_at, WorkerSkill.ends_at, now),
    )


def _workers(neighborhood_id: int, now: dt.datetime) -> sa.Select[Any, Any, Any, Any]:
    """Return the workers of a neighborhood: id, name, how much they have in hand, how much they may have."""
    in_hand = (
        sa.select(sa.func.count())
        .where(Ticket.assignee_id == Person.id, Ticket.settled_at.is_(None), Ticket.state.in_(sorted(IN_HAND_STATES)))
        .correlate(Person)
        .scalar_subquery()
    )
    rule = table_of(LoadRule)
    most = (
        sa.select(rule.c.most)
        .where(
            in_force(LoadRule.starts_at, LoadRule.ends_at, now),
            sa.or_(rule.c.neighborhood_id.is_(None), rule.c.neighborhood_id == neighborhood_id),
            sa.or_(rule.c.person_id.is_(None), rule.c.person_id == Person.id),
        )
        .order_by(rule.c.person_id.is_(None), rule.c.neighborhood_id.is_(None), rule.c.id.desc())
        .limit(1)
        .correlate(Person)
        .scalar_subquery()
    )
    here = (
        sa.select(Membership.person_id)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(
            OrgUnit.neighborhood_id == neighborhood_id,
            Membership.role == Role.REPAIRER,
            in_force(Membership.starts_at, Membership.ends_at, now),
        )
    )
    return sa.select(
        Person.id,
        sa.func.coalesce(Person.known_as, Person.name_masked).label("worker"),
        in_hand.label("in_hand"),
        most.label("most"),
    ).where(Person.id.in_(here))


def workers(session: Session, *, actor: Actor, neighborhood_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the workers of a neighborhood with what they can mend and how much they have in hand: two statements."""
    access.neighborhood_for(session, actor, neighborhood_id)
    rows = session.execute(_workers(neighborhood_id, now).order_by(Person.id)).mappings()
    can: dict[int, list[str]] = {}
    for person_id, code in session.execute(
        sa.select(WorkerSkill.person_id, TicketCategory.code)
        .join(TicketCategory, TicketCategory.id == WorkerSkill.category_id)
        .where(
            WorkerSkill.neighborhood_id == neighborhood_id,
            in_force(WorkerSkill.starts_at, WorkerSkill.ends_at, now),
        )
        .order_by(TicketCategory.position)
    ):
        can.setdefault(person_id, []).append(code)
    return [dict(row) | {"categories": can.get(row["id"], [])} for row in rows]
