"""Arriving at a printed address with a browser: by which link to go on, or what to read."""

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import Station, WayKind
from services.codes import scanning, ways
from services.codes.places import Place
from services.codes.tokens import printed
from services.terms import in_force


@dataclass(frozen=True)
class Landing:
    """What a page of words needs: nothing personal, only what hangs on the wall anyway."""

    place: Place | None
    """Empty for a ticket: whoever has the address need not be its reporter."""
    number: str | None
    counts: bool
    """Whether the code still counts and its place is still there."""
    is_replaced: bool
    link: str | None
    scheme: str | None
    phones: tuple[tuple[str, str], ...]
    """Stations of the neighborhood that can be called: name and phone."""


def arrive(session: Session, *, token: str, now: dt.datetime) -> Landing:
    """Return where an address leads; links that ended are asked for anew.  Raises ``NotFound`` for no address of ours."""
    code, place = scanning.by_address(session, token)
    counts = code.revoked_at is None and place.is_there
    open_ways = {}
    if counts:
        open_ways = ways.live(session, code, now=now)
        ways.wanted(session, code, now=now)
    stations = session.execute(
        sa.select(Station.name, Station.phone)
        .where(
            Station.neighborhood_id == code.neighborhood_id,
            Station.phone.is_not(None),
            in_force(Station.starts_at, Station.ends_at, now),
        )
        .order_by(Station.id)
    )
    return Landing(
        place=None if code.ticket_id else place,
        number=printed(code.number) if code.number else None,
        counts=counts,
        is_replaced=code.replaced_by_id is not None,
        link=open_ways.get(WayKind.LINK),
        scheme=open_ways.get(WayKind.SCHEME),
        phones=tuple((row.name, row.phone) for row in stations),
    )
