"""What appointing and ending share: finding a membership, its title, its line in the audit trail."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Membership, OrgUnit, Position
from services import audit
from services.actors import Actor
from services.clocks import SHANGHAI
from services.errors import NotFound
from services.permissions import ROLE_NAMES


def membership_for(session: Session, actor: Actor | None, membership_id: int) -> tuple[Membership, OrgUnit]:
    """Return a membership at or below the actor's node, locked, and its unit.  Raises ``NotFound``."""
    row = session.execute(
        sa.select(Membership, OrgUnit)
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .where(Membership.id == membership_id)
        .with_for_update(of=Membership)
    ).one_or_none()
    if row is None or not (actor is None or actor.stands_above(row[1].path)):
        raise NotFound("没有找到这条任职。请从任职名单里选。", code="membership_not_found")
    return row[0], row[1]


def title_of(session: Session, membership: Membership) -> str:
    """Return what a membership is called: its position's title, or its role's name."""
    position = session.get(Position, membership.position_id) if membership.position_id else None
    return position.title if position else ROLE_NAMES[membership.role]


def is_over(membership: Membership, now: dt.datetime) -> bool:
    """Return whether a membership has ended."""
    return membership.ends_at is not None and membership.ends_at <= now


def note(
    session: Session,
    actor: Actor | None,
    membership: Membership,
    unit: OrgUnit,
    action: str,
    now: dt.datetime,
    detail: dict[str, object],
) -> None:
    """Write down who did what to a membership."""
    audit.note(
        session,
        actor=actor,
        now=now,
        action=action,
        subject=("membership", membership.id),
        neighborhood_id=unit.neighborhood_id,
        about_person_id=membership.person_id,
        detail={"unit_id": unit.id, "role": membership.role.value, "position_id": membership.position_id, **detail},
    )


def iso(when: dt.datetime | None) -> str | None:
    """Return a moment as the audit trail keeps it."""
    return when.isoformat() if when else None


def day(when: dt.datetime) -> str:
    """Return a day in words, as people in Benxi count it."""
    local = when.astimezone(SHANGHAI)
    return f"{local.year}年{local.month}月{local.day}日"
