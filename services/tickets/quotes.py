"""Quotes for paid work inside a home: lines by the price list or free with a reason; the resident agrees or declines.

Work waits for the yes.  What is due is a fact of the resident's word (``quote_answer.due_fen``); how it is paid comes with
the fees.  Nobody of the station can write the word: neither here nor by a statement in the database.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from models import PlaceKind, PriceItem, QuoteAnswer, QuoteWord, Ticket, TicketQuote, TicketQuoteLine
from services.actors import Actor
from services.errors import Conflict, InvalidInput, NotFound, WrongHat
from services.tickets import prices, surveying
from services.tickets.moves import Action
from services.tickets.parties import PAYS_ONESELF, WHO_PAYS
from services.tickets.steps import record, take

SAY_WHY = "价目表里没有的，请写明为什么收这笔钱，居民会看到。"
REPLACED = "重新报价了"


@dataclass(frozen=True)
class Line:
    """One line as it is asked for: by the list (its id), or free with name, unit, price and reason."""

    quantity_centi: int
    price_item_id: int | None = None
    name: str | None = None
    unit: str | None = None
    price_fen: int | None = None
    reason: str | None = None


def amount(quantity_centi: int, price_fen: int) -> int:
    """Return what a quantity costs in whole fen, rounded half up."""
    return (quantity_centi * price_fen + 50) // 100


def quote(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    lines: Sequence[Line],
    valid_days: int,
    note: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Say what the work costs.  A quote that was not agreed to is replaced; one that was stays, and this comes on top.

    Raises ``Conflict``: ``common_part``, ``nobody_to_ask``, ``not_theirs_to_pay``; ``NotFound`` (``price_not_found``);
    ``InvalidInput`` for a free line without name, unit, price and reason, or for nothing to pay.
    """
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.QUOTE, version=version)
    _require_payer(session, ticket)
    rows = _lines(session, ticket, lines, now)
    total = sum(row.amount_fen for row in rows)
    if total <= 0:
        sentence = "合计是0元，不用报价，直接开工就行。"
        raise InvalidInput(sentence, code="nothing_to_pay", errors={"lines": [sentence]})
    for open_quote in _not_agreed(session, ticket.id):
        _withdraw(open_quote, actor, REPLACED, now)
    made = TicketQuote(
        neighborhood_id=ticket.neighborhood_id,
        ticket_id=ticket.id,
        round=ticket.reopen_count,
        made_by_id=actor.person_id,
        made_at=now,
        valid_until=now + dt.timedelta(days=valid_days),
        sum_fen=total,
        note=note,
    )
    session.add(made)
    session.flush()
    for row in rows:
        row.quote_id = made.id
    session.add_all(rows)
    detail = {"quote_id": made.id, "sum_fen": total, "valid_until": made.valid_until.isoformat()}
    return record(session, ticket, actor=actor, action=Action.QUOTE, now=now, note=note, detail=detail)


def _require_payer(session: Session, ticket: Ticket) -> None:
    """Raise ``Conflict`` where nobody can be asked for money."""
    state = ticket.state.value
    if ticket.place is not PlaceKind.HOME:
        raise Conflict("公共部位的维修不向一家住户收钱，不用报价。请直接修。", code="common_part", state=state)
    if ticket.reporter_id is None:
        raise Conflict(
            "报修人没有登记，没有人能答应这笔钱。请服务站先给他登记，再请他自己报一单。",
            code="nobody_to_ask",
            state=state,
        )
    decided = surveying.latest(session, ticket.id)
    if decided is not None and decided.party not in PAYS_ONESELF:
        raise Conflict(f"责任已经定了：{WHO_PAYS[decided.party]}", code="not_theirs_to_pay", state=state)


def _lines(session: Session, ticket: Ticket, lines: Sequence[Line], now: dt.datetime) -> list[TicketQuoteLine]:
    ids = {line.price_item_id for line in lines if line.price_item_id is not None}
    known = prices.in_list(session, neighborhood_id=ticket.neighborhood_id, ids=ids, now=now)
    if set(known) != ids:
        raise NotFound(prices.PRICE_MISSING, code="price_not_found")
    return [_row(line, known.get(line.price_item_id or 0), place) for place, line in enumerate(lines)]


def _row(line: Line, item: PriceItem | None, place: int) -> TicketQuoteLine:
    name, unit, price = (item.name, item.unit, item.price_fen) if item else (line.name, line.unit, line.price_fen)
    if name is None or unit is None or price is None or (item is None and not (line.reason or "").strip()):
        raise InvalidInput(SAY_WHY, code="reason_missing", errors={"lines": [SAY_WHY]})
    return TicketQuoteLine(
        position=place,
        price_item_id=item.id if item else None,
        name=name,
        unit=unit,
        quantity_centi=line.quantity_centi,
        price_fen=price,
        amount_fen=amount(line.quantity_centi, price),
        reason=line.reason,
    )


def withdraw_quote(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    quote_id: int,
    note: str,
    version: int | None = None,
) -> Ticket:
    """Take a quote back, with the reason; what was agreed to by it is no longer due."""
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=Action.WITHDRAW_QUOTE, version=version)
    found = _open(session, ticket, quote_id)
    _withdraw(found, actor, note, now)
    detail = {"quote_id": found.id, "sum_fen": found.sum_fen}
    return record(session, ticket, actor=actor, action=Action.WITHDRAW_QUOTE, now=now, note=note, detail=detail)


def _withdraw(found: TicketQuote, actor: Actor, why: str, now: dt.datetime) -> None:
    found.withdrawn_at, found.withdrawn_by_id, found.withdrawn_why = now, actor.person_id, why


def agree(
    session: Session, *, actor: Actor, now: dt.datetime, ticket_id: int, quote_id: int, version: int | None = None
) -> Ticket:
    """Say yes to a quote: the resident's own word, or that of somebody with a mandate.  From now on its sum is due."""
    return _answer(session, actor, now, ticket_id, quote_id, QuoteWord.AGREED, None, version)


def decline(
    session: Session,
    *,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    quote_id: int,
    note: str | None = None,
    version: int | None = None,
) -> Ticket:
    """Say no to a quote.  Nothing is due; the worker makes another one, or goes."""
    return _answer(session, actor, now, ticket_id, quote_id, QuoteWord.DECLINED, note, version)


def _answer(
    session: Session,
    actor: Actor,
    now: dt.datetime,
    ticket_id: int,
    quote_id: int,
    word: QuoteWord,
    note: str | None,
    version: int | None,
) -> Ticket:
    action = Action.AGREE_QUOTE if word is QuoteWord.AGREED else Action.DECLINE_QUOTE
    ticket = take(session, actor=actor, ticket_id=ticket_id, action=action, version=version)
    if not actor.is_resident:
        raise WrongHat("答不答应报价，只能用“居民”身份来说。请换成居民身份再点。", code="not_reporter")
    found = _open(session, ticket, quote_id)
    state = ticket.state.value
    if found.made_by_id in {actor.person_id, actor.doer_id}:
        raise Conflict("自己报的价不能自己答应。请报修人或者别的代办人来点。", code="own_quote", state=state)
    if session.scalar(sa.select(QuoteAnswer.id).where(QuoteAnswer.quote_id == found.id)) is not None:
        raise Conflict("这份报价已经答复过了。想改主意，请师傅重新报价。", code="answered_already", state=state)
    if found.valid_until < now:
        raise Conflict("这份报价过期了。请师傅重新报价。", code="quote_over", state=state)
    session.add(
        QuoteAnswer(
            neighborhood_id=ticket.neighborhood_id,
            ticket_id=ticket.id,
            quote_id=found.id,
            word=word,
            at=now,
            said_by_id=actor.person_id,
            spoken_by_id=actor.doer_id,
            role=actor.role.value,
            mandate_id=actor.mandate_id,
            due_fen=found.sum_fen if word is QuoteWord.AGREED else None,
            note=note,
        )
    )
    detail = {"quote_id": found.id, "sum_fen": found.sum_fen}
    return record(session, ticket, actor=actor, action=action, now=now, note=note, detail=detail)


def _open(session: Session, ticket: Ticket, quote_id: int) -> TicketQuote:
    found = session.scalar(
        sa.select(TicketQuote).where(
            TicketQuote.id == quote_id, TicketQuote.ticket_id == ticket.id, TicketQuote.withdrawn_at.is_(None)
        )
    )
    if found is None:
        raise NotFound("没有找到这份报价，或者师傅已经撤回了。请重新打开单子看一看。", code="quote_not_found")
    return found


def _not_agreed(session: Session, ticket_id: int) -> Sequence[TicketQuote]:
    agreed = sa.exists().where(QuoteAnswer.quote_id == TicketQuote.id, QuoteAnswer.word == QuoteWord.AGREED)
    return session.scalars(
        sa.select(TicketQuote).where(TicketQuote.ticket_id == ticket_id, TicketQuote.withdrawn_at.is_(None), ~agreed)
    ).all()


def require_agreed(session: Session, ticket: Ticket) -> None:
    """Raise ``Conflict`` (``quote_not_agreed``) while paid work waits for the resident's yes."""
    if ticket.place is PlaceKind.HOME and _not_agreed(session, ticket.id):
        raise Conflict(
            "报价居民还没有同意，不能动工，也不能算完工。请等他点“同意”，或者重新报价，或者撤回报价。",
            code="quote_not_agreed",
            state=ticket.state.value,
        )
