"""What the station writes down about a home: its area with what says so, its use, and whether it is still there.

Areas and uses have days.  A change closes the row before it and opens a new one, so that a bill of last year finds the area
of last year; a slip that is put right on its own day is voided, for it never counted.
"""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import EVER, AreaBasis, Home, HomeArea, HomeStatus, HomeUse, HomeUsePeriod, Residency, Ticket
from services import access, audit
from services.actors import Actor
from services.clocks import local_day
from services.errors import Conflict, InvalidInput
from services.terms import in_force

LEAST_AREA, MOST_AREA = 300, 500_000
"""3 m² and 5,000 m²: what is smaller or larger is a slip of the pen or not one home."""
USE_NAMES: dict[HomeUse, str] = {
    HomeUse.DWELLING: "住宅",
    HomeUse.SHOP: "商铺",
    HomeUse.OFFICE: "办公",
    HomeUse.STORAGE: "仓储",
    HomeUse.PUBLIC: "公用",
}
STATUS_NAMES: dict[HomeStatus, str] = {
    HomeStatus.IN_USE: "在用",
    HomeStatus.MERGED: "已并入别的房子",
    HomeStatus.DEMOLISHED: "已拆除",
}
BASIS_NAMES: dict[AreaBasis, str] = {
    AreaBasis.REGISTERED: "产权登记",
    AreaBasis.SURVEYED: "测绘实测",
    AreaBasis.CONTRACT: "购房或回迁合同",
    AreaBasis.SELF_DECLARED: "住户自报",
}


@dataclass(frozen=True)
class Document:
    """The paper that an area stands on."""

    kind: str | None = None
    number: str | None = None
    date: dt.date | None = None


def set_area(
    session: Session,
    *,
    actor: Actor,
    home_id: int,
    area_centi: int,
    basis: AreaBasis,
    document: Document,
    since: dt.date | None,
    now: dt.datetime,
) -> HomeArea:
    """Write a home's area (0.01 m²), from a day on; without a day, for a home that has none yet, since ever.

    Raises ``InvalidInput`` for what cannot be an area or lacks its paper, ``Conflict`` for a day before the present one.
    """
    home = _home(session, actor, home_id)
    _check_area(area_centi, basis, document, now)
    current = session.scalar(
        sa.select(HomeArea).where(HomeArea.home_id == home.id, HomeArea.ends_on.is_(None), HomeArea.voided_at.is_(None))
    )
    starts_on = _turn(session, current, since, now)
    area = HomeArea(
        neighborhood_id=home.neighborhood_id,
        home_id=home.id,
        area_centi=area_centi,
        basis=basis,
        document_kind=document.kind,
        document_number=document.number,
        document_date=document.date,
        starts_on=starts_on,
        recorded_at=now,
        recorded_by_id=actor.person_id,
    )
    session.add(area)
    before, home.area_centi = home.area_centi, area_centi
    session.flush()
    audit.note_on(
        session, actor, home, "home.area_set", now, {"area_centi": [before, area_centi], "basis": basis.value}
    )
    return area


def set_use(
    session: Session, *, actor: Actor, home_id: int, use: HomeUse, since: dt.date | None, now: dt.datetime
) -> Home:
    """Write what a home is used for, from a day on."""
    home = _home(session, actor, home_id)
    if use is home.use:
        raise Conflict(f"这套房子现在登记的就是{USE_NAMES[use]}，不用再改。", code="same_use")
    current = session.scalars(
        sa.select(HomeUsePeriod).where(
            HomeUsePeriod.home_id == home.id, HomeUsePeriod.ends_on.is_(None), HomeUsePeriod.voided_at.is_(None)
        )
    ).one()
    starts_on = _turn(session, current, since or local_day(now), now)
    session.add(HomeUsePeriod(neighborhood_id=home.neighborhood_id, home_id=home.id, use=use, starts_on=starts_on))
    before, home.use = home.use, use
    session.flush()
    audit.note_on(session, actor, home, "home.use_set", now, {"use": [before.value, use.value]})
    return home


def set_status(
    session: Session,
    *,
    actor: Actor,
    home_id: int,
    status: HomeStatus,
    merged_into_id: int | None,
    why: str,
    now: dt.datetime,
) -> Home:
    """Write that a home is gone (merged into another, demolished), or there after all.

    Raises ``Conflict`` with a list while somebody lives there or a ticket is open.
    """
    home = access.home_for(session, actor, home_id, change=True)
    if status is home.status:
        raise Conflict(f"这套房子已经是“{STATUS_NAMES[status]}”了，不用再改。", code="same_status")
    if (status is HomeStatus.MERGED) != (merged_into_id is not None):
        said = "并入别的房子时，请选并到哪一套；其他情况不用选。"
        raise InvalidInput(said, code="merged_into_missing", errors={"merged_into_id": [said]})
    if merged_into_id is not None:
        _check_target(session, actor, home, merged_into_id)
    if status is not HomeStatus.IN_USE:
        _refuse_alive(session, home, now)
    before, home.status, home.merged_into_id = home.status, status, merged_into_id
    session.flush()
    detail = {"status": [before.value, status.value], "merged_into_id": merged_into_id}
    audit.note_on(session, actor, home, "home.status_set", now, detail, why)
    return home


def area_at(session: Session, home_id: int, day: dt.date) -> int | None:
    """Return the area (0.01 m²) that counted on a day; nothing where none is written down."""
    return session.scalar(sa.select(HomeArea.area_centi).where(HomeArea.home_id == home_id, counts_on(HomeArea, day)))


def counts_on(
    period: type[HomeArea] | type[HomeUsePeriod], day: dt.date | sa.ColumnElement[dt.date]
) -> sa.ColumnElement[bool]:
    """Return the condition that a row counts on a day, for joins over many homes: one row of a home at most does."""
    return sa.and_(
        period.voided_at.is_(None), period.starts_on <= day, sa.or_(period.ends_on.is_(None), period.ends_on > day)
    )


def _check_area(area_centi: int, basis: AreaBasis, document: Document, now: dt.datetime) -> None:
    if not LEAST_AREA <= area_centi <= MOST_AREA:
        said = f"面积要在{LEAST_AREA // 100}到{MOST_AREA // 100}平方米之间。请核对一下，是不是小数点错了位。"
        raise InvalidInput(said, code="area_impossible", errors={"area_centi": [said]})
    if basis is not AreaBasis.SELF_DECLARED and not document.kind:
        said = "请写明是哪种凭证，比如“不动产权证”。没有凭证的，依据选“住户自报”。"
        raise InvalidInput(said, code="document_missing", errors={"document_kind": [said]})
    if document.date is not None and document.date > local_day(now):
        raise InvalidInput(
            "凭证上的日期还没到。请核对。", code="document_in_future", errors={"document_date": ["还没到。"]}
        )


def _home(session: Session, actor: Actor, home_id: int) -> Home:
    home = access.home_for(session, actor, home_id, change=True)
    if home.status is not HomeStatus.IN_USE:
        raise Conflict(f"这套房子{STATUS_NAMES[home.status]}，不能再改。要改请先恢复“在用”。", code="home_gone")
    return home


def _turn(
    session: Session, current: HomeArea | HomeUsePeriod | None, since: dt.date | None, now: dt.datetime
) -> dt.date:
    """End the present row on the day the new one begins, and return that day."""
    if current is None:
        return since or EVER
    since = since or local_day(now)
    if since < current.starts_on:
        said = (
            f"现在这一条从{_said(current.starts_on)}起算，新的不能比它早。请写{_said(current.starts_on)}或以后的日期。"
        )
        raise Conflict(said, code="before_the_present", errors={"since": [said]})
    if since == current.starts_on:
        current.voided_at = now
    else:
        current.ends_on = since
    session.flush()  # one open row at a time
    return since


def _said(day: dt.date) -> str:
    return "建档" if day == EVER else f"{day.year}年{day.month}月{day.day}日"


def _check_target(session: Session, actor: Actor, home: Home, target_id: int) -> None:
    target = access.home_for(session, actor, target_id)
    if target.neighborhood_id != home.neighborhood_id or target.id == home.id or target.status is not HomeStatus.IN_USE:
        said = "只能并到本小区里另一套在用的房子。请重新选。"
        raise InvalidInput(said, code="merged_into_wrong", errors={"merged_into_id": [said]})


def _refuse_alive(session: Session, home: Home, now: dt.datetime) -> None:
    kinds = {
        "residency": (
            "位登记的住户",
            sa.select(Residency.id).where(
                Residency.home_id == home.id, in_force(Residency.starts_at, Residency.ends_at, now)
            ),
        ),
        "ticket": (
            "张没办完的单子",
            sa.select(Ticket.id).where(Ticket.home_id == home.id, Ticket.settled_at.is_(None)),
        ),
        "home": ("套并进来的房子", sa.select(Home.id).where(Home.merged_into_id == home.id)),
    }
    blocking, said = [], []
    for kind, (name, query) in kinds.items():
        ids = list(session.scalars(query.order_by(sa.literal_column("id"))))
        if ids:
            blocking.append({"kind": kind, "count": len(ids), "ids": ids[:20]})
            said.append(f"{len(ids)}{name}")
    if blocking:
        raise Conflict(
            f"{home.label}还有{'、'.join(said)}。请先迁走或办完，再来改。", code="home_in_use", blocking=blocking
        )
