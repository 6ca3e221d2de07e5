"""The one door to rows.  Loading a row *is* the check: nobody gets a row out of scope, whatever the view forgot.

"Not yours" looks exactly like "not there", so that numbers cannot be tried out.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    POOL_STATES,
    SHOWN_STATES,
    Base,
    ContentCheck,
    ContentSubject,
    Home,
    Mandate,
    OrgUnit,
    Person,
    PlaceKind,
    Residency,
    ResidencyPhoto,
    ResidencyRequest,
    Role,
    StoredFile,
    Ticket,
    TicketPhoto,
    TicketState,
    UnitKind,
    table_of,
)
from services.actors import Actor
from services.errors import Conflict, NotFound
from services.permissions import Permission
from services.terms import in_force

TICKET_MISSING = "没有找到这张单子。请从“我的报修”里点开，或者核对单号。"
NEIGHBORHOOD_MISSING = "没有找到这个小区，或者它不归您管。请换一个身份再试。"
UNIT_MISSING = "没有找到这个单位，或者它不归您管。请从单位列表里选，或者换一个身份再试。"
HOME_MISSING = "没有找到这套房子。请先用服务站给的邀请码绑定房屋。"
MANDATE_MISSING = "没有找到这份委托。请从“我的代办”里点开。"
PERSON_MISSING = "没有找到这位居民，或者他的房子不归您管。请从房屋名单里点开。"
PHOTO_MISSING = "没有找到这张照片，请重新上传。"

Row = TypeVar("Row", bound=Base)


class TicketScope(Protocol):
    """What a scope check needs of a ticket, whether it is an entity or a row of a list."""

    @property
    def id(self) -> int: ...  # noqa: D102 - see models.tickets.ticket
    @property
    def neighborhood_id(self) -> int: ...  # noqa: D102
    @property
    def unit_path(self) -> str: ...  # noqa: D102
    @property
    def place(self) -> PlaceKind: ...  # noqa: D102
    @property
    def building_id(self) -> int | None: ...  # noqa: D102
    @property
    def reporter_id(self) -> int | None: ...  # noqa: D102
    @property
    def assignee_id(self) -> int | None: ...  # noqa: D102
    @property
    def transfer_to_id(self) -> int | None: ...  # noqa: D102
    @property
    def state(self) -> TicketState: ...  # noqa: D102
    @property
    def settled_at(self) -> dt.datetime | None: ...  # noqa: D102


class Scope(NamedTuple):
    """What a scope check needs, taken from a plain row."""

    id: int
    neighborhood_id: int
    unit_path: str
    place: PlaceKind
    building_id: int | None
    reporter_id: int | None
    assignee_id: int | None
    transfer_to_id: int | None
    state: TicketState
    settled_at: dt.datetime | None

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> "Scope":
        """Pick it out of a row."""
        return cls(*(row[name] for name in cls._fields))


def may_see(actor: Actor, ticket: TicketScope) -> bool:
    """Whether a ticket is in the actor's scope.

    Residents: their own, and those of common parts of their buildings; who acts for one, in the mandate's neighborhood
    only.  Repairers: what is assigned to them or asked of them, and the pool of their neighborhood.  A key: its one case,
    until that is over.  All others, below the node of their hat: everything if lists of tickets are their business,
    otherwise the common parts.
    """
    if actor.hat.case is not None:
        case = actor.hat.case
        return (case.subject_kind, case.subject_id) == ("ticket", ticket.id) and ticket.settled_at is None
    if actor.role is Role.RESIDENT:
        if not actor.acts_in(ticket.neighborhood_id):
            return False
        shared = ticket.place == PlaceKind.COMMON and ticket.building_id in actor.building_ids
        return shared or ticket.reporter_id == actor.person_id
    if actor.role is Role.REPAIRER:
        in_pool = ticket.state in POOL_STATES and actor.stands_above(ticket.unit_path)
        return in_pool or actor.person_id in {ticket.assignee_id, ticket.transfer_to_id}
    return actor.stands_above(ticket.unit_path) and (
        ticket.place == PlaceKind.COMMON or actor.may(Permission.TICKET_LIST) or ticket.reporter_id == actor.person_id
    )


def is_neighbor(actor: Actor, reporter_id: int | None) -> bool:
    """Whether a ticket is somebody else's who is none of the actor's business: they see only what was checked."""
    works_on_it = actor.may(Permission.TICKET_LIST) or actor.may(Permission.TICKET_CONTACT)
    return not (reporter_id == actor.person_id or works_on_it or actor.hat.case)


def ticket_for(session: Session, actor: Actor, ticket_id: int, *, change: bool = False) -> Ticket:
    """Return a ticket in the actor's scope; ``change`` locks it until the commit.

    Raises ``NotFound``.
    """
    query = sa.select(Ticket).where(Ticket.id == ticket_id)
    if change:
        query = query.with_for_update()
    ticket = session.scalar(query)
    if ticket is None or not may_see(actor, ticket):
        raise NotFound(TICKET_MISSING, code="ticket_not_found")
    return ticket


def work_for(session: Session, actor: Actor, ticket_id: int) -> Ticket:
    """Return a ticket below a worker's node, whoever has it, locked until the commit.

    Raises ``NotFound``.
    """
    ticket = session.scalar(sa.select(Ticket).where(Ticket.id == ticket_id).with_for_update())
    if ticket is None or not (actor.may(Permission.TICKET_WORK) and actor.stands_above(ticket.unit_path)):
        raise NotFound(TICKET_MISSING, code="ticket_not_found")
    return ticket


def neighborhood_for(session: Session, actor: Actor, neighborhood_id: int) -> OrgUnit:
    """Return a neighborhood in which the actor's hat counts, wholly or in part."""
    unit = session.get(OrgUnit, neighborhood_id)
    inside = actor.hat.neighborhood_id == neighborhood_id
    if unit is None or unit.kind is not UnitKind.NEIGHBORHOOD or not (inside or _covers(actor, unit)):
        raise NotFound(NEIGHBORHOOD_MISSING, code="unit_not_found")
    return unit


def unit_for(session: Session, actor: Actor | None, unit_id: int, *, change: bool = False) -> OrgUnit:
    """Return a unit at or below the node of the actor's hat; ``change`` locks it and wants one that is not closed.

    No actor is the operator's command line, which reaches every unit.
    """
    query = sa.select(OrgUnit).where(OrgUnit.id == unit_id)
    if change:
        query = query.with_for_update().execution_options(populate_existing=True)
    unit = session.scalar(query)
    if unit is None or not (actor is None or actor.stands_above(unit.path)):
        raise NotFound(UNIT_MISSING, code="unit_not_found")
    if change and unit.closed_at is not None:
        raise Conflict(f"“{unit.name}”已经撤销了，不能再改。请选现在还在的单位。", code="unit_closed")
    return unit


def row_below(
    session: Session, actor: Actor | None, kind: type[Row], row_id: int, *, change: bool = False
) -> Row | None:
    """Return a row that names its neighborhood, at or below the actor's node, or nothing; ``change`` locks it.

    No actor is the operator's command line, which reaches every neighborhood.
    """
    table = table_of(kind)
    query = (
        sa.select(kind, OrgUnit.path).join(OrgUnit, OrgUnit.id == table.c.neighborhood_id).where(table.c.id == row_id)
    )
    if change:
        query = query.with_for_update(of=kind).execution_options(populate_existing=True)
    found = session.execute(query).one_or_none()
    if found is None or not (actor is None or actor.stands_above(found.path)):
        return None
    row: Row = found[0]
    return row


def home_for(session: Session, actor: Actor, home_id: int, *, change: bool = False) -> Home:
    """Return a home of the actor or, for staff, one below their node; ``change`` locks it until the commit."""
    locked: dict[str, Any] = {"with_for_update": True, "populate_existing": True} if change else {}
    home = session.get(Home, home_id, **locked)
    if home is None:
        raise NotFound(HOME_MISSING, code="home_not_found")
    own = any(dwelling.home_id == home_id for dwelling in actor.dwellings)
    if actor.is_resident and not own:
        raise NotFound(HOME_MISSING, code="home_not_found")
    if not actor.is_resident and not actor.stands_above(session.get_one(OrgUnit, home.building_id).path):
        raise NotFound(HOME_MISSING, code="home_not_found")
    return home


def person_for(session: Session, actor: Actor, person_id: int, *, now: dt.datetime) -> tuple[Person, int]:
    """Return a person who has a home or an open ticket below the actor's node, and the neighborhood of it."""
    path = actor.hat.unit_path
    if not path or actor.is_resident:
        raise NotFound(PERSON_MISSING, code="person_not_found")
    by_home = (
        sa.select(Residency.neighborhood_id)
        .join(Home, Home.id == Residency.home_id)
        .join(OrgUnit, OrgUnit.id == Home.building_id)
        .where(Residency.person_id == person_id, in_force(Residency.starts_at, Residency.ends_at, now))
        .where(OrgUnit.path.startswith(path, autoescape=True))
    )
    by_ticket = sa.select(Ticket.neighborhood_id).where(
        Ticket.reporter_id == person_id, Ticket.settled_at.is_(None), Ticket.unit_path.startswith(path, autoescape=True)
    )
    neighborhood_id = session.scalar(sa.union_all(by_home, by_ticket).limit(1))
    person = session.get(Person, person_id) if neighborhood_id is not None else None
    if person is None or neighborhood_id is None:
        raise NotFound(PERSON_MISSING, code="person_not_found")
    return person, int(neighborhood_id)


def mandate_for(session: Session, actor: Actor, mandate_id: int, *, change: bool = False) -> Mandate:
    """Return a mandate of the actor, given or received, or for the station one of somebody who lives below their node.

    Raises ``NotFound``.
    """
    query = sa.select(Mandate).where(Mandate.id == mandate_id)
    if change:
        query = query.with_for_update().execution_options(populate_existing=True)
    mandate = session.scalar(query)
    if mandate is None or not _may_see_mandate(session, actor, mandate):
        raise NotFound(MANDATE_MISSING, code="mandate_not_found")
    return mandate


def lives_below(
    person_id: sa.ColumnElement[int] | int, neighborhood_id: sa.ColumnElement[int] | int, path: str
) -> sa.Exists:
    """Return the condition that a person has or had a home of a neighborhood at or below a node."""
    return (
        sa.exists()
        .where(Residency.person_id == person_id, Residency.neighborhood_id == neighborhood_id)
        .where(Home.id == Residency.home_id, OrgUnit.id == Home.building_id)
        .where(OrgUnit.path.startswith(path, autoescape=True))
    )


def _may_see_mandate(session: Session, actor: Actor, mandate: Mandate) -> bool:
    if actor.mandate_id is not None:
        return False  # what the principal gave to others is the principal's own business
    if actor.person_id in {mandate.principal_id, mandate.agent_id}:
        return True
    below = lives_below(mandate.principal_id, mandate.neighborhood_id, actor.hat.unit_path)
    return actor.may(Permission.MANDATE_RECORD) and bool(actor.hat.unit_path) and bool(session.scalar(sa.select(below)))


def photo_for(session: Session, actor: Actor, token: str) -> StoredFile:
    """Return a photo the actor uploaded, or one of a ticket in the actor's scope."""
    # PostgreSQL takes no null character, and no token of ours has anything odd in it.
    known = token.isascii() and token.isprintable()
    file = session.scalar(sa.select(StoredFile).where(StoredFile.token == token)) if known else None
    if file is None:
        raise NotFound(PHOTO_MISSING, code="photo_not_found")
    if file.owner_id == actor.person_id or _is_paper_to_review(session, actor, file):
        return file
    ticket = session.scalar(
        sa.select(Ticket).join(TicketPhoto, TicketPhoto.ticket_id == Ticket.id).where(TicketPhoto.file_id == file.id)
    )
    unseen = ticket is None or not may_see(actor, ticket)
    if ticket is None or unseen or (is_neighbor(actor, ticket.reporter_id) and not _photo_is_checked(session, file.id)):
        raise NotFound(PHOTO_MISSING, code="photo_not_found")
    return file


def _photo_is_checked(session: Session, file_id: int) -> bool:
    state = session.scalar(
        sa.select(ContentCheck.state).where(
            ContentCheck.subject_kind == ContentSubject.PHOTO, ContentCheck.subject_id == file_id
        )
    )
    return state in SHOWN_STATES


def _is_paper_to_review(session: Session, actor: Actor, file: StoredFile) -> bool:
    """Whether a photo shows a paper of a request that the actor reviews."""
    if not actor.may(Permission.RESIDENCY_REVIEW):
        return False
    path = session.scalar(
        sa.select(OrgUnit.path)
        .join(Home, Home.building_id == OrgUnit.id)
        .join(ResidencyRequest, ResidencyRequest.home_id == Home.id)
        .join(ResidencyPhoto, ResidencyPhoto.request_id == ResidencyRequest.id)
        .where(ResidencyPhoto.file_id == file.id)
    )
    return path is not None and actor.stands_above(path)


def photo_by_link(session: Session, token: str) -> StoredFile:
    """Return the photo of a signed link: whoever was given the link was allowed to see it."""
    file = session.scalar(sa.select(StoredFile).where(StoredFile.token == token))
    if file is None:
        raise NotFound(PHOTO_MISSING, code="photo_not_found")
    return file


def _covers(actor: Actor, unit: OrgUnit) -> bool:
    if actor.is_resident:
        return unit.neighborhood_id is not None and unit.neighborhood_id in actor.neighborhood_ids
    return actor.stands_above(unit.path)
