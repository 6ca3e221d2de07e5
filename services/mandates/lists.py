"""Mandates and read-backs for screens: given, received, the station's, and whom to call."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from models import Mandate, MandateArea, MandateSide, MandateState, Person, ReadBack, ReadBackMeans
from services import access
from services.actors import Actor
from services.areas import AREA_NAMES, CONSENT_NAMES, RELATION_NAMES
from services.clocks import DAY, local_day
from services.mandates import acts, read_back, rules
from services.mandates.calls import WORDS, read_back_for
from services.mandates.states import STATE_NAMES
from services.reading.pages import Page, PageRequest, fetch
from services.vault import Vault

_principal = aliased(Person)
_agent = aliased(Person)
_ALIVE = (MandateState.OFFERED, MandateState.IN_FORCE)

_ROW = (
    sa.select(
        Mandate.id,
        Mandate.neighborhood_id,
        Mandate.principal_id,
        sa.func.coalesce(_principal.known_as, _principal.name_masked).label("principal"),
        Mandate.agent_id,
        sa.func.coalesce(_agent.known_as, _agent.name_masked).label("agent"),
        Mandate.relation,
        Mandate.consent,
        Mandate.consented_at,
        Mandate.state,
        Mandate.offered_until,
        Mandate.starts_at,
        Mandate.ends_at,
        Mandate.ended_at,
        Mandate.ended_side,
    )
    .join(_principal, _principal.id == Mandate.principal_id)
    .outerjoin(_agent, _agent.id == Mandate.agent_id)
)
_READ_BACK = (
    sa.select(
        ReadBack.id,
        ReadBack.mandate_id,
        ReadBack.month,
        ReadBack.means,
        ReadBack.acts,
        sa.func.coalesce(_principal.known_as, _principal.name_masked).label("principal"),
        _principal.phone_masked.label("phone"),
        sa.func.coalesce(_agent.known_as, _agent.name_masked).label("agent"),
        Mandate.relation,
        ReadBack.tries,
        ReadBack.last_tried_at,
        ReadBack.answer,
        ReadBack.answered_at,
        ReadBack.created_at,
    )
    .join(Mandate, Mandate.id == ReadBack.mandate_id)
    .join(_principal, _principal.id == ReadBack.principal_id)
    .outerjoin(_agent, _agent.id == Mandate.agent_id)
)


def mine(connection: sa.Connection, *, actor: Actor, side: MandateSide, page: PageRequest, now: dt.datetime) -> Page:
    """Return what the actor gave, or was given, newest first.  Who is acting for somebody sees their own."""
    own = Mandate.principal_id if side is MandateSide.PRINCIPAL else Mandate.agent_id
    return _page(connection, _ROW.where(own == actor.doer_id), page, actor.doer_id, now)


def of_neighborhood(
    session: Session, *, actor: Actor, neighborhood_id: int, alive: bool, page: PageRequest, now: dt.datetime
) -> Page:
    """Return the mandates of a neighborhood whose principals live below the actor's node, newest first."""
    access.neighborhood_for(session, actor, neighborhood_id)
    statement = _ROW.where(
        Mandate.neighborhood_id == neighborhood_id,
        access.lives_below(Mandate.principal_id.expression, Mandate.neighborhood_id.expression, actor.hat.unit_path),
    )
    if alive:
        statement = statement.where(Mandate.state.in_(_ALIVE))
    return _page(session.connection(), statement, page, actor.person_id, now)


def one(session: Session, *, actor: Actor, mandate_id: int, now: dt.datetime) -> dict[str, Any]:
    """Return a mandate with its evidence and what was done by it in this month and the one before."""
    mandate = access.mandate_for(session, actor, mandate_id)
    row = dict(session.execute(_ROW.where(Mandate.id == mandate_id)).mappings().one())
    [described] = _described(session.connection(), [row], actor.person_id, now)
    people = {mandate.recorded_by_id, mandate.witness_id} - {None}
    names: dict[int | None, str | None] = dict(
        session.execute(
            sa.select(Person.id, sa.func.coalesce(Person.known_as, Person.name_masked)).where(Person.id.in_(people))
        ).all()
    )
    month = read_back.month_of(local_day(now))
    since = read_back.bounds(read_back.month_before(month))[0]
    done = acts.by_mandates(session, [mandate_id], since=since, until=read_back.bounds(month)[1])
    return {
        **described,
        "words": rules.words(session, mandate.text_id),
        "recorded_by": names.get(mandate.recorded_by_id),
        "witness": names.get(mandate.witness_id),
        "has_paper": mandate.file_id is not None,
        "acts": [
            {"at": act.at, "words": act.words, "ticket_id": act.ticket_id} for act in reversed(done.get(mandate_id, []))
        ],
    }


def calls(session: Session, *, actor: Actor, neighborhood_id: int, waiting: bool, page: PageRequest) -> Page:
    """Return the call list of a neighborhood, newest first: what waits for a call, or all with what was said."""
    access.neighborhood_for(session, actor, neighborhood_id)
    statement = _READ_BACK.where(
        ReadBack.neighborhood_id == neighborhood_id,
        ReadBack.means == sa.literal_column(f"'{ReadBackMeans.CALL.value}'"),  # spelled out for the partial index
        access.lives_below(ReadBack.principal_id.expression, ReadBack.neighborhood_id.expression, actor.hat.unit_path),
    )
    if waiting:
        statement = statement.where(ReadBack.answer.is_(None))
    return _named(fetch(session.connection(), statement, ReadBack.id.expression, page))


def my_read_backs(connection: sa.Connection, *, actor: Actor, page: PageRequest) -> Page:
    """Return what the actor was told of what others did for them."""
    statement = _READ_BACK.where(ReadBack.principal_id == actor.person_id)
    return _named(fetch(connection, statement, ReadBack.id.expression, page))


def one_read_back(session: Session, *, actor: Actor, read_back_id: int, vault: Vault) -> dict[str, Any]:
    """Return a read-back with everything that was done, to be read out, and what was said to it."""
    row = read_back_for(session, actor, read_back_id)
    page = Page([dict(session.execute(_READ_BACK.where(ReadBack.id == row.id)).mappings().one())], None)
    since, until = read_back.bounds(row.month)
    done = acts.by_mandates(session, [row.mandate_id], since=since, until=until)
    return {
        **_named(page).items[0],
        "lines": [str(act) for act in done.get(row.mandate_id, [])],
        "words": vault.open(row.words_sealed, WORDS) if row.words_sealed else None,
    }


def _page(
    connection: sa.Connection,
    statement: sa.Select[*tuple[Any, ...]],
    page: PageRequest,
    viewer_id: int,
    now: dt.datetime,
) -> Page:
    found = fetch(connection, statement, Mandate.id.expression, page)
    return Page(_described(connection, list(found.items), viewer_id, now), found.next)


def _described(
    connection: sa.Connection, rows: list[dict[str, Any]], viewer_id: int, now: dt.datetime
) -> list[dict[str, Any]]:
    """Add areas and names in words, and what the viewer may do: one more statement."""
    areas: dict[int, set[Any]] = {row["id"]: set() for row in rows}
    for mandate_id, area in connection.execute(
        sa.select(MandateArea.mandate_id, MandateArea.area).where(MandateArea.mandate_id.in_(list(areas)))
    ):
        areas[mandate_id].add(area)
    for row in rows:
        row["areas"] = [area for area in AREA_NAMES if area in areas[row["id"]]]
        row["area_names"] = [AREA_NAMES[area] for area in row["areas"]]
        row["relation_name"] = RELATION_NAMES[row["relation"]]
        row["consent_name"] = CONSENT_NAMES[row["consent"]]
        row["state_name"] = STATE_NAMES[row["state"]]
        row["last_day"] = local_day(row["ends_at"] - DAY)
        row["counts"] = row["state"] is MandateState.IN_FORCE and row["starts_at"] <= now < row["ends_at"]
        row["actions"] = _actions(row, viewer_id)
    return rows


def _actions(row: dict[str, Any], viewer_id: int) -> list[str]:
    """Return what the viewer may do with a mandate now, the most helpful first."""
    if row["state"] not in _ALIVE:
        return []
    if viewer_id != row["agent_id"]:
        return ["end"]
    if row["state"] is MandateState.OFFERED:
        return ["accept", "decline"]
    return ["act", "end"] if row["counts"] else ["end"]


def _named(page: Page) -> Page:
    for row in page.items:
        row["relation_name"] = RELATION_NAMES[row["relation"]]
        row["month_name"] = read_back.spoken_month(row["month"])
        row["actions"] = [] if row["answer"] is not None else ["agreed", "question"]
    return page
