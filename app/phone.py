"""Getting a phone number from WeChat: counted before the call, settled after it, with no transaction open meanwhile."""

import datetime as dt
from collections.abc import Mapping

from app import session_data
from app.settings import gateways, settings
from app.transaction import transaction
from services import accounts
from services.actors import Actor
from services.errors import GatewayError, InvalidInput

NOTHING_GIVEN = "没有收到微信的授权。请再点一次“微信手机号”，或者自己输入手机号。"


def from_wechat(given: Mapping[str, str], *, actor: Actor, now: dt.datetime) -> str:
    """Return the number behind a code, or in what an older client got encrypted (which costs nothing).

    Raises ``InvalidInput`` without either, ``Conflict`` at the month's cap or when the session has ended, and the
    ``GatewayError`` family.
    """
    if given.get("code"):
        return _paid(given["code"], now)
    if not given.get("encrypted_data") or not given.get("iv"):
        raise InvalidInput(NOTHING_GIVEN, code="phone_code_missing", errors={"code": [NOTHING_GIVEN]})
    encrypted, iv = given["encrypted_data"], given["iv"]
    return session_data.opened(given, lambda key: gateways().phones.read(encrypted, iv, key, now=now), actor=actor)


def _paid(code: str, now: dt.datetime) -> str:
    wechat = settings().wechat
    with transaction() as session:
        month = accounts.begin_lookup(session, appid=wechat.appid, cap=wechat.phone_cap, now=now)
    try:
        phone = gateways().phones.ask(code)
    except GatewayError:
        with transaction() as session:
            accounts.end_lookup(session, appid=wechat.appid, month=month, got=False)
        raise
    with transaction() as session:
        accounts.end_lookup(session, appid=wechat.appid, month=month, got=True)
    return phone
