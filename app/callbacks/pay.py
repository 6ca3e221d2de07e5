"""``/callbacks/wechat/pay/<slug>``: WeChat tells of payments and refunds.  Believed or refused, settled, answered.

The answer goes out after the commit and not before: a database that is away is a 5xx, and WeChat tells again.
"""

import structlog
from flask import Blueprint, Response, request

from app import errors
from app.api.answers import now
from app.settings import gateways, settings, vault
from app.transaction import transaction
from services.errors import CallbackRefused
from services.payments import merchants, notified

blp = Blueprint("wechat_pay", __name__, url_prefix="/callbacks/wechat/pay")
log = structlog.get_logger(__name__)

BYTES_MOST = 64 * 1024


@blp.post("/<slug>")
def take(slug: str) -> Response:
    """Take a notification; a repeat is answered alike and changes nothing."""
    request.max_content_length = BYTES_MOST
    body = request.get_data()
    with transaction(read_only=True) as session:
        account = merchants.by_slug(session, slug)
        if account is None:
            raise CallbackRefused("没有这个商户。", code="callback_unknown_merchant")
        account_id, merchant = account.id, merchants.opened(session, account, vault())
    notice = gateways().payments.read_notice(merchant, dict(request.headers), body, now=now())
    with transaction() as session:
        refusal = notified.take(session, account_id=account_id, notice=notice, now=now(), ships=settings().wechat.ships)
    if refusal is not None:
        return refuse(refusal)
    return Response(status=204)


@blp.errorhandler(CallbackRefused)
def refuse(error: CallbackRefused) -> Response:
    """Say no, and log which rule it broke; never what was in it."""
    log.warning("callback.refused", path="/callbacks/wechat/pay", reason=error.reason, bytes=request.content_length)
    return errors.answer(error)
