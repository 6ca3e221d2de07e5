"""Every hat a person has: of memberships, of keys to cases, and the resident's, which everybody has."""

import datetime as dt
import itertools

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import CaseKey, Membership, OrgUnit, Position, PositionPermission, Role, Ticket
from services.actors import RESIDENT_HAT, Actor, CaseScope, Hat
from services.errors import WrongHat
from services.permissions import KEY_BASICS, KEY_CEILING, ROLE_NAMES, Permission, shaped
from services.terms import in_force

NO_SUCH_HAT = "您没有这个身份，或者它已经到期。请在“我的身份”里另选一个。"

Worn = tuple[int | None, int | None]
"""What tells one hat of a person from another: membership and key.  Neither is the resident's."""


def hats_of(session: Session | sa.Connection, person_id: int, now: dt.datetime) -> list[Hat]:
    """Return every hat a person has now: those of memberships, then keys to cases; everybody has the resident's."""
    return [*_held(session, person_id, now), *_keys(session, person_id, now), RESIDENT_HAT]


def hats_with(session: Session | sa.Connection, *, actor: Actor, permission: Permission, now: dt.datetime) -> list[Hat]:
    """Return the hats of the actor that carry a permission: those that would do where the present one does not."""
    return [hat for hat in hats_of(session, actor.person_id, now) if hat.allows(permission)]


def _held(session: Session | sa.Connection, person_id: int, now: dt.datetime) -> list[Hat]:
    """Return the hats of memberships, with what their positions make of them."""
    rows = session.execute(
        sa.select(
            Membership.id,
            Membership.role,
            OrgUnit.id,
            OrgUnit.path,
            OrgUnit.neighborhood_id,
            OrgUnit.name,
            Membership.ends_at,
            Position.title,
            PositionPermission.permission,
            PositionPermission.is_added,
        )
        .join(OrgUnit, OrgUnit.id == Membership.unit_id)
        .outerjoin(Position, Position.id == Membership.position_id)
        .outerjoin(PositionPermission, PositionPermission.position_id == Position.id)
        .where(Membership.person_id == person_id, in_force(Membership.starts_at, Membership.ends_at, now))
        .order_by(Membership.id)
    )
    found: list[Hat] = []
    for membership_id, group in itertools.groupby(rows, lambda row: row[0]):
        lines = list(group)
        _, role, unit_id, path, neighborhood_id, unit_name, ends_at, title, *_ = lines[0]
        changes = [(name, is_added) for *_, name, is_added in lines if name is not None]
        found.append(
            Hat(
                role,
                membership_id,
                unit_id,
                path,
                neighborhood_id,
                permissions=shaped(role, changes) if changes else None,
                ends_at=ends_at,
                title=title or ROLE_NAMES[role],
                unit_name=unit_name,
            )
        )
    return found


def _keys(session: Session | sa.Connection, person_id: int, now: dt.datetime) -> list[Hat]:
    """Return the hats of keys whose case is not over."""
    rows = session.execute(
        sa.select(
            CaseKey.id,
            CaseKey.subject_kind,
            CaseKey.subject_id,
            CaseKey.ends_at,
            CaseKey.title,
            CaseKey.permissions,
            Ticket.number,
        )
        .join(Ticket, sa.and_(CaseKey.subject_kind == "ticket", Ticket.id == CaseKey.subject_id))
        .where(
            CaseKey.person_id == person_id,
            CaseKey.withdrawn_at.is_(None),
            CaseKey.starts_at <= now,
            CaseKey.ends_at > now,
            Ticket.settled_at.is_(None),
        )
        .order_by(CaseKey.id)
    )
    return [
        Hat(
            Role.PROFESSIONAL,
            permissions=KEY_BASICS | (KEY_CEILING & set(permissions["given"])),
            case=CaseScope(key_id, kind, subject_id),
            ends_at=ends_at,
            title=f"{title} · 单号 {number}",
        )
        for key_id, kind, subject_id, ends_at, title, permissions, number in rows
    ]


def which(hat: Hat) -> Worn:
    """Return what tells a hat from the others of its person."""
    return hat.membership_id, hat.case.key_id if hat.case else None


def check_own(session: Session, *, person_id: int, worn: Worn, now: dt.datetime) -> None:
    """Raise ``WrongHat`` for a hat that the person does not have (any more)."""
    if worn not in {which(hat) for hat in hats_of(session, person_id, now)}:
        raise WrongHat(NO_SUCH_HAT, code="no_such_hat")
