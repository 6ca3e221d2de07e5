"""Changing the civil tree: making, naming, moving and closing units.  The past stays as it was."""

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from models import FormerUnitName, OrgUnit, Ticket, UnitKind, UnitPlacement
from services import access, audit
from services.actors import Actor
from services.bulk_ids import new_ids
from services.errors import Conflict, InvalidInput
from services.homes import naming
from services.org import telling
from services.org.hanging import Hanging, hanging_below
from services.org.records import read_name

KIND_NAMES: dict[UnitKind, str] = {
    UnitKind.CITY: "市",
    UnitKind.DISTRICT: "区",
    UnitKind.SUBDISTRICT: "街道",
    UnitKind.COMMUNITY: "社区",
    UnitKind.NEIGHBORHOOD: "小区",
    UnitKind.GRID: "网格",
    UnitKind.BUILDING: "楼栋",
    UnitKind.STAIRWELL: "单元",
}

K = UnitKind
STANDS_UNDER: dict[UnitKind, frozenset[UnitKind]] = {
    K.CITY: frozenset(),
    K.DISTRICT: frozenset({K.CITY}),
    K.SUBDISTRICT: frozenset({K.CITY, K.DISTRICT}),
    K.COMMUNITY: frozenset({K.CITY, K.DISTRICT, K.SUBDISTRICT}),
    K.NEIGHBORHOOD: frozenset({K.CITY, K.DISTRICT, K.SUBDISTRICT, K.COMMUNITY}),
    K.GRID: frozenset({K.NEIGHBORHOOD}),
    K.BUILDING: frozenset({K.NEIGHBORHOOD, K.GRID}),
    K.STAIRWELL: frozenset({K.BUILDING}),
}
"""Below which kinds a kind may stand.  Levels may be left out; a building needs no grid."""
ROOTS = frozenset({K.CITY, K.DISTRICT, K.SUBDISTRICT, K.COMMUNITY})
"""What may stand at the top: a place starts at the level that takes part."""


def create(
    session: Session,
    *,
    actor: Actor | None,
    parent_id: int | None,
    kind: UnitKind,
    name: str,
    now: dt.datetime,
    code: str | None = None,
) -> OrgUnit:
    """Make a unit below another; only the operator (no actor) makes one at the top.

    ``code`` begins the ticket numbers of a neighborhood, and only a neighborhood has one.  Raises ``InvalidInput`` for a
    kind that cannot stand there and ``Conflict`` for a name or code that is taken.
    """
    lock(session)
    parent = access.unit_for(session, actor, parent_id, change=True) if parent_id is not None else None
    if parent is None and actor is not None:
        raise InvalidInput("请选上级单位。", code="parent_missing", errors={"parent_id": ["请选上级单位。"]})
    name = read_name(name)
    _check_place(kind, parent)
    _check_name(session, parent.id if parent else None, name)
    code = _check_code(session, kind, code)
    unit_id = new_ids(session, "org_unit", 1)[0]
    inherited = parent.neighborhood_id if parent else None
    unit = OrgUnit(
        id=unit_id,
        parent_id=parent.id if parent else None,
        kind=kind,
        name=name,
        code=code,
        path=f"{parent.path if parent else '/'}{unit_id}/",
        neighborhood_id=unit_id if kind is UnitKind.NEIGHBORHOOD else inherited,
        starts_at=now,
    )
    session.add(unit)
    session.flush()
    audit.note_on(session, actor, unit, "unit.created", now, {"kind": kind.value, "parent_id": unit.parent_id})
    return unit


def rename(session: Session, *, actor: Actor | None, unit_id: int, name: str, now: dt.datetime) -> OrgUnit:
    """Give a unit another name.  The old one stays, with its days, and can be searched for.

    Codes and labels of the homes in a building or stairwell follow (``services.homes.naming``).
    """
    lock(session)
    unit = access.unit_for(session, actor, unit_id, change=True)
    name = read_name(name)
    if name == unit.name:
        return unit
    _check_name(session, unit.parent_id, name)
    since = session.scalar(sa.select(sa.func.max(FormerUnitName.ends_at)).where(FormerUnitName.unit_id == unit.id))
    since = since or unit.starts_at
    if since < now:  # a name that was put right in the same moment was never borne
        session.add(FormerUnitName(unit_id=unit.id, name=unit.name, starts_at=since, ends_at=now))
    before, unit.name = unit.name, name
    session.flush()
    naming.carry(session, unit, before, now)
    audit.note_on(session, actor, unit, "unit.renamed", now, {})
    return unit


def move(
    session: Session, *, actor: Actor | None, unit_id: int, parent_id: int, now: dt.datetime, why: str | None = None
) -> OrgUnit:
    """Hang a unit, with everything below it, under another parent.

    Paths of all units and tickets below are changed in one go each, and the hats that are held there are looked at anew.
    Raises ``InvalidInput`` for a kind that cannot stand there, ``Conflict`` for a circle, a name that is taken, or another
    neighborhood: what lies in a neighborhood keeps its key for good.
    """
    lock(session)
    unit = access.unit_for(session, actor, unit_id, change=True)
    parent = access.unit_for(session, actor, parent_id, change=True)
    if parent.id == unit.parent_id:
        raise Conflict(f"“{unit.name}”已经在“{parent.name}”下面了，不用再移。", code="already_there")
    if parent.path.startswith(unit.path):
        raise Conflict(f"“{parent.name}”就在“{unit.name}”里面，不能移到自己下面。请选别的上级。", code="circle")
    _check_place(unit.kind, parent)
    if unit.kind is not UnitKind.NEIGHBORHOOD and unit.neighborhood_id != parent.neighborhood_id:
        raise Conflict("楼栋和网格只能在本小区里移。换小区请另建，再把住户迁过去。", code="other_neighborhood")
    _check_name(session, parent.id, unit.name)
    former, old_path = unit.parent_id, unit.path
    _replace_placement(session, unit, parent.id, now)
    unit.parent_id = parent.id
    session.flush()
    _carry_paths(session, unit, old_path, f"{parent.path}{unit.id}/")
    session.refresh(unit)
    telling.hats_changed_below(session, unit.path, now=now)
    audit.note_on(session, actor, unit, "unit.moved", now, {"parent_id": [former, parent.id]}, why)
    return unit


def close(session: Session, *, actor: Actor | None, unit_id: int, now: dt.datetime, why: str | None = None) -> OrgUnit:
    """Close a unit.  Raises ``Conflict`` with a list while something alive hangs on it; its row and its past stay."""
    lock(session)
    unit = access.unit_for(session, actor, unit_id, change=True)
    hanging = hanging_below(session, unit, now)
    if hanging:
        listed = "、".join(str(one) for one in hanging)
        raise Conflict(
            f"“{unit.name}”下面还有：{listed}。请先移走或办完，再来撤销。",
            code="unit_in_use",
            blocking=[_blocking(one) for one in hanging],
        )
    _end_placement(session, unit, now)
    unit.closed_at = now
    session.flush()
    audit.note_on(session, actor, unit, "unit.closed", now, {}, why)
    return unit


def lock(session: Session) -> None:
    """Let one change of the tree follow the other: two at once could make a circle that neither sees."""
    session.execute(sa.select(OrgUnit.id).where(OrgUnit.parent_id.is_(None)).order_by(OrgUnit.id).with_for_update())


def _check_place(kind: UnitKind, parent: OrgUnit | None) -> None:
    if parent is None:
        if kind not in ROOTS:
            raise InvalidInput(f"{KIND_NAMES[kind]}要建在上级单位下面。请选上级。", code="kind_misplaced")
        return
    if parent.kind not in STANDS_UNDER[kind]:
        able = "、".join(KIND_NAMES[one] for one in UnitKind if one in STANDS_UNDER[kind]) or "最上层"
        raise InvalidInput(
            f"{KIND_NAMES[kind]}不能放在{KIND_NAMES[parent.kind]}下面，只能放在{able}下面。请另选上级。",
            code="kind_misplaced",
            errors={"parent_id": [f"只能放在{able}下面。"]},
        )


def _check_name(session: Session, parent_id: int | None, name: str) -> None:
    sibling = OrgUnit.parent_id == parent_id if parent_id is not None else OrgUnit.parent_id.is_(None)
    taken = sa.select(OrgUnit.id).where(sibling, OrgUnit.name == name, OrgUnit.closed_at.is_(None))
    if session.scalar(taken.limit(1)) is not None:
        raise Conflict(f"这里已经有一个“{name}”了。请换一个名称。", code="name_taken")


def _check_code(session: Session, kind: UnitKind, code: str | None) -> str | None:
    if kind is not UnitKind.NEIGHBORHOOD:
        if code:
            raise InvalidInput("只有小区有编号，别的单位不用填。", code="code_not_wanted")
        return None
    code = (code or "").strip().upper()
    if not code or not code.isascii() or not all(char.isalnum() or char == "-" for char in code):
        said = "请填小区编号，用字母、数字和短横，比如 BX-CJ。它印在报修单号的开头。"
        raise InvalidInput(said, code="code_invalid", errors={"code": [said]})
    if session.scalar(sa.select(OrgUnit.id).where(OrgUnit.code == code)) is not None:
        raise Conflict(f"编号“{code}”别的小区在用。请换一个。", code="code_taken")
    return code


def _end_placement(session: Session, unit: OrgUnit, now: dt.datetime) -> None:
    placement = session.scalars(
        sa.select(UnitPlacement).where(UnitPlacement.unit_id == unit.id, UnitPlacement.ends_at.is_(None))
    ).one()
    if placement.starts_at >= now:
        raise Conflict(f"“{unit.name}”刚刚才改过，请过一会儿再改。", code="changed_this_moment")
    placement.ends_at = now
    session.flush()  # one open placement at a time


def _replace_placement(session: Session, unit: OrgUnit, parent_id: int, now: dt.datetime) -> None:
    _end_placement(session, unit, now)
    session.add(UnitPlacement(unit_id=unit.id, parent_id=parent_id, starts_at=now))


def _carry_paths(session: Session, unit: OrgUnit, old: str, new: str) -> None:
    """Change the beginning of every path below, of units and of what compares with them."""

    def carried(column: InstrumentedAttribute[str]) -> sa.ColumnElement[str]:
        return sa.literal(new, sa.String) + sa.func.substr(column, len(old) + 1)

    session.execute(
        sa.update(OrgUnit)
        .where(OrgUnit.path.startswith(old, autoescape=True))
        .values(path=carried(OrgUnit.path))
        .execution_options(synchronize_session=False)
    )
    neighborhoods = sa.select(OrgUnit.id).where(
        OrgUnit.kind == UnitKind.NEIGHBORHOOD, OrgUnit.path.startswith(new, autoescape=True)
    )
    within = (
        Ticket.neighborhood_id == unit.neighborhood_id
        if unit.neighborhood_id is not None
        else Ticket.neighborhood_id.in_(neighborhoods)
    )
    session.execute(
        sa.update(Ticket)
        .where(within, Ticket.unit_path.startswith(old, autoescape=True))
        .values(unit_path=carried(Ticket.unit_path))
        .execution_options(synchronize_session=False)
    )
    session.expire_all()


def _blocking(one: Hanging) -> dict[str, object]:
    return {"kind": one.kind, "count": one.count, "ids": list(one.ids)}
