"""Residencies and requests for screens: masked, a fixed number of statements whatever there is to show."""

import datetime as dt
from collections.abc import Collection, Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import (
    Home,
    HomeRight,
    OrgUnit,
    Person,
    RequestState,
    Residency,
    ResidencyEvent,
    ResidencyKind,
    ResidencyPhoto,
    ResidencyRequest,
    ResidencyVouch,
    StoredFile,
)
from services import access
from services.actors import Actor
from services.errors import NotFound
from services.reading.pages import Page, PageRequest, fetch
from services.residencies import offers, reaching, standing, waiting
from services.residencies.moves import Whose
from services.residencies.shares import OWNERS
from services.residencies.words import EVIDENCE_NAMES, KIND_NAMES, NEXT_STEP, RIGHT_NAMES, STATE_NAMES
from services.terms import in_force

REQUEST = (
    ResidencyRequest.id,
    ResidencyRequest.neighborhood_id,
    ResidencyRequest.home_id,
    Home.label.label("home"),
    ResidencyRequest.person_id,
    Person.name_masked.label("name"),
    ResidencyRequest.kind,
    ResidencyRequest.share_numerator,
    ResidencyRequest.share_denominator,
    ResidencyRequest.pays_fee,
    ResidencyRequest.since,
    ResidencyRequest.evidence,
    ResidencyRequest.document_masked.label("document"),
    ResidencyRequest.words,
    ResidencyRequest.state,
    ResidencyRequest.state_since,
    ResidencyRequest.created_at,
    ResidencyRequest.due_at,
    ResidencyRequest.reason,
    ResidencyRequest.version,
)


def my_homes(session: Session, *, actor: Actor, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the homes of the actor with what they are there and what rights they have."""
    rows = session.execute(
        sa.select(
            Home.id,
            Home.neighborhood_id,
            Home.building_id,
            Home.code,
            Home.label,
            Home.id.label("home_id"),
            Residency.id.label("residency_id"),
            Residency.person_id,
            Residency.kind,
            Residency.share_numerator,
            Residency.share_denominator,
            Residency.starts_at,
            Residency.reconfirm_since,
        )
        .join(Residency, Residency.home_id == Home.id)
        .where(*_own(actor, Residency), Residency.ends_at.is_(None))
        .order_by(Home.id)
    ).mappings()
    return _with_rights(session, actor, [dict(row) for row in rows], now)


def residents_for_owner(session: Session, *, actor: Actor, home_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return who is registered in a home that the actor owns, masked."""
    if not reaching.owns(session, actor, home_id):
        raise NotFound(access.HOME_MISSING, code="home_not_found")
    return _residents(session, actor, home_id, now)


def residents(session: Session, *, actor: Actor, home_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    """Return who is registered in a home below the actor's node, masked."""
    return _residents(session, actor, access.home_for(session, actor, home_id).id, now)


def _residents(session: Session, actor: Actor, home_id: int, now: dt.datetime) -> list[dict[str, Any]]:
    rows = session.execute(
        sa.select(
            Person.id,
            Person.id.label("person_id"),
            Person.name_masked.label("name"),
            Person.phone_masked.label("phone"),
            Residency.home_id,
            Residency.id.label("residency_id"),
            Residency.kind,
            Residency.share_numerator,
            Residency.share_denominator,
            Residency.evidence,
            Residency.starts_at,
            Residency.reconfirm_since,
        )
        .join(Residency, Residency.person_id == Person.id)
        .where(Residency.home_id == home_id, Residency.ends_at.is_(None))
        .order_by(Residency.id)
    ).mappings()
    return _with_rights(session, actor, [dict(row) for row in rows], now)


def my_requests(session: Session, *, actor: Actor, page: PageRequest) -> Page:
    """Return the actor's own requests, newest first."""
    statement = _requests().where(*_own(actor, ResidencyRequest))
    return _named(fetch(session.connection(), statement, ResidencyRequest.id.expression, page), actor, Whose.APPLICANT)


def to_confirm(session: Session, *, actor: Actor, page: PageRequest) -> Page:
    """Return the requests that wait for the actor's word as an owner."""
    owned = sa.select(Residency.home_id).where(
        *_own(actor, Residency), Residency.ends_at.is_(None), Residency.kind.in_(OWNERS)
    )
    statement = _requests().where(
        ResidencyRequest.state == RequestState.WAITING_OWNER,
        ResidencyRequest.home_id.in_(owned),
        ResidencyRequest.person_id != actor.person_id,
    )
    return _named(fetch(session.connection(), statement, ResidencyRequest.id.expression, page), actor, Whose.OWNER)


def to_vouch(session: Session, *, actor: Actor, now: dt.datetime, page: PageRequest) -> Page:
    """Return the requests in the actor's buildings, or below the grid leader's node, for which a word is wanted."""
    statement = _requests().where(
        ResidencyRequest.state == RequestState.WAITING_VOUCHERS,
        ResidencyRequest.person_id != actor.person_id,
        ~sa.exists().where(
            ResidencyVouch.request_id == ResidencyRequest.id, ResidencyVouch.voucher_id == actor.person_id
        ),
    )
    if actor.is_resident:
        current = sa.and_(Residency.person_id == actor.person_id, in_force(Residency.starts_at, Residency.ends_at, now))
        buildings = sa.select(Home.building_id).join(Residency, Residency.home_id == Home.id).where(current)
        own = sa.select(Residency.home_id).where(current)
        statement = statement.where(Home.building_id.in_(buildings), ResidencyRequest.home_id.not_in(own))
    else:
        statement = statement.join(OrgUnit, OrgUnit.id == Home.building_id).where(
            OrgUnit.path.startswith(actor.hat.unit_path, autoescape=True)
        )
    return _named(fetch(session.connection(), statement, ResidencyRequest.id.expression, page), actor, Whose.NEIGHBOR)


def for_station(
    session: Session, *, actor: Actor, neighborhood_id: int, state: RequestState | None, page: PageRequest
) -> Page:
    """Return the requests of a neighborhood below the actor's node: those of a state, or all that wait for somebody."""
    access.neighborhood_for(session, actor, neighborhood_id)
    statement = (
        _requests()
        .join(OrgUnit, OrgUnit.id == Home.building_id)
        .where(*waiting.below(actor, neighborhood_id, [state] if state else waiting.STATES))
    )
    return _named(fetch(session.connection(), statement, ResidencyRequest.id.expression, page), actor, Whose.STATION)


def detail(session: Session, *, actor: Actor, request_id: int) -> dict[str, Any]:
    """Return a request with its photos, the words of who vouched, and what happened to it."""
    request = reaching.request_for(session, actor, request_id)
    row = session.execute(_requests().where(ResidencyRequest.id == request.id)).mappings().one()
    part = Whose.APPLICANT if request.person_id == actor.person_id else Whose.STATION
    vouches = session.execute(
        sa.select(Person.name_masked.label("name"), Home.label.label("home"), ResidencyVouch.words, ResidencyVouch.at)
        .join(Person, Person.id == ResidencyVouch.voucher_id)
        .outerjoin(Home, Home.id == ResidencyVouch.home_id)
        .where(ResidencyVouch.request_id == request.id)
        .order_by(ResidencyVouch.id)
    ).mappings()
    photos = session.scalars(
        sa.select(StoredFile.token)
        .join(ResidencyPhoto, ResidencyPhoto.file_id == StoredFile.id)
        .where(ResidencyPhoto.request_id == request.id)
        .order_by(ResidencyPhoto.position)
    )
    events = session.execute(
        sa.select(ResidencyEvent.action, ResidencyEvent.at, ResidencyEvent.role, ResidencyEvent.words)
        .where(ResidencyEvent.request_id == request.id)
        .order_by(ResidencyEvent.id)
    ).mappings()
    return {
        **_name(dict(row), actor, part),
        "photos": [{"id": token} for token in photos],
        "vouches": [dict(vouch) for vouch in vouches],
        "history": [dict(event) for event in events],
    }


def rights(session: Session, *, actor: Actor, home_id: int, at: dt.datetime) -> list[dict[str, Any]]:
    """Return who had which right in a home at a moment."""
    home = access.home_for(session, actor, home_id)
    return [
        {**row, "right_name": RIGHT_NAMES[row["right"]], "kind_name": KIND_NAMES[row["kind"]]}
        for row in standing.listed(session, home.id, at=at)
    ]


def history(session: Session, *, actor: Actor, home_id: int, page: PageRequest) -> Page:
    """Return what happened to the residencies of a home, newest first."""
    home = access.home_for(session, actor, home_id)
    statement = (
        sa.select(
            ResidencyEvent.id,
            ResidencyEvent.action,
            ResidencyEvent.at,
            ResidencyEvent.role,
            ResidencyEvent.words,
            ResidencyEvent.person_id,
            Person.name_masked.label("name"),
        )
        .outerjoin(Person, Person.id == ResidencyEvent.person_id)
        .where(ResidencyEvent.home_id == home.id)
    )
    return fetch(session.connection(), statement, ResidencyEvent.id.expression, page)


def _own(actor: Actor, table: type[Residency | ResidencyRequest]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions for what is the actor's; who acts for a person sees that of the mandate's neighborhood."""
    own = [table.person_id == actor.person_id]
    return own if actor.mandate_id is None else [*own, table.neighborhood_id == actor.hat.neighborhood_id]


def _requests() -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(*REQUEST)
        .join(Home, Home.id == ResidencyRequest.home_id)
        .join(Person, Person.id == ResidencyRequest.person_id)
    )


def _named(page: Page, actor: Actor, part: Whose) -> Page:
    return Page([_name(row, actor, part) for row in page.items], page.next)


def _name(row: dict[str, Any], actor: Actor, part: Whose) -> dict[str, Any]:
    """Add what codes are called, and what can be done."""
    if part in {Whose.NEIGHBOR, Whose.OWNER}:  # papers are for the station
        row = {**row, "document": None}
    return {
        **row,
        "kind_name": KIND_NAMES[row["kind"]],
        "evidence_name": EVIDENCE_NAMES[row["evidence"]],
        "state_name": STATE_NAMES[row["state"]],
        "next_step": NEXT_STEP[row["state"]],
        "actions": offers.on_request(row, actor, part),
    }


def _with_rights(session: Session, actor: Actor, rows: list[dict[str, Any]], now: dt.datetime) -> list[dict[str, Any]]:
    """Add the rights in force, names and what can be done: one statement for all rows."""
    held = _rights_by_residency(session, [row["residency_id"] for row in rows], now)
    owned = {row["home_id"] for row in rows if row["person_id"] == actor.person_id and _is_owner(row["kind"])}
    return [
        {
            **row,
            "kind_name": KIND_NAMES[row["kind"]],
            "rights": held.get(row["residency_id"], []),
            "to_reconfirm": row["reconfirm_since"] is not None,
            "actions": offers.on_residency(row, actor, owned=owned),
        }
        for row in rows
    ]


def _rights_by_residency(session: Session, ids: Collection[int], now: dt.datetime) -> dict[int, list[str]]:
    rows: Iterable[Any] = session.execute(
        sa.select(HomeRight.residency_id, HomeRight.right)
        .where(HomeRight.residency_id.in_(ids), in_force(HomeRight.starts_at, HomeRight.ends_at, now))
        .order_by(HomeRight.id)
    )
    held: dict[int, list[str]] = {}
    for residency_id, right in rows:
        held.setdefault(residency_id, []).append(right.value)
    return held


def _is_owner(kind: ResidencyKind) -> bool:
    return kind in OWNERS
