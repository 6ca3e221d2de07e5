"""WeChat's own addresses.  Every answer is HTTP 200 with JSON; a refusal carries ``errcode`` and ``errmsg``."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from wechat.sandbox.faults import HttpFault
from wechat.sandbox.more_endpoints import add_content, add_people, add_scan_codes, add_templates, wechat_body
from wechat.sandbox.refusal import Refusal
from wechat.sandbox.sharing import add_cards
from wechat.sandbox.shipping_endpoints import add_shipping
from wechat.sandbox.wecom_endpoints import add_wecom
from wechat.sandbox.world import World

Json = dict[str, Any]


def wechat_endpoints(world: World) -> Blueprint:
    """Return the blueprint of the endpoints that our gateways call."""
    blueprint = Blueprint("wechat", __name__)
    blueprint.register_error_handler(Refusal, _refused)
    blueprint.register_error_handler(HttpFault, _broken)

    @blueprint.get("/cgi-bin/token")
    def plain_token() -> Json:
        world.enter("token")
        _check_grant_type(request.args.get("grant_type"), "client_credential")
        world.tokens.check_app(request.args.get("appid", ""), request.args.get("secret", ""))
        return _token(world.tokens.plain())

    @blueprint.route("/cgi-bin/stable_token", methods=["GET", "POST"])
    def stable_token() -> Json:
        world.enter("token")
        if request.method != "POST":
            raise Refusal(43002, "require POST method")
        body = wechat_body()
        _check_grant_type(body.get("grant_type"), "client_credential")
        world.tokens.check_app(str(body.get("appid", "")), str(body.get("secret", "")))
        return _token(world.tokens.stable(force=body.get("force_refresh") is True))

    @blueprint.get("/sns/jscode2session")
    def code_to_session() -> Json:
        world.enter("login")
        _check_grant_type(request.args.get("grant_type"), "authorization_code")
        world.tokens.check_app(request.args.get("appid", ""), request.args.get("secret", ""))
        code = request.args.get("js_code", "")
        if not code:
            raise Refusal(41008, "missing code")
        return world.phones.exchange(code)

    @blueprint.route("/cgi-bin/message/subscribe/send", methods=["GET", "POST"])
    def subscribe_send() -> Json:
        world.enter("send")
        if request.method != "POST":
            raise Refusal(43002, "require POST method")
        world.tokens.check(request.args.get("access_token", ""))
        message = wechat_body()
        msgid = world.phones.deliver(message)
        item = {"TemplateId": message["template_id"], "MsgID": str(msgid), "ErrorCode": "0", "ErrorStatus": "success"}
        world.pushes.send("subscribe_msg_sent_event", message["touser"], items=[item])
        return {"errcode": 0, "errmsg": "ok", "msgid": msgid}

    @blueprint.post("/cgi-bin/webhook/send")
    def robot_send() -> Json:
        world.enter("group")
        world.groups.deliver(request.args.get("key", ""), wechat_body())
        return {"errcode": 0, "errmsg": "ok"}

    add_cards(blueprint, world)
    add_wecom(blueprint, world)
    add_people(blueprint, world)
    add_content(blueprint, world)
    add_templates(blueprint, world)
    add_scan_codes(blueprint, world)
    add_shipping(blueprint, world)
    return blueprint


def _check_grant_type(given: object, wanted: str) -> None:
    if given != wanted:
        raise Refusal(40002, "invalid grant_type")


def _token(issued: tuple[str, int]) -> Json:
    token, seconds = issued
    return {"access_token": token, "expires_in": seconds}


def _refused(refusal: Refusal) -> ResponseReturnValue:
    return refusal.body()


def _broken(fault: HttpFault) -> ResponseReturnValue:
    return "sandbox fault", fault.status, {"Content-Type": "text/plain"}
