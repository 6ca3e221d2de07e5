"""The party tree: its levels are rows, its placements are dated, and it touches the civil tree by links only."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Home, OrgUnit, PartyLevel, PartyLink, PartyOrg, PartyPlacement
from services import access, audit
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.org.records import read_name
from services.terms import in_force

MISSING = "没有找到这个党组织，或者它不归您管。请从列表里选。"


def create(
    session: Session,
    *,
    actor: Actor | None,
    level: str,
    name: str,
    unit_id: int,
    parent_id: int | None,
    now: dt.datetime,
    home_id: int | None = None,
) -> PartyOrg:
    """Make a party organization and link it to the civil unit that it works in.

    With a home it is a member household (党员中心户), the leaf of the tree, and is linked to the home instead.  Raises
    ``InvalidInput`` for a level that cannot stand below the parent's.
    """
    unit = access.unit_for(session, actor, unit_id, change=True)
    rank = _level(session, level)
    parent = party_org_for(session, actor, parent_id, above=True) if parent_id is not None else None
    name = read_name(name)
    _check_rank(session, rank, parent)
    _check_name(session, parent, unit.id, name)
    org = PartyOrg(
        level_id=rank.id, parent_id=parent.id if parent else None, unit_id=unit.id, name=name, path="?", starts_at=now
    )
    org.path = f"?{unit.id}:{name}"  # says its own id, which is known after the first flush
    session.add(org)
    session.flush()
    org.path = f"{parent.path if parent else '/'}{org.id}/"
    session.flush()
    if home_id is None:
        _link(session, org, unit=unit, home=None, now=now)
    else:
        _link(session, org, unit=None, home=_home(session, unit, home_id), now=now)
    _note(session, actor, org, "party_org.created", now, {"level": level, "parent_id": org.parent_id})
    return org


def move(session: Session, *, actor: Actor | None, party_org_id: int, parent_id: int, now: dt.datetime) -> PartyOrg:
    """Hang a party organization, with all below, under another.  Last year's tree stays as it was."""
    session.execute(sa.select(PartyOrg.id).where(PartyOrg.parent_id.is_(None)).order_by(PartyOrg.id).with_for_update())
    org = party_org_for(session, actor, party_org_id)
    parent = party_org_for(session, actor, parent_id, above=True)
    if parent.path.startswith(org.path):
        raise Conflict(f"“{parent.name}”就在“{org.name}”里面，不能移到自己下面。请选别的上级。", code="circle")
    if org.parent_id == parent.id:
        raise Conflict(f"“{org.name}”已经在“{parent.name}”下面了。", code="already_there")
    _check_rank(session, session.get_one(PartyLevel, org.level_id), parent)
    _check_name(session, parent, org.unit_id, org.name)
    _end_placement(session, org, now)
    session.add(PartyPlacement(party_org_id=org.id, parent_id=parent.id, starts_at=now))
    former, old, new = org.parent_id, org.path, f"{parent.path}{org.id}/"
    org.parent_id = parent.id
    session.flush()
    session.execute(
        sa.update(PartyOrg)
        .where(PartyOrg.path.startswith(old, autoescape=True))
        .values(path=sa.literal(new, sa.String) + sa.func.substr(PartyOrg.path, len(old) + 1))
        .execution_options(synchronize_session=False)
    )
    session.expire_all()
    _note(session, actor, org, "party_org.moved", now, {"parent_id": [former, parent.id]})
    return org


def close(session: Session, *, actor: Actor | None, party_org_id: int, now: dt.datetime) -> PartyOrg:
    """Close a party organization with its links.  Raises ``Conflict`` while others stand below it."""
    org = party_org_for(session, actor, party_org_id)
    below = session.scalar(sa.select(sa.func.count()).where(PartyOrg.parent_id == org.id, PartyOrg.closed_at.is_(None)))
    if below:
        raise Conflict(f"“{org.name}”下面还有{below}个党组织。请先移走，再来撤销。", code="party_org_in_use")
    _end_placement(session, org, now)
    org.closed_at = now
    session.execute(
        sa.update(PartyLink)
        .where(PartyLink.party_org_id == org.id, PartyLink.ends_at.is_(None))
        .values(ends_at=now)
        .execution_options(synchronize_session=False)
    )
    _note(session, actor, org, "party_org.closed", now, {})
    return org


def link(session: Session, *, actor: Actor | None, party_org_id: int, unit_id: int, now: dt.datetime) -> PartyLink:
    """Let a party organization work in one more civil unit: a group may look after two buildings."""
    org = party_org_for(session, actor, party_org_id)
    unit = access.unit_for(session, actor, unit_id, change=True)
    there = sa.select(PartyLink.id).where(
        PartyLink.party_org_id == org.id, PartyLink.unit_id == unit.id, PartyLink.ends_at.is_(None)
    )
    if session.scalar(there) is not None:
        raise Conflict(f"“{org.name}”已经联系“{unit.name}”了。", code="already_linked")
    made = _link(session, org, unit=unit, home=None, now=now)
    _note(session, actor, org, "party_org.linked", now, {"unit_id": unit.id})
    return made


def unlink(session: Session, *, actor: Actor | None, party_org_id: int, unit_id: int, now: dt.datetime) -> None:
    """Let a party organization no longer work in a unit.  Raises ``NotFound`` when it does not."""
    org = party_org_for(session, actor, party_org_id)
    found = session.scalar(
        sa.select(PartyLink).where(
            PartyLink.party_org_id == org.id, PartyLink.unit_id == unit_id, PartyLink.ends_at.is_(None)
        )
    )
    if found is None:
        raise NotFound(f"“{org.name}”没有联系这个单位。请刷新再看。", code="link_not_found")
    found.ends_at = max(now, found.starts_at + dt.timedelta(microseconds=1))
    _note(session, actor, org, "party_org.unlinked", now, {"unit_id": unit_id})


def party_org_for(session: Session, actor: Actor | None, party_org_id: int, *, above: bool = False) -> PartyOrg:
    """Return a party organization whose civil node lies at or below the actor's.

    ``above``: one of a node above will do too, as something to stand under.  Raises ``NotFound``.
    """
    row = session.execute(
        sa.select(PartyOrg, OrgUnit.path)
        .join(OrgUnit, OrgUnit.id == PartyOrg.unit_id)
        .where(PartyOrg.id == party_org_id, PartyOrg.closed_at.is_(None))
        .with_for_update(of=PartyOrg)
    ).one_or_none()
    reached = row is not None and (
        actor is None
        or actor.stands_above(row.path)
        or (above and bool(row.path) and actor.hat.unit_path.startswith(row.path))
    )
    if row is None or not reached:
        raise NotFound(MISSING, code="party_org_not_found")
    return row[0]


def tree_at(session: Session, *, actor: Actor | None, unit_id: int, when: dt.datetime) -> list[dict[str, Any]]:
    """Return the party organizations of a civil unit and below, with the parents they had at a moment: one statement."""
    unit = access.unit_for(session, actor, unit_id)
    linked = (
        sa.select(sa.func.count())
        .where(PartyLink.party_org_id == PartyOrg.id, in_force(PartyLink.starts_at, PartyLink.ends_at, when))
        .scalar_subquery()
        .correlate(PartyOrg)
    )
    rows = session.execute(
        sa.select(
            PartyOrg.id,
            PartyPlacement.parent_id,
            PartyLevel.code.label("level"),
            PartyLevel.name.label("level_name"),
            PartyLevel.rank,
            PartyOrg.name,
            PartyOrg.unit_id,
            OrgUnit.name.label("unit_name"),
            linked.label("links"),
        )
        .join(PartyLevel, PartyLevel.id == PartyOrg.level_id)
        .join(OrgUnit, OrgUnit.id == PartyOrg.unit_id)
        .join(PartyPlacement, PartyPlacement.party_org_id == PartyOrg.id)
        .where(
            OrgUnit.path.startswith(unit.path, autoescape=True),
            in_force(PartyPlacement.starts_at, PartyPlacement.ends_at, when),
        )
        .order_by(PartyLevel.rank, PartyOrg.id)
    ).mappings()
    return [dict(row) for row in rows]


def levels(session: Session) -> list[PartyLevel]:
    """Return the levels, top down."""
    return list(session.scalars(sa.select(PartyLevel).order_by(PartyLevel.rank)))


def _level(session: Session, code: str) -> PartyLevel:
    level = session.scalar(sa.select(PartyLevel).where(PartyLevel.code == code))
    if level is None:
        said = "没有这一级党组织。请从列表里选。"
        raise InvalidInput(said, code="level_unknown", errors={"level": [said]})
    return level


def _check_rank(session: Session, level: PartyLevel, parent: PartyOrg | None) -> None:
    above = session.get_one(PartyLevel, parent.level_id) if parent else None
    if above is not None and above.rank >= level.rank:
        raise InvalidInput(
            f"{level.name}不能放在{above.name}下面。请选更高一级的上级。",
            code="level_misplaced",
            errors={"parent_id": ["请选更高一级的上级。"]},
        )


def _check_name(session: Session, parent: PartyOrg | None, unit_id: int, name: str) -> None:
    top = sa.and_(PartyOrg.parent_id.is_(None), PartyOrg.unit_id == unit_id)
    sibling = PartyOrg.parent_id == parent.id if parent else top
    taken = sa.select(PartyOrg.id).where(sibling, PartyOrg.name == name, PartyOrg.closed_at.is_(None))
    if session.scalar(taken.limit(1)) is not None:
        raise Conflict(f"这里已经有一个“{name}”了。请换一个名称。", code="name_taken")


def _home(session: Session, unit: OrgUnit, home_id: int) -> Home:
    row = session.execute(
        sa.select(Home, OrgUnit.path).join(OrgUnit, OrgUnit.id == Home.building_id).where(Home.id == home_id)
    ).one_or_none()
    if row is None or not row.path.startswith(unit.path):
        raise NotFound(access.HOME_MISSING, code="home_not_found")
    taken = sa.select(PartyLink.id).where(PartyLink.home_id == home_id, PartyLink.ends_at.is_(None))
    if session.scalar(taken) is not None:
        raise Conflict("这套房子已经是党员中心户了。", code="already_linked")
    return row[0]


def _link(session: Session, org: PartyOrg, *, unit: OrgUnit | None, home: Home | None, now: dt.datetime) -> PartyLink:
    place = unit or home
    made = PartyLink(
        party_org_id=org.id,
        neighborhood_id=place.neighborhood_id if place else None,
        unit_id=unit.id if unit else None,
        home_id=home.id if home else None,
        starts_at=now,
    )
    session.add(made)
    session.flush()
    return made


def _end_placement(session: Session, org: PartyOrg, now: dt.datetime) -> None:
    placement = session.scalars(
        sa.select(PartyPlacement).where(PartyPlacement.party_org_id == org.id, PartyPlacement.ends_at.is_(None))
    ).one()
    if placement.starts_at >= now:
        raise Conflict(f"“{org.name}”刚刚才改过，请过一会儿再改。", code="changed_this_moment")
    placement.ends_at = now
    session.flush()


def _note(
    session: Session, actor: Actor | None, org: PartyOrg, action: str, now: dt.datetime, detail: dict[str, object]
) -> None:
    unit = session.get_one(OrgUnit, org.unit_id)
    audit.note(
        session,
        actor=actor,
        now=now,
        action=action,
        subject=("party_org", org.id),
        neighborhood_id=unit.neighborhood_id,
        detail=detail,
    )
