"""A card shared into a group by a person's thumb, and what the mini-program learns when it is opened from there."""

import base64
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC
from flask import Blueprint, request

from wechat.sandbox.asked import body, text
from wechat.sandbox.more_endpoints import wechat_body
from wechat.sandbox.refusal import Refusal
from wechat.sandbox.world import World

Json = dict[str, Any]
BLOCK = 16


def add_sharing(blueprint: Blueprint, world: World) -> None:
    """Add sharing a card, and ``wx.getGroupEnterInfo`` of the phone."""

    @blueprint.post("/phones/<slug>/share")
    def share(slug: str) -> Json:
        given = body()
        card = world.groups.share(text(given, "group"), text(given, "title"), world.phones.name(slug))
        if given.get("activity_id"):
            values = {one["name"]: one["value"] for one in given.get("parameters", [])}
            world.cards.share(text(given, "activity_id"), values, card["content"])
        return card

    @blueprint.post("/phones/<slug>/group-enter-info")
    def group_enter_info(slug: str) -> Json:
        """What the phone gets when the mini-program was opened from a card in the group, or the code it fails with."""
        try:
            world.enter("enter")
            data = {
                "opengid": world.groups.opengid_of_shared(text(body(), "group")),
                "chat_type": 3,
                "watermark": {"timestamp": int(world.clock()), "appid": world.appid},
            }
        except Refusal as refusal:
            return refusal.body()
        return encrypted(data, world.phones.session_key(slug))


def add_cards(blueprint: Blueprint, world: World) -> None:
    """Add WeChat's own addresses for cards whose numbers change."""

    @blueprint.get("/cgi-bin/message/wxopen/activityid/create")
    def new_card() -> Json:
        world.enter("card")
        world.tokens.check(request.args.get("access_token", ""))
        return world.cards.create()

    @blueprint.post("/cgi-bin/message/wxopen/updatablemsg/send")
    def update_card() -> Json:
        world.enter("card")
        world.tokens.check(request.args.get("access_token", ""))
        world.cards.update(wechat_body())
        return {"errcode": 0, "errmsg": "ok"}


def encrypted(data: Json, session_key: str) -> Json:
    """Return data as WeChat gives it to the mini-program: AES-128-CBC under the session key."""
    plain = json.dumps(data).encode()
    pad = BLOCK - len(plain) % BLOCK
    start = secrets.token_bytes(BLOCK)
    encryptor = Cipher(AES(base64.b64decode(session_key)), CBC(start)).encryptor()
    sealed = encryptor.update(plain + bytes([pad]) * pad) + encryptor.finalize()
    return {"encryptedData": base64.b64encode(sealed).decode(), "iv": base64.b64encode(start).decode()}
