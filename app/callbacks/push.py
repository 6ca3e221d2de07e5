"""``/callbacks/wechat/push``: what WeChat tells us by itself.  Believed or refused, kept, answered; acted upon later."""

import structlog
from flask import Blueprint, Response, request

from app import errors
from app.api.answers import now
from app.settings import gateways, vault
from app.transaction import transaction
from services import pushes
from services.errors import CallbackRefused

blp = Blueprint("wechat_push", __name__, url_prefix="/callbacks/wechat")
log = structlog.get_logger(__name__)

BYTES_MOST = 64 * 1024
TAKEN = "success"


@blp.get("/push")
def try_out() -> Response:
    """Answer WeChat's console when the address is entered there."""
    return Response(gateways().pushes.echo(request.args, now=now()), mimetype="text/plain")


@blp.post("/push")
def take() -> Response:
    """Keep a push and say so; one that came before is answered alike, or WeChat would go on repeating it."""
    request.max_content_length = BYTES_MOST
    push = gateways().pushes.read(request.args, request.get_data(), now=now())
    with transaction() as session:
        pushes.keep(session, push, vault=vault(), now=now())
    return Response(TAKEN, mimetype="text/plain")


@blp.errorhandler(CallbackRefused)
def refuse(error: CallbackRefused) -> Response:
    """Say no, and log which rule it broke; never what was in it."""
    log.warning("callback.refused", path=request.path, reason=error.reason, bytes=request.content_length)
    return errors.answer(error)
