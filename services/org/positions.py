"""Positions (岗位): what a place calls a post, and what it may there, within the ceiling of its base role."""

import datetime as dt
from collections.abc import Collection
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Membership, OrgUnit, Position, PositionPermission, Role, UnitKind
from services import access, audit, rights
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.org.offices import HELD_AT
from services.permission_names import named
from services.permissions import (
    POSITION_KEEPS,
    POSITION_MAY_ADD,
    ROLE_NAMES,
    ROLE_PERMISSIONS,
    Permission,
    shaped,
)
from services.terms import in_force

TITLE_MOST = 20
MISSING = "没有找到这个岗位，或者它不归您管。请从岗位列表里选。"


def define(
    session: Session,
    *,
    actor: Actor | None,
    neighborhood_id: int | None,
    title: str,
    base_role: Role,
    now: dt.datetime,
    added: Collection[Permission] = (),
    removed: Collection[Permission] = (),
) -> Position:
    """Make a position for a neighborhood; only the operator makes one for all.

    Raises ``InvalidInput`` beyond the ceiling of the role and ``Conflict`` for a title that is taken.
    """
    _reach(session, actor, neighborhood_id)
    title = title.strip()
    if not title or len(title) > TITLE_MOST:
        said = f"请写岗位名称，最多{TITLE_MOST}个字。"
        raise InvalidInput(said, code="title_invalid", errors={"title": [said]})
    if base_role not in HELD_AT:
        raise InvalidInput(
            "这个角色不能做岗位的基础。请另选一个。", code="role_invalid", errors={"base_role": ["请另选。"]}
        )
    _check_changes(base_role, added, removed)
    same = Position.neighborhood_id == neighborhood_id if neighborhood_id else Position.neighborhood_id.is_(None)
    taken = sa.select(Position.id).where(same, Position.title == title, Position.ends_at.is_(None))
    if session.scalar(taken) is not None:
        raise Conflict(f"已经有“{title}”这个岗位了。请换一个名称，或者改那一个。", code="title_taken")
    position = Position(neighborhood_id=neighborhood_id, title=title, base_role=base_role, starts_at=now)
    session.add(position)
    session.flush()
    _write(session, position, added, removed)
    _note(session, actor, position, "position.defined", now, added, removed)
    return position


def change(
    session: Session,
    *,
    actor: Actor | None,
    position_id: int,
    now: dt.datetime,
    added: Collection[Permission],
    removed: Collection[Permission],
) -> Position:
    """Give a position other permissions; everybody who holds it has them from now on, and loses what was taken."""
    position = _position(session, actor, position_id)
    _check_changes(position.base_role, added, removed)
    session.execute(sa.delete(PositionPermission).where(PositionPermission.position_id == position.id))
    _write(session, position, added, removed)
    rights.changed(session, person_ids=_holders(session, position, now), now=now)
    _note(session, actor, position, "position.changed", now, added, removed)
    return position


def retire(session: Session, *, actor: Actor | None, position_id: int, now: dt.datetime) -> Position:
    """Offer a position no more.  Raises ``Conflict`` while somebody holds it."""
    position = _position(session, actor, position_id)
    holders = _holders(session, position, now)
    if holders:
        raise Conflict(f"还有{len(holders)}个人在这个岗位上。请先结束或换岗，再来停用。", code="position_in_use")
    position.ends_at = now
    _note(session, actor, position, "position.retired", now, (), ())
    return position


def listed(session: Session, *, actor: Actor | None, neighborhood_id: int) -> list[dict[str, Any]]:
    """Return the positions that can be given in a neighborhood, its own and the shared ones, in one statement."""
    _reach(session, actor, neighborhood_id)
    rows = session.execute(
        sa.select(Position, PositionPermission.permission, PositionPermission.is_added)
        .outerjoin(PositionPermission, PositionPermission.position_id == Position.id)
        .where(
            Position.ends_at.is_(None),
            sa.or_(Position.neighborhood_id.is_(None), Position.neighborhood_id == neighborhood_id),
        )
        .order_by(Position.id, PositionPermission.permission)
    )
    found: dict[int, dict[str, Any]] = {}
    for position, permission, is_added in rows:
        item = found.setdefault(position.id, _described(position))
        if permission is not None:
            item["added" if is_added else "removed"].append(permission)
    for item in found.values():
        changes = [(name, True) for name in item["added"]] + [(name, False) for name in item["removed"]]
        item["permissions"] = sorted(shaped(item["base_role"], changes))
    return list(found.values())


def _described(position: Position) -> dict[str, Any]:
    return {
        "id": position.id,
        "neighborhood_id": position.neighborhood_id,
        "title": position.title,
        "base_role": position.base_role,
        "base_role_name": ROLE_NAMES[position.base_role],
        "added": [],
        "removed": [],
    }


def _check_changes(role: Role, added: Collection[Permission], removed: Collection[Permission]) -> None:
    beyond = set(added) - POSITION_MAY_ADD.get(role, frozenset())
    if beyond:
        names = named(beyond)
        raise InvalidInput(
            f"{ROLE_NAMES[role]}不能再加这些权限：{names}。请去掉，或者换一个基础角色。",
            code="beyond_ceiling",
            errors={"added": [f"不能加：{names}。"]},
        )
    wrong = set(removed) - (ROLE_PERMISSIONS[role] - POSITION_KEEPS)
    if wrong:
        names = named(wrong)
        raise InvalidInput(
            f"这些权限不能从{ROLE_NAMES[role]}去掉：{names}。",
            code="not_removable",
            errors={"removed": [f"不能去掉：{names}。"]},
        )


def _reach(session: Session, actor: Actor | None, neighborhood_id: int | None) -> None:
    if neighborhood_id is None:
        if actor is not None:
            said = "全市通用的岗位由系统管理员设置。请选一个小区。"
            raise InvalidInput(said, code="neighborhood_missing", errors={"neighborhood_id": [said]})
        return
    unit = (
        access.neighborhood_for(session, actor, neighborhood_id)
        if actor is not None
        else access.unit_for(session, None, neighborhood_id)
    )
    if unit.kind is not UnitKind.NEIGHBORHOOD:
        raise NotFound(access.NEIGHBORHOOD_MISSING, code="unit_not_found")


def _position(session: Session, actor: Actor | None, position_id: int) -> Position:
    position = session.scalar(sa.select(Position).where(Position.id == position_id).with_for_update())
    if position is None or position.ends_at is not None:
        raise NotFound(MISSING, code="position_not_found")
    shared = position.neighborhood_id is None
    if actor is not None and (
        shared or not actor.stands_above(session.get_one(OrgUnit, position.neighborhood_id).path)
    ):
        raise NotFound(MISSING, code="position_not_found")
    return position


def _holders(session: Session, position: Position, now: dt.datetime) -> list[int]:
    return list(
        session.scalars(
            sa.select(Membership.person_id)
            .where(
                Membership.position_id == position.id,
                sa.or_(in_force(Membership.starts_at, Membership.ends_at, now), Membership.starts_at > now),
            )
            .distinct()
        )
    )


def _write(
    session: Session, position: Position, added: Collection[Permission], removed: Collection[Permission]
) -> None:
    for names, is_added in ((added, True), (removed, False)):
        session.add_all(
            PositionPermission(position_id=position.id, permission=name.value, is_added=is_added) for name in set(names)
        )
    session.flush()


def _note(
    session: Session,
    actor: Actor | None,
    position: Position,
    action: str,
    now: dt.datetime,
    added: Collection[Permission],
    removed: Collection[Permission],
) -> None:
    detail = {"base_role": position.base_role.value, "added": sorted(added), "removed": sorted(removed)}
    audit.note_on(session, actor, position, action, now, detail)
