"""What the mini-program got from WeChat encrypted, opened with the actor's session key, which never left the server."""

from collections.abc import Callable, Mapping
from typing import Any

from app.settings import gateways, vault
from app.transaction import transaction
from services import accounts
from services.actors import Actor
from services.errors import GatewayError, Rejected

UNREADABLE = "wechat_data_unreadable"


def opened(given: Mapping[str, Any], read: Callable[[str], str], *, actor: Actor) -> str:
    """Return what ``read`` finds with the session key.

    A key that WeChat has replaced opens nothing, and looks like data that were tampered with.  Where the client sends
    ``raw_data`` with its ``signature``, that tells at once; else WeChat is asked, but only after opening failed.  Raises
    ``Conflict`` (``wechat_session_ended``) then: the client calls ``wx.login`` anew and asks once more.
    """
    with transaction(read_only=True) as session:
        openid, key = accounts.session_of(session, actor=actor, vault=vault())
    login = gateways().login
    if given.get("raw_data") and not login.is_genuine(given["raw_data"], given.get("signature", ""), key):
        raise accounts.session_ended()
    try:
        return read(key)
    except Rejected as error:
        if error.reason == UNREADABLE and _was_replaced(openid, key):
            raise accounts.session_ended() from None
        raise


def _was_replaced(openid: str, key: str) -> bool:
    """Ask WeChat whether the key is still in force; while it does not answer, the data is what is doubted."""
    try:
        return not gateways().login.is_current(openid, key)
    except GatewayError:
        return False
