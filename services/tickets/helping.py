"""Offers of help: a neighbor or a worker says "I could do that"; the station takes up one of them."""

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import AssignedHow, HelpAnswer, HelpOffer, Person, Ticket
from services import access
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound
from services.tickets import answering, hands
from services.tickets.moves import Action
from services.tickets.steps import record, take


def offer_help(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    note: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Say that one would do it.  Raises ``Conflict``: ``own_ticket``, ``offered_already``."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.OFFER_HELP, version=version)
    if ticket.reporter_id == actor.person_id:
        raise Conflict(
            "这是您自己报的。服务站会派人来；自己弄好了，请点“撤销”。", code="own_ticket", state=ticket.state.value
        )
    if session.scalar(_open(ticket.id).where(HelpOffer.person_id == actor.person_id)) is not None:
        raise Conflict("您已经说过愿意帮忙了。服务站定了会告诉您。", code="offered_already", state=ticket.state.value)
    session.add(
        HelpOffer(
            neighborhood_id=ticket.neighborhood_id,
            ticket_id=ticket.id,
            person_id=actor.person_id,
            words=note,
            offered_at=now,
        )
    )
    return record(session, ticket, actor=actor, action=Action.OFFER_HELP, now=now, note=note)


def accept_help(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    offer_id: int,
    note: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Take up an offer: the ticket goes to who offered, the other offers are declined with thanks.

    Raises ``NotFound`` (``offer_not_found``), ``Conflict`` (``helper_without_post``) for somebody who has no post here yet.
    """
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.ACCEPT_HELP, version=version)
    offers = {offer.id: offer for offer in session.scalars(_open(ticket.id))}
    if offer_id not in offers:
        raise NotFound("没有找到这份好意，或者已经答复过了。请重新打开单子看一看。", code="offer_not_found")
    helper_id = offers[offer_id].person_id
    try:
        hands.require_repairer(session, helper_id, ticket.unit_path, now, field="offer_id")
    except InvalidInput as error:
        raise Conflict(
            "这位热心人还没有干活的岗位。请先请社区给他一个志愿者岗位（基础身份选“维修师傅”），再点这里。",
            code="helper_without_post",
            state=ticket.state.value,
        ) from error
    for offer in offers.values():
        offer.answer = HelpAnswer.ACCEPTED if offer.id == offer_id else HelpAnswer.DECLINED
        offer.answered_at, offer.answered_by_id = now, actor.person_id
    detail = hands.give(session, ticket, helper_id, how=AssignedHow.HELPER, actor=actor, now=now)
    detail["declined"] = [offer.person_id for offer in offers.values() if offer.id != offer_id]
    answering.look(session, ticket, detail, now)
    return record(session, ticket, actor=actor, action=Action.ACCEPT_HELP, now=now, note=note, detail=detail)


def offers_of(session: Session, *, actor: Actor, ticket_id: int) -> list[dict[str, Any]]:
    """Return who would help with a ticket, and what the station said: the first offer first, one statement."""
    ticket = access.ticket_for(session, actor, ticket_id)
    rows = session.execute(
        sa.select(
            HelpOffer.id,
            sa.func.coalesce(Person.known_as, Person.name_masked).label("helper"),
            HelpOffer.words,
            HelpOffer.offered_at,
            HelpOffer.answer,
            HelpOffer.answered_at,
        )
        .join(Person, Person.id == HelpOffer.person_id)
        .where(HelpOffer.ticket_id == ticket.id)
        .order_by(HelpOffer.id)
    ).mappings()
    return [dict(row) for row in rows]


def _open(ticket_id: int) -> sa.Select[HelpOffer]:
    return sa.select(HelpOffer).where(HelpOffer.ticket_id == ticket_id, HelpOffer.answered_at.is_(None))
