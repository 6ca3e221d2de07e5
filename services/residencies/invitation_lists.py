"""Codes for a whole building, to be printed and handed out: one for each registered resident whose phone is not bound."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Home, HomeStatus, Invitation, OrgUnit, Person, Residency, ResidencyKind, UnitKind, WeChatAccount
from services import access, audit
from services.actors import Actor
from services.errors import NotFound
from services.residencies import invitations


@dataclass(frozen=True)
class Slip:
    """One line of the list, to be cut out and given to one person."""

    home: str
    name: str
    """Masked: the paper lies about in the stairwell."""
    kind: ResidencyKind
    code: str


@dataclass(frozen=True)
class Slips:
    """The list of a building, in the order in which one walks through it."""

    building: str
    slips: tuple[Slip, ...]
    bound: int
    """Residents who are in already and need none."""


def building_named(session: Session, *, neighborhood_id: int, name: str) -> OrgUnit:
    """Return a building by what people call it: 14号楼, or just 14.  Raises ``NotFound``, naming those that are there."""
    there = session.scalars(
        sa.select(OrgUnit)
        .where(
            OrgUnit.neighborhood_id == neighborhood_id,
            OrgUnit.kind == UnitKind.BUILDING,
            OrgUnit.closed_at.is_(None),
        )
        .order_by(OrgUnit.id)
    ).all()
    plain = name.strip()
    for unit in there:
        if unit.name in {plain, f"{plain}号楼"}:
            return unit
    listed = "、".join(unit.name for unit in there) or "还没有楼"
    raise NotFound(f"没有叫“{plain}”的楼。现在有：{listed}。", code="building_not_found")


def for_building(session: Session, *, actor: Actor | None, building_id: int, now: dt.datetime) -> Slips:
    """Make a code for each registered resident of a building who has not bound a phone.

    Codes of an earlier list that nobody used end now: of two papers only the newer one counts.
    """
    building = access.unit_for(session, actor, building_id)
    is_bound = sa.exists().where(WeChatAccount.person_id == Residency.person_id).label("is_bound")
    rows = session.execute(
        sa.select(
            Residency.person_id, Residency.home_id, Residency.kind, Residency.neighborhood_id,
            Home.label, Person.name_masked, is_bound,
        )
        .join(Home, Home.id == Residency.home_id)
        .join(Person, Person.id == Residency.person_id)
        .outerjoin(OrgUnit, OrgUnit.id == Home.stairwell_id)
        .where(
            Home.building_id == building.id, Home.status == HomeStatus.IN_USE,
            Residency.ends_at.is_(None), Person.restricted_at.is_(None),
        )
        .order_by(OrgUnit.name, Home.floor, Home.room, Residency.id)
    ).all()  # fmt: skip
    _end_unused(session, building.id, now=now)
    slips = []
    for row in rows:
        if row.is_bound:
            continue
        code = invitations.new_code()
        session.add(
            Invitation(
                neighborhood_id=row.neighborhood_id,
                person_id=row.person_id,
                home_id=row.home_id,
                kind=row.kind,
                code_hash=invitations.code_hash(code),
                created_by_id=actor.person_id if actor else None,
                created_at=now,
                expires_at=now + invitations.VALID_FOR,
            )
        )
        slips.append(Slip(row.label, row.name_masked or "（没有姓名）", row.kind, code))
    session.flush()
    audit.note_on(session, actor, building, "invitations.listed", now, {"codes": len(slips)})
    return Slips(building.name, tuple(slips), len(rows) - len(slips))


def _end_unused(session: Session, building_id: int, *, now: dt.datetime) -> None:
    session.execute(
        sa.update(Invitation)
        .where(
            Invitation.home_id.in_(sa.select(Home.id).where(Home.building_id == building_id)),
            Invitation.person_id.is_not(None),
            Invitation.used_at.is_(None),
            Invitation.expires_at > now,
        )
        .values(expires_at=now)
        .execution_options(synchronize_session=False)
    )
