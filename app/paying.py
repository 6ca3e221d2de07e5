"""Calls to WeChat Pay around transactions, never inside of one: for a person who waits, and for the worker."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import structlog
from sqlalchemy.orm import Session

from app.settings import gateways, settings, vault
from app.transaction import transaction
from models import Channel, OutboxState
from services import channels, outbox, sending
from services.actors import Actor
from services.errors import Conflict, GatewayError, Rejected
from services.outbox import Claimed, Outcome
from services.payment_ports import NUMBER_USED, ORDER_CLOSED, ORDER_PAID, ClientParameters, PaymentGateway
from services.payments import errands, opening, scope
from services.payments.errands import Answer, Errand
from services.sending import Parcel, Result

THREADS = 8
AT_ONCE = 32
"""A batch is over before its lease: four errands a thread, two calls of eight seconds each."""
OVER = frozenset({ORDER_PAID, ORDER_CLOSED, NUMBER_USED})
log = structlog.get_logger(__name__)

Carried = tuple[Claimed, Errand | None, Answer | None, Exception | None]


def notify_base() -> str:
    """Return how the addresses begin that WeChat tells of payments."""
    return f"{settings().public_url}/callbacks/wechat/pay/"


def parameters(actor: Actor, order_id: int, *, now: dt.datetime) -> ClientParameters:
    """Return what the client needs to pay an order, announcing it to WeChat first if that was not done."""
    pay = gateways().payments
    with transaction(read_only=True) as session:
        given = opening.begin(
            session, actor=actor, order_id=order_id, vault=vault(), notify_base=notify_base(), now=now
        )
    prepay_id = given.prepay_id
    if prepay_id is None:
        try:
            prepay_id = pay.prepay(given.merchant, given.request)
        except Rejected as error:
            if error.reason not in OVER:
                raise
            # It is not as we thought: WeChat has to say what it is.
            ask(actor, order_id, now=now)
            raise Conflict("这一笔已经有结果了。请回到“我的缴费”看一看。", code="order_over") from None
        with transaction() as session:
            opening.announced(session, order_id=order_id, prepay_id=prepay_id, now=now)
    return pay.client_parameters(given.merchant, prepay_id, now=now)


def ask(actor: Actor, order_id: int, *, now: dt.datetime, closes: bool = False) -> None:
    """Ask WeChat what became of an order and write it down; ``closes``: close it unless it is paid."""
    with transaction(read_only=True) as session:
        scope.order_for(session, actor, order_id)
        errand = errands.order_errand(session, order_id, vault=vault(), now=now, closes=closes)
    if errand is None:
        return
    answer = errands.carry(errand, gateways().payments)
    with transaction() as session:
        errands.settle(session, errand, answer, now=now, ships=settings().wechat.ships)


def run_errands(pool: ThreadPoolExecutor, limit: int) -> int:
    """Claim, carry and settle one batch of errands; return its size."""
    now = dt.datetime.now(dt.UTC)
    with transaction() as session:
        batch = outbox.claim(session, channel=Channel.PAY, now=now, limit=limit)
        found = errands.collect(session, batch, vault=vault(), notify_base=notify_base(), now=now)
    if not batch:
        return 0
    pay = gateways().payments
    carried = list(pool.map(lambda message: _carry(message, found.get(message.id), pay), batch))
    now = dt.datetime.now(dt.UTC)
    with transaction() as session:
        outbox.settle(session, [_settle(session, one, now) for one in carried], now=now)
        called = [error for _, errand, _, error in carried if errand is not None]
        channels.note(session, Channel.PAY, called, now=now)
    return len(batch)


def _carry(message: Claimed, errand: Errand | None, pay: PaymentGateway) -> Carried:
    """Do one errand; what breaks it must not take the others with it."""
    if errand is None:
        return message, None, None, None
    try:
        return message, errand, errands.carry(errand, pay), None
    except GatewayError as error:
        return message, errand, None, error
    except Exception as error:  # noqa: BLE001 - logged without its frames, which hold keys
        log.error("pay.errand_broken", outbox_id=message.id, reason=type(error).__name__)  # noqa: TRY400
        return message, errand, None, error


def _settle(session: Session, carried: Carried, now: dt.datetime) -> Outcome:
    """Write down what came of an errand, in a savepoint of its own."""
    message, errand, answer, error = carried
    if errand is not None and answer is not None:
        try:
            with session.begin_nested():
                errands.settle(session, errand, answer, now=now, ships=settings().wechat.ships)
        except GatewayError as not_yet:
            error = not_yet
        except Exception as trouble:
            log.exception("pay.settling_broken", outbox_id=message.id)
            error = trouble
    if error is None:
        return Outcome(message, OutboxState.SENT)
    return sending.outcome(Result(Parcel(message, None), error), now)
