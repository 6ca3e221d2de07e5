"""From which WeChat group the actor opened the mini-program: decrypted with the session key that never left the server."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from app import session_data
from app.settings import gateways
from services.actors import Actor
from services.errors import InvalidInput

NOTHING_GIVEN = "没有收到群的信息。请在群里点开小程序卡片，再试一次。"


def opengid(given: Mapping[str, Any], *, actor: Actor, now: dt.datetime) -> str:
    """Return the group's id.

    Raises ``InvalidInput`` without any data, ``Conflict`` when the sign-in of WeChat has ended, ``Rejected`` for data that
    cannot be believed, and what the code means that the phone got instead.
    """
    if given.get("errcode"):
        raise gateways().chats.refusal(given["errcode"])
    if not given.get("encrypted_data") or not given.get("iv"):
        raise InvalidInput(NOTHING_GIVEN, code="group_data_missing", errors={"encrypted_data": [NOTHING_GIVEN]})
    encrypted, iv = given["encrypted_data"], given["iv"]
    return session_data.opened(given, lambda key: gateways().chats.read(encrypted, iv, key, now=now), actor=actor)
