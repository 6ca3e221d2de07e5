"""WeCom's own addresses for the company, and the thumb of the member who confirms."""

from typing import Any

from flask import Blueprint, request

from wechat.sandbox.more_endpoints import wechat_body
from wechat.sandbox.world import World

Json = dict[str, Any]


def add_wecom(blueprint: Blueprint, world: World) -> None:
    """Add what our server calls."""
    wecom = world.wecom

    @blueprint.get("/cgi-bin/gettoken")
    def corp_token() -> Json:
        world.enter("corp_token")
        return wecom.token(request.args.get("corpid", ""), request.args.get("corpsecret", ""))

    @blueprint.post("/cgi-bin/media/upload")
    def upload() -> Json:
        _enter(world)
        given = request.files.get("media")
        return wecom.upload(given.read() if given else b"")

    @blueprint.post("/cgi-bin/externalcontact/opengid_to_chatid")
    def chat_of() -> Json:
        _enter(world)
        return wecom.chat_of(str(wechat_body().get("opengid", "")))

    @blueprint.post("/cgi-bin/externalcontact/add_msg_template")
    def add() -> Json:
        _enter(world)
        return wecom.add(wechat_body())

    @blueprint.post("/cgi-bin/externalcontact/remind_groupmsg_send")
    def remind() -> Json:
        _enter(world)
        return wecom.remind(str(wechat_body().get("msgid", "")))

    @blueprint.post("/cgi-bin/externalcontact/get_groupmsg_send_result")
    def results() -> Json:
        _enter(world)
        given = wechat_body()
        return wecom.results(str(given.get("msgid", "")), str(given.get("userid", "")))


def add_confirming(blueprint: Blueprint, world: World) -> None:
    """Add what a member of the company sees and does."""

    @blueprint.get("/wecom/messages")
    def listing() -> Json:
        return {"items": world.wecom.listing()}

    @blueprint.post("/wecom/messages/<msgid>/confirm")
    def confirm(msgid: str) -> Json:
        return world.wecom.confirm(msgid)


def _enter(world: World) -> None:
    world.enter("mass")
    world.wecom.tokens.check(request.args.get("access_token", ""))
