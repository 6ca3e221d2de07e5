"""From what was scanned or typed to what it is, and what this person can do there."""

import datetime as dt
import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import ScanCode
from services import access
from services.actors import Actor
from services.codes import ending, places, ways
from services.codes.places import Place
from services.codes.tokens import heard, printed
from services.errors import InvalidInput, NotFound
from services.permissions import Permission

UNKNOWN = "没有这个码。请对准墙上的码再扫一次；还是不行，就打服务站电话。"
NUMBER_UNKNOWN = "您的小区里没有编号{number}的码。请照着码下面的数字再输一遍，或者扫一扫。"
WHICH_NEIGHBORHOOD = "您在几个小区有房子，光有编号分不清是哪个小区的。请扫一扫墙上的码。"
NO_NEIGHBORHOOD = "您还没有绑定小区，光有编号找不到地方。请扫一扫墙上的码，或者打服务站电话。"
REPLACED = (
    "这张是旧码，已经换成新的了（{label}，编号{number}）。"
    "请扫旁边新贴的码；没看到新码，就打服务站电话，报编号{number}。"
)
REVOKED = "这张码停用了。要报修，请打开小程序点“报修”，或者打服务站电话。"
GONE = "这张码贴的地方（{label}）已经没有了。要报修，请打开小程序点“报修”，或者打服务站电话。"


class Can(enum.StrEnum):
    """What can be done at a code."""

    REPORT = "report"
    """``POST /tickets`` with the place filled in."""
    RECORD = "record"
    """``POST /tickets/recorded``, for somebody who calls or stands there."""
    BOARD = "board"
    """``GET /tickets/nearby``: what is reported and done in one's own building."""
    JOIN = "join"
    """``POST /me/residencies``: ask to be registered in this neighborhood."""
    OPEN = "open"
    """``GET /tickets/…``."""


CAN_NAMES: Mapping[Can, str] = {
    Can.REPORT: "在这里报修",
    Can.RECORD: "替人登记报修",
    Can.BOARD: "看这栋楼的报修",
    Can.JOIN: "申请登记我的房子",
    Can.OPEN: "看这张单子",
}


@dataclass(frozen=True)
class Scanned:
    """What a code is, for this person."""

    place: Place
    number: str | None
    can: tuple[Can, ...]

    def described(self) -> dict[str, Any]:
        """Return it for an answer."""
        place = self.place
        reports = not {Can.REPORT, Can.RECORD}.isdisjoint(self.can)
        return {
            "kind": place.kind,
            "kind_name": places.KIND_NAMES[place.kind],
            "label": place.label,
            "number": self.number,
            "neighborhood_id": place.neighborhood_id,
            "neighborhood": place.neighborhood,
            "report": place.report if reports else None,
            "ticket_id": place.ticket_id,
            "can": [{"do": one, "name": CAN_NAMES[one]} for one in self.can],
            "said": _said(self),
        }


def scan(session: Session, *, actor: Actor, scanned: str, now: dt.datetime) -> Scanned:
    """Return what a code is.

    Raises ``InvalidInput`` for what is no code, and ``NotFound``: ``code_unknown``, ``code_replaced``, ``code_revoked``,
    ``code_place_gone``, each of which says what to do.
    """
    said = heard(scanned)
    code = _by_token(session, said) if isinstance(said, str) else _by_number(session, actor, said)
    place = places.places(session, [code])[code.id]
    if code.revoked_at is not None:
        raise _ended(code, place)
    if not place.is_there:
        raise NotFound(GONE.format(label=place.label), code="code_place_gone")
    if code.ticket_id is not None:
        access.ticket_for(session, actor, code.ticket_id)
    ways.wanted(session, code, now=now)
    return Scanned(place, printed(code.number) if code.number else None, _can(actor, place))


def by_address(session: Session, token: str) -> tuple[ScanCode, Place]:
    """Return the code of a printed address with its place, whether it still counts or not.  Raises ``NotFound``."""
    code = _by_token(session, token)
    return code, places.places(session, [code])[code.id]


def _by_token(session: Session, token: str) -> ScanCode:
    code = session.scalar(sa.select(ScanCode).where(ScanCode.token == token))
    if code is None:
        raise NotFound(UNKNOWN, code="code_unknown")
    return code


def _by_number(session: Session, actor: Actor, number: int) -> ScanCode:
    """A number counts in the neighborhood where the hat is, or where the homes are."""
    where = {actor.hat.neighborhood_id} if actor.hat.neighborhood_id else set(actor.neighborhood_ids)
    if len(where) != 1:
        sentence = WHICH_NEIGHBORHOOD if where else NO_NEIGHBORHOOD
        raise InvalidInput(sentence, code="code_neighborhood_unclear", errors={"scanned": [sentence]})
    code = ending.by_number(session, neighborhood_id=where.pop() or 0, number=number)
    if code is None:
        raise NotFound(NUMBER_UNKNOWN.format(number=printed(number)), code="code_unknown")
    return code


def _ended(code: ScanCode, place: Place) -> NotFound:
    if code.replaced_by_id is None or code.number is None:
        return NotFound(REVOKED, code="code_revoked")
    return NotFound(REPLACED.format(label=place.label, number=printed(code.number)), code="code_replaced")


def _can(actor: Actor, place: Place) -> tuple[Can, ...]:
    if place.ticket_id is not None:
        return (Can.OPEN,)
    lives_here = place.neighborhood_id in actor.neighborhood_ids
    found = []
    if actor.may(Permission.TICKET_FILE) and lives_here:
        found.append(Can.REPORT)
    if actor.may(Permission.TICKET_RECORD) and actor.stands_above(place.unit_path):
        found.append(Can.RECORD)
    if actor.may(Permission.TICKET_FILE) and place.building_id in actor.building_ids:
        found.append(Can.BOARD)
    if actor.may(Permission.RESIDENCY_ASK) and not lives_here:
        found.append(Can.JOIN)
    return tuple(found)


def _said(scanned: Scanned) -> str:
    label = f"{scanned.place.neighborhood}{'' if scanned.place.kind == 'neighborhood' else scanned.place.label}"
    if Can.OPEN in scanned.can:
        return f"这是{scanned.place.label}，点开就能看。"
    if Can.REPORT in scanned.can:
        return f"这里是{label}。哪里坏了，点“{CAN_NAMES[Can.REPORT]}”，地方已经填好了。"
    if Can.RECORD in scanned.can:
        return f"这里是{label}。有人来报修，点“{CAN_NAMES[Can.RECORD]}”，地方已经填好了。"
    if Can.JOIN in scanned.can:
        return f"这里是{label}。您还没有登记这个小区的房子，登记好了就能在这里报修；着急就打服务站电话。"
    return f"这里是{label}。您现在的身份在这里没有要办的事。"
