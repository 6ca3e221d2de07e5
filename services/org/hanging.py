"""What still hangs on a unit: the list with which closing is refused."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Council, DutyAssignment, Home, HomeStatus, Membership, OrgUnit, PartyLink, PartyOrg, Station, Ticket

SHOWN = 20


@dataclass(frozen=True)
class Hanging:
    """Some rows of one kind that are alive at or below a unit."""

    kind: str
    name: str
    count: int
    ids: Sequence[int]
    """The first of them."""

    def __str__(self) -> str:
        """As it is read: 3套房子."""
        return f"{self.count}{self.name}"


def hanging_below(session: Session, unit: OrgUnit, now: dt.datetime) -> list[Hanging]:
    """Return what is alive at or below a unit: one statement per kind."""
    below = sa.select(OrgUnit.id).where(OrgUnit.path.startswith(unit.path, autoescape=True))
    kinds: dict[str, tuple[str, Any, Any]] = {
        "unit": ("个下级单位", OrgUnit, sa.and_(OrgUnit.parent_id == unit.id, OrgUnit.closed_at.is_(None))),
        "home": (
            "套房子",
            Home,
            sa.and_(
                Home.status == HomeStatus.IN_USE, sa.or_(Home.building_id.in_(below), Home.stairwell_id.in_(below))
            ),
        ),
        "membership": (
            "个在任的人",
            Membership,
            sa.and_(Membership.unit_id.in_(below), sa.or_(Membership.ends_at.is_(None), Membership.ends_at > now)),
        ),
        "ticket": (
            "张没办完的单子",
            Ticket,
            sa.and_(Ticket.unit_path.startswith(unit.path, autoescape=True), Ticket.settled_at.is_(None)),
        ),
        "station": ("个服务站", Station, sa.and_(Station.neighborhood_id.in_(below), Station.ends_at.is_(None))),
        "council": ("个议事会", Council, sa.and_(Council.unit_id.in_(below), Council.ends_at.is_(None))),
        "duty": (
            "项服务的负责人",
            DutyAssignment,
            sa.and_(DutyAssignment.neighborhood_id.in_(below), DutyAssignment.ends_at.is_(None)),
        ),
        "party_org": ("个党组织", PartyOrg, sa.and_(PartyOrg.unit_id.in_(below), PartyOrg.closed_at.is_(None))),
        "party_link": ("个联系的党组织", PartyLink, sa.and_(PartyLink.unit_id.in_(below), PartyLink.ends_at.is_(None))),
    }
    found = []
    for kind, (name, model, alive) in kinds.items():
        count = session.scalar(sa.select(sa.func.count()).select_from(model).where(alive)) or 0
        if count:
            ids = session.scalars(sa.select(model.id).where(alive).order_by(model.id).limit(SHOWN)).all()
            found.append(Hanging(kind, name, count, ids))
    return found
