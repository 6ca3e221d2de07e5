"""Pushes of WeChat taken per second: believed, decrypted, known when they come again, kept, answered; acted upon later.

The floor is a bare Flask view with the same crypto that writes the same two rows, the payload unsealed.
"""

import datetime as dt
import secrets
from urllib.parse import urlencode

import orjson

from bench import race
from bench.databases import fresh
from bench.measured import Measured, Place
from bench.servers import served
from config import WeChatSettings
from wechat.push_crypto import encrypt, signature

WORK = "a push taken"
BAR = 0.25
"""A guard, a quarter below what quiet runs gave (0.31 to 0.37): the layers around two rows and one commit."""
PATH = "/callbacks/wechat/push"
AT_ONCE = 8
PER_SECOND = 4_000
"""Pushes made up for each second of a burst: more than either side takes, so that none comes twice."""
WARM_UP = 0.5


def run(place: Place) -> list[Measured]:
    """Race ours against the floor, each burst with pushes that nobody has seen."""
    seconds = place.options.seconds
    rounds = []
    with (
        fresh(place.database, place.folder, place.server) as url,
        served("ours", url) as ours,
        served("floor", url) as floor,
    ):
        for server in (ours, floor):
            race.burst(server, pushes(WARM_UP), AT_ONCE, WARM_UP)
        for _ in range(place.options.rounds):
            sides = [race.burst(server, pushes(seconds), AT_ONCE, seconds)["rate"] for server in (ours, floor)]
            rounds.append((sides[0], sides[1]))
    return [Measured(WORK, place.database, rounds, BAR, f"{AT_ONCE} connections, secure mode")]


def pushes(seconds: float) -> list[bytes]:
    """Return complete requests, signed now and each of its own."""
    settings = WeChatSettings()
    return [_one(settings) for _ in range(int(PER_SECOND * seconds))]


def _one(settings: WeChatSettings) -> bytes:
    stamp, nonce = str(int(dt.datetime.now(dt.UTC).timestamp())), secrets.token_hex(5)
    item = {"TemplateId": "SANDBOX-notice", "SubscribeStatusString": "accept", "PopupScene": "0"}
    message = {
        "ToUserName": "gh_1", "FromUserName": f"o{secrets.token_hex(13)}", "CreateTime": int(stamp), "MsgType": "event",
        "Event": "subscribe_msg_popup_event", "List": item,
    }  # fmt: skip
    encrypted = encrypt(orjson.dumps(message), settings.push_key, settings.appid)
    query = {"timestamp": stamp, "nonce": nonce, "encrypt_type": "aes", "openid": message["FromUserName"]}
    query["msg_signature"] = signature(settings.push_token, stamp, nonce, encrypted)
    body = orjson.dumps({"ToUserName": "gh_1", "Encrypt": encrypted})
    head = (
        f"POST {PATH}?{urlencode(query)} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
