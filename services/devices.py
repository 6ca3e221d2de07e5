"""A person's own sign-ins: which phones and browsers are signed in, and ending them from another one."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import DeviceKind, Membership, OrgUnit, Position, SignIn, SignInEnd
from services import audit, rights
from services.actors import Actor
from services.errors import NotFound, WrongHat
from services.permissions import ROLE_NAMES
from services.reading.pages import Page, PageRequest, fetch

MISSING = "没有找到这个登录，可能已经结束了。请刷新列表再看。"
OWN_HANDS = "登录要由本人自己管，不能代办。"
DEVICE_NAMES = {DeviceKind.PHONE: "手机上的小程序", DeviceKind.CONSOLE: "电脑上的控制台"}

_OPEN = (
    sa.select(
        SignIn.id,
        SignIn.device,
        SignIn.label,
        SignIn.created_at,
        SignIn.last_seen_at,
        SignIn.case_key_id,
        Membership.role,
        Position.title,
        OrgUnit.name.label("unit_name"),
    )
    .outerjoin(Membership, Membership.id == SignIn.membership_id)
    .outerjoin(Position, Position.id == Membership.position_id)
    .outerjoin(OrgUnit, OrgUnit.id == Membership.unit_id)
)


def _is_open(person_id: int, now: dt.datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        SignIn.person_id == person_id,
        SignIn.ended_at.is_(None),
        SignIn.expires_at > now,
        sa.or_(SignIn.idle_until.is_(None), SignIn.idle_until > now),
    )


def of_actor(connection: sa.Connection, *, actor: Actor, page: PageRequest, now: dt.datetime) -> Page:
    """Return the actor's sign-ins that are in force, newest first; ``this`` marks the one in use."""
    _check_own_hands(actor)
    found = fetch(connection, _OPEN.where(_is_open(actor.person_id, now)), SignIn.id.expression, page)
    return Page([_described(item, actor) for item in found.items], found.next)


def _described(item: dict[str, Any], actor: Actor) -> dict[str, Any]:
    role, title, key_id = item.pop("role"), item.pop("title"), item.pop("case_key_id")
    unit = item.pop("unit_name")
    worn = title or ("外请专业人员" if key_id else ROLE_NAMES[role] if role else "居民")
    return {
        **item,
        "device_name": item["label"] or DEVICE_NAMES[item["device"]],
        "hat": f"{worn} · {unit}" if unit else worn,
        "this": item["id"] == actor.sign_in_id,
    }


def end(session: Session, *, actor: Actor, sign_in_id: int, now: dt.datetime) -> None:
    """End one of the actor's sign-ins at once.  Raises ``NotFound`` for any other."""
    _check_own_hands(actor)
    if not _end(session, actor, now, SignIn.id == sign_in_id):
        raise NotFound(MISSING, code="sign_in_not_found")


def end_all(session: Session, *, actor: Actor, now: dt.datetime) -> int:
    """End every sign-in of the actor, this one too; return how many those were."""
    _check_own_hands(actor)
    return _end(session, actor, now)


def _end(session: Session, actor: Actor, now: dt.datetime, *which: sa.ColumnElement[bool]) -> int:
    reason = sa.case((SignIn.id == actor.sign_in_id, SignInEnd.SIGNED_OUT.value), else_=SignInEnd.ENDED_ELSEWHERE.value)
    ended = session.scalars(
        sa.update(SignIn)
        .where(_is_open(actor.person_id, now), *which)
        .values(ended_at=now, end_reason=reason)
        .returning(SignIn.id)
        .execution_options(synchronize_session=False)
    ).all()
    for sign_in_id in ended:
        audit.note(
            session,
            actor=actor,
            now=now,
            action="sign_in.ended",
            subject=("sign_in", sign_in_id),
            about_person_id=actor.person_id,
        )
    if ended:
        rights.changed(session, person_ids=[actor.person_id], now=now)
    return len(ended)


def _check_own_hands(actor: Actor) -> None:
    """Whoever acts for somebody neither sees nor ends their sign-ins."""
    if actor.agent_id is not None:
        raise WrongHat(OWN_HANDS, code="own_hands_only")
