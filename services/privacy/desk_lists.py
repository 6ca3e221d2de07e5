"""Requests to the rights desk for screens, one's own and those that a desk answers; and the clock that reminds."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import OrgUnit, Person, RightsRequest, RightsState, Role
from services import inbox
from services.actors import Actor
from services.clocks import local_day
from services.privacy import answering, desk, rules, selves
from services.privacy.desk_moves import KIND_NAMES, STATE_NAMES
from services.reading.pages import Page, PageRequest, fetch
from services.vault import Vault

_COLUMNS: tuple[Any, ...] = (
    RightsRequest.id,
    RightsRequest.person_id,
    RightsRequest.neighborhood_id,
    RightsRequest.kind,
    RightsRequest.standing,
    RightsRequest.how,
    RightsRequest.state,
    RightsRequest.asked_at,
    RightsRequest.due_at,
    RightsRequest.settled_at,
    RightsRequest.handled_by_id,
)
AT_ONCE = 200


def mine(session: Session, *, actor: Actor, vault: Vault, now: dt.datetime, page: PageRequest) -> Page:
    """Return the actor's own requests, newest first, with what was asked and answered."""
    statement = sa.select(*_COLUMNS, RightsRequest.words_sealed, RightsRequest.answer_sealed).where(
        RightsRequest.person_id == actor.person_id
    )
    found = fetch(session.connection(), statement, RightsRequest.id.expression, page)
    return Page([_opened(item, vault, now) for item in found.items], found.next)


def below(session: Session, *, actor: Actor, settled: bool, now: dt.datetime, page: PageRequest) -> Page:
    """Return the requests of the neighborhoods at or below the actor's node, newest first; people masked."""
    columns = (*_COLUMNS, Person.name_masked.label("name"), OrgUnit.name.label("neighborhood"))
    statement = (
        sa.select(*columns)
        .join(OrgUnit, OrgUnit.id == RightsRequest.neighborhood_id)
        .join(Person, Person.id == RightsRequest.person_id)
        .where(
            OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True),
            RightsRequest.settled_at.is_not(None) if settled else RightsRequest.settled_at.is_(None),
        )
    )
    found = fetch(session.connection(), statement, RightsRequest.id.expression, page)
    return Page([_named(item, now) for item in found.items], found.next)


def one(session: Session, *, actor: Actor, request_id: int, vault: Vault, now: dt.datetime) -> dict[str, Any]:
    """Return a request with its words, for who answers it."""
    request = answering.request_for(session, actor, request_id)
    return described(request, vault, now) | {"name": session.get_one(Person, request.person_id).name_masked}


def described(request: RightsRequest, vault: Vault, now: dt.datetime) -> dict[str, Any]:
    """Return a request as screens show it."""
    names = [column.key for column in _COLUMNS]
    row = {name: getattr(request, name) for name in (*names, "words_sealed", "answer_sealed")}
    return _opened(row, vault, now) | {"standing_proof": request.standing_proof}


def remind(session: Session, *, now: dt.datetime) -> int:
    """Tell the desk of requests that are nearly due, and the community of those that are overdue.  Once each."""
    days = rules.value(session, rules.REMIND_DAYS, day=local_day(now))
    near = now + dt.timedelta(days=days)
    waiting = session.scalars(
        sa.select(RightsRequest)
        .where(
            RightsRequest.settled_at.is_(None),
            RightsRequest.neighborhood_id.is_not(None),
            sa.or_(
                sa.and_(RightsRequest.due_at <= near, RightsRequest.reminded_at.is_(None)),
                sa.and_(RightsRequest.due_at <= now, RightsRequest.reminded_at < RightsRequest.due_at),
            ),
        )
        .order_by(RightsRequest.due_at, RightsRequest.id)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    ).all()
    for request in waiting:
        _remind(session, request, now)
        # Never before the due time once it has passed: the second reminder is the last.
        request.reminded_at = now
    session.flush()
    return len(waiting)


def _remind(session: Session, request: RightsRequest, now: dt.datetime) -> None:
    assert request.neighborhood_id is not None
    late = request.due_at <= now
    role = Role.COMMUNITY_OFFICER if late else Role.STATION_MANAGER
    people = set(selves.holders(session, request.neighborhood_id, role, now=now))
    if request.handled_by_id is not None:
        people.add(request.handled_by_id)
    day = local_day(request.due_at)
    said = "已经超过答复期限" if late else f"请在{day.month}月{day.day}日前答复"
    for person_id in sorted(people - {request.person_id}):
        inbox.put(
            session,
            person_id=person_id,
            neighborhood_id=request.neighborhood_id,
            title="个人信息申请超期了" if late else "个人信息申请快到期了",
            body=f"第{request.id}号申请（{KIND_NAMES[request.kind]}）{said}。请马上办理，办不了的也要写明原因。",
            page=f"/desk/{request.id}",
            dedupe_key=f"rights_request:{request.id}:{'late' if late else 'near'}",
            now=now,
        )


def _opened(item: dict[str, Any], vault: Vault, now: dt.datetime) -> dict[str, Any]:
    words, answer = item.pop("words_sealed"), item.pop("answer_sealed")
    return _named(item, now) | {
        "words": vault.open(words, desk.WORDS_LABEL) if words else None,
        "answer": vault.open(answer, desk.ANSWER_LABEL) if answer else None,
    }


def _named(item: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
    return {
        **item,
        "kind_name": KIND_NAMES[item["kind"]],
        "state_name": STATE_NAMES[item["state"]],
        "is_late": item["settled_at"] is None and item["due_at"] <= now,
        "can_download": item["state"] is RightsState.GRANTED and item["kind"] in desk.SELF_SERVED,
    }
