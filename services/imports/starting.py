"""From nothing to a neighborhood that can be filled: the units down to it, its station manager, and a code for them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import OrgUnit, Role, UnitKind
from services.errors import Conflict, InvalidInput, NotFound
from services.org import hats, tree
from services.org.offices import Post
from services.org.persons import Who
from services.residencies import invitations
from services.vault import Vault

ENDINGS: tuple[tuple[UnitKind, tuple[str, ...]], ...] = (
    (UnitKind.CITY, ("市",)),
    (UnitKind.DISTRICT, ("区", "县", "旗")),
    (UnitKind.SUBDISTRICT, ("街道", "街道办", "镇", "乡")),
    (UnitKind.COMMUNITY, ("社区", "村", "居委会")),
)
"""By what a name ends in; 社区 and 小区 end in 区 too, so the longer ones are looked at first."""


@dataclass(frozen=True)
class Started:
    """A neighborhood that was made ready."""

    neighborhood: OrgUnit
    made: tuple[OrgUnit, ...]
    """Units that were not there before, top down."""
    code: str | None
    """The manager's invitation code, where a manager was named."""


def kind_of(name: str) -> UnitKind | None:
    """Return which level a name is of, by its ending."""
    found = [(len(end), kind) for kind, ends in ENDINGS for end in ends if name.endswith(end)]
    return max(found, key=lambda one: one[0])[1] if found else None


def start(
    session: Session,
    *,
    names: Sequence[str],
    code: str,
    manager: Who | None,
    vault: Vault,
    now: dt.datetime,
) -> Started:
    """Make the units of a path (明山区, 高峪街道, 彩进社区, 彩进小区) where they are missing; appoint a manager.

    The last name is the neighborhood; ``code`` begins its ticket numbers.  For the operator's command line, who acts
    without a hat.  Raises ``InvalidInput`` for a name whose level cannot be told.
    """
    names = [name.strip() for name in names if name.strip()]
    if len(names) < 2:  # noqa: PLR2004 - a neighborhood and at least what is above it
        raise InvalidInput("请写完整的路径，用斜线隔开，比如：明山区/高峪街道/彩进社区/彩进小区。", code="path_invalid")
    parent: OrgUnit | None = None
    made = []
    for at, name in enumerate(names):
        last = at == len(names) - 1
        kind = UnitKind.NEIGHBORHOOD if last else kind_of(name)
        if kind is None:
            raise InvalidInput(f"看不出“{name}”是哪一级。请写全称：某某区、某某街道、某某社区。", code="path_invalid")
        there = _child(session, parent, name)
        if there is None:
            there = tree.create(
                session,
                actor=None,
                parent_id=parent.id if parent else None,
                kind=kind,
                name=name,
                code=code if last else None,
                now=now,
            )
            made.append(there)
        elif last and there.code != code.strip().upper():
            raise Conflict(f"“{name}”已经有了，编号是{there.code}。请用这个编号。", code="code_differs")
        parent = there
    assert parent is not None
    invitation = _manager(session, parent, manager, vault, now) if manager else None
    return Started(parent, tuple(made), invitation)


def by_code(session: Session, code: str) -> OrgUnit:
    """Return the neighborhood with a code.  Raises ``NotFound``, naming those that are there."""
    unit = session.scalar(sa.select(OrgUnit).where(OrgUnit.code == code.strip().upper()))
    if unit is None:
        there = session.scalars(
            sa.select(OrgUnit.code).where(OrgUnit.code.is_not(None)).order_by(OrgUnit.code).limit(20)
        )
        listed = "、".join(one or "" for one in there) or "还没有小区"
        raise NotFound(f"没有编号是“{code}”的小区。现在有：{listed}。", code="unit_not_found")
    return unit


def _child(session: Session, parent: OrgUnit | None, name: str) -> OrgUnit | None:
    above = OrgUnit.parent_id == parent.id if parent else OrgUnit.parent_id.is_(None)
    return session.scalar(sa.select(OrgUnit).where(above, OrgUnit.name == name, OrgUnit.closed_at.is_(None)))


def _manager(session: Session, unit: OrgUnit, manager: Who, vault: Vault, now: dt.datetime) -> str:
    try:
        with session.begin_nested():
            hats.appoint(
                session, actor=None, who=manager, post=Post(unit.id, Role.STATION_MANAGER), vault=vault, now=now
            )
    except Conflict as error:
        if error.reason != "already_holds":  # the command may be given twice; a new code is what is wanted then
            raise
    return invitations.invite_worker(session, phone=manager.phone or "", vault=vault, now=now).code
