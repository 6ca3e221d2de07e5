"""Making codes: once for each place, whoever asks and however often."""

import datetime as dt
from collections.abc import Collection, Sequence

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import CodeCounter, OrgUnit, ScanCode, Spot, SpotKind, Ticket, UnitKind, table_of
from services import access, audit
from services.actors import Actor
from services.codes import ways
from services.codes.places import CODED_KINDS
from services.codes.tokens import new_token, number_of
from services.errors import Conflict, InvalidInput
from services.outbox import insert_for

COUNTER = table_of(CodeCounter)
NAME_TAKEN = "这里已经有一个叫“{name}”的地方了。请换个名字，比如加上“东侧”“2号”。"
NOT_CODED = "码只能发给小区、楼和单元。请从楼栋名单里选。"


def for_units(
    session: Session,
    *,
    actor: Actor | None,
    neighborhood_id: int,
    unit_ids: Collection[int] | None,
    now: dt.datetime,
) -> list[ScanCode]:
    """Make the codes that are missing; return the new ones.

    ``unit_ids`` are buildings, stairwells or the neighborhood itself; None is the neighborhood and all its buildings that
    the actor stands above.  When several ask at once, the first makes them.  Raises ``InvalidInput`` for another kind of
    unit and ``NotFound`` for one out of reach.
    """
    if actor is not None:
        access.neighborhood_for(session, actor, neighborhood_id)
    units = _named(session, actor, neighborhood_id, unit_ids) if unit_ids else _all(session, actor, neighborhood_id)
    _take_turn(session, neighborhood_id)
    has_one = set(
        session.scalars(
            sa.select(ScanCode.unit_id).where(
                ScanCode.unit_id.in_([unit.id for unit in units]),
                ScanCode.spot_id.is_(None),
                ScanCode.ticket_id.is_(None),
                ScanCode.revoked_at.is_(None),
            )
        )
    )
    return _make(session, actor, [unit for unit in units if unit.id not in has_one], now)


def _named(session: Session, actor: Actor | None, neighborhood_id: int, unit_ids: Collection[int]) -> list[OrgUnit]:
    units = [access.unit_for(session, actor, unit_id, change=True) for unit_id in sorted(set(unit_ids))]
    for unit in units:
        if unit.neighborhood_id != neighborhood_id or unit.kind not in CODED_KINDS:
            raise InvalidInput(NOT_CODED, code="unit_takes_no_code", errors={"unit_ids": [NOT_CODED]})
    return units


def _all(session: Session, actor: Actor | None, neighborhood_id: int) -> list[OrgUnit]:
    found = session.scalars(
        sa.select(OrgUnit)
        .where(
            OrgUnit.neighborhood_id == neighborhood_id,
            OrgUnit.kind.in_([UnitKind.NEIGHBORHOOD, UnitKind.BUILDING]),
            OrgUnit.closed_at.is_(None),
        )
        .order_by(OrgUnit.id)
    )
    return [unit for unit in found if actor is None or actor.stands_above(unit.path)]


def add_spot(
    session: Session,
    *,
    actor: Actor,
    neighborhood_id: int,
    kind: SpotKind,
    name: str,
    unit_id: int | None,
    now: dt.datetime,
) -> ScanCode:
    """Write down a spot in a building, or in the neighborhood, and make its code.

    Raises ``Conflict`` when there is one of this name, and ``NotFound`` for a unit out of reach.
    """
    neighborhood = access.neighborhood_for(session, actor, neighborhood_id)
    unit = access.unit_for(session, actor, unit_id or neighborhood.id, change=True)
    if unit.neighborhood_id != neighborhood_id or unit.kind not in CODED_KINDS:
        raise InvalidInput(NOT_CODED, code="unit_takes_no_code", errors={"unit_id": [NOT_CODED]})
    spot = Spot(
        neighborhood_id=neighborhood_id,
        unit_id=unit.id,
        kind=kind,
        name=" ".join(name.split()),
        created_at=now,
        created_by_id=actor.doer_id,
    )
    try:
        with session.begin_nested():
            session.add(spot)
            session.flush()
    except IntegrityError as error:
        raise Conflict(NAME_TAKEN.format(name=spot.name), code="spot_name_taken") from error
    audit.note_on(session, actor, spot, "spot.added", now, {"kind": kind.value})
    [code] = _make(session, actor, [spot], now)
    return code


def for_ticket(session: Session, *, actor: Actor, ticket_id: int, now: dt.datetime) -> ScanCode:
    """Return the code of a ticket, made when first asked for: its address can be sent to who reported it.

    The code opens the ticket only for somebody who may see it.
    """
    ticket = access.ticket_for(session, actor, ticket_id, change=True)
    known = session.scalar(sa.select(ScanCode).where(ScanCode.ticket_id == ticket.id, ScanCode.revoked_at.is_(None)))
    return known or _make(session, actor, [ticket], now)[0]


def another(session: Session, *, actor: Actor | None, code: ScanCode, now: dt.datetime) -> ScanCode:
    """Make the code that takes the place of one that was just revoked; it keeps the number."""
    fresh = ScanCode(
        neighborhood_id=code.neighborhood_id,
        token=new_token(),
        number=code.number,
        unit_id=code.unit_id,
        spot_id=code.spot_id,
        ticket_id=code.ticket_id,
        made_at=now,
        made_by_id=actor.doer_id if actor else None,
        wanted_at=now,
    )
    return _written(session, actor, [fresh], now)[0]


def _make(
    session: Session, actor: Actor | None, targets: Sequence[OrgUnit | Spot | Ticket], now: dt.datetime
) -> list[ScanCode]:
    return _written(session, actor, [_code(session, actor, target, now) for target in targets], now)


def _code(session: Session, actor: Actor | None, target: OrgUnit | Spot | Ticket, now: dt.datetime) -> ScanCode:
    code = ScanCode(
        neighborhood_id=target.neighborhood_id,
        token=new_token(),
        made_at=now,
        made_by_id=actor.doer_id if actor else None,
        wanted_at=now,
    )
    if isinstance(target, Ticket):
        code.unit_id, code.ticket_id = target.building_id or target.neighborhood_id, target.id
        return code
    code.number = _next_number(session, code.neighborhood_id)
    if isinstance(target, Spot):
        code.unit_id, code.spot_id = target.unit_id, target.id
    else:
        code.unit_id = target.id
    return code


def _take_turn(session: Session, neighborhood_id: int) -> None:
    """Wait for whoever is making codes of the neighborhood, so that theirs are seen and not made a second time.

    The row that gives out the numbers is taken: it would be taken next anyway, and as nothing refers to it no one else is
    kept waiting.
    """
    session.execute(
        insert_for(session, COUNTER)
        .values(neighborhood_id=neighborhood_id, last=0)
        .on_conflict_do_update(index_elements=["neighborhood_id"], set_={"last": COUNTER.c.last})
    )


def _next_number(session: Session, neighborhood_id: int) -> int:
    serial = session.scalar(
        insert_for(session, COUNTER)
        .values(neighborhood_id=neighborhood_id, last=1)
        .on_conflict_do_update(index_elements=["neighborhood_id"], set_={"last": COUNTER.c.last + 1})
        .returning(COUNTER.c.last)
    )
    return number_of(int(serial or 0))


def _written(session: Session, actor: Actor | None, codes: list[ScanCode], now: dt.datetime) -> list[ScanCode]:
    session.add_all(codes)
    session.flush()  # the ways and the trail need the ids
    for code in codes:
        audit.note_on(session, actor, code, "code.made", now, {"unit_id": code.unit_id, "spot_id": code.spot_id})
    ways.ask(session, codes, now=now)
    return codes
